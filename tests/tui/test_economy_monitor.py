"""What Textual really writes for the monitor, with the economy and without."""

from bondtop.tui.app import Monitor
from bondtop.tui.economy import Economy
from bondtop.tui.source import Fresh
from handboards import everywhere, full, unknown
from sources import HandSource
from terminals import Terminal
from textual.drivers.headless_driver import HeadlessDriver

SIZE = (120, 40)
KEYS = ("tab", "down", "right", "enter", "escape", "question_mark", "escape", "s", "s", "colon", "u", "escape", "f", "f")


class Recorder(HeadlessDriver):
    """Keeps what is written; says that it has a screen, else Textual would write nothing."""

    written: list[str]

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        if not hasattr(self, "written"):
            self.written = []
        self.written.append(data)


async def recorded(theme: str) -> list[list[str]]:
    """The writes of a session, by step."""
    source = HandSource(full())
    app = Monitor(source, theme=theme)
    app.driver_class = Recorder
    steps: list[list[str]] = []

    async def visit(pilot) -> None:
        def step() -> None:
            steps.append(list(app._driver.written))
            app._driver.written.clear()

        await pilot.pause(0.1)
        step()
        for key in KEYS:
            await pilot.press(key)
            await pilot.pause(0.05)
            step()
        for board in (everywhere("[red]日本[/] é"), unknown(), full()):
            source.send(Fresh(board))
            await pilot.pause(0.1)
            step()
        app.exit()

    await app.run_async(size=SIZE, auto_pilot=visit)
    return steps


async def check(theme: str) -> None:
    economy, plain, thrifty = Economy(*SIZE, in_colour=True), Terminal(*SIZE), Terminal(*SIZE)
    without = with_it = 0
    for step in await recorded(theme):
        for text in step:
            plain.receive(text.encode())
            economy.feed(text)
            without += len(text.encode())
        for limit in (300, 1 << 30):
            data = economy.take(limit)
            thrifty.receive(data)
            with_it += len(data)
        assert thrifty.cells() == plain.cells()
    assert with_it < without / 4


async def test_dark():
    await check("dark")


async def test_ansi():
    await check("ansi")
