"""What every screen is given: the Board, the time, and what must be said beside it. Made by the app, never by a screen."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from ..signals.board import Board
from ..widgets.filling import Step
from ..widgets.tones import Tone


class View(msgspec.Struct, frozen=True):
    """One state of the screen.

    Attributes:
        notice: stands inverted at the start of the top line: REPLAY, DEMO, FROZEN.
        connection: who refreshes and how the feeds are, in few words.
        word: takes the place of the signal line; "" shows the signal.
        mark: whether cells that differ from the last Board are marked.
        now: by the minute.
        steps: the newest step of each feed's round.
    """

    board: Board | None
    now: datetime
    notice: str = ""
    connection: str = ""
    connection_tone: Tone = Tone.DIM
    word: str = ""
    mark: bool = True
    steps: Mapping[str, Step] = msgspec.field(default_factory=dict)
