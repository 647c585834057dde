"""JGB against Treasury at 10 and 30 years, both ways, and what an assumed JGB move would coincide with."""

from textual.binding import Binding

from ..signals.board import Beta, Board
from .filtered import RowFiltered
from .glyphs import number
from .look import Look, figure, status_tone
from .sheet import Sheet
from .table import put_tail
from .tones import Tone

STEP_BP = 5
MOST_BP = 100
COLUMNS = (("beta", "bp/bp", 2), ("se", "±se", 2), ("t", "t", 1), ("reverse", "reverse", 2))


class PassThrough(RowFiltered):
    """Slopes and flags as measured, then a scenario whose assumption can be changed."""

    BINDINGS = [
        Binding("plus,equals_sign", f"assume({STEP_BP})", "a larger assumed JGB move", show=False),
        Binding("minus", f"assume(-{STEP_BP})", "a smaller assumed JGB move", show=False),
    ]
    title = "JGB against Treasury"
    tab = "JGB–UST"

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.assumed_bp = 10

    def action_assume(self, step: int) -> None:
        """Change the assumption."""
        self.assumed_bp = min(max(self.assumed_bp + step, -MOST_BP), MOST_BP)
        self.redraw()

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Slopes, flags, scenario."""
        if not board.spillover.beta:
            sheet.words(f"{self.look.glyphs.unknown} needs Japan and the US among the markets", Tone.DIM)
            return
        y, x = sheet.head(), sheet.put(sheet.height - 1, 0, "JGB → UST", Tone.DIM, width=10)
        for _, head, _ in COLUMNS:
            x = sheet.put(y, x, head, Tone.DIM, width=9, right=True)
        for tenor, beta in board.spillover.beta.items():
            self._slope(sheet, tenor, beta)
        for tenor, beta in board.spillover.beta.items():
            self._flag(sheet, tenor, beta)
        self._scenario(sheet, board.spillover.beta)

    def _slope(self, sheet: Sheet, tenor: str, beta: Beta) -> None:
        y = sheet.row()
        x = sheet.put(y, 0, tenor.upper(), Tone.STRONG, width=10)
        for name, _, decimals in COLUMNS:
            x = sheet.put_figure(y, x, figure(getattr(beta, name), self.look, decimals), 9, f"spillover.beta.{tenor}.{name}")
        put_tail(sheet, y, x + 2, beta.text or beta.beta.note)

    def _flag(self, sheet: Sheet, tenor: str, beta: Beta) -> None:
        g, flag, y = self.look.glyphs, beta.flag, sheet.row()
        raised = flag.word not in ("", "off", "no")
        x = sheet.put(y, 0, f"bleed-over {tenor.upper()} ", Tone.DIM, width=16)
        word = f"{g.met if raised else g.not_met} {flag.word}" if flag.word else f"{g.unknown} {flag.note or 'unknown'}"
        tone = Tone.WATCH if raised else Tone.DIM
        x = sheet.put(y, x, word, status_tone(flag.status, tone), path=f"spillover.beta.{tenor}.flag") + 2
        put_tail(sheet, y, x, "; ".join(flag.evidence))

    def _scenario(self, sheet: Sheet, betas: dict[str, Beta]) -> None:
        """The slope times the assumption, with two standard errors; a coincidence, not a cause."""
        g, y = self.look.glyphs, sheet.head()
        x = sheet.put(y, 0, "SCENARIO", Tone.MANUAL) + 1
        x = sheet.put(y, x, f"assumed JGB move {number(self.assumed_bp, 0, g, signed=True)} bp", Tone.TEXT) + 2
        x = sheet.put(y, x, "+ −", Tone.KEY) + 1
        sheet.put(y, x, "change it", Tone.DIM)
        for tenor, beta in betas.items():
            slope, error, y = beta.beta.value, beta.se.value, sheet.row()
            x = sheet.put(y, 2, f"UST {tenor.upper()}", Tone.DIM, width=9)
            if slope is None:
                sheet.put(y, x, f"{g.unknown} {beta.beta.note or 'unknown'}", Tone.DIM)
                continue
            size = number(slope * self.assumed_bp, 1, g, signed=True)
            around = f" ±{number(2 * error * abs(self.assumed_bp), 1, g)}" if error is not None else ""
            sheet.put(y, x, f"{size}{around} bp", Tone.STRONG, path=f"spillover.beta.{tenor}.beta")
        sheet.words("assumes today's slope, a straight line and no other news; it says what coincides, not what causes", Tone.DIM, indent=2)
