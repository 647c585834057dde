"""Blocking calls that keep nobody waiting."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest
from bondtop.feeds.aside import aside


async def test_gives_what_the_call_gives() -> None:
    assert await aside(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await aside(divmod, 7, 0)


async def test_the_loop_goes_on_meanwhile() -> None:
    go = threading.Event()
    waiting = asyncio.create_task(aside(go.wait, 10))
    await asyncio.sleep(0)
    assert not waiting.done()
    go.set()
    assert await waiting is True


async def test_can_be_left_behind() -> None:
    go = threading.Event()
    waiting = asyncio.create_task(aside(go.wait, 10))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go.set()
    await asyncio.sleep(0.01)


def test_keeps_no_process_alive() -> None:
    code = (
        "import asyncio, time\nfrom bondtop.feeds.aside import aside\n"
        "async def main():\n    task = asyncio.create_task(aside(time.sleep, 60))\n    await asyncio.sleep(0.05)\n    task.cancel()\n"
        "asyncio.run(main())\n"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - started < 20
