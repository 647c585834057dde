"""The regime map: where the market stands between a common move and a divergence, where it came from, and what the gate says."""

from textual.binding import Binding

from ..signals.board import Board, Regime
from .canvas import Canvas
from .glyphs import gauge, number
from .look import Look, distance_text, figure, status_tone
from .pane import Pane, Pieces
from .sheet import Sheet
from .tones import Tone, regime_tone

USUAL_PLANE_ROWS = 8
GATE_ON = 0.90
AXIS = 4  # cells for the numbers of the vertical axis, tick included


class RegimeMap(Pane):
    """The plane with its boundaries and a 21-day trail, the gate, the votes and the distances; 10-year or 30-year yields."""

    BINDINGS = [Binding("t", "turn", "10-year or 30-year map", show=False)]
    number = 2
    title = "Regime map"

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.long = False

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """The plane over what the words say."""
        regime, base = self._chosen(board)
        if regime.m.value is None or regime.D.value is None:
            sheet.words(f"{self.look.glyphs.unknown} State unknown: {regime.held.note or regime.m.note or 'too little history'}", Tone.DIM)
            self._gate(sheet, regime, base)
            return
        words = 4 if rows is None or rows >= 10 else 3 if rows >= 8 else 2
        plane = USUAL_PLANE_ROWS if rows is None else max(rows - words, 0)
        if plane >= 4:
            self._plane(sheet, regime, base, min(plane, 30))
        self._position(sheet, regime, base)
        self._gate(sheet, regime, base)
        if words > 2 or plane < 4:
            self._votes(sheet, regime, base)
        if words > 3 or plane < 4:
            self._distances(sheet, regime, base)
            if rows is None or rows >= 13:
                self._subtype(sheet, regime, base)

    def aside(self, board: Board) -> Pieces:
        """Which yields, and how many of them have printed."""
        regime, _ = self._chosen(board)
        tenor = "30Y" if self.long else "10Y"
        if regime.provisional:
            return ((f"{tenor} ", Tone.DIM), (f"{regime.own_prints}/{len(regime.markets)} own prints, provisional", Tone.WATCH))
        return ((tenor, Tone.DIM),)

    def action_turn(self) -> None:
        """The map of the other yields."""
        if self.board is not None and (self.long or self.board.long_regime is not None):
            self.long = not self.long
            self.redraw()

    def _chosen(self, board: Board) -> tuple[Regime, str]:
        if self.long and board.long_regime is not None:
            return board.long_regime, "long_regime"
        return board.regime, "regime"

    # --------------------------------------------------------------------------------------------------------- plane
    def _plane(self, sheet: Sheet, regime: Regime, base: str, rows: int) -> None:
        g = self.look.glyphs
        height, width = rows - 1, max(sheet.width - AXIS, 1)
        m_top = max(1.6, *(abs(m) * 1.1 for m, _ in regime.trail), abs(regime.m.value or 0) * 1.1)
        d_top = max(1.2, *(d * 1.1 for _, d in regime.trail), (regime.D.value or 0) * 1.1)
        canvas = Canvas(width, height, g)

        def column(m: float) -> int:
            return round((m + m_top) / (2 * m_top) * (width - 1))

        def line(d: float) -> int:
            return round((1 - d / d_top) * (height - 1))

        self._names(canvas, regime, column, line, height)
        self._boundaries(canvas, regime, column, line, m_top, d_top)
        self._names(canvas, regime, column, line, height, only=regime.held.word.upper())
        for i, (m, d) in enumerate(regime.trail[:-1]):
            recent = len(regime.trail) - i <= 6
            canvas.set(column(m), line(d), g.recent if recent else g.past, Tone.TEXT if recent else Tone.LINE2)
        canvas.set(column(regime.m.value or 0), line(regime.D.value or 0), g.now, regime_tone(regime.held.word))
        marks = {line(regime.D0): f"{regime.D0:.2f}".lstrip("0"), 0: f"{d_top:.1f}"}
        for y in range(height):
            at = sheet.row()
            label = marks.get(y, "")
            sheet.put(at, 0, label, Tone.DIM, width=AXIS - 1, right=True)
            sheet.put(at, AXIS - 1, g.ticks[0] if label else g.vertical, Tone.FRAME)
            canvas.copy(sheet, at, AXIS, y, path=f"{base}.held")
        self._scale(sheet, regime, column, width)

    def _boundaries(self, canvas: Canvas, regime: Regime, column, line, m_top: float, d_top: float) -> None:  # type: ignore[no-untyped-def]
        """Dotted: D₀ between the rays |m| = c·D, m₀ below them."""
        g, m0, d0, c = self.look.glyphs, regime.m0, regime.D0, regime.c
        for x in range(column(-max(m0, c * d0)), column(max(m0, c * d0)) + 1):
            if abs(x - column(0)) <= column(max(m0, c * d0)) - column(0):
                canvas.set(x, line(d0), g.threshold, Tone.FRAME)
        for y in range(canvas.height):
            d = d_top * (1 - y / max(canvas.height - 1, 1))
            edge = max(m0, c * d)
            if edge <= m_top:
                for m in (-edge, edge):
                    canvas.set(column(m), y, g.threshold, Tone.FRAME)

    def _names(self, canvas: Canvas, regime: Regime, column, line, height: int) -> None:  # type: ignore[no-untyped-def]
        places = (
            ("FRAGMENTATION", column(0) - 6, 1 if height > 4 else 0),
            ("STABLE", column(0) - 3, min(height - 1, line(regime.D0) + max(1, (height - line(regime.D0)) // 2))),
            ("EXPANSION", 1, height - 2),
            ("REPRICING", canvas.width - 10, height - 2),
        )
        for name, x, y in places:
            held = regime.held.word.upper() == name
            canvas.write(x, y, name, regime_tone(name) if held else Tone.DIM)

    def _scale(self, sheet: Sheet, regime: Regime, column, width: int) -> None:  # type: ignore[no-untyped-def]
        """The horizontal axis: its numbers stand on the line itself."""
        g = self.look.glyphs
        axis = list(g.horizontal * width)
        for m in (-regime.m0, 0.0, regime.m0):
            text = number(m, 2, g, signed=True) if m else "0"
            start = min(max(column(m) - len(text) // 2, 0), width - len(text))
            axis[start : start + len(text)] = text
        y = sheet.row()
        sheet.put(y, AXIS - 1, g.ticks[2] + "".join(axis), Tone.FRAME)

    # --------------------------------------------------------------------------------------------------------- words
    def _position(self, sheet: Sheet, regime: Regime, base: str) -> None:
        look, y, x = self.look, sheet.row(), 0
        parts = (("m", regime.m, "m", "σ"), ("D", regime.D, "D", "σ"), ("κ", regime.kappa, "kappa", ""), ("ρ", regime.rho, "rho", ""))
        for name, reading, path, unit in parts:
            x = sheet.put(y, x, f"{name} ", Tone.DIM)
            shown = figure(reading, look, 2, signed=True, suffix=unit)
            x = sheet.put(y, x, shown.text, shown.tone, path=f"{base}.{path}") + 2
        arrow = " →" if regime.turning else ""
        raw = f"raw {regime.raw}" if regime.raw and regime.raw.upper() != regime.held.word.upper() else ""
        sheet.put_right(y, ((raw, Tone.DIM), (f"{arrow} {regime.turning}" if arrow else "", Tone.WATCH)), path=f"{base}.held")

    def _gate(self, sheet: Sheet, regime: Regime, base: str) -> None:
        look, g, y = self.look, self.look.glyphs, sheet.row()
        on = regime.gate.word == "on"
        x = sheet.put(y, 0, "Stress gate ", Tone.DIM)
        tone = Tone.ALARM if on else Tone.WATCH if (regime.H.value or 0) >= 0.7 else Tone.CALM
        word = regime.gate.word.upper() or "unknown"
        sign = g.met if on else g.not_met if regime.gate.word else g.unknown
        x = sheet.put(y, x, f"{sign} {word} ", status_tone(regime.gate.status, tone), path=f"{base}.gate")
        h = figure(regime.H, look, 2)
        x = sheet.put(y, x, "H ", Tone.DIM)
        x = sheet.put(y, x, h.text + " ", h.tone, path=f"{base}.H")
        x = sheet.put(y, x, gauge(regime.H.value, 14, g), tone)
        note = f" off below .70, {regime.off_count} of 5" if on and regime.off_count else " off below .70" if on else " on from .90"
        sheet.put(y, x, note, Tone.DIM)

    def _votes(self, sheet: Sheet, regime: Regime, base: str) -> None:
        y = sheet.row()
        x = sheet.put(y, 0, "votes ", Tone.DIM)
        if not regime.votes:
            sheet.put(y, x, f"{self.look.glyphs.unknown} unknown", Tone.DIM)
        for name, share in sorted(regime.votes.items(), key=lambda vote: -vote[1]):
            if share >= 0.005 and x + len(name) + 5 < sheet.width:
                x = sheet.put(y, x, f"{name.capitalize()} {share:.0%}", regime_tone(name), path=f"{base}.agreement") + 2

    def _distances(self, sheet: Sheet, regime: Regime, base: str) -> None:
        y, g = sheet.row(), self.look.glyphs
        x = sheet.put(y, 0, "to    ", Tone.DIM)
        for each in regime.distances:
            name = each.regime.capitalize()
            how = distance_text(each, g)
            if x + len(name) + len(how) + 1 > sheet.width:
                break
            x = sheet.put(y, x, f"{name} ", Tone.DIM)
            x = sheet.put(y, x, how, Tone.WATCH if each == regime.nearest else Tone.TEXT) + 2

    def _subtype(self, sheet: Sheet, regime: Regime, base: str) -> None:
        words = [w.word for w in (regime.subtype, *regime.pressure) if w.word]
        if words:
            sheet.put(sheet.row(), 0, " · ".join(words), Tone.WATCH, path=f"{base}.subtype")
