"""Ranks, bars, score and driver of the allocation table."""

import pytest
from bondtop.signals.allocation import (
    STANDING,
    AllocationInputs,
    AllocationParams,
    allocate,
    carry_roll_per_sigma,
    nine_year_yield,
    rank01,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields


def test_rank01():
    assert rank01([30.0, 10.0, 20.0]) == pytest.approx((5 / 6, 1 / 6, 3 / 6))
    assert rank01([1.0, 1.0, 5.0, None]) == (pytest.approx(1 / 3), pytest.approx(1 / 3), pytest.approx(5 / 6), None)
    assert rank01([1.0, 2.0, None, float("nan")]) == (None,) * 4


@given(st.lists(st.none() | st.integers(-5, 5).map(float), max_size=9))
def test_ranks_lie_inside_and_average_one_half(values):
    known = [rank for rank in rank01(values) if rank is not None]
    assert all(0 < rank < 1 for rank in known)
    if known:
        assert sum(known) / len(known) == pytest.approx(0.5)


def test_nine_year_yield():
    assert nine_year_yield(4.3, 4.0, 3.8, 4.25) == 4.25
    assert nine_year_yield(4.3, 4.0, 3.8) == pytest.approx(4.2)
    assert nine_year_yield(4.3, None, 3.8) == pytest.approx(4.2)
    assert nine_year_yield(4.3, None, None) is None
    assert nine_year_yield(None, 4.0, 3.8) is None


def test_carry_and_roll_per_sigma():
    # One year of carry 0.30 % and roll 0.10·7.5 = 0.75 % on price volatility 80·8/100 = 6.4 %.
    assert carry_roll_per_sigma(4.3, 4.0, 4.2, 7.5, 8.0, 80.0) == pytest.approx(1.05 / 6.4)
    assert carry_roll_per_sigma(4.3, None, 4.2, 7.5, 8.0, 80.0) is None
    assert carry_roll_per_sigma(4.3, 4.0, 4.2, 7.5, 8.0, 0.0) is None


MARKETS = {
    "us": AllocationInputs(0.2, -0.5, None, 4.0, 3.0, -1.0, 0.01, 4.3, 0.10),
    "uk": AllocationInputs(0.6, 0.8, None, 4.5, 3.5, -2.0, 0.03, 4.6, 0.12),
    "jp": AllocationInputs(0.9, 0.1, None, 0.5, 2.5, -3.0, 0.02, 2.3, 0.30),
}


def test_bars_by_hand():
    table = allocate(MARKETS)
    us, uk, jp = table["us"], table["uk"], table["jp"]
    assert us.liquidity == pytest.approx((0.8 + 5 / 6) / 2)  # calm .8, best tail
    assert uk.liquidity == pytest.approx((0.4 + 1 / 6) / 2)
    assert jp.liquidity == pytest.approx((0.1 + 3 / 6) / 2)
    # |4 − 3 − .5| = .5 and |4.5 − 3.5 − .5| = .5 tie, |.5 − 2.5 − .5| = 2.5 is largest; steps 1 < 2 < 3; sales .01 < .02 < .03.
    assert us.policy == pytest.approx(1 - (2 / 6 + 1 / 6 + 1 / 6) / 3)
    assert jp.policy == pytest.approx(1 - (5 / 6 + 5 / 6 + 3 / 6) / 3)
    assert us.value == pytest.approx((3 / 6 + 1 / 6) / 2) and jp.value == pytest.approx((1 / 6 + 5 / 6) / 2)
    assert us.score == pytest.approx((us.liquidity + us.policy + us.value) / 3)
    assert (us.rank, us.driver, us.n) == (1, "liquidity", 3)
    assert sorted(row.rank for row in table.values()) == [1, 2, 3]


def test_bars_without_enough_markets_are_unknown():
    table = allocate({"us": MARKETS["us"], "uk": MARKETS["uk"], "jp": AllocationInputs(sigma_fast_pct=0.9)})
    assert table["us"].policy is None and table["us"].value is None
    assert table["us"].liquidity == pytest.approx(0.8)  # its own history needs no other market
    assert (table["us"].score, table["us"].rank, table["us"].n, table["us"].driver) == (None, None, 1, "liquidity")


def test_value_needs_both_parts():
    rows = {name: AllocationInputs(hedged_yield=float(i)) for i, name in enumerate("abcd")}
    assert all(row.value is None for row in allocate(rows).values())


def test_no_markets():
    assert allocate({}) == {}


finite = st.none() | st.floats(-5, 5)
market = st.builds(AllocationInputs, st.none() | st.floats(0, 1), *[finite] * 8)


@settings(max_examples=60)
@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), market, max_size=6))
def test_scores_are_fractions_and_order_does_not_matter(markets):
    table = allocate(markets)
    assert table == allocate(dict(reversed(markets.items())))
    for row in table.values():
        assert row.n == sum(bar is not None for bar in (row.liquidity, row.policy, row.value))
        assert (row.score is None) == (row.n < 2) == (row.rank is None)
        assert row.score is None or 0 <= row.score <= 1


def test_every_parameter_has_a_standing():
    assert set(STANDING) == {field.name for field in fields(AllocationParams)}
