"""Boards for tests of the journal and of alerts: one condition in a state of choice."""

from datetime import UTC, datetime, timedelta

from bondtop.cache.store import Store
from bondtop.feeds.clock import Clock
from bondtop.signals.board import Board, encode
from bondtop.tui.alertrules import AlertSettings
from bondtop.tui.alerts import Alerts
from signal_boards import AT, board, condition


class HandClock(Clock):
    """Time that a test moves."""

    def __init__(self, at: datetime = AT) -> None:
        super().__init__(lambda: self.at.timestamp())
        self.at = at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def watching(at: datetime, *, key: bool = True, **states: str) -> Board:
    """A Board on which these conditions are in these states."""
    return board(at, watch={name: condition(state, key=key) for name, state in states.items()})


def seen(store: Store, alerts: Alerts, made: Board):
    """What a holder does with a new Board: keep it, then write and queue."""
    store.put_board(encode(made), made.as_of)
    return alerts.take(made)


def alerts_of(store: Store, clock: Clock, *, holds=True, tell=None, environment=None, outward=True, sleep=None, **settings) -> Alerts:
    more = {} if sleep is None else {"sleep": sleep}
    given = AlertSettings(**settings)
    return Alerts(store, given, clock, environment=environment or {}, holds=lambda: holds, tell=tell, outward=outward, **more)


def noon(day: int = 1, month: int = 4) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)
