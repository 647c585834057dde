"""A market's yield curve: now, and against what it was."""

from textual.binding import Binding

from ..signals.board import Board, Reading, Tenor
from .axes import decimals_of, value_marks, value_step
from .canvas import Canvas
from .glyphs import number
from .look import Look, figure
from .pane import Pane, Pieces
from .sheet import Sheet
from .tones import Tone
from .trace import Scale, Trace, draw_trace

AGAINST = (("d1", "1D"), ("w1", "1W"), ("m1", "1M"), ("ytd", "year-end"))
FIRST = ("2y", "10y", "30y", "5y", "20y", "40y")  # whose numbers stand where not all fit
USUAL_ROWS = 10
LEAST_ROWS = 4


def years_of(tenor: str) -> float:
    """The maturity of a tenor name such as 3m or 10y."""
    return float(tenor[:-1]) / (12.0 if tenor.endswith("m") else 1.0)


def in_order(tenors: dict[str, Tenor]) -> list[str]:
    """Tenor names by maturity."""
    return sorted((t for t in tenors if t[:-1].isdigit() and t[-1] in "my"), key=years_of)


class CurvePane(Pane):
    """Yields over maturity, two curves at a time, and the change between them in bp under every point. Maturities stand by their root."""

    BINDINGS = [Binding("v", "against", "compare with 1D, 1W, 1M, year-end", show=False)]
    title = "Curve"

    def __init__(self, look: Look, *, market: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.market = market
        self.compared = 2

    def choose(self, market: str) -> None:
        """Show another market."""
        self.market = market
        self.redraw()

    def action_against(self) -> None:
        """Compare with the next moment."""
        self.compared = (self.compared + 1) % len(AGAINST)
        self.redraw()

    def aside(self, board: Board) -> Pieces:
        """The two curves and their lines."""
        g = self.look.glyphs
        return (
            (f"{g.now} now  ", Tone.LINE),
            (f"{g.not_met} {AGAINST[self.compared][1]}", Tone.LINE3),
            ("  %", Tone.DIM),
        )

    def foot(self) -> Pieces:
        """The key."""
        words = " ".join(f"[{word}]" if i == self.compared else word for i, (_, word) in enumerate(AGAINST))
        return (("v", Tone.KEY), (f" against {words}", Tone.DIM))

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """The plot over maturities and changes."""
        market = board.markets.get(self.market)
        tenors = market.tenors if market else {}
        names = [t for t in in_order(tenors) if tenors[t].level.value is not None]
        if len(names) < 2:
            why = next((t.level.note for t in tenors.values() if t.level.note), "") or "no points"
            sheet.words(f"{self.look.glyphs.unknown} no curve: {why}", Tone.DIM)
            return
        height = (USUAL_ROWS if rows is None else rows) - 3
        field = AGAINST[self.compared][0]
        now = [tenors[t].level.value or 0.0 for t in names]
        then = [_before(tenors[t], field) for t in names]
        spots = self._plot(sheet, names, now, then, height) if height >= LEAST_ROWS else self._evenly(sheet, names)
        self._under(sheet, spots, names, tenors, field)

    def _plot(self, sheet: Sheet, names: list[str], now: list[float], then: list[float | None], height: int) -> list[int]:
        """Both curves; the columns in which the maturities stand."""
        g = self.look.glyphs
        known = [*now, *(v for v in then if v is not None)]
        air = (max(known) - min(known)) * 0.06 or 0.1
        low, high = min(known) - air, max(known) + air
        marks = value_marks(low, high, max(height // 2, 1))
        decimals = max(decimals_of(value_step(low, high, max(height // 2, 1))), 1)
        labels = [number(m, decimals, g) for m in marks]
        left = max(map(len, labels), default=1) + 1
        canvas = Canvas(sheet.width - left - 4, height, g)
        across, down = (2, 4) if g.braille else (1, 1)
        # A root of the maturity keeps the front end apart and the long end near; Scale counts in whole days, so take thousandths.
        at = [round(1000 * years_of(t) ** 0.5) for t in names]
        scale = Scale(at[0], at[-1], low, high, canvas.width * across, height * down)
        before = [(x, v) for x, v in zip(at, then, strict=True) if v is not None]
        draw_trace(canvas, Trace("", [x for x, _ in before], [v for _, v in before], Tone.LINE3, "."), scale)
        draw_trace(canvas, Trace("", at, now, Tone.LINE, "*"), scale)
        for x, v in before:
            canvas.set(scale.column(x) // across, scale.row(v) // down, g.not_met, Tone.LINE3)
        for x, v in zip(at, now, strict=True):
            canvas.set(scale.column(x) // across, scale.row(v) // down, g.now, Tone.LINE)
        rows = {scale.row(m) // down: text for m, text in zip(marks, labels, strict=True)}
        for y in range(height):
            line, text = sheet.row(), rows.get(y, "")
            sheet.put(line, 0, text, Tone.DIM, width=left - 1, right=True)
            sheet.put(line, left - 1, g.ticks[0] if text else g.vertical, Tone.FRAME)
            canvas.copy(sheet, line, left, y)
        return [left + scale.column(x) // across for x in at]

    def _evenly(self, sheet: Sheet, names: list[str]) -> list[int]:
        """No room for a plot: columns for the numbers alone."""
        return [2 + i * max((sheet.width - 6) // max(len(names) - 1, 1), 7) for i in range(len(names))]

    def _under(self, sheet: Sheet, spots: list[int], names: list[str], tenors: dict[str, Tenor], field: str) -> None:
        """Maturity, yield and change under the points, as far as they fit: the usual maturities first."""
        kept: list[tuple[int, str]] = []
        order = sorted(range(len(names)), key=lambda i: (FIRST.index(names[i]) if names[i] in FIRST else len(FIRST), -i))
        for i in order:
            if all(abs(spots[i] - x) >= 7 for x, _ in kept):
                kept.append((spots[i], names[i]))
        y = sheet.height
        for x, name in sorted(kept):
            tenor, base = tenors[name], f"markets.{self.market}.tenors.{name}"
            start = max(x - 5, 0)
            sheet.put(y, start, name.upper(), Tone.DIM, width=6, right=True)
            sheet.put_figure(y + 1, start, figure(tenor.level, self.look, 3, tone=Tone.STRONG), 6, f"{base}.level")
            change: Reading = getattr(tenor, field)
            shown = figure(change, self.look, 0, signed=True, tone=self.look.rise(change.value))
            sheet.put_figure(y + 2, start, shown, 6, f"{base}.{field}")


def _before(tenor: Tenor, field: str) -> float | None:
    """The yield a change ago, in %."""
    change: Reading = getattr(tenor, field)
    return None if tenor.level.value is None or change.value is None else tenor.level.value - change.value / 100
