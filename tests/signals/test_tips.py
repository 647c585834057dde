import math

import numpy as np
import pytest
from bondtop.signals import tips as t
from bondtop.signals.stats import robust_z
from hypothesis import given
from hypothesis import strategies as st

COVERS = (2.4, 2.5, 2.45, 2.35, 2.55, 2.38, 2.52, 2.47)
INDIRECT = (70.0, 72.0, 68.0, 71.0, 69.0, 73.0, 67.0, 70.5)


def ordinary(term="10y", reopening=False, start=100):
    rows = zip(COVERS, INDIRECT, strict=True)
    return [t.TipsAuction(start + i, term, reopening, cover, indirect) for i, (cover, indirect) in enumerate(rows)]


def auction(cover=2.45, indirect=70.0, day=500, term="10y", reopening=False):
    return t.TipsAuction(day, term, reopening, cover, indirect)


def test_index_is_the_mean_of_both_parts():
    last = t.tips_demand([*ordinary(), auction(2.6, 72.0)])
    assert last.z == pytest.approx((robust_z(2.6, COVERS) + robust_z(72.0, INDIRECT)) / 2)
    assert last.day == 500


def test_two_in_a_row_surge_or_fade():
    assert t.tips_demand([*ordinary(), auction(2.9, 80.0), auction(2.9, 80.0)]).word == "surging"
    assert t.tips_demand([*ordinary(), auction(2.0, 55.0), auction(2.0, 55.0)]).word == "fading"
    assert t.tips_demand([*ordinary(), auction(2.0, 55.0), auction(2.9, 80.0)]).word == "steady"
    assert t.tips_demand([*ordinary(), auction(), auction(2.9, 80.0)]).word == "steady"


def test_one_scored_auction_has_a_z_but_no_word():
    once = t.tips_demand([*ordinary(), auction(2.9, 80.0)])
    assert once.z > 1 and once.word is None


def test_reopenings_and_other_terms_are_apart():
    others = ordinary(reopening=True, start=1) + ordinary(term="5y", start=50)
    assert t.tips_demand([*others, auction()]).z is None
    assert t.demand_index([*others, *ordinary(), auction(2.6, 72.0)])[-1] == t.demand_index([*ordinary(), auction(2.6, 72.0)])[-1]


def test_fewer_than_eight_auctions_are_unknown():
    assert t.tips_demand([*ordinary()[1:], auction()]).z is None
    assert t.tips_demand([]) == t.TipsDemand(None, None, None)


def test_one_part_alone_still_counts():
    assert t.tips_demand([*ordinary(), auction(indirect=None)]).z == pytest.approx(robust_z(2.45, COVERS))
    assert t.tips_demand([*ordinary(), auction(None, None)]).z is None


@pytest.mark.parametrize(
    ("dreal", "dbe", "word"),
    [(-5, 8, "inflation bid"), (5, 8, "supply or growth"), (5, -8, "real-rate shock"), (-5, -8, "disinflation")],
)
def test_split_words(dreal, dbe, word):
    assert t.split_word(dreal, dbe) == word


@pytest.mark.parametrize(("dreal", "dbe"), [(0, 8), (5, 0), (0, 0)])
def test_a_part_that_did_not_move_gets_no_word(dreal, dbe):
    assert t.split_word(dreal, dbe) is None


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_split_adds_up(real_change, be_change):
    real, breakeven = np.linspace(1.0, 1.0 + real_change, 22), np.linspace(2.0, 2.0 + be_change, 22)
    split = t.split_at(real + breakeven, real, breakeven, -1)
    assert split.dy == pytest.approx(split.dreal + split.dbe, abs=1e-9)
    assert split.dreal == pytest.approx(100 * real_change, abs=1e-9)


def test_a_missing_leg_is_unknown():
    x = np.arange(30.0)
    gone = x.copy()
    gone[-1] = math.nan
    assert t.split_at(x, gone, x, -1) == t.Split(pytest.approx(2100.0), None, pytest.approx(2100.0), None)
    assert t.split_at(x[:21], x[:21], x[:21], -1).dy is None
