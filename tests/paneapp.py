"""A bare app with one pane, which remembers what was refreshed."""

from contextlib import asynccontextmanager

from bondtop.tui.themes import themes
from bondtop.widgets.glyphs import ASCII, UNICODE
from bondtop.widgets.look import Look
from bondtop.widgets.pane import Ask
from textual.app import App
from textual.geometry import Region


class PaneApp(App[None]):
    CSS = "Pane { width: 100%; height: 100%; }"

    def __init__(self, make, *, ascii_only=False, marks_s=0.0):
        super().__init__()
        for theme in themes():
            self.register_theme(theme)
        self.theme = "dark"
        self.pane = make(Look(glyphs=ASCII if ascii_only else UNICODE, marks_s=marks_s))
        self.asked: list[str] = []
        self.repainted: list[Region] = []

    def compose(self):
        yield self.pane

    def on_ask(self, message: Ask) -> None:
        self.asked.append(message.path)


@asynccontextmanager
async def shown(make, board, now, *, size=(118, 24), ascii_only=False, marks_s=0.0):
    """The app with the pane showing a Board; from then on `repainted` collects what is refreshed."""
    app = PaneApp(make, ascii_only=ascii_only, marks_s=marks_s)
    async with app.run_test(size=size) as pilot:
        app.pane.show(board, now)
        await pilot.pause()
        refresh = app.pane.refresh

        def remembering(*regions, **more):
            app.repainted.extend(regions or ([Region(0, 0, *app.pane.size)] if not more.get("layout") else []))
            return refresh(*regions, **more)

        repaint = app.pane.repaint

        def remembering_cells(odd):
            app.repainted.extend(odd)
            repaint(odd)

        app.pane.refresh, app.pane.repaint = remembering, remembering_cells
        yield app, pilot


async def resized(app, pilot, width, height):
    """The app in a terminal of another size, once the pane has taken it."""
    await pilot.resize_terminal(width, height)
    while app.pane.size != (width, height):
        await pilot.pause()
