"""Who moves whom: how much of each market's variance comes from which, and what each gives and takes."""

from collections.abc import Sequence

from ..signals.board import Board, Reading, Spillover
from .filtered import RowFiltered
from .look import Figure, figure
from .pane import Pieces
from .sheet import Sheet
from .tones import Tone

CELL = 6
NAME = 10
SUMS: Sequence[tuple[str, str]] = (("from", "frm"), ("to", "to"), ("net", "net"))


class SpilloverTable(RowFiltered):
    """Rows receive, columns give. Beside them the sums; under them correlation raw and adjusted for volatility."""

    title = "Spillover"

    def aside(self, board: Board) -> Pieces:
        """The whole in one number."""
        total = board.spillover.total
        return (("total ", Tone.DIM), (figure(total, self.look, 0, unit="%").text, Tone.STRONG)) if total.value is not None else ()

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Table, contagion, caveat."""
        part = board.spillover
        if part.table and part.markets:
            self._table(sheet, board, part)
        else:
            sheet.words(f"{self.look.glyphs.unknown} no table: {part.note or 'too few complete days'}", Tone.DIM)
        self._contagion(sheet, part)
        if part.table and part.note:
            sheet.words(part.note, Tone.DIM)

    def _table(self, sheet: Sheet, board: Board, part: Spillover) -> None:
        names = [board.markets[m].name if m in board.markets else m.upper() for m in part.markets]
        head, y = "% of variance", sheet.head()
        whole = NAME + (len(names) + len(SUMS)) * (CELL + 1) <= sheet.width
        x = sheet.put(y, 0, head if whole else "%", Tone.DIM, width=max(NAME, len(head)) if whole else NAME)
        left = x
        for key in part.markets:
            x = sheet.put(y, x, f"{key.upper()}", Tone.DIM, width=CELL, right=True)
        for name, _ in SUMS:
            x = sheet.put(y, x, name.upper(), Tone.TITLE, width=CELL + 1, right=True)
        for i, (key, name) in enumerate(zip(part.markets, names, strict=True)):
            y = sheet.row()
            sheet.put(y, 0, name, Tone.STRONG, width=left)
            x = left
            for j, share in enumerate(part.table[i]):
                tone = Tone.DIM if i == j else Tone.WATCH if share >= 25 else Tone.TEXT
                x = sheet.put_figure(y, x, Figure(f"{share:.0f}", tone), CELL, "spillover.total")
            for name_of, field in SUMS:
                readings: dict[str, Reading] = getattr(part, field)
                is_net = name_of == "net"
                shown = figure(readings.get(key), self.look, 0, signed=is_net, tone=Tone.STRONG if is_net else Tone.TEXT)
                x = sheet.put_figure(y, x, shown, CELL + 1, f"spillover.{field}.{key}")
        sheet.words("rows take, columns give; NET above 0: the market gives more than it takes", Tone.DIM)

    def _contagion(self, sheet: Sheet, part: Spillover) -> None:
        y, look = sheet.row(), self.look
        x = sheet.put(y, 0, "JGB–UST correlation ", Tone.DIM)
        raw, adjusted = figure(part.rho_raw, look, 2, signed=True), figure(part.rho_adjusted, look, 2, signed=True)
        x = sheet.put(y, x, raw.text, raw.tone, path="spillover.rho_raw") + 1
        x = sheet.put(y, x, "raw  ", Tone.DIM)
        x = sheet.put(y, x, adjusted.text, adjusted.tone, path="spillover.rho_adjusted") + 1
        x = sheet.put(y, x, "adjusted for volatility ", Tone.DIM)
        if part.rho_adjusted.note:
            sheet.words(part.rho_adjusted.note, Tone.DIM, indent=2)
        sheet.words("only a rise of the adjusted one is contagion (Forbes–Rigobon)", Tone.DIM, indent=2)
