"""The state vector: one row a market, and the moves that stand out."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from textual.binding import Binding

from ..signals.board import Board, Curve, Market, Reading, Tenor
from ..signals.markets import MARKETS
from .columns import Column, paged
from .filtered import NO_ROW, Filtered
from .glyphs import clip, sparkline
from .look import Figure, Look, figure, is_late, status_tone
from .moves import moves_of, put_moves
from .pane import Pieces, Spot
from .session_chart import draw_sessions
from .sheet import Sheet
from .tones import Tone, label_tone
from .top_line import last_change

TENORS = ("10y", "30y", "2y", "5y", "20y", "40y")
LARGE_Z = 2.0
LEAST_CHART = 5  # rows

COLUMNS: tuple[Column, ...] = (
    Column("name", "Market", 8, 0, right=False),
    Column("level", "", 6, 0),
    Column("d1", "1D", 4, 0),
    Column("w1", "1W", 4, 1),
    Column("m1", "1M", 4, 1),
    Column("ytd", "YTD", 4, 4),
    Column("z1", "σ1D", 5, 1),
    Column("s1m", "s1M", 4, 3),
    Column("idio", "idio", 4, 5),
    Column("pct", "", 4, 7),
    Column("slope", "2s10s", 5, 6),
    Column("shape", "shape 1M", 14, 8, right=False),
    Column("us", "vs UST", 6, 7),
    Column("trend", "60 sessions", 12, 9, right=False),
    Column("label", "State", 18, 2, right=False),
)
WIDE = (
    Column("de", "vs DE", 7, 10),
    Column("vol", "bp/yr", 6, 11),
    Column("real", "real", 6, 12),
    Column("be", "b/e", 6, 12),
    Column("demand", "dem z", 6, 13),
    Column("supply", "sup z", 6, 13),
    Column("hedged", "hdg ¥", 6, 14),
)
OF_MARKET = {  # by column: the Reading of the market, its decimals, whether it carries a sign
    "s1m": ("s1m", 1, True),
    "idio": ("idio", 1, True),
    "us": ("vs_us", 0, True),
    "de": ("vs_de", 0, True),
    "real": ("real10", 2, False),
    "be": ("breakeven10", 2, False),
    "demand": ("demand_z", 1, True),
    "supply": ("supply_z", 1, True),
    "hedged": ("hedged_jpy", 2, False),
}
SHORT_LABELS = {
    "SUPPLY-DRIVEN STRESS": "SUPPLY STRESS",
    "INFLATION / POLICY REPRICING": "INFL./POLICY",
    "POSITIONING PRESSURE": "POSITIONING",
    "STRUCTURALLY ANCHORED": "STRUCT. ANCHOR",
    "IDIOSYNCRATIC REPRICING": "IDIOSYNCRATIC",
    "TRACKING GLOBAL": "TRACKING GLOBAL",
}


class StateVector(Filtered):
    """Markets as rows; sort by the column under the cursor, hide it, page to columns that do not fit, change the tenor."""

    BINDINGS = [
        Binding("o", "sort", "sort by this column, turn, undo", show=False),
        Binding("v", "view", "columns that did not fit", show=False),
        Binding("minus", "hide", "hide this column", show=False),
        Binding("plus", "unhide", "all columns again", show=False),
        Binding("t", "tenor(1)", "next tenor", show=False),
        Binding("T", "tenor(-1)", "tenor before", show=False),
    ]
    number = 1
    title = "State vector"

    def __init__(self, look: Look, *, shown: Sequence[str] = (), hidden: Iterable[str] = (), id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.shown = tuple(shown)
        self.tenor = "10y"
        self.hidden = frozenset(hidden)
        self.page = 0
        self.tells_change = True  # what changed last: the top line of a narrow terminal has no room for it
        self.sorted_by: tuple[str, bool] | None = None  # column, descending
        self._left_out = 0
        self._odd_slopes = ""  # markets whose slope is not 2s10s

    # --------------------------------------------------------------------------------------------------------- drawing
    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Head, one row a market, one line of moves."""
        columns = self._columns(sheet.width)
        self._head(sheet, columns)
        odd = {k.upper(): name for k in self._order(board) if (name := _first_curve(board.markets[k])[0]) not in ("2s10s", "")}
        self._odd_slopes = ", ".join(f"{k} {name}" for k, name in odd.items()) if any(c.key == "slope" for c in columns) else ""
        for market in self._order(board):
            self._market(sheet, columns, market, board.markets[market])
        if self.filter and not self._order(board):
            sheet.words(NO_ROW, Tone.DIM)
        last = last_change(board) if self.tells_change else None
        put_moves(sheet, moves_of(board, self.look, last), rows)
        self._conclusions(sheet, board, rows)
        self._chart(sheet, board, rows)

    def _conclusions(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """What each market's states come to, in words, where rows are to spare."""
        told = [(k, board.markets[k].conclusion) for k in self._order(board) if board.markets[k].conclusion]
        if rows is None or not told or rows - sheet.height < 2:
            return
        sheet.row()
        for key, words in told:
            if sheet.height >= rows:
                return
            sheet.words(words, Tone.DIM, path=f"markets.{key}.conclusion")

    def _chart(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """The last 60 sessions of the market under the cursor, where rows are to spare."""
        height = 0 if rows is None else rows - sheet.height - 3
        order = self._order(board)
        if height < LEAST_CHART or not order:
            return
        chosen = next((k for k in order if f"{self.cursor}.".startswith(f"markets.{k}.")), order[0])
        market = board.markets[chosen]
        known = [v for v in market.trend if math.isfinite(v)]
        if len(known) < 2:
            return
        sheet.row()
        sheet.put(sheet.row(), 0, f"{market.name} 10Y, {len(market.trend)} sessions", Tone.TITLE)
        draw_sessions(sheet, market.trend, market.tenors["10y"].level.as_of if "10y" in market.tenors else None, height)

    def first_value(self) -> str:
        """A value, not a market's name: Enter is to explain."""
        return next((s.path for s in self.spots() if s.path.count(".") > 1), "")

    def _land(self, spot: Spot) -> None:
        super()._land(spot)
        self.redraw()  # the chart follows the cursor

    def aside(self, board: Board) -> Pieces:
        """The session the numbers belong to, and the markets that lag behind it."""
        days = {key: t.level.as_of for key in self._order(board) if (t := board.markets[key].tenors.get(self.tenor)) and t.level.as_of}
        if not days:
            return ()
        newest = max(days.values())
        note = "; ".join(
            f"{', '.join(k.upper() for k, d in days.items() if d == day)} {_day(day, newest)}"
            for day in sorted(set(days.values()) - {newest}, reverse=True)
        )
        return ((f"as of {newest.day} {newest:%b}", Tone.DIM), (f" ({note})" if note else "", Tone.DIM))

    def foot(self) -> Pieces:
        """How the rows are sorted and what does not fit."""
        pieces: list[tuple[str, Tone]] = []
        if self._left_out:
            pieces.append((f"+{self._left_out} columns: ", Tone.DIM))
            pieces.append(("v", Tone.KEY))
        if self._odd_slopes:
            pieces.insert(0, (f"{self._odd_slopes}   ", Tone.DIM))
        if self.sorted_by:
            key, down = self.sorted_by
            head = next(self._heading(c) for c in COLUMNS + WIDE if c.key == key)
            pieces.append((f"{'  ' if pieces else ''}by {head} {self.look.glyphs.down if down else self.look.glyphs.up}", Tone.DIM))
        return pieces

    def _columns(self, width: int) -> tuple[Column, ...]:
        everything = tuple([c for c in COLUMNS + WIDE if c.key not in self.hidden])
        pages = paged(everything, width)
        self._left_out = len(everything) - len(pages[0])
        return pages[self.page % len(pages)]

    def _head(self, sheet: Sheet, columns: Sequence[Column]) -> None:
        y, x = sheet.row(), 0
        for column in columns:
            head = self._heading(column)
            x = sheet.put(y, x, head, Tone.DIM, width=column.width, right=column.right) + 1

    def _heading(self, column: Column) -> str:
        return column.head or self.tenor.upper() + ("%" if column.key == "pct" else "")

    def _market(self, sheet: Sheet, columns: Sequence[Column], key: str, market: Market) -> None:
        y, x = sheet.row(), 0
        tenor = market.tenors.get(self.tenor)
        for column in columns:
            text, path = self._cell(column, key, market, tenor)
            x = sheet.put(y, x, text.text, text.tone, width=column.width, right=column.right, path=path) + 1

    def _cell(self, column: Column, key: str, market: Market, tenor: Tenor | None) -> tuple[Figure, str]:
        """What stands in a column of a market's row, and its path."""
        look, g, base = self.look, self.look.glyphs, f"markets.{key}"
        match column.key:
            case "name":
                late = tenor is not None and is_late(tenor.level)
                return Figure(market.name, Tone.STALE if late else Tone.STRONG), base
            case "shape":
                name, curve = _first_curve(market)
                word = curve.shape_1m if curve else None
                text = _short_shape(word.word, column.width) if word and word.word else g.unknown
                return Figure(text, status_tone(word.status) if word else Tone.DIM), f"{base}.curves.{name}.shape_1m" if name else ""
            case "slope":
                name, curve = _first_curve(market)
                if curve is None:
                    return Figure(g.unknown, Tone.DIM), ""
                tone = Tone.WATCH if curve.inverted else Tone.TEXT
                shown = figure(curve.slope, look, 0, signed=True, tone=tone)
                return shown, f"{base}.curves.{name}.slope"
            case "trend":
                return Figure(sparkline(market.trend, column.width, g), Tone.LINE2), f"{base}.tenors.10y.m3" if market.trend else ""
            case "label":
                return self._label(market, column.width), f"{base}.label"
        return self._number(column.key, base, key, market, tenor)

    def _number(self, column: str, base: str, key: str, market: Market, tenor: Tenor | None) -> tuple[Figure, str]:
        look = self.look
        if column in ("us", "de") and not compared(key, column):
            return Figure(look.glyphs.dash, Tone.DIM), ""
        if column in OF_MARKET:
            name, decimals, signed = OF_MARKET[column]
            own: Reading = getattr(market, name)
            tone = Tone.STRONG if column == "idio" and abs(own.value or 0) >= LARGE_Z else Tone.TEXT
            return figure(own, look, decimals, signed=signed, tone=tone), f"{base}.{name}"
        if tenor is None:
            return Figure(look.glyphs.unknown, Tone.DIM), ""
        at = f"{base}.tenors.{self.tenor}"
        match column:
            case "level":
                return figure(tenor.level, look, 3, tone=Tone.STRONG), f"{at}.level"
            case "pct":
                return figure(tenor.pct10y, look, 0, scale=_percent(tenor.pct10y)), f"{at}.pct10y"
            case "vol":
                return figure(tenor.vol_bp, look, 0), f"{at}.vol_bp"
            case "z1":
                tone = Tone.ALARM if abs(tenor.z1.value or 0) >= 3 else Tone.WATCH if abs(tenor.z1.value or 0) >= LARGE_Z else Tone.TEXT
                return figure(tenor.z1, look, 1, signed=True, tone=tone), f"{at}.z1"
        reading = getattr(tenor, column)
        return figure(reading, look, 0, signed=True, tone=look.rise(_rounded(reading))), f"{at}.{column}"

    def _label(self, market: Market, width: int) -> Figure:
        g = self.look.glyphs
        word = market.label.word
        if not word:
            return Figure(f"{g.unknown} unknown", Tone.DIM)
        doubt = "?" if word.endswith("?") else ""
        plain = word.rstrip("?").strip()
        arrow = {"▲": g.up, "▼": g.down, "▪": g.flat}.get(market.arrow, " ")
        text = f"{arrow} {SHORT_LABELS.get(plain, plain)}{doubt}"
        return Figure(clip(text, width, g), status_tone(market.label.status, label_tone(plain)))

    # ----------------------------------------------------------------------------------------------------------- order
    def _order(self, board: Board) -> list[str]:
        keys = [k for k in self.shown if k in board.markets] or list(board.markets)
        if self.filter:
            keys = [k for k in keys if self.passes_filter(f"{k} {(m := board.markets[k]).name} {m.label.word}")]
        if self.sorted_by is None:
            return keys
        column, down = self.sorted_by
        sort_key = self._sort_key(column, board)
        known = sorted((k for k in keys if sort_key(k) is not None), key=lambda k: sort_key(k) or 0, reverse=down)
        return known + [k for k in keys if sort_key(k) is None]

    def _sort_key(self, column: str, board: Board) -> Callable[[str], float | None]:
        def value(key: str) -> float | None:
            market = board.markets[key]
            tenor = market.tenors.get(self.tenor)
            if column in OF_MARKET:
                own: Reading = getattr(market, OF_MARKET[column][0])
                return own.value
            if column in ("slope", "shape"):
                _, curve = _first_curve(market)
                return curve.slope.value if curve else None
            if tenor is None:
                return None
            reading = {"pct": tenor.pct10y, "vol": tenor.vol_bp, "trend": tenor.m3}.get(column) or getattr(tenor, column, tenor.level)
            return reading.value if isinstance(reading, Reading) else None

        return value

    # --------------------------------------------------------------------------------------------------------- actions
    def _column_under_cursor(self) -> str:
        """The key of the cursor's column; "" outside the table."""
        spot = next((s for s in self.spots() if s.path == self.cursor), None)
        if spot is None:
            return ""
        x = 0
        for column in self._columns(self._sheet.width):
            if x <= spot.x <= x + column.width:
                return column.key
            x += column.width + 1
        return ""

    def action_sort(self) -> None:
        """Sort by the column under the cursor: falling, rising, not at all."""
        column = self._column_under_cursor()
        if not column or column in ("name", "label"):
            self.sorted_by = None
        elif self.sorted_by == (column, True):
            self.sorted_by = (column, False)
        else:
            self.sorted_by = None if self.sorted_by == (column, False) else (column, True)
        self.redraw()

    def action_view(self) -> None:
        """The next columns that did not fit."""
        self.page += 1
        self.redraw()

    def action_hide(self) -> None:
        """Hide the column under the cursor."""
        column = self._column_under_cursor()
        if column and column not in ("name", "level"):
            self.hidden |= {column}
            self.redraw()

    def action_unhide(self) -> None:
        """Show every column again."""
        self.hidden, self.page = frozenset(), 0
        self.redraw()

    def action_tenor(self, step: int) -> None:
        """Another point of the curves, among those any market has."""
        there = {t for m in self.board.markets.values() for t in m.tenors} if self.board else set()
        known = [t for t in TENORS if t in there] or ["10y"]
        self.tenor = known[(known.index(self.tenor) + step) % len(known)] if self.tenor in known else known[0]
        self.redraw()


def _first_curve(market: Market) -> tuple[str, Curve | None]:
    if "2s10s" in market.curves:
        return "2s10s", market.curves["2s10s"]
    return next(iter(market.curves.items()), ("", None))


def compared(market: str, base: str) -> bool:
    """Whether a market has a spread against that base: none has against itself, only the euro area's have against Germany."""
    return market != base and (base != "de" or market not in MARKETS or MARKETS[market].is_euro)


def _day(day: date, newest: date) -> str:
    return f"{day.day} {day:%b}" if day.year == newest.year else day.isoformat()


def _rounded(reading: Reading) -> float | None:
    return None if reading.value is None else round(reading.value)


def _percent(reading: Reading) -> float:
    """Ranks are 0…1, percentiles 0…100; the screen shows the latter."""
    return 1.0 if reading.unit in ("%", "pct") else 100.0


_SHAPES = {"steepener": "steepen.", "flattener": "flatten.", "unchanged": "unchanged"}


def _short_shape(word: str, width: int) -> str:
    if len(word) <= width:
        return word
    for long, short in _SHAPES.items():
        word = word.replace(long, short)
    return word
