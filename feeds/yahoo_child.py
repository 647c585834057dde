"""A process of its own for yfinance, as long as one round of questions: it needs a hundred megabytes and gives none of them back.

Lines of JSON travel both ways: first the settings, then question and answer in turn. The process ends with its standard input.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import MappingProxyType, TracebackType
from typing import IO, Any, Protocol, Self

from .apart import end, start
from .clock import Clock
from .errors import FeedError, RateLimited, Refused, TooLarge, Unreachable, WrongFormat
from .yahoo_library import Library

_KINDS: Mapping[str, type[FeedError]] = MappingProxyType(
    {kind.__name__: kind for kind in (Refused, RateLimited, TooLarge, Unreachable, WrongFormat)}
)
_LONGEST_LINE = 16_000_000  # bytes
_PATIENCE_S = 240.0  # a symbol takes several requests, each of which may take a minute


class Bars(Protocol):
    """Whoever gives daily bars of a symbol, for the length of a block."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    async def bars(self, symbol: str, since: date, until: date) -> bytes:
        """As `Library.bars`."""
        ...


class Child:
    """The other process; started with the first question, ended with the block. Arguments as Library's."""

    def __init__(
        self, hosts: Sequence[str], cache_dir: Path | None, mirror: str | None, clock: Clock, *, read_s: float, answer_s: float
    ) -> None:
        self._clock = clock
        self._settings = {
            "hosts": list(hosts),
            "cache_dir": None if cache_dir is None else str(cache_dir),
            "mirror": mirror,
            "read_s": read_s,
            "answer_s": answer_s,
        }
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        process, self._process = self._process, None
        if process is not None:
            await end(process)  # nothing of it is worth waiting for: its caches are written with each answer

    async def bars(self, symbol: str, since: date, until: date) -> bytes:
        """As `Library.bars`.

        Raises:
            FeedError: what the library said, or that its process is gone.
        """
        if self._process is None:
            self._process = await start(__name__, longest_line=_LONGEST_LINE)
            self._write(self._process, self._settings)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                reply = await self._turn(self._process, [symbol, str(since), str(until)])
        except (TimeoutError, OSError, ValueError) as error:
            raise Unreachable(f"nothing came from Yahoo's library ({type(error).__name__})") from None
        self._clock.follow(reply["date"])
        if "error" in reply:
            raise _error(reply)
        body: str = reply["csv"]
        return body.encode()

    async def _turn(self, process: asyncio.subprocess.Process, question: Sequence[str]) -> dict[str, Any]:
        self._write(process, question)
        assert process.stdout is not None
        found: dict[str, Any] = json.loads(await process.stdout.readline())
        return found

    def _write(self, process: asyncio.subprocess.Process, what: object) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(what).encode() + b"\n")


def _error(reply: Mapping[str, Any]) -> FeedError:
    kind, words = _KINDS.get(reply["error"], WrongFormat), str(reply["words"])
    return kind(words, reply["status"], reply["retry_after_s"]) if issubclass(kind, Refused) else kind(words)


# ---------------------------------------------------------------------------------------------------------- in the child
class _Heard(Clock):
    """Hears what time a mirror says it is: our parent wants to know."""

    date: str | None = None

    def follow(self, date_header: str | None) -> None:
        """Remember it."""
        self.date = date_header


def main() -> None:
    """Answer questions until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_read, args=(sys.stdin, lines), daemon=True).start()
    settings, clock = json.loads(lines.get()), _Heard()
    library = Library(
        settings["hosts"],
        settings["cache_dir"] and Path(settings["cache_dir"]),
        settings["mirror"],
        clock,
        read_s=settings["read_s"],
        answer_s=settings["answer_s"],
    )
    while True:
        symbol, since, until = json.loads(lines.get())
        reply = _reply(library, symbol, date.fromisoformat(since), date.fromisoformat(until))
        print(json.dumps({"date": clock.date, **reply}), file=answers, flush=True)


def _read(questions: IO[str], lines: "SimpleQueue[str]") -> None:
    """Hand on every line; without a parent the process ends at once, whatever it is waiting for."""
    for line in questions:
        lines.put(line)
    os._exit(0)


def _reply(library: Library, symbol: str, since: date, until: date) -> dict[str, Any]:
    try:
        return {"csv": library.bars(symbol, since, until).decode()}
    except FeedError as error:
        more = {"status": getattr(error, "status", 0), "retry_after_s": getattr(error, "retry_after_s", None)}
        return {"error": type(error).__name__, "words": str(error), **more}


if __name__ == "__main__":
    main()
