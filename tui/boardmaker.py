"""Has Boards made by processes of their own (`evaluation` is what runs in them), one way for all: the app, the demo, a service, a command.

A Board of now comes from a new process, which then ends and takes a hundred megabytes along. While somebody travels through time one is
kept for that: it makes the next day while the app still draws this one. Whatever becomes of us, they end.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import msgspec

from ..feeds import apart
from ..feeds.errors import BondtopError
from ..signals.board import Board, decode
from . import evaluation
from .config import Config

REST_S = 60.0  # whoever has not stepped for so long is reading
_LARGEST_BYTES = 1 << 24  # of an answer


class NoBoard(BondtopError):
    """It could not be made; the message says why."""


class _Gone(NoBoard):
    """The process ended instead of answering."""


class BoardMaker:
    """Boards of one market.

    Args:
        cache: its folder; of the simulated market the one it is in.
    """

    def __init__(self, config: Config, cache: Path, *, demo: bool = False, seconds: Callable[[], float] = time.monotonic) -> None:
        self._config, self._cache, self._demo, self._seconds = config, cache, demo, seconds
        self._traveller: _Process | None = None
        self._travelled_at = -evaluation.IDLE_S
        self._turn = asyncio.Lock()  # one question at a time

    async def now(self) -> Board:
        """The Board of this instant, also stored for the next start. Who travels through time goes on with what is known now.

        Raises:
            NoBoard: it could not be made.
        """
        process = await self._start()
        done: _Process | None = process
        try:
            board = await process.ask(evaluation.NOW)
            if self._seconds() - self._travelled_at < evaluation.IDLE_S:
                async with self._turn:
                    done, self._traveller = self._traveller, process
            return board
        finally:
            if done is not None:
                await done.end()

    async def at(self, day: date) -> Board:
        """The Board as known at the end of a day.

        Raises:
            NoBoard: it could not be made.
        """
        question = day.isoformat().encode()
        async with self._turn:
            self._travelled_at = self._seconds()
            if self._traveller is not None:
                with suppress(_Gone):  # asked for nothing for so long that it ended
                    return await self._traveller.ask(question)
            self._traveller = await self._start()
            return await self._traveller.ask(question)

    def use(self, config: Config) -> None:
        """Make Boards under other settings from now on."""
        self._config = config
        self._let_go()

    def rest(self) -> None:
        """What is known has changed by other hands: who travels later, not just now, does so with what is known then."""
        if self._seconds() - self._travelled_at > REST_S:
            self._let_go()

    async def close(self) -> None:
        """End what still runs."""
        if self._traveller is not None:
            await self._traveller.end()

    def _let_go(self) -> None:
        if self._traveller is not None:
            self._traveller.dismiss()
            self._traveller = None

    async def _start(self) -> "_Process":
        task = evaluation.Task(str(self._cache), self._config, self._demo)
        try:
            process = _Process(await apart.start(evaluation.__name__, longest_line=_LARGEST_BYTES))
        except OSError as e:
            raise NoBoard(f"no process can be started: {e.strerror}") from None
        process.tell(msgspec.json.encode(task))
        return process


async def make_board(config: Config, cache: Path) -> str:
    """Have the Board of now made and stored; why that failed, "" when it did not."""
    try:
        await BoardMaker(config, cache).now()
    except BondtopError as e:
        return str(e)
    return ""


class _Process:
    """One of them; it is asked one question at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout

    def tell(self, line: bytes) -> None:
        """Send a line."""
        self._stdin.write(line + b"\n")

    async def ask(self, question: bytes) -> Board:
        """The Board that is asked for.

        Raises:
            NoBoard: it says that there is none; it has ended.
        """
        try:
            self.tell(question)
            answer = await self._stdout.readline()
        except BaseException:  # nobody may take this answer for that to the next question
            await self.end()
            raise
        if not answer.endswith(b"\n"):
            raise _Gone(f"its process ended with code {await self._process.wait()}")
        if answer.startswith(b'"'):
            raise NoBoard(msgspec.json.decode(answer, type=str))
        return decode(answer)

    def dismiss(self) -> None:
        """Let it answer what it has been asked, and then end by itself."""
        self._stdin.close()

    async def end(self) -> None:
        """End it now."""
        await apart.end(self._process)
