"""The progress of a refresh on a terminal: one line a feed, repainted when something happened."""

from collections.abc import Collection
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..cache.engine import Progress, Stage

_WORDS = {Stage.ASKING: "asking", Stage.ANSWER: "asking", Stage.DONE: "done", Stage.FAILED: "failed", Stage.RESTING: "nothing due"}
_STYLES = {Stage.ASKING: "cyan", Stage.ANSWER: "cyan", Stage.DONE: "green", Stage.FAILED: "red", Stage.RESTING: "dim"}
_GLYPHS = {Stage.ASKING: "◐", Stage.ANSWER: "◐", Stage.DONE: "●", Stage.FAILED: "✗", Stage.RESTING: "·"}


class ProgressTable:
    """A context manager that owns the lines below the prompt while a refresh runs."""

    def __init__(self, names: Collection[str], console: Console | None = None) -> None:
        self._steps: dict[str, Progress | None] = dict.fromkeys(names)
        self._live = Live(self._table(), console=console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, step: Progress) -> None:
        """Take one step in and repaint."""
        self._steps[step.feed] = step
        self._live.update(self._table(), refresh=True)

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for name, side in (("feed", "left"), ("state", "left"), ("rows new", "right"), ("KB", "right"), ("s", "right")):
            table.add_column(name, justify="right" if side == "right" else "left", no_wrap=True)
        table.add_column("reason", overflow="ellipsis", no_wrap=True)
        for name, step in self._steps.items():
            if step is None:
                table.add_row(name, Text("waiting", "dim"))
                continue
            table.add_row(
                name,
                Text(f"{_GLYPHS[step.stage]} {_WORDS[step.stage]}", _STYLES[step.stage]),
                f"{step.rows_new:,}" if step.rows_new else "",
                f"{step.wire_bytes / 1000:,.0f}" if step.wire_bytes else "",
                f"{step.seconds:.1f}" if step.seconds else "",
                Text(step.reason or (step.part if step.stage is Stage.ANSWER else ""), "red" if step.reason else "dim"),
            )
        done = sum(s is not None and s.stage in (Stage.DONE, Stage.FAILED, Stage.RESTING) for s in self._steps.values())
        table.caption = f"{done} of {len(self._steps)} feeds"
        table.caption_justify = "left"
        return table
