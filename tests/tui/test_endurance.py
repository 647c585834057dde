"""Left open for weeks: what was opened and closed leaves nothing behind. (bench/soak.py goes further.)"""

import gc

from bondtop.tui.app import Monitor
from bondtop.tui.going import SCREENS_BY_NAME
from demo_boards import demo_board
from sources import HandSource
from textual._styles_cache import StylesCache

NAMES = [name for name in SCREENS_BY_NAME if name not in ("explain", "market")]


def drawn_widgets() -> int:
    gc.collect()
    return sum(isinstance(each, StylesCache) for each in gc.get_objects())


async def test_closed_screens_let_go_of_what_was_drawn():
    app = Monitor(HandSource(demo_board()))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        before = drawn_widgets()
        for name in NAMES:
            await app.action_open(name)
            await pilot.pause()
            await app.action_open(name)
            await pilot.pause()
        assert drawn_widgets() <= before + 8  # those of the last screen may be on their way out
