"""Cross-asset confirmation: what equities, volatility, the dollar and bonds say of the regime."""

import re
from collections.abc import Iterable

from ..signals.board import Asset, Board, Confirmation, Line, Reading
from .columns import Column, fitting
from .filtered import RowFiltered
from .glyphs import level_text
from .look import Figure, figure, status_tone
from .pane import Pieces
from .sheet import Sheet
from .tones import Tone

COLUMNS = (
    Column("name", "", 8, 0, right=False),
    Column("level", "level", 6, 0),
    Column("d1", "1D", 5, 2),
    Column("m1", "1M", 6, 1),
    Column("z", "z", 4, 3),
    Column("reads", "reads", 14, 0, right=False),
    Column("verdict", "", 5, 1, right=False),
)
NAMES = {
    "equities": "S&P 500", "volatility": "VIX", "dollar": "Dollar", "bonds": "Bonds", "spx": "S&P 500", "ndx": "Nasdaq", "nky": "Nikkei",
    "vix": "VIX", "move": "MOVE", "usd_broad": "Broad $", "dxy": "DXY", "usdjpy": "USD/JPY", "hy_oas": "HY OAS", "gold": "Gold",
    "btc": "Bitcoin",
}  # fmt: skip
_RANK = re.compile(r"(\S+) (p\d+)")  # in the evidence of a line: where a quote stands among its past
BENEATH = {"volatility": ("move",)}  # quotes that a line rests on beside the one it shows
INDENT = 2  # of what goes on from the row above
SHOWN_BY_LINES = ("spx", "vix", "move", "usd_broad")


class ConfirmationPane(RowFiltered):
    """Four lines with what they rest on, then stock–bond sign, risk assets, the dollar's transmission and the inflection."""

    number = 3
    title = "Cross-asset confirmation"
    tab = "Confirmation"

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Lines first, then what surrounds them."""
        columns = fitting(COLUMNS, sheet.width)
        y, x = sheet.head(), 0
        for column in columns:
            x = sheet.put(y, x, column.head, Tone.DIM, width=column.width, right=column.right) + 1
        part = board.confirmation
        for path, line in _lines(part):
            self._line(sheet, columns, path, line)
        self._stock_bond(sheet, part)
        self._assets(sheet, part)
        self._inflection(sheet, board)
        self._dollar(sheet, part)
        self._clearing(sheet, board)
        for path, line in _other_quotes(part):
            self._line(sheet, columns, path, line)

    def aside(self, board: Board) -> Pieces:
        """The verdict."""
        part = board.confirmation
        if not part.confirm_n:
            return (("unknown", Tone.DIM),)
        tone = Tone.MET if part.confirm_k == part.confirm_n else Tone.TEXT
        return ((f"{part.confirm_k} of {part.confirm_n} confirm", tone), (f" {board.regime.held.word}", Tone.DIM))

    def _line(self, sheet: Sheet, columns: Iterable[Column], path: str, line: Line) -> None:
        y, x = sheet.row(), 0
        for column in columns:
            shown, at = self._cell(column.key, path, line)
            x = sheet.put(y, x, shown.text, shown.tone, width=column.width, right=column.right, path=at) + 1

    def _cell(self, column: str, path: str, line: Line) -> tuple[Figure, str]:
        g = self.look.glyphs
        match column:
            case "name":
                return Figure(NAMES.get(path.rpartition(".")[2], line.name), Tone.STRONG), ""
            case "level":
                if line.level.value is None and path.endswith(".bonds"):
                    return Figure(""), ""
                unit = "σ" if line.level.unit == "σ" else ""
                return Figure(level_text(line.level.value, g) + unit, status_tone(line.level.status)), f"{path}.level"
            case "d1" | "m1":
                reading: Reading = getattr(line, column)
                if reading.value is None and path.endswith(".bonds"):
                    return Figure(""), ""
                return self._move(reading), f"{path}.{column}"
            case "z":
                if line.z.value is None and path.endswith(".bonds"):
                    return Figure(""), ""
                return figure(line.z, self.look, 1, signed=True), f"{path}.z"
            case "reads":
                word, (rank, at) = line.state.word, self._rank(path)
                if not word and path.startswith("confirmation.quotes"):
                    return Figure(rank, Tone.DIM), at  # most quotes have no state of their own
                text = f"{word} ({rank})" if rank else word
                return Figure(text or f"{g.unknown} unknown", status_tone(line.state.status) if word else Tone.DIM), f"{path}.state"
        if not path.startswith("confirmation.lines"):
            return Figure(""), ""
        if line.confirms is None:
            return Figure(f"{g.unknown} n/a", Tone.DIM), ""
        return Figure(f"{g.met} yes", Tone.MET) if line.confirms else Figure(f"{g.not_met} no", Tone.DIM), f"{path}.state"

    def _rank(self, path: str) -> tuple[str, str]:
        """Where a quote stands among its past, such as p92, and the path of the line that says so; "" where none does."""
        name = NAMES.get(path.rpartition(".")[2], "")
        for key, line in self.board.confirmation.lines.items() if self.board is not None else ():
            for fact in line.state.evidence:
                if (found := _RANK.fullmatch(fact)) and found[1] == name:
                    return found[2], f"confirmation.lines.{key}.state"
        return "", ""

    def _move(self, reading: Reading) -> Figure:
        """A change: percent with its sign, anything else in its own unit."""
        if reading.unit == "%":
            return figure(reading, self.look, 1 if abs(reading.value or 0) < 9.95 else 0, signed=True, unit="%")
        decimals = 1 if abs(reading.value or 0) < 20 else 0
        return figure(reading, self.look, decimals, signed=True)

    def _stock_bond(self, sheet: Sheet, part: Confirmation) -> None:
        y = sheet.row()
        x = sheet.put(y, 0, "stock–bond corr ", Tone.DIM)
        shown = figure(part.stock_bond, self.look, 2, signed=True)
        x = sheet.put(y, x, shown.text, shown.tone, path="confirmation.stock_bond")
        if part.stock_bond_word.word:
            x = sheet.put(y, x, ": ", Tone.DIM)
            sheet.put(y, x, part.stock_bond_word.word, status_tone(part.stock_bond_word.status), path="confirmation.stock_bond_word")

    def _assets(self, sheet: Sheet, part: Confirmation) -> None:
        y, x = sheet.row(), 0
        order = ("btc", "nky", "gold", "ndx")
        count = "" if part.risk_off_k is None else f"risk-off: {part.risk_off_k} of {part.risk_off_n}"
        for key in (*order, *(k for k in part.assets if k not in (*order, "spx"))):
            asset: Asset | None = part.assets.get(key)
            if asset is None:
                continue
            shown = figure(asset.m1, self.look, 1, signed=True, unit="%", tone=self.look.gain(asset.m1.value))
            name = NAMES.get(key, asset.name)
            if x + len(name) + len(shown.text) + 1 > sheet.width:
                y, x = sheet.row(), INDENT
            x = sheet.put(y, x, f"{name} ", Tone.DIM)
            x = sheet.put(y, x, shown.text, shown.tone, path=f"confirmation.assets.{key}.m1") + 2
        if count:
            y, x = (y, x) if x + len(count) + 2 <= sheet.width else (sheet.row(), INDENT)
            sheet.put(y, x, f"({count})", Tone.DIM)

    def _dollar(self, sheet: Sheet, part: Confirmation) -> None:
        y = sheet.row()
        x = sheet.put(y, 0, "Dollar ", Tone.DIM)
        word = part.dollar.word or f"{self.look.glyphs.unknown} unknown"
        x = sheet.put(y, x, word, status_tone(part.dollar.status), path="confirmation.dollar") + 2
        for name, state in part.transmission.items():
            text = state.word or self.look.glyphs.unknown
            title = name.replace("_", " ")
            if x + len(title) + len(text) + 1 > sheet.width:
                y, x = sheet.row(), INDENT
            tone = {"tightening": Tone.WATCH, "easing": Tone.CALM}.get(state.word, Tone.TEXT if state.word else Tone.DIM)
            x = sheet.put(y, x, f"{title} ", Tone.DIM)
            x = sheet.put(y, x, text, status_tone(state.status, tone), path=f"confirmation.transmission.{name}") + 2

    def _inflection(self, sheet: Sheet, board: Board) -> None:
        part, y, g = board.inflection, sheet.row(), self.look.glyphs
        x = sheet.put(y, 0, "d(Demand)/d(Supply) ", Tone.DIM)
        b = figure(part.b, self.look, 2, signed=True)
        x = sheet.put(y, x, b.text, b.tone, path="inflection.b") + 2
        words = " · ".join(w for w in (part.quadrant.word, part.state.word) if w)
        x = sheet.put(y, x, words or f"{g.unknown} unknown", Tone.TEXT if words else Tone.DIM, path="inflection.state")
        if part.markets:
            sheet.put(y, x + 2, f"({', '.join(m.upper() for m in part.markets)})", Tone.DIM)

    def _clearing(self, sheet: Sheet, board: Board) -> None:
        us = board.clearing.get("us")
        if us is None:
            return
        y = sheet.row()
        x = sheet.put(y, 0, "US clearing ", Tone.DIM)
        for name, reading in (("inflation", us.z_inflation), ("supply", us.z_supply), ("demand", us.z_demand), ("pressure", us.pressure)):
            shown = figure(reading, self.look, 1, signed=True)
            key = "pressure" if name == "pressure" else f"z_{name}"
            if x + len(name) + len(shown.text) + 1 > sheet.width:
                y, x = sheet.row(), INDENT
            x = sheet.put(y, x, f"{name} ", Tone.DIM)
            x = sheet.put(y, x, shown.text, shown.tone, path=f"clearing.us.{key}") + 2


def _lines(part: Confirmation) -> list[tuple[str, Line]]:
    """The four lines and, beneath each, the quotes it rests on beside the one it shows."""
    found: list[tuple[str, Line]] = []
    for key, line in part.lines.items():
        found.append((f"confirmation.lines.{key}", line))
        found += [(f"confirmation.quotes.{quote}", part.quotes[quote]) for quote in BENEATH.get(key, ()) if quote in part.quotes]
    return found


def _other_quotes(part: Confirmation) -> list[tuple[str, Line]]:
    """Quotes that no line shows."""
    return [(f"confirmation.quotes.{key}", line) for key, line in part.quotes.items() if key not in SHOWN_BY_LINES]
