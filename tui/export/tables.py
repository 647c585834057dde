"""What is exported as tables: series, Boards and the journal, tidy and oldest first. A file form is chosen elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import Enum

import msgspec

from ...cache.freshness import status_of
from ...cache.journal import Entry
from ...cache.panel import Panel
from ...feeds.catalogue import Catalogue
from ...feeds.series import to_day
from ...signals.board import Board, Reading, readings


class Kind(Enum):
    """What a column holds. Unknown is None everywhere."""

    TEXT = "text"
    NUMBER = "number"
    COUNT = "count"
    FLAG = "flag"
    DAY = "day"  # days since 1970-01-01
    INSTANT = "instant"  # UTC seconds since 1970


Batch = Sequence[Sequence[object]]
"""Columns of one length."""


class Table(msgspec.Struct, frozen=True):
    """Rows in batches, made while they are written. They can be read once."""

    columns: Sequence[tuple[str, Kind]]
    batches: Iterable[Batch]


def series_table(panel: Panel) -> Table:
    """Every observation as known at the panel's instant, of the source in use: series by series, oldest first."""

    def batches() -> Iterator[Batch]:
        for name, track in panel.tracks.items():
            n = len(track)
            if n:
                columns = (track.values, track.known_at, track.fetched_at)
                values, known_at, fetched_at = (column.tolist() for column in columns)
                yield [name] * n, track.days.tolist(), values, known_at, [track.source] * n, fetched_at

    columns = ("series", Kind.TEXT), ("date", Kind.DAY), ("value", Kind.NUMBER), ("known_at", Kind.INSTANT), ("source", Kind.TEXT)
    return Table((*columns, ("fetched_at", Kind.INSTANT)), batches())


def catalogue_table(catalogue: Catalogue, panel: Panel) -> Table:
    """What each series is, and what is known of it."""
    now = int(panel.as_of.timestamp())
    rows = []
    for series in catalogue:
        track = panel[series.id]
        first, last = (int(track.days[0]), int(track.days[-1])) if len(track) else (None, None)
        status = str(status_of(series, last, now))
        known = track.source or None, first, last, len(track), status
        rows.append((series.id, series.title, series.unit, str(series.frequency), series.calendar, series.revised, *known))
    columns = (
        ("series", Kind.TEXT), ("title", Kind.TEXT), ("unit", Kind.TEXT), ("frequency", Kind.TEXT), ("calendar", Kind.TEXT),
        ("revised", Kind.FLAG), ("source", Kind.TEXT), ("first", Kind.DAY), ("last", Kind.DAY), ("observations", Kind.COUNT),
        ("status", Kind.TEXT),
    )  # fmt: skip
    return Table(columns, [_turned(rows, len(columns))])


def boards_table(boards: Iterable[Board]) -> Table:
    """Everything each Board says, a row a value: `value` holds numbers, `word` states, `path` names it (as for `bondtop explain`)."""
    columns = (
        ("date", Kind.DAY), ("path", Kind.TEXT), ("value", Kind.NUMBER), ("word", Kind.TEXT), ("unit", Kind.TEXT), ("as_of", Kind.DAY),
        ("status", Kind.TEXT), ("source", Kind.TEXT),
    )  # fmt: skip
    return Table(columns, (_turned(list(_board_rows(board)), len(columns)) for board in boards))


def journal_table(entries: Sequence[Entry]) -> Table:
    """What was announced, and when."""
    rows = [
        (int(e.seen.timestamp()), to_day(e.at), e.kind, e.subject, e.before, e.after, e.severity, e.evidence, e.provisional)
        for e in entries
    ]
    columns = (
        ("seen", Kind.INSTANT), ("session", Kind.DAY), ("kind", Kind.TEXT), ("subject", Kind.TEXT), ("before", Kind.TEXT),
        ("after", Kind.TEXT), ("severity", Kind.TEXT), ("evidence", Kind.TEXT), ("provisional", Kind.FLAG),
    )  # fmt: skip
    return Table(columns, [_turned(rows, len(columns))])


def _board_rows(board: Board) -> Iterator[tuple[object, ...]]:
    day = to_day(board.as_of.date())
    for path, part in readings(board):
        as_of = None if part.as_of is None else to_day(part.as_of)
        if isinstance(part, Reading):
            yield day, path, part.value, None, part.unit or None, as_of, str(part.status), part.source or None
        else:
            yield day, path, None, part.word or None, None, as_of, str(part.status), None
    for path, value, word, unit, since in _states(board):
        yield day, path, value, word or None, unit, None if since is None else to_day(since), None, None


def _states(board: Board) -> Iterator[tuple[str, float | None, str | None, str | None, date | None]]:
    """What a Board says beside its Readings and Words: path, value, word, unit, as of."""
    yield "line", None, board.line, None, None
    yield "regime.sessions", board.regime.sessions, None, "sessions", board.regime.held.as_of
    for name, share in board.regime.votes.items():
        yield f"regime.votes.{name}", share, None, "share", board.regime.held.as_of
    yield "confirmation.confirm_k", board.confirmation.confirm_k, None, f"of {board.confirmation.confirm_n}", None
    for name, condition in (*board.watch.items(), *board.levels.items()):
        place = "watch" if name in board.watch else "levels"
        yield f"{place}.{name}", condition.progress, condition.state, "share", condition.value.as_of
    for name, group in board.groups.items():
        yield f"groups.{name}", group.met, group.state, f"of {len(group.members)}", None
    for name, loop in board.sequence.loops.items():
        yield f"sequence.loops.{name}", None, loop.status, None, None
        for gate in loop.gates:
            yield f"sequence.loops.{name}.{gate.id}", gate.elapsed, gate.state, "sessions", gate.latched_on
    yield "sequence.starter", None, board.sequence.starter.state, None, None


def _turned(rows: Sequence[Sequence[object]], width: int) -> Batch:
    return list(zip(*rows, strict=True)) if rows else [()] * width
