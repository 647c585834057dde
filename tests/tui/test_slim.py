"""Which driver, which hint, and the pace of a line."""

import os
from pathlib import Path
from threading import Event

from bondtop.tui.config import MonitorSettings
from bondtop.tui.driver import PlainDriver, SlimDriver, ThriftyDriver
from bondtop.tui.monitor import prepare
from bondtop.tui.outlet import Outlet, Pace
from bondtop.tui.slim import HINT, driver, hint_once, lean
from bondtop.widgets.look import Look

SSH = {"SSH_CONNECTION": "192.0.2.1 5000 192.0.2.2 22"}


def test_slim_is_suggested_once_over_ssh_and_never_elsewhere(tmp_path):
    state = tmp_path / "state"
    assert hint_once({}, state) == "" and not state.exists()
    assert hint_once(SSH, state) == HINT
    assert hint_once(SSH, state) == ""


def test_what_cannot_be_remembered_is_not_said(tmp_path):
    (tmp_path / "file").write_text("")
    assert hint_once(SSH, tmp_path / "file" / "state") == ""


def test_the_driver_fits_the_wish():
    assert driver({}, slim=False, plain=False) is ThriftyDriver
    assert driver({}, slim=True, plain=False) is SlimDriver
    assert driver({}, slim=True, plain=True) is PlainDriver
    assert driver({"BONDTOP_PLAIN_OUTPUT": "1"}, slim=False, plain=False) is PlainDriver
    assert driver({"BONDTOP_PLAIN_OUTPUT": "0"}, slim=False, plain=False) is ThriftyDriver


def test_a_line_over_ssh_may_be_silent_for_some_seconds_and_another_for_ever():
    def silence_s(environment: dict[str, str], wished: float) -> float:
        return driver(environment, slim=False, plain=False, silence_s=wished).silence_s  # type: ignore[attr-defined]

    assert 0.0 < MonitorSettings().silence_seconds < 5.0
    assert (silence_s(SSH, 0.0), silence_s(SSH, 30.0), silence_s({}, 30.0)) == (0.0, 30.0, 0.0)


def test_slim_has_sixteen_colours_and_lean_frames():
    environment: dict[str, str] = {}
    prepare(environment, slim=True)
    assert environment["TEXTUAL_COLOR_SYSTEM"] == "standard"
    assert lean(Look()).glyphs.horizontal == "-"


def test_pieces_shrink_on_a_slow_line_and_grow_on_a_fast_one():
    pace, first = Pace(), Pace().piece
    pace.heard(300, 0.05)
    pace.heard(4000, 2.05)
    assert pace.piece == 4000 * 0.1 / 2.0
    for _ in range(12):
        pace.heard(pace.piece, 0.05)
    assert pace.piece > first


def test_a_long_but_fast_line_is_not_taken_for_a_slow_one():
    pace = Pace()
    pace.heard(300, 0.4)
    for _ in range(8):
        pace.heard(pace.piece, 0.42)
    assert pace.piece > 16_000


class Kept:
    """An Output that is always the same."""

    def __init__(self, data: bytes) -> None:
        self.data, self.fed = data, ""

    def feed(self, text: str) -> None:
        self.fed += text

    def take(self, limit: int = 0) -> bytes:
        data, self.data = self.data, b""
        return data

    def resize(self, width: int, height: int) -> None: ...

    def waiting(self) -> bool:
        return bool(self.data)


def test_what_is_left_is_sent_at_the_end_and_nothing_stays_open():
    read, write = os.pipe()
    before = set(Path("/proc/self/fd").iterdir())
    outlet = Outlet(write, Kept(b"last"))
    outlet.start()
    outlet.write("x")
    outlet.stop()
    assert os.read(read, 100) == b"last"
    assert set(Path("/proc/self/fd").iterdir()) == before
    os.close(read)
    os.close(write)


def test_a_reader_that_is_gone_is_noticed_while_nothing_is_sent():
    read, write = os.pipe()
    gone = Event()
    outlet = Outlet(write, Kept(b""), on_gone=gone.set)
    outlet.start()
    os.close(read)
    assert gone.wait(5) and outlet.gone
    outlet.stop()
    os.close(write)
