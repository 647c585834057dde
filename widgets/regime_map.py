"""The regime map: where the market stands between a common move and a divergence, where it came from, and what the gate says."""


import msgspec
from textual.binding import Binding

from ..signals.board import Board, Regime
from .canvas import Canvas
from .glyphs import gauge, number
from .look import Look, distance_text, figure, status_tone
from .pane import Pane, Pieces
from .sheet import Sheet
from .tones import SHORT_REGIMES, Tone, regime_tone

USUAL_PLANE_ROWS = 8
AXIS = 4  # cells for the numbers of the vertical axis, tick included
NAMES = ("FRAGMENTATION", "STABLE", "EXPANSION", "REPRICING")


class _Plane(msgspec.Struct, frozen=True):
    """The plane's cells, and how far its axes reach: m from −m_top to m_top, D from 0 to d_top."""

    canvas: Canvas
    m_top: float
    d_top: float

    def column(self, m: float) -> int:
        """Where a common move stands."""
        return round((m + self.m_top) / (2 * self.m_top) * (self.canvas.width - 1))

    def line(self, d: float) -> int:
        """Where a divergence stands."""
        return round((1 - d / self.d_top) * (self.canvas.height - 1))

    def d_at(self, line: int) -> float:
        """The divergence of a line."""
        return self.d_top * (1 - line / max(self.canvas.height - 1, 1))

    def set(self, m: float, d: float, sign: str, tone: Tone) -> None:
        """Put a sign at a point."""
        self.canvas.set(self.column(m), self.line(d), sign, tone)


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
        words = 4 if rows is None or rows >= 9 else 3 if rows >= 8 else 2
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
        g, m, d = self.look.glyphs, regime.m.value or 0.0, regime.D.value or 0.0
        plane = _Plane(
            Canvas(max(sheet.width - AXIS, 1), rows - 1, g),
            max(1.6, abs(m) * 1.1, *(abs(each) * 1.1 for each, _ in regime.trail)),
            max(1.2, d * 1.1, *(each * 1.1 for _, each in regime.trail)),
        )
        held = regime.held.word.upper()
        self._boundaries(plane, regime)
        for i, (past_m, past_d) in enumerate(regime.trail[:-1]):
            recent = len(regime.trail) - i <= 6
            plane.set(past_m, past_d, g.recent if recent else g.past, Tone.TEXT if recent else Tone.LINE2)
        for name in NAMES:
            self._region(plane, regime, name, regime_tone(held) if name == held else Tone.DIM)
        plane.set(m, d, g.now, regime_tone(held))
        marks = {plane.line(regime.D0): f"{regime.D0:.2f}".lstrip("0"), 0: f"{plane.d_top:.1f}"}
        for y in range(plane.canvas.height):
            at = sheet.row()
            label = marks.get(y, "")
            sheet.put(at, 0, label, Tone.DIM, width=AXIS - 1, right=True)
            sheet.put(at, AXIS - 1, g.ticks[0] if label else g.vertical, Tone.FRAME)
            plane.canvas.copy(sheet, at, AXIS, y, path=f"{base}.held")
        self._scale(sheet, regime, plane)

    def _boundaries(self, plane: _Plane, regime: Regime) -> None:
        """D₀ between the rays |m| = c·D, and m₀ below them."""
        (level, upright, oblique), m0, d0, c = tuple(self.look.glyphs.boundary), regime.m0, regime.D0, regime.c
        corner = max(m0, c * d0)
        for x in range(plane.column(-corner), plane.column(corner) + 1):
            plane.canvas.set(x, plane.line(d0), level, Tone.FRAME)
        for y in range(plane.canvas.height):
            edge = max(m0, c * plane.d_at(y))
            if edge <= plane.m_top:
                for m in (-edge, edge):
                    plane.canvas.set(plane.column(m), y, upright if edge == m0 else oblique, Tone.FRAME)

    def _region(self, plane: _Plane, regime: Regime, name: str, tone: Tone) -> None:
        """The name of a region, where it covers least of the trail and not the point of now."""
        height, width, floor = plane.canvas.height, plane.canvas.width, plane.line(regime.D0)
        middle = plane.column(0) - len(name) // 2
        sides = (middle, plane.column(-regime.m0) + 2, plane.column(regime.m0) - len(name) - 1)
        rows, columns = {
            "FRAGMENTATION": ((1 if height > 4 else 0, 0), sides),
            "STABLE": ((min(height - 1, floor + max(1, (height - floor) // 2)), height - 1), sides),
            "EXPANSION": ((height - 2, height - 1), (1,)),
            "REPRICING": ((height - 2, height - 1), (width - len(name) - 1,)),
        }[name]
        trail = {(plane.column(m), plane.line(d)): 1 for m, d in regime.trail}
        trail[plane.column(regime.m.value or 0.0), plane.line(regime.D.value or 0.0)] = len(regime.trail) + 1
        places = [(x, y) for y in rows for x in columns]
        x, y = min(places, key=lambda at: sum(trail.get((at[0] + i, at[1]), 0) for i in range(-1, len(name) + 1)))
        plane.canvas.write(x, y, name, tone)

    def _scale(self, sheet: Sheet, regime: Regime, plane: _Plane) -> None:
        """The horizontal axis: its numbers stand on the line itself."""
        g, width, y = self.look.glyphs, plane.canvas.width, sheet.row()
        axis = Canvas(width, 1, g)
        axis.write(0, 0, g.horizontal * width, Tone.FRAME)
        for m in (-regime.m0, 0.0, regime.m0):
            text = f" {number(m, 2, g, signed=True)} " if m else " 0 "
            axis.write(min(max(plane.column(m) - len(text) // 2, 0), width - len(text)), 0, text, Tone.DIM)
        sheet.put(y, AXIS - 1, g.ticks[2], Tone.FRAME)
        axis.copy(sheet, y, AXIS, 0)

    # --------------------------------------------------------------------------------------------------------- words
    def _position(self, sheet: Sheet, regime: Regime, base: str) -> None:
        look, y, x = self.look, sheet.row(), 0
        parts = (("m", regime.m, "m", "σ"), ("D", regime.D, "D", "σ"), ("κ", regime.kappa, "kappa", ""), ("ρ", regime.rho, "rho", ""))
        for name, reading, path, unit in parts:
            x = sheet.put(y, x, f"{name} ", Tone.DIM)
            shown = figure(reading, look, 2, signed=True, unit=unit)
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
        x = sheet.put(y, x, gauge(regime.H.value, 14 if sheet.width >= 50 else 10, g), tone)
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
        said = [(each, each.regime.capitalize(), distance_text(each, g)) for each in regime.distances]
        fit = x + sum(len(name) + len(how) + 3 for _, name, how in said) - 2 <= sheet.width
        for each, whole, how in said:
            name = whole if fit else SHORT_REGIMES.get(whole, whole)
            if x + len(name) + len(how) + 1 > sheet.width:
                break
            x = sheet.put(y, x, f"{name} ", Tone.DIM)
            x = sheet.put(y, x, how, Tone.WATCH if each == regime.nearest else Tone.TEXT) + 2

    def _subtype(self, sheet: Sheet, regime: Regime, base: str) -> None:
        words = [w.word for w in (regime.subtype, *regime.pressure) if w.word]
        if words:
            sheet.put(sheet.row(), 0, " · ".join(words), Tone.WATCH, path=f"{base}.subtype")
