"""Clearing, allocation, positioning, inflection and auctions on the Board: what each number is made of, and what is unknown and why."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from bondtop.cache.freshness import Status
from bondtop.cache.panel import Panel
from bondtop.feeds.series import from_day, to_day
from bondtop.signals import board
from bondtop.signals.auctions import letter_grade
from bondtop.signals.inputs import Inputs, moment_of
from bondtop.signals.markets import MARKETS
from bondtop.signals.operators import widening
from bondtop.signals.parts.allocation import AllocationPart
from bondtop.signals.parts.auctions import AuctionsPart
from bondtop.signals.parts.clearing import ClearingPart
from bondtop.signals.parts.inflection import InflectionPart
from bondtop.signals.parts.positioning import PositioningPart
from bondtop.signals.parts.supply import SupplyPart
from bondtop.signals.parts.tips import TipsPart
from bondtop.signals.positioning import CONTRACT_WEIGHTS
from msgspec.structs import replace
from synthetic import NOW, as_of_day, edited, only, synthetic_panel, without

REGIME = SimpleNamespace(m=board.Reading(1.0), rho_pct=board.Reading(0.8), H=board.Reading(0.5))
S = {"us": 1.2, "uk": 0.6, "fr": 0.1, "jp": None}


class Parts:
    """The parts under test over one panel."""

    def __init__(self, panel):
        self.inputs = Inputs(panel)
        self.auctions, self.supply, self.tips = AuctionsPart(self.inputs), SupplyPart(self.inputs), TipsPart(self.inputs)
        self.clearing = ClearingPart(self.inputs, self.supply, self.auctions, self.tips)
        self.positioning = PositioningPart(self.inputs, self.supply, self.auctions)
        self.inflection = InflectionPart(self.inputs, self.supply)
        self.allocation = AllocationPart(self.inputs, self.auctions)


@cache
def parts():
    return Parts(synthetic_panel())


def at(day):
    return moment_of(as_of_day(day))


def last_value(name, day="2026-03-20"):
    return parts().inputs.known(name, at(day))[1][-1]


def empty():
    return Parts(Panel(NOW, {}))


def test_identities_add_up_on_one_date():
    found = parts().clearing.at(at("2026-03-18"))
    for market in ("us", "fr", "jp", "de", "ca"):
        for window, steps in (("1w", 5), ("1m", 21)):
            path, term = (found[market].decomposition[window][name] for name in ("path", "term"))
            ten, two = (f"fr.{tenor}.tec" if market == "fr" else f"{market}.{tenor}" for tenor in ("10y", "2y"))
            (days, y10), (two_days, y2) = (parts().inputs.known(name, at("2026-03-18")) for name in (ten, two))
            assert days.tolist() == two_days.tolist() and path.as_of == from_day(int(days[-1]))
            assert path.value == pytest.approx(100 * (y2[-1] - y2[-1 - steps]))
            assert path.value + term.value == pytest.approx(100 * (y10[-1] - y10[-1 - steps]))
            assert path.inputs == (ten, two)


def test_three_published_legs_leave_what_rounding_leaves():
    us = parts().clearing.at(at("2026-03-18"))["us"].decomposition["1m"]
    legs = [parts().inputs.known(name, at("2026-03-18")) for name in ("us.10y", "us.10y.real", "us.10y.breakeven")]
    shared = sorted(set.intersection(*(set(days.tolist()) for days, _ in legs)))
    moved = [100 * (values[days == shared[-1]][0] - values[days == shared[-22]][0]) for days, values in legs]
    assert (us["real"].value, us["breakeven"].value) == pytest.approx((moved[1], moved[2]))
    assert us["real"].note.startswith(f"of {moved[0]:+.1f} bp")


def test_a_market_without_a_leg_says_so():
    uk = parts().clearing.at(at("2026-03-18"))["uk"]
    assert {reading.value for part in uk.decomposition.values() for reading in part.values()} == {None}
    assert all(reading.note for part in uk.decomposition.values() for reading in part.values())
    assert uk.pressure.value is None and uk.pressure.note == "0/3, two are needed"
    assert uk.words == {"demand": "unread"} and uk.arrows == {}


def test_legs_of_two_sources_make_no_identity():
    panel = synthetic_panel()
    mixed = Panel(NOW, {**panel.tracks, "us.2y": replace(panel["us.2y"], source="fred")})
    found = Parts(mixed).clearing.at(at("2026-03-18"))["us"].decomposition["1m"]
    assert found["path"].value is None and "different sources" in found["path"].note
    assert found["real"].value is not None


def test_pressure_is_the_mean_of_what_is_known():
    us = parts().clearing.at(at("2026-03-18"))["us"]
    z = (us.z_inflation.value, us.z_supply.value, us.z_demand.value)
    assert us.pressure.value == pytest.approx((z[0] + z[1] - z[2]) / 3) and us.pressure.note == "3/3"
    assert us.pressure.inputs == tuple(f"clearing.us.z_{name}" for name in ("inflation", "supply", "demand"))
    fewer = Parts(without(synthetic_panel(), "us.mspd.notes")).clearing.at(at("2026-03-18"))["us"]
    assert fewer.z_supply.value is None and fewer.pressure.value == pytest.approx((z[0] - z[2]) / 2)
    assert fewer.pressure.note == "2/3" and fewer.betas == {} and fewer.r2.value is None


def test_the_other_breakeven_stands_in():
    found = Parts(without(synthetic_panel(), "us.5y5y.breakeven")).clearing.at(at("2026-03-18"))["us"].z_inflation
    assert found.inputs == ("us.10y.breakeven",) and found.value is not None


def test_the_regression_is_that_of_the_last_month_known():
    before, after = (parts().clearing.at(at(day))["us"] for day in ("2026-03-04", "2026-03-18"))
    assert before.r2.as_of.isoformat() == "2026-01-31" and after.r2.as_of.isoformat() == "2026-02-28"
    assert set(after.betas) == {"breakeven", "y2", "supply", "demand"} and 0 <= after.r2.value <= 1
    signs = {"breakeven": 1, "y2": 1, "supply": 1, "demand": -1}
    for name, beta in after.betas.items():
        assert ("wrong sign" in beta.note) == (beta.value * signs[name] < 0)


def test_shares_of_inflation_linked_demand_need_eight_auctions():
    assert parts().clearing.at(at("2020-06-30"))["us"].tips.word == ""
    assert parts().clearing.at(at("2026-03-18"))["us"].tips.word in ("surging", "steady", "fading")


def test_inflation_linked_auctions_that_do_not_say_what_was_sold_are_compared_with_none():
    kinds = [f"us.auction.tips.{term}.reopening" for term in ("5y", "10y", "30y")]
    word = Parts(without(synthetic_panel(), *kinds)).clearing.at(at("2026-03-18"))["us"].tips
    assert (word.word, word.note) == ("", "no auction results that say what was sold")
    told = parts().clearing.at(at("2026-03-18"))["us"].tips
    assert "reopening" in told.evidence[0] or "new issue" in told.evidence[0]
    assert set(kinds) <= set(told.inputs)


def test_the_last_auction_of_each_term():
    found = parts().auctions.at(at("2026-03-18"))
    days, cover = parts().inputs.known("us.auction.10y.bid_to_cover", at("2026-03-18"))
    ten = found["10y"]
    assert ten.held == from_day(int(days[-1])) and ten.bid_to_cover.value == cover[-1]
    assert ten.against_six["bid_to_cover"] == pytest.approx(cover[-1] - cover[-7:-1].mean(), abs=1e-6)
    assert ten.tail.status is Status.PROXY and "only its z" in ten.tail.note
    assert ten.score.note == f"4 parts against 12 auctions; grade {letter_grade(ten.score.value)}"


def test_the_trend_of_the_tails_is_that_of_the_last_eight_of_the_term():
    found = parts().auctions.at(at("2026-03-18"))["10y"].tail_trend
    known = parts().auctions.known <= at("2026-03-18").at
    own = [row for row, auction in enumerate(parts().auctions.scores.auctions) if auction.term == "10y" and known[row]]
    z = parts().auctions.scores.tail_z[own]
    trial = widening(z[~np.isnan(z)], 8)
    assert found.value == trial.numbers["sen"][-1] and found.as_of == from_day(parts().auctions.scores.auctions[own[-1]].day)
    assert f"p {trial.numbers['p'][-1]:.2f}" in found.note and found.status is Status.PROXY
    few = parts().auctions.at(at("2020-12-31"))["10y"].tail_trend
    assert few.value is None and few.note == "fewer than 8 tails of this term have a z"


def test_an_auction_counts_when_its_results_are_out():
    days, _ = parts().inputs.native("us.auction.10y.bid_to_cover")
    held = from_day(int(days[-3]))
    assert parts().auctions.at(at(held.isoformat()))["10y"].held < held  # published the day after
    following = from_day(int(days[-3]) + 4).isoformat()
    assert parts().auctions.at(at(following))["10y"].held == held


def test_a_result_that_is_missing_is_not_taken_from_the_auction_before():
    days, _ = parts().inputs.native("us.auction.10y.dealer_share")
    panel = edited(synthetic_panel(), "us.auction.10y.dealer_share", {from_day(int(days[-1])).isoformat(): None})
    ten = Parts(panel).auctions.at(at("2026-03-18"))["10y"]
    assert ten.dealer.value is None and ten.bid_to_cover.value is not None and ten.score.note.startswith("3 parts")


def test_demand_without_auctions_for_long_is_stale():
    panel = synthetic_panel()
    stop = to_day(as_of_day("2026-01-20").date())
    old = Parts(
        Panel(NOW, {name: _until(track, stop) if name.startswith("us.auction") else track for name, track in panel.tracks.items()})
    )
    assert old.auctions.demand_z(at("2026-02-20")).status is not Status.STALE
    assert old.auctions.demand_z(at("2026-03-20")).status is Status.STALE


def _until(track, day):
    n = int(np.searchsorted(track.days, day))
    columns = ("days", "values", "known_at", "fetched_at", "first_known_at")
    return replace(track, **{name: getattr(track, name)[:n] for name in columns})


def test_positions_are_weighted_by_contract():
    found = parts().positioning.at(at("2026-03-18"), S)
    total = sum(weight * last_value(f"cftc.lev.net.{name}", "2026-03-18") for name, weight in CONTRACT_WEIGHTS.items())
    assert found.lev_net.value == pytest.approx(total) and found.lev_net.note == ""
    assert 0 <= found.lev_pct.value <= 100 and found.report.isoformat() == "2026-03-10"
    fewer = Parts(without(synthetic_panel(), "cftc.lev.net.u10")).positioning.at(at("2026-03-18"), S)
    assert fewer.lev_net.note == "without u10" and "cftc.lev.net.u10" not in fewer.lev_net.inputs
    assert fewer.by_contract["u10"].value is None


def test_breadth_counts_the_markets_that_are_known():
    found = parts().positioning.at(at("2026-03-18"), S)
    assert found.breadth.value == pytest.approx(2 / 3) and found.breadth_word == "localised"
    assert parts().positioning.at(at("2026-03-18"), dict.fromkeys(S)).breadth.value is None


def test_pressure_of_positioning_needs_two_of_three():
    found = parts().positioning.at(at("2026-03-18"), S)
    supply, demand = parts().supply.supply_z(at("2026-03-18")).value, parts().auctions.demand_z(at("2026-03-18")).value
    assert found.pressure["us"].value == pytest.approx((supply - demand) / 2) and found.pressure["us"].note == "2/3"
    assert found.pressure["jp"].value is None and found.pressure["jp"].note and found.fragmentation_z.value is None


@pytest.mark.parametrize("market", ["uk", "fr", "jp", "de", "it", "ca"])
def test_what_nobody_publishes_for_us_is_unknown_and_says_whose_word_is_missing(market):
    moment, whose = at("2026-03-18"), MARKETS[market].debt_office
    clearing, pressure = parts().clearing.at(moment)[market], parts().positioning.at(moment, S).pressure[market]
    assert whose and MARKETS[market].central_bank
    for reading, what in ((clearing.z_supply, "issues"), (clearing.z_demand, "auction results"), (pressure, "issues")):
        assert reading.value is None and reading.note.startswith(f"{what}") and f"of {whose} are not among the sources" in reading.note


def test_inflection_is_of_the_last_month_known_and_names_who_is_missing():
    found = parts().inflection.at(at("2026-03-18"), REGIME)
    assert found.state.note == "of all debt offices only the US Treasury's issues and auction results are among the sources"
    assert found.b.as_of.isoformat() == "2026-02-28" and found.state.word
    assert found.markets == ("us",) and found.missing == ("uk", "fr", "jp", "de", "it", "ca")
    if found.lo.value is not None and found.hi.value is not None:
        assert found.lo.value <= found.b.value <= found.hi.value


def test_allocation_ranks_the_markets():
    found = parts().allocation.at(at("2026-03-18"))
    scored = {market: each for market, each in found.items() if each.score.value is not None}
    assert len(scored) >= 4
    by_rank = sorted(scored.values(), key=lambda each: each.rank)
    assert [each.score.value for each in by_rank] == sorted((each.score.value for each in by_rank), reverse=True)
    for each in scored.values():
        bars = [bar.value for bar in (each.liquidity, each.policy, each.value) if bar.value is not None]
        assert each.score.value == pytest.approx(np.mean(bars)) and all(0 <= bar <= 1 for bar in bars)
        assert each.driver in ("liquidity", "policy", "value")


@pytest.mark.parametrize(("market", "point"), [("jp", "jp.9y"), ("fr", "fr.7y.tec")])
def test_the_roll_is_from_the_nearest_point_of_the_own_curve(market, point):
    days, _ = parts().inputs.known(point, at("2026-03-18"))
    newest = from_day(int(days[-1])).isoformat()
    steep, flat = (
        Parts(edited(synthetic_panel(), point, {newest: level})).allocation.at(at("2026-03-18"))[market].value.value for level in (0.0, 9.0)
    )
    assert steep > flat


def test_nothing_is_known_of_nothing():
    nothing = empty()
    moment = at("2026-03-18")
    for part in (nothing.clearing.at(moment), nothing.allocation.at(moment), nothing.positioning.at(moment, dict.fromkeys(S))):
        for path, each in board.readings(part):
            assert not isinstance(each, board.Reading) or (each.value is None and each.note), path
    assert nothing.auctions.at(moment) == {}
    inflection = nothing.inflection.at(moment, REGIME)
    assert inflection.b.value is None and inflection.state.word == "" and inflection.markets == ()


@pytest.mark.parametrize("keep", ["us.10y", "us.auction", "us.mspd", "cftc", "us.soma"])
def test_one_kind_of_series_alone_never_raises(keep):
    alone, moment = Parts(only(synthetic_panel(), lambda name: name.startswith(keep))), at("2026-03-18")
    assert set(alone.clearing.at(moment)) == set(alone.inputs.settings.markets)
    alone.allocation.at(moment), alone.positioning.at(moment, S), alone.inflection.at(moment, REGIME), alone.auctions.at(moment)
