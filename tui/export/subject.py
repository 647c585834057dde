"""What an export is of: the store, an instant, and the Boards up to it."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property

import msgspec

from ...cache.journal import Entry, Journal
from ...cache.spreads import store_spreads
from ...feeds.series import to_day
from ...signals.board import Board, Change
from ...signals.changes import board_with_changes, diff
from ...signals.history import History
from ...signals.markets import MARKETS
from ...signals.rule import regime_or_none
from ..desk import Desk
from ..sessions import end_of
from .charts import Line, Stretch

YEAR = timedelta(days=366)
WEEK = timedelta(days=7)


class Subject:
    """One export: as known at the end of the day `at`, or now; from `since` on.

    Everything is read as known at that instant, so that the same cache and the same day give the same bytes.
    """

    def __init__(self, desk: Desk, at: date | None, since: date | None) -> None:
        now = desk.clock.now()
        self.desk, self.since = desk, since
        self.is_replay = at is not None and end_of(at) < now
        self.as_of = end_of(at) if at is not None and self.is_replay else now

    @cached_property
    def board(self) -> Board:
        """The Board of that instant."""
        return board_with_changes(self.history, self.as_of)

    @cached_property
    def history(self) -> History:
        """The History as known at that instant."""
        if not self.is_replay:
            store_spreads(self.desk.store, self.desk.clock)
        return self.desk.history_until(self.as_of)

    def boards(self) -> Iterator[Board]:
        """The Board of every weekday from `since` on, or the one Board."""
        day = self.since or self.as_of.date()
        while day < self.as_of.date():
            if day.weekday() < 5:
                yield self.history.board(end_of(day))
            day += timedelta(days=1)
        yield self.board

    def journal(self) -> tuple[Entry, ...]:
        """What had been announced by then."""
        entries = Journal(self.desk.store.database).read(since=self.since)
        return tuple(entry for entry in entries if entry.seen <= self.as_of)


class Year(msgspec.Struct, frozen=True):
    """What the brief shows of the year up to a Board: yields by market, other lines by series, the index, and the regimes that held."""

    span: tuple[int, int]
    week: tuple[Change, ...]  # what changed in a week
    yields: dict[str, Line]
    others: dict[str, Line]
    dci: Line
    regimes: tuple[Stretch, ...]


def year_of(subject: Subject, others: tuple[str, ...] = ("move", "vix")) -> Year:
    """The year before a Board."""
    board, history = subject.board, subject.history
    last = to_day(board.as_of.date())
    span = (to_day(board.as_of.date() - YEAR), last)
    rows = history.aligned.whole.days.tolist()
    held = history.regime.whole.headline.labels.held.tolist()
    return Year(
        span=span,
        week=diff(history.board(board.as_of - WEEK), board),
        yields={name: _line(history, MARKETS[name].ten_year, span, one.name) for name, one in board.markets.items() if name in MARKETS},
        others={name: _line(history, name, span, name.upper()) for name in others},
        dci=Line("", rows, history.composite.whole.dci.tolist()),
        regimes=_stretches([(day, code) for day, code in zip(rows, held, strict=True) if span[0] <= day <= last]),
    )


def _line(history: History, series: str, span: tuple[int, int], name: str) -> Line:
    track = history.panel[series]
    kept = slice(int(track.days.searchsorted(span[0])), int(track.days.searchsorted(span[1], "right")))
    return Line(name, track.days[kept].tolist(), track.values[kept].tolist())


def _stretches(rows: list[tuple[int, int]]) -> tuple[Stretch, ...]:
    """Rows of the same regime in a row as one stretch."""
    out: list[Stretch] = []
    for day, code in rows:
        regime = regime_or_none(code)
        name = "" if regime is None else regime.word
        if out and out[-1].name == name:
            out[-1] = Stretch(out[-1].first, day, name, out[-1].class_)
        else:
            if out:
                out[-1] = Stretch(out[-1].first, day, out[-1].name, out[-1].class_)
            out.append(Stretch(day, day, name, name.lower() or "none"))
    return tuple(each for each in out if each.name)
