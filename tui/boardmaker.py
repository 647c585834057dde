"""Has the Board of now made and stored by another process: a hundred megabytes and a second of work that ours then never holds.

The settings go along, so that it is made under those in force, whatever stands in the file by now.
"""

import asyncio
import sys
from pathlib import Path

import msgspec

from ..feeds.check import clean
from ..feeds.clock import Clock
from ..feeds.errors import BondtopError
from .config import Config


async def make_board(config: Config, cache: Path) -> str:
    """Make and store it; why that failed, "" when it did not. The process ends with us."""
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    command = (sys.executable, "-P", "-m", __name__, str(cache))
    child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=nowhere, stderr=pipe)
    try:
        _, said = await child.communicate(msgspec.json.encode(config))
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if not child.returncode:
        return ""
    return clean(said.decode(errors="replace").strip().rpartition("\n")[2], 300) or f"its process ended with code {child.returncode}"


def main() -> int:
    """The other process: settings on standard input, the cache as the only argument."""
    from ..cache.store import Store
    from .desk import Desk
    from .wiring import cache_clock

    config = msgspec.json.decode(sys.stdin.buffer.read(), type=Config)
    try:
        with Store.open(Path(sys.argv[1]), catalogue=config.catalogue) as store:
            Desk(store, config, cache_clock(store, config, Clock())).evaluate()
    except BondtopError as e:
        sys.stderr.write(f"{e}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
