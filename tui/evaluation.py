"""The process that makes Boards: thirty years of history, numpy and seconds of work, none of which the app itself ever holds.

It is told of what market, and then asked, a line each, for the Board of now, which it also stores, or for that of an earlier day. While
it is asked for nothing it makes the Boards that the next steps in the same direction will need, the more the longer somebody has gone that
way. It ends when it has been asked for nothing for some minutes, and when whoever asks is gone, however that ended.
"""

import gc
import os
import select
import sys
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from itertools import accumulate, islice, repeat, takewhile
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from ..cache.memory import give_back
from ..cache.store import Store
from ..feeds.check import clean
from ..feeds.clock import Clock
from ..feeds.errors import BondtopError
from ..signals.board import Board, encode
from ..signals.changes import Boards, board_with_changes
from .config import Config
from .desk import Desk
from .sessions import end_of, session_after, session_before
from .wiring import cache_clock

K = TypeVar("K")
V = TypeVar("V")
NOW = b"now"
IDLE_S = 120.0  # a History is a hundred megabytes: kept while somebody travels through time, and made anew in a second
BOARDS, ANSWERS = 8, 32  # remembered; a megabyte and a quarter of one each
AHEAD = 16  # sessions at most: half a second of a held key
COLLECT_AFTER = 700, 500, 1000  # a Board has some thousand containers and no circles: only what is new is looked through often
A_FEW_DAYS = 7  # a step, or a few while a key was held down
CALM_S, BREATH_S = 0.2, 0.1  # between two questions of somebody who reads; the time in which his screen is drawn


class Task(msgspec.Struct, frozen=True):
    """What is told first.

    Attributes:
        cache: its folder; of the simulated market the one it is in.
        config: the settings in force, whatever stands in their file by now.
    """

    cache: str
    config: Config
    demo: bool = False


class Latest(OrderedDict[K, V], Generic[K, V]):
    """Remembers what was kept last, so many of them."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def keep(self, key: K, value: V) -> V:
        """Remember this one too, or once more."""
        self[key] = value
        self.move_to_end(key)
        if len(self) > self._size:
            self.popitem(last=False)
        return value


class Travel:
    """Encoded Boards of earlier days, each with what changed since the session before.

    Args:
        until: the instant that no Board goes beyond.
    """

    def __init__(self, boards: Boards, until: datetime) -> None:
        self._boards, self._until = boards, until
        self._made: Latest[datetime, Board] = Latest(BOARDS)
        self._answers: Latest[date, bytes] = Latest(ANSWERS)
        self._day: date | None = None
        self._further = session_before
        self._window = 1  # how many sessions to look ahead
        self._ahead: deque[date] = deque()

    def board(self, as_of: datetime) -> Board:
        """The Board of an instant; made once while it is among those asked for last."""
        return self._made.keep(as_of, self._made.get(as_of) or self._boards.board(as_of))

    def at(self, day: date) -> bytes:
        """The Board as known at the end of a day."""
        last, self._day = self._day or day, day
        further = session_after if day > last else session_before
        goes_on = further is self._further and 0 < abs((day - last).days) <= A_FEW_DAYS
        self._further, self._window = further, min(2 * self._window, AHEAD) if goes_on else 1
        answer = self._answer(day)
        ahead = islice(accumulate(repeat(day), lambda reached, _: further(reached)), 1, self._window + 1)
        self._ahead = deque(takewhile(lambda reached: reached <= self._until.date(), ahead))
        return answer

    def look_ahead(self) -> bool:
        """Make a Board that the next steps in the same direction will ask for; False when there is no more to make."""
        while self._ahead:
            if (day := self._ahead.popleft()) not in self._answers:
                with suppress(BondtopError):
                    self._answer(day)
                return True
        return False

    def _answer(self, day: date) -> bytes:
        return self._answers.keep(day, self._answers.get(day) or encode(board_with_changes(self, min(end_of(day), self._until))))


class Questions:
    """Lines that come through a pipe.

    Attributes:
        are_calm: whether the last one came a while after the one before, as somebody steps who reads.
    """

    def __init__(self, fd: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._fd, self._rest, self._seconds = fd, b"", seconds
        self._last, self.are_calm = -IDLE_S, False

    def wait(self, within_s: float) -> bool:
        """Whether one has come within that time, or the end."""
        return b"\n" in self._rest or bool(select.select([self._fd], [], [], within_s)[0])

    def next(self) -> bytes | None:
        """The next one; None after the last."""
        while b"\n" not in self._rest:
            more = os.read(self._fd, 1 << 16)
            if not more:
                return None
            self._rest += more
        now = self._seconds()
        self._last, self.are_calm = now, now - self._last > CALM_S
        line, _, self._rest = self._rest.partition(b"\n")
        return line


def answers(desk: Desk, questions: Questions) -> Iterator[bytes]:
    """One to each question: a Board, or in quotes why there is none. The Board of now can be asked for once."""
    travel: Travel | None = None
    while True:
        if travel is not None and not questions.wait(BREATH_S if questions.are_calm else 0.0):  # a Board made now would delay a screen
            while not questions.wait(0.0) and travel.look_ahead():
                pass
        if not questions.wait(IDLE_S) or (question := questions.next()) is None:
            return
        try:
            if question == NOW:
                yield encode(desk.evaluate())
            else:
                travel = travel or _travel(desk)
                yield travel.at(date.fromisoformat(question.decode()))
        except BondtopError as e:
            yield msgspec.json.encode(str(e))
        except Exception as e:  # noqa: BLE001  (a bug of ours: whoever asks is told)
            yield msgspec.json.encode(clean(f"internal error, please report: {type(e).__name__}: {e}", 300))


def _travel(desk: Desk) -> Travel:
    travel = Travel(desk.history, desk.history.panel.as_of)
    give_back()
    gc.freeze()  # thirty years of arrays stay: a step need not wait while the collector looks through them
    gc.set_threshold(*COLLECT_AFTER)
    return travel


@contextmanager
def _market(task: Task) -> Iterator[Desk]:
    if task.demo:
        from ..cache.demo import demo_store
        from ..feeds import scenario

        with demo_store(Path(task.cache)) as store:
            yield Desk(store, task.config, Clock(scenario.NOW.timestamp), demo=True)
        return
    with Store.open(Path(task.cache), catalogue=task.config.catalogue) as store:
        yield Desk(store, task.config, cache_clock(store, task.config, Clock()))


def main() -> int:
    """Answer questions on standard input, after a Task, on standard output."""
    questions = Questions(sys.stdin.fileno())
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out, suppress(BrokenPipeError):
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what anybody prints is no answer
        task = msgspec.json.decode(questions.next() or b"", type=Task)
        try:
            with _market(task) as desk:
                for answer in answers(desk, questions):
                    out.write(answer + b"\n")
                    out.flush()
        except BondtopError as e:
            out.write(msgspec.json.encode(str(e)) + b"\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
