"""What can be taken from the monitor: a value or a table on the clipboard, a picture, the Board itself."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding, BindingType

from ..feeds.errors import BondtopError
from ..widgets.filtered import Filtered
from ..widgets.pane import Copy

if TYPE_CHECKING:
    from .exporting import Exporter
    from .view import View

MANY = 1000  # a name taken that often is given up
FONTS = "DejaVu Sans Mono, Menlo, Consolas, Liberation Mono, monospace"
_FONT = re.compile(r"font-family: Fira Code[^;]*;")
_OUTSIDE = re.compile(r"\s*@font-face\s*{[^}]*}|<!--.*?-->", re.DOTALL)


class Taking(App[int]):
    """Keys that copy and save; part of Monitor.

    Attributes:
        folders: where files are written: the first one that can be written to.
        exporter: what exports; None where nothing can be exported.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("P", "picture", "save a picture (SVG)", show=False),
        Binding("B", "board", "save the Board (JSON)", show=False),
        Binding("e", "export", "export a page, tables and pictures", show=False),
    ]
    folders: Sequence[Path] = (Path(),)
    exporter: "Exporter | None" = None
    day: date | None
    view: "View"

    def on_copy(self, message: Copy) -> None:
        """To the clipboard of the terminal, also over SSH (OSC 52); not every terminal lets us."""
        self.copy_to_clipboard(message.text)
        self.notify(f"copied: {message.what}", markup=False)

    def action_filter(self) -> None:
        """Ask for the words of the focused pane's filter."""
        from .screens.prompt import Prompt

        pane = self.focused
        if not isinstance(pane, Filtered):
            return

        def keep(words: str | None) -> None:
            if words is not None:
                pane.keep(words)

        self.push_screen(Prompt("filter", "words that must all stand in a row; nothing shows all"), keep)

    def action_picture(self) -> None:
        """Save what the screen shows."""
        self._save("svg", picture_of(self).encode())

    def action_board(self) -> None:
        """Save every value of the Board shown."""
        from ..signals.board import encode

        if self.view.board is None:
            self.notify("There is no Board yet.", severity="warning", markup=False)
        else:
            self._save("json", encode(self.view.board))

    def action_export(self) -> None:
        """Export what is shown; another process does it."""
        if self.exporter is None or self.view.board is None:
            self.notify("There is nothing to export yet.", severity="warning", markup=False)
        elif any(worker.group == "export" and not worker.is_finished for worker in self.workers):
            self.notify("An export is under way.", severity="warning", markup=False)
        else:
            self.notify("exporting …", markup=False)
            self._export(self.exporter, self.view.now if self.day is None else self.view.board.as_of)

    @work(group="export", exit_on_error=False)
    async def _export(self, exporter: "Exporter", named_after: datetime) -> None:
        try:
            self.notify(f"exported: {await exporter(named_after, self.day)}", markup=False)
        except BondtopError as e:
            self.notify(f"not exported: {e}", severity="error", markup=False)

    def _save(self, suffix: str, data: bytes) -> None:
        board = self.view.board
        stem = f"bondtop-{'demo-' if board and board.demo else ''}{board.as_of if board else self.view.now:%Y%m%d-%H%M}"
        try:
            path = write_new(self.folders, stem, suffix, data)
        except BondtopError as e:
            self.notify(str(e), severity="error", markup=False)
        else:
            self.notify(f"saved: {path}", markup=False)


def picture_of(app: App[int]) -> str:
    """The screen as an SVG that asks no host for anything: it uses the fonts that are there."""
    return without_outside(app.export_screenshot(title="bondtop"))


def without_outside(svg: str) -> str:
    """A picture of Rich's without the fonts it would load. Not every viewer keeps blanks apart unless it is told."""
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    return _FONT.sub(f"font-family: {FONTS};", _OUTSIDE.sub("", svg))


def write_new(folders: Sequence[Path], stem: str, suffix: str, data: bytes) -> Path:
    """Write a file that was not there, into the first folder that takes it; a taken name gets a number.

    Raises:
        BondtopError: no folder takes it.
    """
    reason = "no folder to write to"
    for folder in folders:
        for number in range(1, MANY):
            path = folder / f"{stem}{f'-{number}' if number > 1 else ''}.{suffix}"
            try:
                with path.open("xb") as file:
                    file.write(data)
            except FileExistsError:
                continue
            except OSError as e:
                reason = f"{path}: {e.strerror or e}"
                break
            return path.absolute()
    raise BondtopError(f"not saved: {reason}")
