"""What stands in place of the panes while the cache is being filled for the first time: each feed and how far it is."""

from collections.abc import Mapping

import msgspec

from .glyphs import gauge
from .look import Look
from .pane import Pane, Pieces
from .sheet import Sheet
from .tones import Tone

WORDS = {
    "asking": ("asking", Tone.WATCH),
    "answer": ("reading", Tone.WATCH),
    "done": ("done", Tone.MET),
    "failed": ("failed", Tone.ALARM),
    "resting": ("nothing due", Tone.DIM),
}
ENDED = ("done", "failed", "resting")


class Step(msgspec.Struct, frozen=True):
    """Where the round of one feed is: a stage of WORDS, "" before it begins; values new so far; why it failed."""

    stage: str = ""
    part: str = ""
    rows_new: int = 0
    reason: str = ""


class Filling(Pane):
    """One line a feed. There is no animation: a line changes when something happened."""

    title = "First visit: the market is being fetched"

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self._steps: Mapping[str, Step] = {}
        self._word = ""
        self.is_demo = False

    def progress(self, steps: Mapping[str, Step], word: str) -> None:
        """Show the newest steps, or a word in their place."""
        if (steps, word) != (self._steps, self._word):
            self._steps, self._word = dict(steps), word
            self.redraw()

    def draw_nothing(self, sheet: Sheet, rows: int | None) -> None:
        """The feeds; of the demo, what it is."""
        if self.is_demo:
            sheet.words(self._word or "A simulated market is being made, decades of it. That takes some seconds, once.", Tone.STRONG)
            return
        if self._word:
            sheet.words(self._word, Tone.STRONG)
            sheet.row()
        if not self._steps:
            sheet.words("Nothing is stored yet.", Tone.DIM)
            return
        g = self.look.glyphs
        ended = sum(s.stage in ENDED for s in self._steps.values())
        y = sheet.row()
        failed = sum(s.stage == "failed" for s in self._steps.values())
        x = sheet.put(y, 0, f"{ended} of {len(self._steps)} feeds ", Tone.STRONG)
        x = sheet.put(y, x, gauge(ended / len(self._steps), 30, g), Tone.LINE) + 2
        sheet.put(y, x, f"{failed} failed" if failed else "", Tone.ALARM)
        sheet.row()
        for name, step in self._steps.items():
            self._feed(sheet, name, step)

    def foot(self) -> Pieces:
        """The way out of waiting."""
        if self.is_demo:
            return (("q", Tone.KEY), (" leave", Tone.DIM))
        return (("the panes open with the first answers   ", Tone.DIM), ("D", Tone.KEY), (" a simulated market", Tone.DIM))

    def _feed(self, sheet: Sheet, name: str, step: Step) -> None:
        y, g = sheet.row(), self.look.glyphs
        word, tone = WORDS.get(step.stage, ("waiting", Tone.DIM))
        sign = {"done": g.met, "failed": g.failed, "asking": g.approaching, "answer": g.approaching}.get(step.stage, g.not_met)
        x = sheet.put(y, 0, f"{sign} ", tone)
        x = sheet.put(y, x, name, Tone.TEXT, width=18)
        x = sheet.put(y, x, word, tone, width=12)
        if not step.stage:
            return
        share = None if step.stage == "failed" else 1.0 if step.stage in ENDED else 0.5 if step.rows_new else 0.2
        x = sheet.put(y, x, gauge(share, 10, g), tone) + 2
        if step.rows_new:
            x = sheet.put(y, x, f"{step.rows_new:,} values", Tone.DIM, width=16, right=True) + 2
        sheet.put(y, x, step.reason or (step.part if step.stage == "answer" else ""), Tone.ALARM if step.reason else Tone.DIM)
