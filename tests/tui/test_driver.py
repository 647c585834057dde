"""The drivers on a real pseudo-terminal: fast, slow, resized, suspended and gone."""

import os
import re
import signal
import sys
import time
from pathlib import Path

import driverapp
import pytest
from ptys import PtyProgram

DRIVERS = ("ThriftyDriver", "SlimDriver", "PlainDriver")


class Session(PtyProgram):
    def __init__(self, tmp_path: Path, driver: str = "ThriftyDriver", silence_s: float = 0.0, **more) -> None:
        self.note = tmp_path / f"left-{driver}"
        super().__init__([sys.executable, driverapp.__file__, driver, str(self.note), str(silence_s)], **{"size": (60, 12)} | more)
        assert self.read_until(lambda: self.shows("ready"), 20)
        self.read_until_quiet(0.3)

    def key(self, key: str, expected: str, within_s: float = 10.0) -> float:
        """Press it; how long until the screen shows what is expected."""
        begin = time.monotonic()
        self.press(key)
        assert self.read_until(lambda: self.shows(expected), within_s)
        return time.monotonic() - begin

    def threads(self) -> int:
        """How many the program has."""
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_driver_shows_leaves_and_restores(tmp_path, driver):
    with Session(tmp_path, driver) as session:
        session.key("a", "aaa")
        session.key("1", "one")
        session.press("Q")
        assert session.ended(10) and session.status == 0
        assert session.note.read_text() == "left"
        end = session.received[session.received.rindex(b"\x1b[?1049l") :]
        assert b"\x1b[?25h" in end and b"\x1b[?1000l" in end
        assert not re.search(rb"[^\x1b\[?0-9hl]", end)  # nothing is drawn on the user's own screen, and nothing asked


def test_no_answer_of_the_terminal_comes_too_late(tmp_path):
    """It would be typed into the shell."""
    with Session(tmp_path, bytes_per_s=4_000) as session:
        session.press("aQ")
        assert session.ended(10)
        assert b"\x1b[?2026$p" in session.received.rpartition(b"aaa")[2] and b"2026;2$y" not in session.received


def test_no_sign_of_life_comes_too_late(tmp_path):
    with Session(tmp_path, silence_s=4.5, size=(100, 30), bytes_per_s=12_000, synchronized=False) as session:
        asked = session.received.count(b"\x1b[5n")
        session.press("a")
        assert session.read_until(lambda: b"aaa" in session.received, 10)  # most of the screen is on its way
        session.press("Q")
        assert session.ended(10)
        assert session.received.count(b"\x1b[5n") > asked + 1 and b"[0n" not in session.received


def test_the_screen_is_the_same_with_every_driver(tmp_path):
    screens, sizes = [], []
    for driver in DRIVERS:
        quiet_s = 0.7 if driver == "SlimDriver" else 0.25  # longer than from one frame to the next
        with Session(tmp_path, driver) as session:
            for key in "az1d":
                session.press(key)
                session.read_until_quiet(quiet_s)
            session.resize(50, 9)
            session.read_until_quiet(quiet_s)  # a key that overtakes the size would fill the old one
            session.key("e", "eee")
            session.read_until_quiet(quiet_s)
            screens.append(session.terminal.cells())
            sizes.append(len(session.received))
    assert screens[0] == screens[2]
    assert [[c.data for c in row] for row in screens[1]] == [[c.data for c in row] for row in screens[2]]
    assert sizes[0] < sizes[2] * 0.8


def test_bytes_that_are_no_text_are_noise(tmp_path):
    with Session(tmp_path) as session:
        os.write(session.fd, b"\xff\xfe\x1b[<99;99;99M\x1b[<;M\xc3")
        session.key("b", "bbb")


def test_keys_cost_nothing_while_none_is_pressed(tmp_path):
    with Session(tmp_path) as session:
        session.read_for(0.5)
        before = session.wakes()
        session.read_for(3.0)
        assert session.wakes() - before < 10


def test_suspended_it_leaves_the_terminal_alone_and_paints_anew(tmp_path):
    with Session(tmp_path) as session:
        session.key("a", "aaa")
        session.press("z")
        assert session.read_until(lambda: b"outside" in session.received, 5)
        assert session.received[: session.received.index(b"outside")].count(b"\x1b[?1049l") == 1
        assert session.read_until(lambda: b"\x1b[?1049h" in session.received.partition(b"outside")[2] and session.shows("aaa"), 20)
        session.key("1", "one")


def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back(tmp_path):
    command = f"{sys.executable} {driverapp.__file__} ThriftyDriver {tmp_path / 'left'}"
    with PtyProgram(["bash", "--norc", "--noprofile", "-i"], size=(80, 24), environment={"PS1": "$ "}) as shell:
        assert shell.read_until(lambda: shell.shows("$"), 20)
        shell.press(f"{command}\n")
        assert shell.read_until(lambda: shell.shows("ready"), 20)
        for key in "ab":
            shell.press(key)
            assert shell.read_until(lambda key=key: shell.shows(key * 3), 10)
            shell.press("\x1a")
            assert shell.read_until(lambda: shell.shows("Stopped"), 10)
            shell.press("stty -a | grep -qw -- -echo && echo m''ute || echo a''loud\n")
            assert shell.read_until(lambda: shell.shows("aloud"), 10)
            shell.press("clear; fg\n")
            assert shell.read_until(lambda key=key: shell.shows(key * 3) and not shell.shows("Stopped"), 10)
        shell.press("Q")
        assert shell.read_until(lambda: (tmp_path / "left").exists(), 10)


def test_stopped_and_continued_from_outside_it_goes_on(tmp_path):
    with Session(tmp_path) as session:
        session.key("a", "aaa")
        os.kill(session.pid, signal.SIGSTOP)
        session.press("b")
        session.read_for(0.3)
        os.kill(session.pid, signal.SIGCONT)
        assert session.read_until(lambda: session.shows("bbb"), 10)
        session.read_until_quiet(0.3)
        session.key("c", "ccc")
        threads = session.threads()
        os.kill(session.pid, signal.SIGCONT)  # and one that nothing came before
        session.key("d", "ddd")
        assert session.read_until(lambda: session.threads() <= threads, 10)  # those of before need a moment to end


def test_slim_asks_for_no_mouse_motion_and_sends_two_frames_a_second(tmp_path):
    with Session(tmp_path, "SlimDriver") as session:
        assert b"\x1b[?1003h" not in session.received and b"\x1b[?1000h" in session.received
        session.arrivals.clear()
        begin = time.monotonic()
        for i in range(15):
            session.press(chr(97 + i))
            session.read_for(0.1)
        frames = sum(b[0] - a[0] > 0.1 for a, b in zip([(begin, 0), *session.arrivals], session.arrivals, strict=False))
        assert frames <= (time.monotonic() - begin) / 0.5 + 1
        session.read_until_quiet(0.8)
        assert session.shows("ooo")


def test_on_a_slow_line_frames_are_left_out_and_the_newest_comes(tmp_path):
    with Session(tmp_path, size=(100, 30), bytes_per_s=20_000) as session:
        session.slow_down(2_000)
        before = len(session.received)
        for key in "abcdefghijklmnopqrst":
            session.press(key)
            session.read_for(0.1)
        session.read_until(lambda: session.shows("ttt"), 10)
        assert session.shows("ttt")
        session.read_until_quiet(1.0, 30)
        assert len(session.received) - before < 4 * 3_100  # of twenty frames of about 3,100 bytes
        plain = session.terminal.text()
        session.slow_down(None)
        session.resize(101, 30)
        session.resize(100, 30)
        session.read_until_quiet(0.5)
        assert session.terminal.text() == plain


def test_a_screen_that_is_late_says_so_and_then_that_it_is_not(tmp_path):
    with Session(tmp_path, size=(100, 30)) as session:
        session.slow_down(700)
        for i in range(60):
            session.press(chr(97 + i % 25))
            if session.read_until(lambda: session.shows("late"), 0.3):
                break
        assert session.shows("late")
        session.slow_down(None)
        assert session.read_until(lambda: session.shows("on time"), 10)


def test_a_terminal_that_takes_nothing_does_not_stop_the_app(tmp_path):
    with Session(tmp_path, size=(100, 30), answers=False) as session:
        for i in range(100):
            session.press(chr(97 + i % 25))
            time.sleep(0.02)  # nobody reads
        used = session.cpu_s()
        time.sleep(1.0)
        assert session.cpu_s() - used < 0.2
        session.press("Q")
        assert session.ended(10) and session.status == 0


@pytest.mark.parametrize(("driver", "ignored"), [("ThriftyDriver", False), ("ThriftyDriver", True), ("PlainDriver", True)])
def test_when_the_terminal_is_gone_the_program_ends(tmp_path, driver, ignored):
    with Session(tmp_path, driver, hang_up_ignored=ignored) as session:
        session.key("a", "aaa")
        session.hang_up()
        assert session.ended(5.0)
        assert session.status == 129 and session.note.read_text() == "left"


def test_a_terminal_gone_with_its_line_full_ends_the_program_as_well(tmp_path):
    with Session(tmp_path, size=(100, 30), hang_up_ignored=True) as session:
        for i in range(40):
            session.press(chr(97 + i % 25))
            time.sleep(0.02)  # nobody reads
        session.hang_up()
        assert session.ended(5.0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order(tmp_path, number):
    with Session(tmp_path) as session:
        os.kill(session.pid, number)
        assert session.ended(5.0)
        assert session.status == 128 + number and session.note.read_text() == "left"
        assert b"\x1b[?1049l" in session.received


@pytest.mark.parametrize("synchronized", [True, False])
def test_a_line_gone_silent_ends_it_where_that_is_wished(tmp_path, synchronized):
    with Session(tmp_path, silence_s=4.0, synchronized=synchronized) as session:
        asked = session.received.count(b"\x1b[5n")
        session.read_for(9.0)  # it is asked now and then, and answers
        assert not session.ended(0.0) and session.received.count(b"\x1b[5n") > asked
        session.stop_answering()
        assert session.read_until(lambda: b"silence_seconds" in session.received, 30.0)  # for when the line comes back to life
        assert b"\x1b[?1049l" in session.received and session.received.endswith(b"\r\n")
        assert session.ended(5.0) and session.status == 129 and session.note.read_text() == "left"


def test_a_line_gone_silent_in_the_middle_of_a_screen_ends_it_as_well(tmp_path):
    with Session(tmp_path, silence_s=2.0, size=(200, 60)) as session:
        for i in range(40):
            session.press(chr(97 + i % 25))
            time.sleep(0.02)
        assert session.ended(30.0, reads=False) and session.status == 129


def test_a_line_that_is_only_slow_is_not_silent(tmp_path):
    with Session(tmp_path, silence_s=4.5, size=(100, 30), bytes_per_s=300) as session:
        session.key("c", "ccc", 30.0)
        assert not session.ended(15.0)  # longer than the silence allowed, and a screen takes longer still


def test_a_terminal_that_never_answered_is_not_judged(tmp_path):
    with Session(tmp_path, silence_s=0.5, answers=False) as session:
        session.read_for(3.0)
        session.key("b", "bbb")
