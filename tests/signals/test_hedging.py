import numpy as np
import pytest
from bondtop.signals import hedging as h
from hypothesis import given
from hypothesis import strategies as st

RATE = st.floats(-2, 15)


def one(x):
    return np.array([x], dtype=np.float64)


def test_cost_from_a_forward_is_exact(golden):
    case = golden["hedged_yield"]["cost_exact"]
    assert h.forward_cost_pct(one(case["S"]), one(case["F3m"]), case["days"])[0] == pytest.approx(case["cost_pct"], abs=1e-6)


def test_a_published_forward_discount(golden):
    case = golden["hedged_yield"]["forward_discount"]
    cost = h.forward_cost_pct(one(case["spot"]), one(case["forward_1y"]), 360)[0]
    assert cost == pytest.approx(case["one_minus_F_over_S_pct"], abs=5e-5)
    assert -cost == pytest.approx(case["published_pct"], abs=0.01)  # the publisher rounds


def test_cost_from_rates_is_exact(golden):
    case = golden["hedged_yield"]["proxy_exact"]
    assert h.rate_cost_pct(one(case["us3m"]), one(case["jp3m"]), h.HedgingParams(basis_pct=case["basis"]))[0] == pytest.approx(case["cost"])


def test_default_basis_is_the_size_of_the_published_error(golden):
    """Without a basis the proxy was this far below two published costs; the default adds 15 bp."""
    assert -100 * h.HedgingParams().basis_pct == pytest.approx(np.mean(golden["hedged_yield"]["proxy_without_basis_error_bp"]))


def test_published_hedged_yields(golden):
    for case in golden["hedged_yield"]["cases"]:
        got = h.hedged_pickup(one(case["us10y"]), one(1.0), one(np.nan), one(np.nan), one(case["cost"]))
        assert got.hedged[0] == pytest.approx(case["hedged"], abs=0.005)
        assert got.pickup[0] == pytest.approx(100 * (case["hedged"] - 1.0), abs=0.5)
        assert not got.approx[0]


@given(RATE, RATE, RATE, RATE)
def test_the_two_legs_of_the_pickup(foreign, home, foreign_3m, home_3m):
    reading = h.hedged_at(h.hedged_pickup(one(foreign), one(home), one(foreign_3m), one(home_3m)), 0)
    carry = (foreign - foreign_3m) - (home - home_3m)
    assert reading.pickup == pytest.approx(100 * carry - 15, abs=1e-6) and reading.approx


def test_rows_without_a_forward_fall_back_and_say_so():
    cost = np.array([4.8, np.nan])
    got = h.hedged_pickup(np.full(2, 4.5), np.full(2, 1.0), np.full(2, 4.5), np.full(2, 0.4), cost)
    assert got.cost.tolist() == pytest.approx([4.8, 4.25]) and got.approx.tolist() == [False, True]


def test_change_over_21_rows_is_in_basis_points_and_on_one_basis():
    foreign = 4 + np.arange(30) / 100
    got = h.hedged_pickup(foreign, np.full(30, 1.0), np.full(30, 4.0), np.full(30, 0.5))
    assert np.isnan(got.d21[:21]).all() and got.d21[21:] == pytest.approx(np.full(9, 21.0))
    cost = np.where(np.arange(30) < 25, np.nan, 3.9)
    mixed = h.hedged_pickup(foreign, np.full(30, 1.0), np.full(30, 4.0), np.full(30, 0.5), cost)
    assert mixed.d21[21:25] == pytest.approx(np.full(4, 21.0)) and np.isnan(mixed.d21[25:]).all()


@pytest.mark.parametrize("missing", range(4))
def test_a_missing_leg_is_unknown(missing):
    legs = [one(4.5), one(1.5), one(4.3), one(0.5)]
    legs[missing] = one(np.nan)
    assert h.hedged_at(h.hedged_pickup(*legs), -1).pickup is None
