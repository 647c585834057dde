"""A small app under one of bondtop's drivers (ThriftyDriver, SlimDriver, PlainDriver), run as a program on a real pseudo-terminal by tests.

Keys: any of a to y fills the screen with it, 1 writes one word, z suspends for a moment, Ctrl+Z until
`fg`, Q quits. `late` stands at the top while the
terminal falls behind. At the end `left` is written to the file named by the second argument. A third gives the seconds of silence after
which the terminal counts as gone.
"""

import sys
import time
from pathlib import Path

from bondtop.tui import driver
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static


class DriverApp(App[int]):
    """See above."""

    CSS = "Static { width: 100%; } #body { height: 1fr; color: #aabbcc; background: #102030; }"

    def compose(self) -> ComposeResult:
        yield Static("ready", id="top")
        yield Static("", id="body")

    def on_behind(self, message: driver.Behind) -> None:
        self.query_one("#top", Static).update(f"late {message.age_s:.0f}" if message.age_s else "on time")

    async def on_key(self, event: events.Key) -> None:
        if event.key == "1":
            self.query_one("#top", Static).update("one")
        elif event.key == "z":
            with self.suspend():
                print("outside", flush=True)
                time.sleep(0.2)  # noqa: ASYNC251  (suspended: nothing else shall run)
        elif event.key == "ctrl+z":
            self.action_suspend_process()
        elif event.character == "Q":
            self.exit(0)
        elif event.character and event.character.islower():
            width, height = self.size
            rows = "\n".join("".join(chr(97 + (x * y + ord(event.character)) % 26) for x in range(width)) for y in range(height))
            self.query_one("#body", Static).update(f"{event.character * 3}{rows}", layout=False)


if __name__ == "__main__":
    chosen = getattr(driver, sys.argv[1])
    chosen.silence_s = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    app = DriverApp(driver_class=chosen)
    result = app.run()
    Path(sys.argv[2]).write_text("left")
    sys.exit(result if result is not None else app.return_code)
