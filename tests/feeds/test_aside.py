"""Blocking calls that keep nobody waiting."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest
from bondtop.feeds.aside import Daemons


async def test_gives_what_the_call_gives() -> None:
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(Daemons(), divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await loop.run_in_executor(Daemons(), divmod, 7, 0)


async def test_the_loop_goes_on_meanwhile() -> None:
    go = threading.Event()
    waiting = asyncio.get_running_loop().run_in_executor(Daemons(), go.wait, 60)
    await asyncio.sleep(0)
    assert not waiting.done()
    go.set()
    assert await waiting is True


def test_neither_loop_nor_process_waits_for_a_name_that_is_still_looked_up() -> None:
    code = (
        "import asyncio, time\nfrom bondtop.feeds.aside import Daemons\n"
        "async def main():\n    asyncio.get_running_loop().set_default_executor(Daemons())\n"
        "    task = asyncio.create_task(asyncio.to_thread(time.sleep, 60))\n    await asyncio.sleep(0.05)\n    task.cancel()\n"
        "asyncio.run(main())\n"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - started < 40
