"""A bare Textual app with four tables of numbers, for comparison: the least a Textual program of that look does. `u` changes one cell."""

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Grid
from textual.widgets import DataTable


class Bare(App[None]):
    """Four tables in two by two."""

    CSS = "Grid { grid-size: 2 2; } DataTable { border: solid gray; }"
    BINDINGS = [Binding("q", "quit", "quit"), Binding("u", "change", "change")]  # noqa: RUF012  (Textual reads class attributes)

    def compose(self) -> ComposeResult:
        with Grid():
            for i in range(4):
                yield DataTable(id=f"t{i}")

    def on_mount(self) -> None:
        for table in self.query(DataTable):
            table.add_columns("Market", "10Y", "1D", "1W", "1M", "YTD")
            for row in range(14):
                table.add_row(f"row {row}", *(f"{row * 1.7 + k:.3f}" for k in range(5)))

    def action_change(self) -> None:
        self.query_one("#t1", DataTable).update_cell_at((3, 2), "9.999")


if __name__ == "__main__":
    Bare().run()
