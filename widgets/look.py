"""How the panes look: one value, made once by the app, changed by a setting."""


import msgspec

from ..cache.status import Status
from ..signals.board import Distance, Reading, Word
from ..signals.wording import with_unit
from .glyphs import UNICODE, Glyphs, number
from .tones import Tone

_LATE = (Status.STALE, Status.DEAD)


class Look(msgspec.Struct, frozen=True):
    """`rising_is_bad`: a rising yield has the colour of falling prices. `marks_s`: for how long a changed cell stays marked; 0 never."""

    glyphs: Glyphs = UNICODE
    rising_is_bad: bool = True
    marks_s: float = 4.0

    def rise(self, value: float | None) -> Tone:
        """The tone of a move of a yield."""
        if not value:
            return Tone.TEXT
        return Tone.UP if (value > 0) == self.rising_is_bad else Tone.DOWN

    def gain(self, value: float | None) -> Tone:
        """The tone of a move of a price."""
        if not value:
            return Tone.TEXT
        return Tone.DOWN if value > 0 else Tone.UP


class Figure(msgspec.Struct, frozen=True):
    """A number ready to be put on a sheet."""

    text: str
    tone: Tone = Tone.TEXT


def status_tone(status: Status, tone: Tone = Tone.TEXT) -> Tone:
    """The tone a value has because of what it is worth; else its own."""
    if status in _LATE:
        return Tone.STALE
    if status is Status.UNKNOWN:
        return Tone.DIM
    return Tone.MANUAL if status is Status.MANUAL else tone


def figure(
    reading: Reading | None,
    look: Look,
    decimals: int,
    *,
    signed: bool = False,
    scale: float = 1.0,
    tone: Tone = Tone.TEXT,
    unit: str = "",
) -> Figure:
    """A Reading as text: "?" when unknown, dim when late, "!" before a suspect print."""
    if reading is None or reading.value is None:
        return Figure(look.glyphs.unknown, Tone.DIM)
    mark = "!" if reading.status is Status.SUSPECT else ""
    size = number(reading.value * scale, decimals, look.glyphs, signed=signed)
    return Figure(mark + with_unit(size, unit), status_tone(reading.status, tone))


def is_late(reading: Reading | Word) -> bool:
    """Whether a value is older than its series tolerates."""
    return reading.status in _LATE


def distance_text(distance: Distance, glyphs: Glyphs) -> str:
    """How far a boundary is: `m +0.31`, or `1/3 days` once it is crossed and waits."""
    if distance.x <= 0 and distance.need:
        return f"{distance.days}/{distance.need} days"
    return f"{distance.coordinate}{number(abs(distance.x), 2, glyphs)}"
