"""Explain: everything there is to say of one value, and the values it was made of."""

from datetime import date

from ..signals.board import Board
from ..signals.explain import Explanation
from .change_words import turn_words
from .glyphs import ago, number
from .look import Look
from .pane import Pane, Pieces
from .sheet import Sheet
from .tones import STATE_TONES, Tone, state_tone, state_word

LABEL_WIDTH = 11
INPUT_TITLE = 34


class ExplainPane(Pane):
    """Value and clocks · formula in words · thresholds · inputs, each of which can be asked in turn."""

    title = "Explain"

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self._explanation: Explanation | None = None
        self._trouble = ""

    def explain(self, explanation: Explanation | None, trouble: str = "") -> bool:
        """Show one; or why there is none. Whether the pane would like another height now."""
        needed = self._sheet.height
        if (explanation, trouble) != (self._explanation, self._trouble):
            self._explanation, self._trouble = explanation, trouble
            self.redraw()
        return self._sheet.height != needed

    def draw_nothing(self, sheet: Sheet, rows: int | None) -> None:
        """Explanations do not need the Board itself."""
        e = self._explanation
        if e is None:
            sheet.words(self._trouble or "nothing to explain yet", Tone.DIM)
            return
        self._value(sheet, e)
        self._formula(sheet, e)
        self._state(sheet, e)
        self._inputs(sheet, e)

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """The same."""
        self.draw_nothing(sheet, rows)

    def aside(self, board: Board) -> Pieces:
        """The name by which it can be asked for."""
        return ((self._explanation.path, Tone.DIM),) if self._explanation else ()

    def foot(self) -> Pieces:
        """The ways on."""
        return (("Enter", Tone.KEY), (" explains an input  ", Tone.DIM), ("Esc", Tone.KEY), (" back", Tone.DIM))

    # --------------------------------------------------------------------------------------------------------- parts
    def _value(self, sheet: Sheet, e: Explanation) -> None:
        y = sheet.row()
        x = sheet.put(y, 0, e.title, Tone.STRONG) + 2
        if e.text in STATE_TONES:
            sheet.put(y, x, f"{self.look.glyphs.state(e.text)} {state_word(e.text)}", state_tone(e.text))
        else:
            sheet.put(y, x, e.text, Tone.KEY)
        if e.note:
            self._labelled(sheet, "note", e.note, Tone.WATCH)
        if e.status:
            self._labelled(sheet, "status", e.status)
        clocks = []
        if e.as_of:
            clocks.append(f"as of {_date(e.as_of)}")
        if e.updated:
            age = ago((self.now - e.updated).total_seconds())
            clocks.append(f"updated {_date(e.updated)} {e.updated:%H:%M}Z ({'just now' if age == 'now' else f'{age} ago'})")
        if clocks:
            self._labelled(sheet, "clocks", " · ".join(clocks))
        if e.source:
            self._labelled(sheet, "source", e.source)
        if e.publication:
            self._labelled(sheet, "published", e.publication)

    def _formula(self, sheet: Sheet, e: Explanation) -> None:
        if e.words:
            self._labelled(sheet, "how", e.words)
        for fact in e.evidence:
            self._labelled(sheet, "because", fact)
        if e.parameters:
            self._labelled(sheet, "parameters", "; ".join(f"{p.name} {p.value} ({p.standing})" for p in e.parameters), Tone.DIM)
        provenance = " · ".join(words for words in (e.standing, e.reference) if words)
        if provenance:
            self._labelled(sheet, "provenance", provenance, Tone.DIM)

    def _state(self, sheet: Sheet, e: Explanation) -> None:
        if e.since:
            self._labelled(sheet, "since", _date(e.since))
        for t in e.thresholds:
            away = "" if t.distance is None else f", {number(t.distance, 2, self.look.glyphs, signed=True)} away"
            name = "" if t.name == "threshold" else f"{t.name} "
            self._labelled(sheet, "threshold", f"{name}{number(t.level, 2, self.look.glyphs)}{away}")
        for change in e.changes:
            self._labelled(sheet, "changed", f"{_date(change.at)}: {' → '.join(turn_words(change))}; {change.evidence}")

    def _inputs(self, sheet: Sheet, e: Explanation) -> None:
        if not e.inputs and not e.parts:
            return
        sheet.row()
        sheet.put(sheet.row(), 0, "MADE OF", Tone.TITLE)
        title = min(INPUT_TITLE, max(sheet.width // 2, 12))
        for each in e.inputs:
            y = sheet.row()
            x = sheet.put(y, 0, f"{self.look.glyphs.pointer} ", Tone.DIM, path=each.path)
            x = sheet.put(y, x, each.title, Tone.TEXT, width=title, path=each.path) + 1
            x = sheet.put(y, x, each.text or "–", Tone.STRONG, width=16, right=True, path=each.path) + 2
            when = _date(each.as_of) if each.as_of else ""
            state = each.status.partition(":")[0]
            late = state in ("stale", "dead", "unknown")
            sheet.put(y, x, " · ".join(w for w in (when, state, each.source) if w), Tone.STALE if late else Tone.DIM, path=each.path)
        for part in e.parts:
            y = sheet.row()
            x = sheet.put(y, 0, f"{self.look.glyphs.pointer} ", Tone.DIM, path=part)
            sheet.put(y, x, part, Tone.TEXT, path=part)

    def _labelled(self, sheet: Sheet, label: str, text: str, tone: Tone = Tone.TEXT) -> None:
        """A label, and words beside it over as many rows as they need."""
        first = sheet.height
        sheet.words(text, tone, indent=LABEL_WIDTH, label=(label, Tone.DIM))
        if sheet.height == first:
            sheet.put(sheet.row(), 0, label, Tone.DIM)


def _date(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
