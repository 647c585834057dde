"""Makes the picture that the README shows: the monitor on the simulated market, 120×40, dark. `uv run python bench/picture.py [FILE]`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from bondtop.tui.app import Monitor
from bondtop.tui.config import Config
from bondtop.tui.demo_source import DemoSource
from bondtop.tui.taking import picture_of

SIZE = (120, 40)
TARGET = Path(__file__).resolve().parents[1] / "tui" / "monitor.svg"


async def picture() -> str:
    """The first full screen."""
    with tempfile.TemporaryDirectory() as folder:
        app = Monitor(DemoSource(Path(folder)), shown=Config().markets.shown)
        async with app.run_test(size=SIZE) as pilot:
            while app.view.board is None:
                await pilot.pause(0.05)
            await pilot.pause()
            return picture_of(app)


def main() -> None:
    """Write it, or to the file that is named."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.write_text(asyncio.run(picture()), encoding="utf-8")
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
