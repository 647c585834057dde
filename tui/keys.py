"""Keys in the order in which they were typed, however fast: `:us` and Enter in one go reach the prompt that the colon opens."""

import asyncio
from contextlib import suppress

from textual import events
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from ..widgets.pane import Pane

PATIENCE_S = 1.0  # for a screen that opens, and for a field that takes a key: they take milliseconds
ENDS = ("enter", "escape")  # keys that end a dialog; the first one opens explanations, too


class Typed(App[int]):
    """Part of Monitor.

    Textual sends a key through the focused widget and everything around it before the app looks what it is bound to. Meanwhile the next
    keys are on their way to the same widget, also when the first one has opened or ended a dialog.
    """

    _awaited: Screen[object] | None = None  # the screen that was waited for last; on some nothing ever has the focus

    async def on_event(self, event: events.Event) -> None:
        """Do what a key is bound to at once, where no field may want it; let a field take one before the next comes."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        if self.focused is None and self.screen is not self._awaited:
            await self._opened(self.screen)
        field = self.focused
        if field is None or isinstance(field, Pane) or event.key in ENDS:
            if not await self._check_bindings(event.key, priority=True):
                await self._check_bindings(event.key)
        else:
            await super().on_event(event)
        if field is not None and (event.key in ENDS or not isinstance(field, Pane)):
            await _worked(field)

    async def _opened(self, screen: Screen[object]) -> None:
        """Once something on the screen has the focus: that is set by the screen's own task, which tells nobody."""
        self._awaited = screen
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while self.screen is screen and screen.focused is None:  # noqa: ASYNC110
                    await asyncio.sleep(0)


async def _worked(field: Widget) -> None:
    """Once the field, then what holds it, have done what they were sent so far."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            for node in field.ancestors_with_self:
                if isinstance(node, Widget) and node.is_running:
                    done = asyncio.Event()
                    if node.call_later(done.set):
                        await done.wait()
