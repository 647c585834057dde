"""Spillover, carry, structure and scenarios on the Board, against their own arithmetic."""

from datetime import date
from functools import cache

import numpy as np
import pytest
from bondtop.cache.freshness import Status
from bondtop.cache.panel import Panel
from bondtop.feeds.series import from_day
from bondtop.signals import board
from bondtop.signals.connectedness import connectedness
from bondtop.signals.coordinates import changes_bp
from bondtop.signals.history import History
from bondtop.signals.inputs import Inputs, moment_of
from bondtop.signals.parts.carry import CarryPart
from bondtop.signals.parts.scenarios import ScenariosPart
from bondtop.signals.parts.structure import StructurePart
from bondtop.signals.passthrough import pass_through, pass_through_at
from bondtop.signals.rows import build_rows
from bondtop.signals.settings import Settings
from msgspec.structs import replace
from synthetic import NOW, as_of_day, edited, synthetic_panel, without

DAY = "2026-03-18"
MARKETS = {"us": "us.10y", "uk": "uk.10y", "fr": "fr.10y", "jp": "jp.10y"}


@cache
def history():
    return History(synthetic_panel())


@cache
def shown(day=DAY):
    return history().board(as_of_day(day))


def at(day=DAY):
    return moment_of(as_of_day(day))


def known(name, day=DAY):
    return Inputs(synthetic_panel()).known(name, at(day))


def test_the_table_is_that_of_the_newest_rows():
    found = shown().spillover
    rows = build_rows({market: known(name) for market, name in MARKETS.items()})
    own = connectedness(changes_bp(rows.yields[-201:])[1:].T, rows.markets)
    assert np.array(found.table) == pytest.approx(np.array(own.table))
    assert found.total.value == pytest.approx(own.tci) and found.total.as_of == from_day(int(rows.days[-1]))
    for i, market in enumerate(found.markets):
        assert found.net[market].value == pytest.approx(own.to[i] - own.from_[i])
    assert sum(each.value for each in found.net.values()) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("tenor", ["10y", "30y"])
def test_pass_through_is_that_of_the_newest_jgb_print(tenor):
    found = shown().spillover.beta[tenor]
    (jgb_days, jgb), (ust_days, ust) = known(f"jp.{tenor}"), known(f"us.{tenor}")
    reading = pass_through_at(pass_through(jgb_days, jgb, ust_days, ust), -1)
    assert found.beta.as_of == from_day(int(jgb_days[-1]))
    assert (found.beta.value, found.t.value) == pytest.approx((reading.beta.beta, reading.beta.t))
    assert found.se.value == pytest.approx(reading.beta.se / 10)
    assert found.text.startswith(f"10 bp JGB ⇒ {reading.beta.x_bp_per_10bp:+.1f} bp UST".replace("-", "−"))
    assert found.flag.word in ("on", "off") and "JGB" in found.flag.evidence[0]


def test_a_large_jgb_move_that_the_treasury_follows_raises_the_flag():
    jumps = {}
    for name, size in (("jp.10y", 0.4), ("us.10y", 0.3)):
        days, values = known(name)
        place = int(np.flatnonzero(days == int(known("jp.10y")[0][-1]))[0])
        jumps[name] = {from_day(int(days[place])).isoformat(): float(values[place] + size)}
    panel = synthetic_panel()
    for name, values in jumps.items():
        panel = edited(panel, name, values)
    flag = History(panel).board(as_of_day(DAY)).spillover.beta["10y"].flag
    assert flag.word == "on" and flag.evidence[-1] == "coincident; direction of causality not identified"


def test_without_japan_the_pass_through_is_unknown_with_the_reason():
    found = History(without(synthetic_panel(), "jp.10y")).board(as_of_day(DAY)).spillover
    assert found.beta["10y"].beta.value is None and "jp.10y" in found.beta["10y"].beta.note and found.beta["10y"].flag.word == ""
    assert found.beta["30y"].beta.value is not None
    assert found.total.value is None and found.total.note and found.table == ()


def test_contagion_adjusts_only_for_a_rise_of_the_sources_variance():
    found = shown().spillover
    if "+" in found.rho_adjusted.note:
        assert abs(found.rho_adjusted.value) < abs(found.rho_raw.value)
    else:
        assert found.rho_adjusted.value == found.rho_raw.value


def test_carry_is_the_newest_rate_difference_over_the_volatility():
    found = shown().carry
    spread = known("us.3m")[1][-1] - known("jp.call")[1][-1]
    assert found.carry.value == pytest.approx(spread)
    assert found.carry_to_vol.value == pytest.approx(spread / found.sigma_fx.value)
    spot = known("usdjpy")[1]
    assert found.r5.value == pytest.approx(100 * np.log(spot[-1] / spot[-6]))
    assert found.unwind.word == ("unwind" if found.r5.value <= found.threshold.value and found.d5_vix.value >= 5 else "off")


def test_an_unwind_raises_its_flag():
    panel = synthetic_panel()
    days, spot = known("usdjpy")
    vix_days, vix = known("vix")
    same = int(np.searchsorted(vix_days, days[-1]))
    panel = edited(panel, "usdjpy", {from_day(int(days[-1])).isoformat(): float(spot[-1] * 0.85)})
    panel = edited(panel, "vix", {from_day(int(vix_days[same])).isoformat(): float(vix[same] + 30)})
    assert CarryPart(Inputs(panel)).at(at()).unwind.word not in ("", "off")


@pytest.mark.parametrize(("investor", "home", "rate"), [("jpy", "jp.10y", "jp.call"), ("eur", "de.10y", "ea.aaa.3m")])
def test_a_hedged_yield_pays_the_rate_difference_and_the_basis(investor, home, rate):
    found = shown().carry.hedged[investor]
    cost = known("us.3m")[1][-1] - known(rate)[1][-1] + 0.15
    assert found["cost"].value == pytest.approx(cost) and found["hedged"].value == pytest.approx(known("us.10y")[1][-1] - cost)
    assert found["pickup"].value == pytest.approx(100 * (found["hedged"].value - known(home)[1][-1]))
    before = shown("2026-02-17").carry.hedged[investor]["pickup"].value  # twenty-one weekdays earlier
    assert found["d21"].value == pytest.approx(found["pickup"].value - before)
    assert found["pickup"].status is Status.PROXY


def test_old_rates_make_the_cost_unknown():
    track = synthetic_panel()["us.3m"]
    columns = ("days", "values", "known_at", "fetched_at", "first_known_at")
    short = replace(track, **{name: getattr(track, name)[:-30] for name in columns})
    found = CarryPart(Inputs(Panel(NOW, {**synthetic_panel().tracks, "us.3m": short}))).at(at())
    assert found.hedged["jpy"]["cost"].value is None and "us.3m" in found.hedged["jpy"]["cost"].note
    assert found.carry.value is None and found.carry_to_vol.value is None


def test_japans_flows_are_summed_over_four_weeks():
    found = shown().carry
    total = known("jp.flows.foreign_bonds.net")[1][-4:].sum() / 1e4
    assert found.flows["net_4w"].value == pytest.approx(total)
    assert found.flows_word.word == ("buying" if total > 0 else "repatriation" if total < -3.5 else "mixed")


def test_slow_facts_are_computed_from_their_series():
    us, jp = shown().structure["us"], shown().structure["jp"]
    debt_days, debt = known("us.mspd.marketable")
    fed_days, fed = known("us.fed.treasuries")
    assert us.cb_share.value == pytest.approx(100 * fed[fed_days <= debt_days[-1]][-1] / debt[-1])
    assert us.cb_share.as_of == from_day(int(debt_days[-1]))
    assert us.bill_share.value == pytest.approx(100 * known("us.mspd.bills")[1][-1] / debt[-1])
    assert jp.real_policy.value == pytest.approx(known("jp.policy")[1][-1] - known("jp.cpi.core.yoy")[1][-1])
    assert jp.path12m.value == pytest.approx(100 * (known("jp.2y")[1][-1] - known("jp.policy")[1][-1]))
    assert jp.path12m.status is Status.PROXY
    premium = known("us.term_premium.acm")[1]
    assert us.term_premium_changes["1m"].value == pytest.approx(100 * (premium[-1] - premium[-22]))
    assert jp.cb_share.value is None and jp.cb_share.note == "holdings of the Bank of Japan are not among the sources"
    assert shown().structure["uk"].term_premium_changes == {}


def test_policy_and_inflation_that_part_from_the_us_are_out_of_step():
    panel = synthetic_panel()
    last = from_day(int(known("jp.policy")[0][-1])).isoformat()
    panel = edited(panel, "jp.policy", {last: 5.0})
    panel = edited(panel, "us.policy", {from_day(int(known("us.policy")[0][-1])).isoformat(): 1.0})
    cpi = known("jp.cpi.core.yoy")
    panel = edited(panel, "jp.cpi.core.yoy", {from_day(int(cpi[0][-1])).isoformat(): float(cpi[1][-1] - 3)})
    found = StructurePart(Inputs(panel)).at(at())["jp"].out_of_step
    assert found.word == "out of step" and "policy +430 bp, US −270 bp" in found.evidence[0]


def test_the_deleveraging_scenario_lists_its_assumptions():
    found = shown().scenarios["deleveraging"]
    weights = [reading.value for name, reading in found.values.items() if name.startswith("weight_")]
    assert len(weights) == 4 and sum(weights) == pytest.approx(1)
    assert found.values["sale"].value >= 0 and any("press reports" in text for text in found.assumptions)
    inputs = Inputs(synthetic_panel(), Settings(deleveraging_aum_usd_bn=3900.0))
    larger = ScenariosPart(inputs, StructurePart(inputs)).at(at("2024-08-12"))
    usual = shown("2024-08-12").scenarios["deleveraging"]
    assert usual.values["sale"].value > 0
    assert larger["deleveraging"].values["sale"].value == pytest.approx(10 * usual.values["sale"].value)


def test_the_shift_of_the_term_premium_is_counted_from_a_date():
    days, premium = known("us.term_premium.acm")
    found = shown().scenarios["term_premium"].values
    assert found["since"].value == pytest.approx(100 * (premium[-1] - premium[days <= (date(2025, 12, 31) - date(1970, 1, 1)).days][-1]))
    inputs = Inputs(synthetic_panel(), Settings(term_premium_since=date(2015, 1, 1)))
    assert ScenariosPart(inputs, StructurePart(inputs)).at(at())["term_premium"].values["since"].value is None


def test_nothing_is_known_of_nothing():
    inputs = Inputs(Panel(NOW, {}))
    structure = StructurePart(inputs)
    for part in (CarryPart(inputs).at(at()), structure.at(at()), ScenariosPart(inputs, structure).at(at())):
        for path, each in board.readings(part):
            assert not isinstance(each, board.Reading) or (each.value is None and each.note), path
            assert not isinstance(each, board.Word) or (each.word == "" and each.note), path
