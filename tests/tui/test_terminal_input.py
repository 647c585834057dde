"""From bytes of a terminal to messages."""

import os
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from bondtop.tui.terminal_input import StopSign, read_keys
from textual import events
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput


class Typed:
    """What arrives of what is typed; `gone` is set once the line is known to be closed."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.stop, self.gone, self._more = StopSign(), Event(), Event()
        self.read, self.write = os.pipe()

    def run(self) -> None:
        try:
            read_keys(self.read, self.stop, self.take)
        except OSError:
            self.gone.set()

    def take(self, message: Message) -> None:
        self.names.append(message.key if isinstance(message, events.Key) else type(message).__name__)
        self._more.set()

    def until(self, arrived: Callable[[], bool]) -> None:
        while not arrived():
            assert self._more.wait(10), self.names
            self._more.clear()


@contextmanager
def typing():
    typed = Typed()
    thread = Thread(target=typed.run, daemon=True)
    thread.start()
    try:
        yield typed
    finally:
        typed.stop.set()
        thread.join(10)
        assert not thread.is_alive()
        typed.stop.close()
        os.close(typed.read)
        if typed.write >= 0:
            os.close(typed.write)


ANSWER = TerminalSupportsSynchronizedOutput.__name__


@pytest.mark.parametrize("pieces", [(b"\x1b", b"\x1b[?2026;2$y"), (b"\x1b\x1b[?2026;2$y",), (b"\x1b[?2026;2$y\x1b",)])
def test_an_answer_beside_escape_is_an_answer_and_escape_is_escape(pieces):
    """Taken for part of a key, it would be waited for in vain, and the screen would stand still so long."""
    with typing() as typed:
        for piece in pieces:
            os.write(typed.write, piece)
        typed.until(lambda: len(typed.names) == 2)
        assert sorted(typed.names) == [ANSWER, "escape"]


@pytest.mark.parametrize("pieces", [(b"a\x1b[0nb",), (b"a\x1b[0", b"nb"), (b"a", b"\x1b[0n", b"b")])
def test_a_terminal_that_is_well_types_nothing(pieces):
    with typing() as typed:
        for piece in pieces:
            os.write(typed.write, piece)
            time.sleep(0.05)  # pieces of their own
        typed.until(lambda: len(typed.names) == 3)
        assert sorted(typed.names) == ["Well", "a", "b"]


def test_a_terminal_that_does_not_know_says_nothing():
    with typing() as typed:
        os.write(typed.write, b"\x1b[?2026;0$yq")
        typed.until(lambda: bool(typed.names))
        assert typed.names == ["q"]


def test_escape_is_known_by_the_silence_after_it():
    with typing() as typed:
        os.write(typed.write, b"\x1b")
        typed.until(lambda: typed.names == ["escape"])
        os.write(typed.write, b"\x1b[A")
        typed.until(lambda: typed.names == ["escape", "up"])


def test_bytes_that_are_no_text_are_noise():
    with typing() as typed:
        os.write(typed.write, b"\xff\xc3\x28b")
        typed.until(lambda: "b" in typed.names)


def test_the_end_of_the_line_is_the_end_of_the_terminal():
    with typing() as typed:
        os.close(typed.write)
        typed.write = -1
        assert typed.gone.wait(10)


def test_a_stop_sign_can_be_lifted_and_leaves_nothing_open():
    before = set(Path("/proc/self/fd").iterdir())
    sign = StopSign()
    sign.set()
    assert sign.is_set()
    sign.clear()
    assert not sign.is_set()
    sign.close()
    sign.set()  # whoever is late does no harm
    sign.clear()
    assert set(Path("/proc/self/fd").iterdir()) == before
