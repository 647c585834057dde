"""The state vector on the Board: what each number is made of, and what is said where there is none."""

from functools import cache

import numpy as np
import pytest
from bondtop.cache.freshness import Status
from bondtop.feeds.series import to_day
from bondtop.signals.history import History
from bondtop.signals.inputs import Inputs, moment_of
from bondtop.signals.labels import QUIET, SUPPLY
from bondtop.signals.markets import MARKETS, years_of
from bondtop.signals.moves import frequency
from bondtop.signals.parts.curves import CurvesPart
from bondtop.signals.parts.markets import conclusion
from bondtop.signals.parts.points import Rows, point_of
from bondtop.signals.parts.prints import PrintsPart
from bondtop.signals.settings import Settings
from synthetic import NOW, as_of_day, edited, synthetic_panel


@cache
def history():
    return History(synthetic_panel())


@cache
def markets(as_of=NOW):
    return history().board(as_of).markets


def known(series_id, as_of=NOW):
    return Inputs(synthetic_panel()).known(series_id, moment_of(as_of))


@pytest.mark.parametrize(("market", "tenor"), [("us", "10y"), ("jp", "40y"), ("uk", "30y"), ("fr", "2y"), ("ca", "30y")])
def test_changes_are_between_own_observations(market, tenor):
    point = markets()[market].tenors[tenor]
    days, y = known(MARKETS[market].tenors[tenor])
    assert point.level.value == y[-1]
    assert to_day(point.level.as_of) == days[-1]
    for change, steps in ((point.d1, 1), (point.w1, 5), (point.m1, 21), (point.m3, 63)):
        assert change.value == pytest.approx(100 * (y[-1] - y[-1 - steps]))
    last_year = np.flatnonzero(days < to_day(point.level.as_of.replace(month=1, day=1)))[-1]
    assert point.ytd.value == pytest.approx(100 * (y[-1] - y[last_year]))


def test_a_move_in_sigma_has_its_sigma_beside_it():
    for point in markets()["us"].tenors.values():
        assert point.z1.value == pytest.approx(point.d1.value / point.sigma.value)
        assert abs(point.z1.value) == pytest.approx(min(abs(point.z_fast), abs(point.z_slow)))
        assert point.vol_bp.unit == "bp/yr"


def test_percentiles_are_of_the_level_in_its_window():
    _, y = known("us.10y")
    window = y[-252:]
    expected = 100 * ((window < y[-1]).sum() + ((window == y[-1]).sum() + 1) / 2) / 252
    assert markets()["us"].tenors["10y"].pct1y.value == pytest.approx(expected)


def test_how_rare_a_move_is_goes_unsaid_for_ordinary_ones():
    points = [point for market in markets().values() for point in market.tenors.values()]
    assert all(point.one_in is None for point in points if abs(point.z1.value or 0) < 1)
    shocked = [history().board(as_of_day(f"2024-08-{d:02d}")).markets["us"].tenors["10y"] for d in range(6, 21)]
    *_, second, largest = sorted(shocked, key=lambda point: abs(point.z1.value))
    assert largest.z_word
    assert largest.z1.note == f"not seen before in {largest.sessions:,} sessions"
    assert second.z1.note == f"1 in {second.one_in:,} sessions"


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 1500, 1501])
def test_an_observation_says_the_same_in_any_run(n):
    """Wherever the runs begin, and whichever way one comes to it."""
    inputs = Inputs(synthetic_panel())
    point = point_of(PrintsPart(inputs)["us.10y"], inputs.settings)
    one, other = (Rows(point, 10.0, inputs.settings, phase) for phase in (0, 37))
    assert other[max(n - 1, 1)] == one[max(n - 1, 1)]
    assert other[n] == one[n]
    z = point.moves.z
    seen = frequency(z, n - 1, inputs.settings.moves)
    if seen is not None and abs(z[n - 1]) >= 1:
        assert (one[n].one_in, one[n].sessions) == (seen.one_in, seen.n)


def test_both_legs_of_a_slope_are_of_one_curve():
    uk = markets()["uk"]
    assert set(uk.curves) == {"5s10s", "10s20s"}
    assert uk.curves["5s10s"].slope.inputs == ("uk.5y", "uk.10y")
    assert markets()["fr"].curves["2s10s"].slope.inputs == ("fr.2y.tec", "fr.10y.tec")
    assert set(markets()["jp"].curves) == {"2s10s", "5s30s", "10s30s", "10s40s"}
    short, long = known("jp.2y")[1][-1], known("jp.10y")[1][-1]
    assert markets()["jp"].curves["2s10s"].slope.value == pytest.approx(100 * (long - short))


def test_a_slope_waits_for_its_later_leg():
    """Paris fixes on the day; of Tokyo's curve all is known together. A day on which only one leg is known has no slope yet."""
    inputs = Inputs(edited(synthetic_panel(), "us.2y", {"2026-03-20": None}))
    part = CurvesPart(inputs, PrintsPart(inputs))
    assert part.at("us", moment_of(NOW))["2s10s"].slope.as_of.isoformat() == "2026-03-19"


def test_spreads_are_of_the_newest_row_and_name_their_sources():
    rows = history().aligned.whole
    spread = markets()["fr"].vs_de
    assert spread.value == pytest.approx(100 * (rows.yield_of("fr")[-1] - rows.others["de"][-1]))
    assert spread.note == "fr.10y from riksbank, de.10y from bundesbank"
    assert markets()["us"].vs_us.value is None
    assert markets()["jp"].vs_de.value is None


def test_a_market_outside_the_panel_is_measured_against_all_of_it():
    rows, e = history().aligned.whole, history()._standing.whole["de"].alone.e
    moved = 100 * np.diff(rows.yields, axis=0, prepend=np.nan).mean(axis=1)
    own = 100 * np.diff(rows.others["de"], prepend=np.nan)
    row = len(rows.days) - 1
    x = np.column_stack([np.ones(250), moved[row - 250 : row], moved[row - 251 : row - 1]])
    beta = np.linalg.lstsq(x, own[row - 250 : row], rcond=None)[0]
    assert e[row] == pytest.approx(own[row] - beta @ [1, moved[row], moved[row - 1]])
    assert markets()["de"].s1m.value is not None


def test_the_residual_of_the_day_needs_an_own_print():
    board = history().board(as_of_day("2025-11-28"))  # the row of Thanksgiving: New York did not print
    assert board.regime.held.as_of.isoformat() == "2025-11-27"
    assert board.markets["us"].z_e.value is None
    assert board.markets["us"].z_e.note == "no own print on the newest row"
    assert board.markets["us"].idio.value is not None


def test_hedged_yields():
    us, jp, de, ca = (markets()[name] for name in ("us", "jp", "de", "ca"))
    cost = known("us.3m")[1][-1] - known("jp.call")[1][-1] + 0.15
    assert us.hedged_jpy.value == pytest.approx(us.tenors["10y"].level.value - cost)
    assert us.hedged_jpy.status is Status.PROXY
    assert jp.hedged_jpy.value == jp.tenors["10y"].level.value
    assert de.hedged_eur.note == "home market, not hedged"
    assert ca.hedged_jpy.note == "no short rate of this market is loaded"


def test_volatility_of_the_year_compares_with_the_us():
    year = markets()["jp"].volatility
    assert set(year) == {"10y", "30y"}
    us = markets()["us"].volatility["30y"].bp_yr.value
    assert year["30y"].ratio_us.value == pytest.approx(year["30y"].bp_yr.value / us)
    january = history().board(as_of_day("2026-01-20")).markets["jp"].volatility["10y"]
    assert january.bp_yr.value is None
    assert january.bp_yr.note == "fewer than 40 changes this year"


def test_only_the_us_has_auctions_real_yields_and_a_term_premium_here():
    assert markets()["us"].demand_z.value is not None
    assert markets()["us"].real10.value is not None
    assert markets()["us"].term_premium.source == "nyfed"
    assert markets()["jp"].demand_z.note == "auction results of Japan's Ministry of Finance are not among the sources"
    assert markets()["jp"].real10.note == "no series of this market"


def test_a_label_carries_its_evidence_and_its_start():
    label = markets()["us"].label
    assert label.word.rstrip("?")
    assert label.evidence
    assert label.since is None or label.since <= label.as_of
    assert 0 < label.confidence <= 1


def test_the_arrow_follows_the_week():
    for name, market in markets().items():
        week = market.tenors["10y"].w1.value
        assert market.arrow == "▪" or (market.arrow == "▲") == (week > 0), name


def test_conclusions_are_made_of_states():
    us = markets()["us"]
    assert conclusion("US", SUPPLY, {}, {}, -0.7) == "US sells off on supply, the long end first; buyers weak."
    assert conclusion("Japan", f"{QUIET}?", {}, {}, None) == "Japan is quiet."
    assert conclusion("UK", "", {}, {}, None) == "UK cannot be read yet."
    assert not any(character.isdigit() for character in us.conclusion.replace("2s10s", "").replace("30Y", "").replace("10Y", ""))


def test_settings_choose_the_markets():
    settings = Settings(panel=("us", "de", "jp"), shown=("us",))
    board = History(synthetic_panel(), settings).board(NOW)
    assert tuple(board.markets) == ("us", "de", "jp")
    assert board.regime.markets == ("us", "de", "jp")
    assert board.markets["de"].vs_de.value is None


def test_years_of_a_tenor():
    assert [years_of(tenor) for tenor in ("3m", "2y", "40y")] == [0.25, 2.0, 40.0]
