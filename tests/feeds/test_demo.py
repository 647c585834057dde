"""The simulated market: always the same, within every series' bounds, through the published figures."""

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from bondtop.cache.demo import demo_store
from bondtop.feeds import demo
from bondtop.feeds.calendars import known_at
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.check import observations as checked
from bondtop.feeds.series import Observations, to_day


@pytest.fixture(scope="module")
def simulated() -> Observations:
    return demo.demo_observations()


def value(simulated: Observations, series: str, on: date) -> float:
    column = simulated.columns[series]
    return column.values[column.days.index(to_day(on))]


def test_it_passes_every_check_of_an_answer(simulated):
    rows = {name: zip(column.days, column.values, strict=True) for name, column in simulated}
    again = checked(demo.demo_answer(), rows, {s.id: s for s in demo.demo_catalogue()})
    assert again.columns.keys() == simulated.columns.keys()
    assert all(list(column.days) == sorted(set(column.days)) for _, column in simulated)


def test_it_is_always_the_same(simulated):
    def fingerprint(answer: Observations) -> str:
        return sha256(repr([(name, column.days, column.values) for name, column in answer]).encode()).hexdigest()

    assert fingerprint(simulated) == fingerprint(demo.demo_observations())


def test_the_catalogue_has_every_series_and_says_simulated():
    catalogue = demo.demo_catalogue()
    assert [s.id for s in catalogue] == [s.id for s in default_catalogue()]
    assert all(s.title.startswith("simulated: ") and [x.feed for x in s.sources] == ["demo"] for s in catalogue)


def test_ten_years_end_with_what_was_out_on_the_last_friday_of_may(simulated):
    days = simulated.columns["us.10y"].days
    assert (days[0], days[-1]) == (to_day(date(2016, 5, 30)), to_day(date(2026, 5, 29)))
    assert simulated.columns["jp.10y"].days[-1] == to_day(date(2026, 5, 28)), "Tokyo publishes the next morning"
    now = int(demo.NOW.timestamp())
    assert all(known_at(demo.demo_catalogue()[name], column.days[-1]) <= now for name, column in simulated)


@pytest.mark.parametrize(
    ("series", "until", "since", "bp"),
    [
        ("jp.30y", date(2026, 1, 20), date(2026, 1, 19), 20.3),
        ("jp.40y", date(2026, 1, 20), date(2026, 1, 19), 22.3),
        ("us.10y", date(2026, 4, 1), date(2026, 3, 3), 27),
        ("uk.10y", date(2026, 4, 1), date(2026, 3, 3), 48),
        ("fr.10y", date(2026, 4, 1), date(2026, 3, 3), 35),
    ],
)
def test_it_passes_through_the_published_moves(simulated, series, until, since, bp):
    assert 100 * (value(simulated, series, until) - value(simulated, series, since)) == pytest.approx(bp, abs=0.11)


@pytest.mark.parametrize(
    ("series", "on", "level"),
    [
        ("us.30y", date(2026, 1, 20), 4.92),
        ("vix", date(2026, 4, 1), 28.1),
        ("move", date(2026, 4, 1), 115.4),
        ("usdjpy", date(2026, 4, 1), 158.0),
    ],
)
def test_it_passes_through_the_published_levels(simulated, series, on, level):
    assert value(simulated, series, on) == pytest.approx(level, abs=0.011)


def test_stablecoins_are_above_230_bn_in_the_spring(simulated):
    assert min(simulated.columns["stablecoin.cap"].values[-150:]) > 230


def test_identities_of_the_providers_hold(simulated):
    columns = simulated.columns
    ten, real, breakeven = (columns[f"us.10y{part}"].values for part in ("", ".real", ".breakeven"))
    assert all(abs(y - r - b) < 1e-9 for y, r, b in zip(ten, real, breakeven, strict=False)), "the breakeven comes a day later"


def test_the_store_is_filled_once_and_knows_when_things_were_known(tmp_path, simulated):
    with demo_store(tmp_path) as store:
        panel = store.panel(demo.NOW, ["us.10y"])
        before = store.panel(datetime(2026, 1, 20, 12, tzinfo=UTC), ["us.10y"])
        assert panel["us.10y"].source == "demo"
        assert panel["us.10y"].values.tolist() == simulated.columns["us.10y"].values
        assert before["us.10y"].days[-1] == to_day(date(2026, 1, 19))
        assert [h.feed for h in store.health()] == ["demo"]
        state = store.changes()
    with demo_store(tmp_path) as again:
        assert len(again.panel(demo.NOW, ["us.10y"])["us.10y"]) == len(panel["us.10y"])
        assert again.changes() <= state
