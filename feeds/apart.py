"""Reading an answer in a process of its own, for answers that say so (`Request.apart`).

A workbook takes seconds and much memory, its library holds up every other thread, panics on damaged files, and asks for whatever memory
a damaged cell address implies. In a child process all of that stays harmless, and ends at once when nobody waits for it any longer.
"""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from . import errors
from .errors import FeedError, WrongFormat
from .feed import Feed
from .registry import feed_class
from .series import Answer, Observations

_MEMORY_BYTES = 2 << 30  # address space of the child; what we read needs a fifth
_PATIENCE_S = 120.0


async def start(module: str, *, longest_line: int = 1 << 16) -> asyncio.subprocess.Process:
    """A Python process that runs a module of this package, in a session of its own: the terminal's signals are not for it."""
    return await asyncio.create_subprocess_exec(
        *_command(module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=longest_line,
        env=_environment(),
        start_new_session=True,
    )


def start_now(module: str) -> "subprocess.Popen[bytes]":
    """The same where no loop runs yet."""
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(_command(module), stdin=pipe, stdout=pipe, stderr=nowhere, env=_environment(), start_new_session=True)


def _command(module: str) -> tuple[str, ...]:
    return sys.executable, "-P", "-m", module


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)}


async def end(process: asyncio.subprocess.Process) -> None:
    """Kill it with whatever it has started, if it still runs, and see it gone.

    What nobody has taken of its answer is read to the end: a reader that has enough does not see that its pipe is closed, and without
    that `wait` never returns. Nor would it if a process of its own still held that pipe.
    """
    with suppress(ProcessLookupError, PermissionError):  # what is dead and not yet collected may not be signalled everywhere
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)  # the leader of its session
    for pipe in (process.stdout, process.stderr):
        while pipe is not None and await pipe.read(1 << 16):
            pass
    await process.wait()


async def read_apart(feed: Feed, answer: Answer) -> Observations:
    """What `feed.read(answer)` gives.

    Raises:
        BadAnswer: what it raised, or that the process broke down over the answer.
    """
    try:
        process = await start(__name__)
    except OSError as e:
        raise WrongFormat(f"no process to read it in: {e.strerror}") from None
    try:
        question = pickle.dumps((feed.name, list(feed.series.values()), answer))
        async with asyncio.timeout(_PATIENCE_S):  # `wait_for` of Python 3.11 may lose the wish to end that comes with the answer
            reply, _ = await process.communicate(question)
    except TimeoutError:
        raise WrongFormat(f"it takes more than {_PATIENCE_S:g} s to read") from None
    finally:
        await end(process)
    if process.returncode:
        raise WrongFormat("damaged: its reader broke down")
    found: Observations | tuple[str, str] = pickle.loads(reply)  # from our own other half
    if isinstance(found, Observations):
        return found
    kind, words = found
    raise getattr(errors, kind)(words)


# ---------------------------------------------------------------------------------------------------------- in the child
def main() -> None:
    """Read one answer from standard input."""
    import resource

    with suppress(ValueError, OSError):  # not every system lets a process bound itself
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    name, series, answer = pickle.load(sys.stdin.buffer)  # from our own other half
    found: Observations | tuple[str, str]
    try:
        found = feed_class(name)(series).read(answer)
    except FeedError as error:
        found = type(error).__name__, str(error)
    pickle.dump(found, sys.stdout.buffer)


if __name__ == "__main__":
    main()
