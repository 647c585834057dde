"""The top lines: which regime, how long, how sure, what it leans towards, what changed last. Read from across the desk."""

from datetime import datetime

from ..signals.board import Board
from .change_list import subject_words
from .glyphs import ago, level_text, number
from .look import Look, distance_text, figure, status_tone
from .pane import Pane
from .sheet import Sheet
from .tones import Tone, band_tone, regime_tone

QUOTES = (("vix", "VIX"), ("move", "MOVE"), ("dxy", "DXY"), ("usdjpy", "USDJPY"))


class TopLine(Pane, can_focus=False):
    """Two lines without a frame. `notice` stands inverted at the start when what is shown is not the live market."""

    framed = False

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.notice = ""  # "REPLAY 2026-01-20 (as known then)", "DEMO simulated market"
        self.connection = ""  # who refreshes, how many feeds are well
        self.connection_tone = Tone.DIM

    def say(self, notice: str, connection: str, tone: Tone) -> None:
        """Change what stands beside the Board."""
        if (notice, connection, tone) != (self.notice, self.connection, self.connection_tone):
            self.notice, self.connection, self.connection_tone = notice, connection, tone
            self.redraw()

    def draw_nothing(self, sheet: Sheet, rows: int | None) -> None:
        """Before the first Board."""
        y = sheet.row()
        x = self._notice(sheet, y)
        sheet.put(y, x, "bondtop", Tone.TITLE)
        y = sheet.row()
        sheet.put_right(y, ((self.connection, self.connection_tone),))

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Regime and index; strip and quotes."""
        self._first(sheet, board)
        self._second(sheet, board)

    def _notice(self, sheet: Sheet, y: int) -> int:
        return sheet.put(y, 1, f" {self.notice} ", Tone.INVERSE) + 1 if self.notice else 1

    def _first(self, sheet: Sheet, board: Board) -> None:
        g, regime, y = self.look.glyphs, board.regime, sheet.row()
        x = self._notice(sheet, y)
        word = regime.held.word.upper() or "STATE UNKNOWN"
        tone = status_tone(regime.held.status, regime_tone(word))
        end = self._index_width(board)
        x = sheet.put(y, x, word, tone, path="regime.held")
        parts: list[tuple[str, Tone]] = []
        if regime.sessions is not None:
            parts.append((f"{regime.sessions} session{'' if regime.sessions == 1 else 's'}", Tone.TEXT))
        if regime.subtype.word:
            parts.append((regime.subtype.word, Tone.WATCH))
        if regime.turning:
            parts.append((f"turning {regime.turning}", Tone.WATCH))
        if regime.agreement.value is not None:
            parts.append((f"agreement {regime.agreement.value:.0%}", Tone.TEXT))
        if regime.nearest is not None:
            near = regime.nearest
            unit = "" if near.coordinate.startswith("H") or near.x <= 0 else "σ"
            parts.append((f"nearest: {near.regime.capitalize()} {distance_text(near, g)}{unit}", Tone.TEXT))
        if regime.provisional:
            parts.append((f"provisional {regime.own_prints}/{len(regime.markets)}", Tone.WATCH))
        if not regime.held.word:
            parts.append((regime.held.note, Tone.DIM))
        for text, each in parts:
            if text and x + len(text) + 3 <= sheet.width - end:
                x = sheet.put(y, x, f" {g.separator} ", Tone.FRAME)
                x = sheet.put(y, x, text, each)
        self._index(sheet, y, board)

    def _index_pieces(self, board: Board) -> list[tuple[str, Tone]]:
        look, part, g = self.look, board.composite, self.look.glyphs
        value = figure(part.dci, look, 1)
        pieces = [("DCI ", Tone.DIM), (value.text, Tone.STRONG if part.dci.value is not None else Tone.DIM)]
        if part.band.word:
            pieces.append((f" {part.band.word}", band_tone(part.band.word)))
        if part.d5.value is not None and sheet_worthy(part.d5.value):
            arrow = g.up if part.d5.value > 0 else g.down
            pieces.append((f" {arrow}{abs(part.d5.value):.1f} 1W", Tone.DIM))
        if part.bias and part.bias.upper() != board.regime.held.word.upper():
            pieces.append((f" {g.separator} {part.bias.capitalize()} bias", Tone.DIM))
        return [*pieces, (" ", Tone.TEXT)]

    def _index_width(self, board: Board) -> int:
        return sum(len(text) for text, _ in self._index_pieces(board)) if self.size.width >= 100 else 0

    def _index(self, sheet: Sheet, y: int, board: Board) -> None:
        if sheet.width >= 100:
            sheet.put_right(y, self._index_pieces(board), path="composite.dci")

    def _second(self, sheet: Sheet, board: Board) -> None:
        y, x = sheet.row(), 1
        if sheet.width < 100:
            for text, tone in self._index_pieces(board)[:3]:
                x = sheet.put(y, x, text, tone, path="composite.dci")
            x += 2
        right = self._health(board)
        room = sheet.width - len(right) - 3
        for name, horizon in board.regime.horizons.items():
            word = horizon.regime.capitalize() or self.look.glyphs.unknown
            if x + len(name) + len(word) + 1 > room:
                break
            x = sheet.put(y, x, f"{name} ", Tone.DIM)
            x = sheet.put(y, x, word, regime_tone(word)) + 2
        x += 1
        for key, name in QUOTES[:2]:
            x = self._quote(sheet, y, x, room, board, key, name)
        x = self._repo(sheet, y, x, room, board)
        for key, name in QUOTES[2:]:
            x = self._quote(sheet, y, x, room, board, key, name)
        self._last_change(sheet, y, x, room, board)
        sheet.put_right(y, ((right, self.connection_tone), (" ", Tone.TEXT)))

    def _quote(self, sheet: Sheet, y: int, x: int, room: int, board: Board, key: str, name: str) -> int:
        line = board.confirmation.quotes.get(key)
        if line is None:
            return x
        g = self.look.glyphs
        value = number(line.level.value, 2, g) if key == "usdjpy" else level_text(line.level.value, g)
        change = line.d1.value
        arrow = "" if change is None or abs(change) < 0.05 else f" {g.up if change > 0 else g.down}"
        if x + len(name) + len(value) + len(arrow) + 1 > room:
            return x
        x = sheet.put(y, x, f"{name} ", Tone.DIM)
        return sheet.put(y, x, value + arrow, status_tone(line.level.status), path=f"confirmation.quotes.{key}.level") + 2

    def _repo(self, sheet: Sheet, y: int, x: int, room: int, board: Board) -> int:
        """Repo against the top of the range, which condition F3 watches."""
        condition = board.watch.get("F3")
        if condition is None or condition.value.value is None or x + 16 > room:
            return x
        tone = Tone.WATCH if condition.state in ("MET", "APPROACHING") else Tone.TEXT
        shown = figure(condition.value, self.look, 0, signed=True, suffix="bp", tone=tone)
        x = sheet.put(y, x, "SOFR−top ", Tone.DIM)
        return sheet.put(y, x, shown.text, shown.tone, path="watch.F3") + 2

    def _last_change(self, sheet: Sheet, y: int, x: int, room: int, board: Board) -> None:
        """The gravest thing that changed last."""
        grave = {"alarm": 0, "watch": 1, "info": 2}
        for change in sorted(board.changes, key=lambda c: grave.get(c.severity, 3))[:1]:
            turn = f"{change.before or 'unknown'} → {change.after or 'unknown'}"
            words = f"{change.at.day} {change.at:%b}: {subject_words(board, change)} {turn}"
            if x + len(words) + 1 <= room:
                tone = {"alarm": Tone.ALARM, "watch": Tone.WATCH}.get(change.severity, Tone.DIM)
                sheet.put(y, x, f" {words}", tone)

    def _health(self, board: Board) -> str:
        return f"{self.connection}  {updated(board, self.now)}" if self.connection else updated(board, self.now)


def updated(board: Board, now: datetime) -> str:
    """When the Board was made: the time of day, and its age once that is more than a few minutes."""
    age = (now - board.built).total_seconds()
    late = f" ({ago(age)} old)" if age >= 300 else ""
    return f"{board.built:%H:%M}Z{late}"


def sheet_worthy(change: float) -> bool:
    """Whether a change is more than rounding."""
    return abs(change) >= 0.05
