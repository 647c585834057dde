"""The stress gate."""

import numpy as np
import pytest
from bondtop.signals.gate import GateParams, gate_history, mahalanobis, mahalanobis_at, realised_volatility, stress_history, turbulence
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays


def floats(values):
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def walk(seed=1, rows=900, markets=4):
    rng = np.random.default_rng(seed)
    return 3 + np.cumsum(rng.normal(0, 4, (rows, 1)) + rng.normal(0, 3, (rows, markets)), axis=0) / 100


def indices(seed=1, rows=900):
    rng = np.random.default_rng(seed + 100)
    return 20 + rng.normal(size=rows), 90 + rng.normal(size=rows), rng.normal(size=rows)


def test_agrees_with_reference_sequences(golden):
    for case in golden["gate"]["cases"]:
        assert gate_history(floats(case["H"])).on.tolist() == case["on"]


def test_counts_the_days_below():
    assert gate_history(floats([0.95, 0.6, 0.6, None, 0.7, 0.6])).off_count.tolist() == [0, 1, 2, 2, 0, 1]


@given(arrays(np.float64, 40, elements=st.one_of(st.floats(0, 1), st.just(np.nan))), st.integers(1, 39))
@settings(max_examples=40)
def test_the_gate_is_causal_and_only_opens_on_a_known_high(H, cut):
    on = gate_history(H).on
    opened = np.flatnonzero(on & ~np.r_[False, on[:-1]])
    assert (H[opened] >= 0.90).all()
    np.testing.assert_array_equal(gate_history(H[:cut]).on, on[:cut])


def test_turbulence_is_the_recursion_of_the_definition():
    yields, params = walk(rows=300), GateParams()
    x = 100 * (yields[2:] - yields[:-2])
    S = np.cov(x[:250].T)
    distance = []
    for t, row in enumerate(x):
        if t >= 250:
            distance.append(row @ np.linalg.inv(S) @ row / 4)
        S = params.lam_turb * S + (1 - params.lam_turb) * np.outer(row, row)
    weights = (2 / 3) ** np.arange(len(distance))[::-1]
    got = turbulence(yields)
    assert np.isnan(got[:252]).all()
    assert got[252] == pytest.approx(distance[0], rel=1e-9)
    assert got[-1] == pytest.approx(weights @ distance / weights.sum(), rel=1e-9)


def test_turbulence_ignores_the_unit_and_is_unknown_when_a_market_stands_still():
    yields = walk(rows=400)
    np.testing.assert_allclose(turbulence(yields * 7)[252:], turbulence(yields)[252:], rtol=1e-8)
    still = yields.copy()
    still[:, 2] = 1.0
    assert np.isnan(turbulence(still)).all()
    doubled = np.column_stack([yields, yields[:, 0]])
    assert np.isnan(turbulence(doubled)).all()
    assert np.isnan(turbulence(yields[:200])).all()


def test_realised_volatility_includes_its_own_row():
    yields = np.tile(np.linspace(1, 3, 60)[:, None], 3)
    jumped = yields.copy()
    jumped[-1] += 1
    assert realised_volatility(jumped)[-1] > 2 * realised_volatility(yields)[-1]


def test_a_missing_component_is_left_out_and_three_levels_are_needed():
    yields, (vix, move, fsi) = walk(), indices()
    none = np.full(len(vix), np.nan)
    everything, without = stress_history(yields, vix, move, fsi), stress_history(yields, vix, move, none)
    levels = [without.level[name][-1] for name in ("vix", "move", "rv", "turb")]
    assert without.G[-1] == pytest.approx(np.mean(levels))
    assert without.H[-1] != everything.H[-1]
    assert not np.isnan(stress_history(yields, vix, none, none).H[-1])
    assert np.isnan(stress_history(yields, none, none, none).H).all()
    assert np.isnan(stress_history(yields[:700], vix[:700], none[:700], none[:700]).H).all()  # turbulence has too few values yet


def test_acute_compares_with_the_last_quarter():
    yields, (vix, move, fsi) = walk(), indices()
    vix[-1] = 60
    fsi[-1] = -60
    stress = stress_history(yields, vix, move, fsi)
    assert stress.acute["vix"][-1] == stress.level["vix"][-1] == 1.0
    assert stress.acute["fsi"][-1] == pytest.approx(1 / np.sum(~np.isnan(fsi[39:])))
    assert stress.acute["turb"] is stress.level["turb"]


@given(st.integers(0, 20), st.integers(850, 899))
@settings(max_examples=6, deadline=None)
def test_the_future_changes_no_earlier_h(seed, cut):
    yields, (vix, move, fsi) = walk(seed), indices(seed)
    whole = stress_history(yields, vix, move, fsi).H
    np.testing.assert_allclose(stress_history(yields[:cut], vix[:cut], move[:cut], fsi[:cut]).H, whole[:cut], rtol=1e-12)
    order = np.random.default_rng(seed).permutation(4)
    np.testing.assert_allclose(stress_history(yields[:, order] * 1.7 + 2, vix, move, fsi).H, whole, atol=2e-3)


@given(arrays(np.float64, (6, 4), elements=st.integers(-3, 3)), arrays(np.float64, 4, elements=st.floats(-5, 5)))
def test_the_distance_of_one_row_is_that_of_all(rows, x):
    covariance = rows.T @ rows / len(rows)
    expected = mahalanobis(x[None], covariance[None])[0]
    np.testing.assert_allclose(mahalanobis_at(x.tolist(), covariance.tolist()), expected, rtol=1e-7, atol=1e-12)
