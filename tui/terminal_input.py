"""Reads the keys when they come. (Textual's own thread looks for them ten times a second, for as long as the monitor is open.)"""

import os
import re
import select
import socket
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from threading import Event

from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

_READ = 4096
_ANSWER = re.compile(r"\x1b\[\?2026;([0-4])\$y|\x1b\[0n")
_BEGUN = "\x1b[0"  # the second of these, its last byte still on the way; no key begins so
_SEQUENCE = "\x1b[]OPX^_"  # what follows ESC where it begins a sequence
_AFTER_ESCAPE = re.compile(f"(?<=\x1b)(?=[^{re.escape(_SEQUENCE)}])")


class Well(Message, bubble=False):
    """The terminal says that it is well."""


class StopSign(Event):
    """An event that a poll can wait for."""

    def __init__(self) -> None:
        super().__init__()
        self._there, self._here = socket.socketpair()  # sockets know that they are closed; a number might mean another file by then
        self._here.setblocking(False)

    def fileno(self) -> int:
        """Readable while it is set."""
        return self._here.fileno()

    def set(self) -> None:
        """Stop."""
        super().set()
        with suppress(OSError):
            self._there.send(b".")

    def clear(self) -> None:
        """Go on."""
        super().clear()
        with suppress(OSError):
            while self._here.recv(_READ):
                pass

    def close(self) -> None:
        """Let go of what it is made of; it remains an event."""
        self._there.close()
        self._here.close()


def read_keys(fd: int, stop: StopSign, take: Callable[[Message], None]) -> None:
    """Hand on what is typed until told to stop. Bytes that are no UTF-8 are taken for noise.

    The terminal's answers are taken out first: one that comes right after Escape, the parser would read as part of a key, and whoever
    waits for it would wait in vain.

    A key typed right after Escape is a key of its own. (The parser would take both for one with Alt, or for the second alone.)

    Raises:
        OSError: the terminal is gone.
    """
    parser, decode = XTermParser(), getincrementaldecoder("utf-8")(errors="replace").decode
    escaped = False  # whether the last sign was ESC
    begun = ""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    poll.register(stop, select.POLLIN)
    while not stop.is_set():
        ready = [found for found, _ in poll.poll(_patience_ms(parser))]
        if fd in ready:
            data = os.read(fd, _READ)
            if not data:
                raise OSError("end of input")
            text = begun + decode(data)
            begun = _BEGUN if text.endswith(_BEGUN) else ""
            text = text.removesuffix(_BEGUN)
            for answer in _ANSWER.finditer(text):
                if answer[1] != "0":  # it does not know
                    take(Well() if answer[1] is None else TerminalSupportsSynchronizedOutput())
            if typed := _ANSWER.sub("", text):  # the parser takes "" for the end
                for part in _AFTER_ESCAPE.split(typed):
                    if escaped and parser._timeout_time is not None and part[0] not in _SEQUENCE:
                        parser._timeout_time = 0.0  # nothing that would be a sequence follows: it was the key
                        for message in parser.tick():
                            take(message)
                    for message in parser.feed(part):
                        take(message)
                    escaped = part[-1] == "\x1b"
        for message in parser.tick():
            take(message)


def _patience_ms(parser: XTermParser) -> float | None:
    """How long the parser waits for the rest of what may be an escape sequence; None for ever, when nothing has begun."""
    until = parser._timeout_time
    return None if until is None else max(0.0, until - get_time()) * 1000 + 1
