"""Keys and what they do, by where they work; and how to read the signs."""

from collections.abc import Sequence
from itertools import chain, product

import msgspec

from .filtered import NO_ROW, Filtered
from .look import Look
from .sheet import Sheet
from .tones import Tone, state_tone

KEY_WIDTH = 16
TWO_COLUMNS = 100
STATES = (
    ("MET", "met"), ("APPROACHING", "approaching"), ("NOT", "not met"), ("REVERSED", "reversed"), ("MANUAL", "a person's judgement"),
    ("UNKNOWN", "unknown; never shown as a number"),
)  # fmt: skip
READING = (
    ("dim, with an age", "stale: older than its series tolerates"),
    ("! before a value", "an odd print, kept out of every σ"),
    ("~ or proxy", "stands in for what no free source gives"),
    ("a day behind it", "its session, if not the newest"),
    ("p92", "of its past values, 92 in 100 were lower"),
    ("σ1D", "the day's move in the series' own σ"),
    ("idio", "what the market moved on its own, 1M, σ"),
    ("agreement", "share of 81 variants of the rule"),
    ("SCENARIO", "rests on assumptions; no measurement"),
)


Entry = tuple[str, str, Tone]  # key, what it does; or a title


class KeyGroup(msgspec.Struct, frozen=True):
    """Keys that work in one place."""

    title: str
    keys: Sequence[tuple[str, str]]  # keys as written, what they do


class KeyList(Filtered):
    """Groups of keys, then the legend."""

    title = "Keys"

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.groups: Sequence[KeyGroup] = ()

    def give(self, groups: Sequence[KeyGroup]) -> None:
        """Show these."""
        self.groups = tuple(groups)
        self.redraw()

    def draw(self, sheet: Sheet, board: object, rows: int | None) -> None:
        """Keys do not need the Board."""
        self.draw_nothing(sheet, rows)

    def draw_nothing(self, sheet: Sheet, rows: int | None) -> None:
        """In two columns where there is room."""
        entries = [*self._keys(), *self._legend()]
        if sheet.width < TWO_COLUMNS:
            for entry in entries:
                self._entry(sheet, sheet.row(), 0, sheet.width, entry)
            return
        left, right = _columns(entries)
        width = sheet.width // 2 - 1
        first = sheet.height
        for i in range(max(len(left), len(right))):
            if i < len(left):
                self._entry(sheet, first + i, 0, width, left[i])
            if i < len(right):
                self._entry(sheet, first + i, width + 2, width, right[i])

    def _keys(self) -> list[Entry]:
        found: list[Entry] = []
        for group in self.groups:
            keys = [(key, words, Tone.KEY) for key, words in group.keys if self.passes_filter(f"{key} {words}")]
            if keys:
                found += [(group.title, "", Tone.TITLE), *keys, ("", "", Tone.TEXT)]
        return found or [(NO_ROW, "", Tone.DIM), ("", "", Tone.TEXT)]

    def _legend(self) -> list[Entry]:
        g = self.look.glyphs
        found = [("How to read it", "", Tone.TITLE)]
        found += [(g.state(state), words, state_tone(state)) for state, words in STATES]
        return [*found, *((head, words, Tone.TEXT) for head, words in READING)]

    def _entry(self, sheet: Sheet, y: int, x: int, width: int, entry: Entry) -> None:
        head, words, tone = entry
        if not words:
            sheet.put(y, x, head, tone, width=width if head else None)
            return
        x = sheet.put(y, x, head, tone, width=KEY_WIDTH) + 1
        sheet.put(y, x, words, Tone.TEXT, width=max(width - KEY_WIDTH - 1, 1))


def _columns(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Groups dealt to two columns so that these are as short as can be; the first group stands at the left."""
    starts = [i for i, (head, words, _) in enumerate(entries) if head and not words]
    groups = [list(entries[start:end]) for start, end in zip(starts, [*starts[1:], len(entries)], strict=True)]
    ways = [
        [[*chain(*(g for g, side in zip(groups, (0, *sides), strict=True) if side == column))] for column in (0, 1)]
        for sides in product((0, 1), repeat=len(groups) - 1)
    ]
    left, right = min(ways, key=lambda way: max(map(len, way)))
    return left, right
