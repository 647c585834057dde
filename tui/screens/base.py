"""What all screens share: the two top lines, a body, the last line, and one way to take a View."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from ...widgets.look import Look
from ...widgets.pane import Ask, Pane
from ...widgets.signal_line import SignalLine
from ...widgets.top_line import TopLine
from ..arrange import LEAST, layout_of, signal_rows
from ..view import View

if TYPE_CHECKING:
    from ..app import Monitor
    from ..config import Config


class TooSmall(Widget):
    """Says what is needed."""

    def render_line(self, y: int) -> Strip:
        """Short words on the first lines."""
        width, height = self.app.size
        words = ("bondtop", f"needs {LEAST[0]}x{LEAST[1]}", f"has {width}x{height}", "q quits")
        return Strip([Segment((words[y] if y < len(words) else "")[: self.size.width], self.rich_style)])


class BoardScreen(Screen[None]):
    """A screen that shows a Board. Subclasses give `body` (or `contents`); every Pane in it is shown the Board."""

    DEFAULT_CSS = """
    BoardScreen { background: $background; layout: vertical; overflow: hidden; }
    BoardScreen > TopLine { height: 2; }
    BoardScreen > SignalLine { height: 1; }
    BoardScreen.-two > SignalLine { height: 2; }
    BoardScreen > #body { height: 1fr; }
    BoardScreen > TooSmall { display: none; height: 1fr; }
    BoardScreen.-tiny > * { display: none; }
    BoardScreen.-tiny > TooSmall { display: block; }
    """
    app: "Monitor"
    BINDINGS = [Binding("escape", "leave", "back", show=False)]
    AUTO_FOCUS = "Pane"
    title_text = ""
    """What the help of this screen is called."""

    def __init__(self, look: Look, view: View) -> None:
        super().__init__()
        self.look, self.view = look, view
        self._ready = False

    def body(self) -> Iterable[Widget]:
        """What stands between the top lines and the last line."""
        return ()

    def contents(self) -> Widget:
        """The widget that holds it; its id is `body`."""
        return Container(*self.body(), id="body")

    def compose(self) -> ComposeResult:
        """Top lines, contents, last line; the words for a terminal that is too small."""
        yield TopLine(self.look)
        yield self.contents()
        yield SignalLine(self.look)
        yield TooSmall()

    def on_mount(self) -> None:
        """Show what the app shows. (Textual calls this for every class of a screen, subclasses first.)"""
        self._ready = True
        self._fit(self.app.size)
        self.take(self.view)

    def take(self, view: View) -> None:
        """Show a new View; a screen that does not fit one pane to one Board extends this."""
        before, self.view = self.view, view
        if not self._ready:
            return
        top, signal = self.query_one(TopLine), self.query_one(SignalLine)
        top.say(view.notice, view.connection, view.connection_tone, at_once=before.board is view.board and top.board is view.board)
        signal.say(view.word)
        higher = []
        for pane in self.query(Pane):
            if pane.board is not view.board or before.board is not view.board:
                if pane.show(view.board, view.now, mark=view.mark):
                    higher.append(pane)
            elif pane.now != view.now:
                pane.tick(view.now)
        if higher:
            self.make_room(higher)

    def make_room(self, panes: Iterable[Pane]) -> None:
        """These would like another height."""
        for pane in panes:
            pane.refresh(layout=True)

    def on_resize(self, event: events.Resize) -> None:
        """What was hidden has lost the focus."""
        self._fit(event.size)
        self.watch_focused(self.focused)

    def watch_focused(self, focused: Widget | None) -> None:
        """A pane loses the focus when its hiding is noticed, which may be after it has been shown again."""
        if focused is None and self._ready:
            self.call_after_refresh(self._focus_something)

    def _focus_something(self) -> None:
        if self.focused is None and self.is_current and not self.has_class("-tiny"):
            self.focus_again()

    def _fit(self, size: Size) -> None:
        """In a terminal too small for anything only that is said. Known before the first layout, or all would be painted twice."""
        self.set_class(layout_of(*size) == "tiny", "-tiny")
        self.set_class(signal_rows(*size) == 2, "-two")

    def focus_again(self) -> None:
        """Give the focus to the pane that has it at first."""
        for pane in self.query(self.AUTO_FOCUS):
            if pane.focusable:
                pane.focus(scroll_visible=False)
                return

    def on_screen_resume(self) -> None:
        """What came while another screen lay over this one."""
        self.take(self.app.view)

    def adopt(self, look: Look, config: "Config") -> None:
        """Settings have changed."""
        self.look = look
        for pane in self.query(Pane):
            pane.look = look
            pane.redraw()

    def forget_styles(self) -> None:
        """The theme has changed."""
        for pane in self.query(Pane):
            pane.forget_styles()

    async def on_ask(self, message: Ask) -> None:
        """Explain a value. Here and not in the app: what is typed next waits for the screen, and shall find the explanation open."""
        message.stop()
        await self.app.explain(message.path)

    def action_leave(self) -> None:
        """Go back to the screen below."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
