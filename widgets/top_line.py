"""The top lines: which regime, how long, how sure, what it leans towards, what changed last. Read from across the desk."""

from datetime import datetime

from rich.cells import cell_len

from ..signals.board import Board
from .change_words import subject_words, turn_words
from .glyphs import ago, level_text, number
from .look import Look, distance_text, figure, is_late, status_tone
from .pane import Pane
from .sheet import Sheet
from .tones import SHORT_REGIMES, Tone, band_tone, regime_tone

QUOTES = (("vix", "VIX"), ("move", "MOVE"), ("", "SOFR−top"), ("dxy", "DXY"), ("usdjpy", "USDJPY"))
SHORT_NOTICES = {"DEMO simulated market": ((100, "DEMO"), (140, "DEMO simulated"))}  # (below so many columns, what stands for it)
SAID_ALREADY = "simulated, "  # the notice says so, too
INDEX_ABOVE_FROM = 100  # columns; in a narrower terminal the index stands on the second line
LAST_CHANGE_FROM = 160  # columns of the terminal; in a narrower one the state vector tells what changed last
Quote = tuple[str, str, Tone, str]  # name, value, tone, path


class TopLine(Pane, can_focus=False):
    """Two lines without a frame. `notice` stands inverted at the start when what is shown is not the live market."""

    framed = False

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.notice = ""  # "REPLAY 2026-01-20 (as known then)", "DEMO simulated market"
        self.connection = ""  # who refreshes, how many feeds are well
        self.connection_tone = Tone.DIM

    def say(self, notice: str, connection: str, tone: Tone, *, at_once: bool = True) -> None:
        """Change what stands beside the Board; not drawn at once where a Board follows."""
        if (notice, connection, tone) != (self.notice, self.connection, self.connection_tone):
            self.notice, self.connection, self.connection_tone = notice, connection, tone
            if at_once:
                self.redraw()

    def draw_nothing(self, sheet: Sheet, rows: int | None) -> None:
        """Before the first Board."""
        y = sheet.row()
        x = self._notice(sheet, y)
        sheet.put(y, x, "bondtop", Tone.TITLE)
        y = sheet.row()
        sheet.put_right(y, ((self.connection, self.connection_tone),))

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Regime and index; strip and quotes; what changed last where there is room beside them."""
        upper, lower = self._first(sheet, board), self._second(sheet, board)
        change = last_change(board) if sheet.width >= LAST_CHANGE_FROM else None
        for y, (start, end) in ((1, lower), (0, upper)):
            if change is not None and start + cell_len(change[0]) < end:
                sheet.put(y, start, *change)
                break
        if sheet.width >= INDEX_ABOVE_FROM:
            sheet.put_right(0, self._index_pieces(board), path="composite.dci")
        sheet.put_right(1, ((self._health(board), self.connection_tone), (" ", Tone.TEXT)))

    def _notice(self, sheet: Sheet, y: int) -> int:
        words = next((short for below, short in SHORT_NOTICES.get(self.notice, ()) if sheet.width < below), self.notice)
        return sheet.put(y, 1, f" {words} ", Tone.INVERSE) + 1 if words else 1

    def _first(self, sheet: Sheet, board: Board) -> tuple[int, int]:
        """Regime and index; the cells left free between them."""
        g, regime, y = self.look.glyphs, board.regime, sheet.row()
        x = self._notice(sheet, y)
        word = regime.held.word.upper() or "STATE UNKNOWN"
        tone = status_tone(regime.held.status, regime_tone(word))
        end = sum(len(text) for text, _ in self._index_pieces(board)) if sheet.width >= INDEX_ABOVE_FROM else 0
        x = sheet.put(y, x, word, tone, path="regime.held")
        parts: list[tuple[str, Tone]] = []
        if is_late(regime.held):
            parts.append((f"stale, as of {regime.held.as_of.day} {regime.held.as_of:%b}" if regime.held.as_of else "stale", Tone.WATCH))
        if regime.sessions is not None:
            parts.append((f"{regime.sessions} session{'' if regime.sessions == 1 else 's'}", Tone.TEXT))
        if regime.subtype.word:
            parts.append((regime.subtype.word, Tone.WATCH))
        if regime.turning:
            parts.append((f"turning {regime.turning}", Tone.WATCH))
        if regime.agreement.value is not None:
            parts.append((f"agreement {regime.agreement.value:.0%}", Tone.TEXT))
        if regime.provisional:
            parts.append((f"provisional {regime.own_prints}/{len(regime.markets)}", Tone.WATCH))
        if regime.nearest is not None:
            near = regime.nearest
            unit = "" if near.coordinate.startswith("H") or near.x <= 0 else "σ"
            parts.append((f"nearest: {near.regime.capitalize()} {distance_text(near, g)}{unit}", Tone.TEXT))
        if not regime.held.word:
            parts.append((regime.held.note, Tone.DIM))
        for text, each in parts:
            if text and x + len(text) + 3 <= sheet.width - end:
                x = sheet.put(y, x, f" {g.separator} ", Tone.FRAME)
                x = sheet.put(y, x, text, each)
        return x + 3, sheet.width - end

    def _index_pieces(self, board: Board) -> list[tuple[str, Tone]]:
        look, part, g = self.look, board.composite, self.look.glyphs
        value = figure(part.dci, look, 1)
        pieces = [("DCI ", Tone.DIM), (value.text, status_tone(part.dci.status, Tone.STRONG))]
        if part.band.word:
            pieces.append((f" {part.band.word}", status_tone(part.band.status, band_tone(part.band.word))))
        if part.d5.value is not None and sheet_worthy(part.d5.value):
            arrow = g.up if part.d5.value > 0 else g.down
            pieces.append((f" {arrow}{abs(part.d5.value):.1f} 1W", Tone.DIM))
        if part.bias and part.bias.upper() != board.regime.held.word.upper():
            pieces.append((f" {g.separator} {part.bias.capitalize()} bias", Tone.DIM))
        return [*pieces, (" ", Tone.TEXT)]

    def _second(self, sheet: Sheet, board: Board) -> tuple[int, int]:
        """Strip of horizons, quotes, connection; the cells left free. Regimes are written short where not all would fit else."""
        y, x = sheet.row(), 1
        if sheet.width < INDEX_ABOVE_FROM:
            for text, tone in self._index_pieces(board)[:3]:
                x = sheet.put(y, x, text, tone, path="composite.dci")
            x += 2
        room, g = sheet.width - len(self._health(board)) - 3, self.look.glyphs
        strip = [(name, horizon.regime.capitalize() or g.unknown) for name, horizon in board.regime.horizons.items()]
        quotes = [quote for key, name in QUOTES if (quote := self._quote(board, key, name))]
        needed = sum(len(name) + len(word) + 3 for name, word in strip) + 1 + sum(len(name) + len(text) + 3 for name, text, *_ in quotes)
        for name, word in strip:
            shown = word if x + needed <= room else SHORT_REGIMES.get(word, word)
            if x + len(name) + len(shown) + 1 > room:
                break
            x = sheet.put(y, x, f"{name} ", Tone.DIM)
            x = sheet.put(y, x, shown, regime_tone(word)) + 2
            needed -= len(name) + len(shown) + 3
        x += 1
        for name, text, tone, path in quotes:
            if x + len(name) + len(text) + 1 > room:
                break
            x = sheet.put(y, x, f"{name} ", Tone.DIM)
            x = sheet.put(y, x, text, tone, path=path) + 2
        return x + 1, room

    def _quote(self, board: Board, key: str, name: str) -> Quote | None:
        """Name, value with an arrow, tone, path. Without a key: repo against the top of the range, which condition F3 watches."""
        g = self.look.glyphs
        if not key:
            condition = board.watch.get("F3")
            if condition is None or condition.value.value is None:
                return None
            tone = Tone.WATCH if condition.state in ("MET", "APPROACHING") else Tone.TEXT
            shown = figure(condition.value, self.look, 0, signed=True, unit="bp", tone=tone)
            return name, shown.text, shown.tone, "watch.F3"
        line = board.confirmation.quotes.get(key)
        if line is None:
            return None
        value = number(line.level.value, 2, g) if key == "usdjpy" else level_text(line.level.value, g)
        change = line.d1.value
        arrow = "" if change is None or abs(change) < 0.05 else f" {g.up if change > 0 else g.down}"
        return name, value + arrow, status_tone(line.level.status), f"confirmation.quotes.{key}.level"

    def _health(self, board: Board) -> str:
        words = self.connection if self.size.width >= 140 else self.connection.removeprefix(SAID_ALREADY)
        return f"{words}  {updated(board, self.now)}" if words else updated(board, self.now)


def last_change(board: Board) -> tuple[str, Tone] | None:
    """The gravest thing that changed last, in words."""
    grave = {"alarm": 0, "watch": 1, "info": 2}
    change = min(board.changes, key=lambda c: grave.get(c.severity, 3), default=None)
    if change is None:
        return None
    tone = {"alarm": Tone.ALARM, "watch": Tone.WATCH}.get(change.severity, Tone.DIM)
    return f"{change.at.day} {change.at:%b}: {subject_words(board, change)} {' → '.join(turn_words(change))}", tone


def updated(board: Board, now: datetime) -> str:
    """When the Board was made: the time of day, and its age once that is more than a few minutes."""
    age = (now - board.built).total_seconds()
    late = f" ({ago(age)} old)" if age >= 300 else ""
    return f"{board.built:%H:%M}Z{late}"


def sheet_worthy(change: float) -> bool:
    """Whether a change is more than rounding."""
    return abs(change) >= 0.05
