"""A part of a Board that is kept must be made anew exactly when there is something new."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from boards import differences
from bondtop.cache.panel import Panel, make_track
from bondtop.cache.status import Status
from bondtop.signals.history import History
from bondtop.signals.inputs import Inputs, moment_of
from bondtop.signals.parts.kept import Kept
from synthetic import as_of_day, synthetic_panel

FRIDAY = datetime(2026, 1, 2, 22, tzinfo=UTC)


@pytest.fixture
def inputs() -> Inputs:
    """Two prints of one series, on a Friday and on the Monday after, each known at the end of its day."""
    days = np.array([20455, 20458], np.int32)
    known = (days.astype(np.int64) + 1) * 86_400 - 7_200
    return Inputs(Panel(FRIDAY + timedelta(days=60), {"us.10y": make_track("us.10y", "treasury", days, [4.1, 4.2], known, known)}))


def test_is_the_same_object_until_something_new_is_known(inputs: Inputs) -> None:
    kept: Kept[object] = Kept(inputs)
    at = [moment_of(FRIDAY + timedelta(hours=hours)) for hours in (0, 12, 72)]
    friday, saturday, monday = (kept("a", ("us.10y",), each, object) for each in at)
    assert friday is saturday is not monday
    assert kept("a", ("us.10y",), at[0], object) is not friday  # one value a name: memory has a bound


def test_is_another_object_when_a_status_changes(inputs: Inputs) -> None:
    kept: Kept[object] = Kept(inputs)
    monday, spring = (moment_of(FRIDAY + timedelta(days=days)) for days in (3, 60))
    assert (inputs.upto("us.10y", monday), inputs.upto("us.10y", spring)) == (2, 2)
    assert inputs.status("us.10y", monday) is Status.FRESH
    assert kept("a", ("us.10y",), monday, object) is not kept("a", ("us.10y",), spring, object)


def test_is_another_object_when_anything_beside_differs(inputs: Inputs) -> None:
    kept: Kept[object] = Kept(inputs)
    at = moment_of(FRIDAY)
    one = kept("a", (), at, object, 1)
    assert kept("b", (), at, object, 2) is not one
    assert kept("a", (), at, object, 1) is one
    assert kept("a", (), at, object, 2) is not one


def test_nothing_kept_is_another_than_what_would_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six-hour steps through nine days of prints, reports and ageing series, back and forth; then days months apart."""
    keeping = History(synthetic_panel())
    steps = [as_of_day("2025-11-28") + timedelta(hours=6 * k) for k in (*range(36), *range(34, 6, -5))]
    apart = [as_of_day("2024-01-31") + timedelta(days=37 * k) for k in range(14)]
    kept = [keeping.board(at) for at in (*steps, *apart)]
    monkeypatch.setattr(Kept, "__call__", lambda self, name, series, moment, make, *beside: make())
    making = History(synthetic_panel())
    for at, board in zip((*steps, *apart), kept, strict=True):
        assert differences(board, making.board(at)) == [], at
