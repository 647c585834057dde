"""The Duration Conditions Index."""

import numpy as np
import pytest
from bondtop.signals.composite import (
    PILLARS,
    Band,
    CompositeParams,
    aggregate,
    band_history,
    cmax,
    composite_history,
    core_indicators,
    systemic_history,
)
from bondtop.signals.composite_reading import bias_of, composite_at, composite_text
from bondtop.signals.parts.composite import band_since
from bondtop.signals.regime import regime_history
from bondtop.signals.rule import UNKNOWN, Regime
from bondtop.signals.subtype import Spread, StressKind, Subtype
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from panels import day, recorded_rows


def one_row(pillars):
    return {name: {"only": np.array([np.nan if p is None else p], dtype=np.float64)} for name, p in pillars.items()}


def test_agrees_with_reference_cases(golden):
    for case in golden["dci"]["cases"]:
        history = composite_history(one_row(case["pillars"]))
        assert history.n[0] == case["n"]
        reading = composite_at(history, 0, 0, Regime.STABLE, (), None, CompositeParams())
        assert reading.dci is None if case["dci"] is None else reading.dci == pytest.approx(case["dci"])
        if "contribution" in case:
            got = {name: pillar.contribution for name, pillar in reading.pillars.items()}
            assert {name: got[name] is None for name in got} == {name: x is None for name, x in case["contribution"].items()}
            assert [x for x in got.values() if x is not None] == pytest.approx([x for x in case["contribution"].values() if x is not None])


def test_bands_agree_with_reference_sequences(golden):
    for case in golden["dci"]["bands"]:
        assert [Band(code).word for code in band_history(np.array(case["dci"], dtype=np.float64).tolist())] == case["band"]


def test_an_unknown_index_has_no_band_and_forgets_none():
    assert band_history([52.0, np.nan, 48.6]).tolist() == [Band.NEUTRAL, -1, Band.NEUTRAL]


def test_systemic_toy_case(golden):
    toy = golden["dci"]["systemic_toy"]
    for rho, total, share in zip((1, 0.5, 0), ("S_all_rho_1", "S_all_rho_0.5", "S_all_rho_0"), toy["amplification"], strict=True):
        matrix = np.full((1, 5, 5), float(rho))
        matrix[0, range(5), range(5)] = 1
        S, amplification = aggregate(np.array([toy["s"]]), np.array(toy["w"]), matrix)
        assert (S[0], amplification[0]) == (pytest.approx(toy[total], abs=1e-6), pytest.approx(share, abs=1e-6))


def test_systemic_starts_from_the_average_of_250_complete_rows():
    rng = np.random.default_rng(2)
    pillars = rng.uniform(size=(300, 5))
    pillars[7, 2] = np.nan
    S, amplification = systemic_history(pillars)
    assert np.isnan(S[:250]).all()
    assert np.isnan(S[7])
    assert not np.isnan(S[250:]).any()
    complete = np.delete(pillars, 7, axis=0)
    C = sum(np.outer(row, row) for row in complete[:250] - 0.5) / 250
    for row in complete[250:] - 0.5:
        C = 0.985 * C + 0.015 * np.outer(row, row)
    rho = C / np.sqrt(np.outer(np.diag(C), np.diag(C)))
    w = complete[-1] / 5
    assert S[-1] == pytest.approx(w @ rho @ w)
    assert amplification[-1] == pytest.approx(w @ rho @ w / w.sum() ** 2)


@given(arrays(np.float64, (30, 5), elements=st.one_of(st.floats(0, 1), st.just(np.nan))))
def test_contributions_sum_to_the_distance_from_50(pillars):
    history = composite_history({name: {"only": pillars[:, k]} for k, name in enumerate(PILLARS)})
    known = ~np.isnan(history.dci)
    assert (known == (history.n >= 3)).all()
    np.testing.assert_allclose(np.nansum(history.contributions, axis=1)[known], history.dci[known] - 50, atol=1e-9)
    assert ((history.dci[known] >= -1e-9) & (history.dci[known] <= 100 + 1e-9)).all()


def test_extended_indicators_stand_in_only_where_the_core_is_missing():
    core = one_row(dict.fromkeys(PILLARS, 0.5)) | {"funding": {"fsi": np.array([np.nan])}}
    extended = {"funding": {"sofr": np.array([0.9])}, "rates": {"other": np.array([1.0])}}
    reading = composite_at(composite_history(core, extended), 0, 0, None, (), None, CompositeParams())
    assert reading.pillars["funding"].p == 0.9
    assert reading.pillars["funding"].inputs == {"fsi": None, "sofr": 0.9}
    assert reading.pillars["rates"].p == 0.5
    assert reading.pillars["rates"].inputs == {"only": 0.5}
    always = CompositeParams(always_extended=True)
    assert composite_at(composite_history(core, extended, always), 0, 0, None, (), None, always).pillars["rates"].p == 0.75


def test_cmax_is_the_fall_from_the_high_of_two_years():
    price = np.r_[np.full(300, 80.0), 100.0, np.full(503, 75.0), 75.0]
    fall = cmax(price)
    assert np.isnan(fall[:249]).all()
    assert fall[[249, 300, 803, 804]].tolist() == pytest.approx([0, 0, 0.25, 0])
    with_gap = price.copy()
    with_gap[400] = np.nan
    assert np.isnan(cmax(with_gap)[400])
    assert cmax(with_gap)[401] == pytest.approx(0.25)


def test_text_says_band_and_bias():
    votes = ((Regime.STABLE, 0.5), (Regime.FRAGMENTATION, 0.3), (Regime.STRESS, 0.2))
    bias = bias_of(votes, 0.25)
    assert composite_text(48.9, 5, Band.DEFENSIVE, Regime.STABLE, bias, None) == "DCI 48.9 → Defensive with Fragmentation bias"
    assert composite_text(61.0, 5, Band.NEUTRAL, Regime.STABLE, bias_of(votes, 0.31), None) == "DCI 61.0 → Neutral, no bias"
    words = Subtype(StressKind.LIQUIDATION, Spread.CONVERGENT)
    assert composite_text(8.1, 5, Band.SYSTEMIC, Regime.STRESS, bias, words) == "DCI 8.1 → Systemic · Stress (liquidation, convergent)"
    assert composite_text(None, 2, None, Regime.STABLE, bias, None) == "DCI unknown (2/5 pillars)"


@pytest.mark.recorded
def test_recorded_days(golden_panel, recorded):
    rows = recorded_rows(recorded)
    regime = regime_history(rows.yields, *(rows.others[name] for name in ("vix", "move", "fsi")))
    history = composite_history(core_indicators(regime, *(rows.others[name] for name in ("spx", "funding", "credit"))))
    for case in golden_panel["panel_days"]["days"]:
        row = int(np.searchsorted(rows.days, day(case["date"])))
        assert history.dci[row] == pytest.approx(case["dci"], abs=1e-4)
        assert dict(zip(PILLARS, history.pillars[row], strict=True)) == pytest.approx(case["pillars"], abs=1e-5)
    amplification = history.amplification[~np.isnan(history.amplification)]
    assert ((amplification >= 0) & (amplification <= 1)).all()


@given(st.lists(st.sampled_from([Band.NEUTRAL, Band.DEFENSIVE, UNKNOWN]), max_size=60), st.integers(0, 600))
def test_a_band_is_held_since_another_was(codes, longer):
    codes = np.array([*codes, *[Band.STRESSED] * longer, Band.STRESSED], np.int8)
    row, known = len(codes) - 1, np.flatnonzero(codes != UNKNOWN)
    others = np.flatnonzero((codes != Band.STRESSED) & (codes != UNKNOWN))
    assert band_since(codes, row, Band.STRESSED) == (others[-1] + 1 if len(others) else known[0])
