"""Taking answers in: what is read in a process of its own is read alone."""

import asyncio
from pathlib import Path

from bondtop.cache.intake import Intake
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Answer, Request
from engines import until
from stores import at, open_store

FILE = (
    "Interest Rate (June 2026),,,,,,,,,,,,,,,(Unit : %)\r\nDate,1Y,2Y,3Y,4Y,5Y,6Y,7Y,8Y,9Y,10Y,15Y,20Y,25Y,30Y,40Y\r\n"
    "2026/6/29,1.173,1.411,1.547,1.753,1.916,2.053,2.201,2.367,2.513,2.644,3.204,3.54,3.791,3.785,3.715\r\n"
)


async def test_one_process_beside_ours_at_a_time(tmp_path: Path) -> None:
    async def in_thread(call, *args):
        return call(*args)

    beside, catalogue = asyncio.Lock(), default_catalogue()
    with open_store(tmp_path, catalogue=catalogue) as store:
        intake, feed = Intake(store, in_thread, beside), make_feed("mof", catalogue)
        apart = Answer(Request("month", "https://example.org/", apart=True), FILE.encode(), at(20635))
        taking = asyncio.ensure_future(intake.take(feed, apart))
        await until(beside.locked)
        here = Answer(Request("here", "https://example.org/"), FILE.encode(), at(20635))
        assert (await intake.take(feed, here))[0] == 15  # who needs no process of its own waits for nobody
        assert beside.locked()
        assert (await taking)[0] == 0
        assert not beside.locked()
