"""Histories as known at an instant, and differences of them."""

from datetime import timedelta

from bondtop.cache.demo import demo_store
from bondtop.feeds import demo
from bondtop.feeds.series import to_day
from bondtop.tui.histories import History, difference_bp, read_histories


def test_a_difference_is_of_days_on_which_both_printed():
    found = difference_bp(History([1, 2, 4, 5], [4.0, 4.1, 4.2, 4.3]), History([2, 3, 5], [4.0, 4.0, 4.35]))
    assert list(found.days) == [2, 5] and [round(v, 9) for v in found.values] == [10.0, -5.0]
    assert list(difference_bp(History(), History([1], [1.0])).days) == []


async def test_only_what_was_known_is_read(tmp_path):
    with demo_store(tmp_path) as store:
        now = await read_histories(store, ["us.10y", "jp.10y"], demo.NOW)
        then = await read_histories(store, ["us.10y", "jp.10y"], demo.NOW - timedelta(days=40))
    assert set(now) == {"us.10y", "jp.10y"} and len(now["us.10y"].days) == len(now["us.10y"].values) > 2000
    limit = to_day((demo.NOW - timedelta(days=40)).date())
    assert then["us.10y"].days[-1] <= limit < now["us.10y"].days[-1]
    assert list(then["us.10y"].values) == list(now["us.10y"].values[: len(then["us.10y"].values)])
