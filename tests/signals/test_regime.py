"""The regime map: state machine, the chain from yields to labels, and one row as read from outside."""

from itertools import pairwise

import numpy as np
import pytest
from bondtop.signals.agreement import votes_history
from bondtop.signals.coordinates import coordinates
from bondtop.signals.gate import COMPONENTS, GateParams, gate_history, gate_step
from bondtop.signals.regime import RegimeParams, advance, label_history, raw_labels, regime_history
from bondtop.signals.regime_reading import regime_at
from bondtop.signals.rule import UNKNOWN, Regime, rule
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from panels import MARKETS, day, generated_rows, recorded_rows, synthetic_days

STRESS_NAMES = ("vix", "move", "fsi")


def floats(values):
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def words(codes):
    return [None if code == UNKNOWN else Regime(code).word for code in codes]


def history_of(rows):
    return regime_history(rows.yields, *(rows.others[name] for name in STRESS_NAMES))


@pytest.fixture(scope="module")
def generated():
    return generated_rows()


@pytest.fixture(scope="module")
def synthetic(generated):
    return history_of(generated)


def check_row(history, row, markets, case, tolerance):
    """One row of the whole chain against its reference values."""
    track, stress = history.headline, history.stress
    assert track.at.s[row].tolist() == pytest.approx(markets(case["s"]), abs=tolerance)
    assert history.sigma_bp[row].tolist() == pytest.approx(markets(case["sigma"]), abs=tolerance)
    measured = {"m": track.at.m, "D": track.at.D, "kappa": track.at.kappa, "rho": history.rho, "H": stress.H, "G": stress.G, "A": stress.A}
    measured |= {"RV": stress.values["rv"], "TURB": stress.values["turb"]}
    for name in measured.keys() & case.keys():
        assert measured[name][row] == pytest.approx(case[name], abs=tolerance), name
    for name in COMPONENTS:
        for part in ("level", "acute"):
            expected = np.nan if case[part][name.upper()] is None else case[part][name.upper()]
            assert getattr(stress, part)[name][row] == pytest.approx(expected, abs=tolerance, nan_ok=True), (part, name)
    assert history.gate.on[row] == case["gate_on"]
    got = words([track.labels.today[row], track.labels.held[row], history.raw[row]])
    assert got == [case["today"], case["held"], case["raw"]]


def test_state_machine_agrees_with_reference_sequences(golden):
    for case in golden["state_machine"]["cases"]:
        m, D, H = (floats(case[name]) for name in ("m", "D", "H"))
        gate = gate_history(H)
        labels = label_history(m, D, gate.on)
        assert gate.on.tolist() == case["gate_on"]
        assert words(labels.today) == case["today"], case["name"]
        assert words(labels.held) == case["held"], case["name"]
        assert words(raw_labels(m, D, H)) == case["raw"], case["name"]


def test_sessions_and_away_days_of_a_row():
    m = floats([1.2, 0.3, 0.3, 1.2, 0.3, 0.3, 0.3, None, 0.3])
    labels = label_history(m, np.full(9, 0.2), np.zeros(9, dtype=bool))
    assert labels.sessions.tolist() == [1, 2, 3, 4, 5, 6, 1, 0, 3]
    assert labels.away(2) == (Regime.STABLE, Regime.STABLE)
    assert labels.away(3) == ()
    assert labels.away(5) == (Regime.STABLE, Regime.STABLE)
    assert labels.away_count.tolist() == [0, 1, 2, 0, 1, 2, 0, 0, 0]


codes = st.sampled_from([*Regime])


@given(st.lists(codes, min_size=1, max_size=40))
def test_no_regime_outlives_three_days_away_from_it(labels):
    held, away, streak = UNKNOWN, (), 0
    for label in labels:
        before = held
        held, away = advance(held, away, label)
        streak = 0 if held == label or held != before else streak + 1
        assert streak == len(away) < 3
        if label == Regime.STRESS:
            assert held == Regime.STRESS


def test_synthetic_panel_agrees_row_by_row(golden, generated, synthetic):
    place = {d: t for t, d in enumerate(synthetic_days())}
    at = {place[d]: row for row, d in enumerate(generated.days.tolist())}
    spec = golden["synthetic_panel"]
    for case in spec["rows"]:
        check_row(synthetic, at[case["t"]], list, case, 2e-6)
    labels = words(synthetic.headline.labels.held)
    first = next(t for t, row in at.items() if labels[row] is not None)
    later = pairwise(t for t in at if t >= first)
    changes = [[first, labels[at[first]]], *([t, labels[at[t]]] for s, t in later if labels[at[t]] != labels[at[s]])]
    assert changes == spec["held_changes"]
    assert {word: labels.count(word) for word in {*labels} - {None}} == spec["label_counts"]
    assert (first, next(t for t, row in at.items() if not np.isnan(synthetic.stress.H[row]))) == (
        spec["first_row_with_m"],
        spec["first_row_with_H"],
    )


def test_one_row_as_read_from_outside(generated, synthetic):
    last = len(generated.days) - 1
    reading = regime_at(synthetic, last, int(generated.days[-1]), provisional=True)
    assert (reading.regime, reading.raw, reading.provisional) == (Regime.STABLE, Regime.FRAGMENTATION, True)
    assert reading.sessions == 1099 - 1037 + 1
    assert reading.components["fsi"].value is None
    assert sum(share for _, share in reading.votes) == pytest.approx(1)
    assert reading.agreement == pytest.approx(dict(reading.votes)[Regime.STABLE])
    assert reading.distances is not None
    assert Regime.STABLE not in reading.distances.to
    assert set(reading.horizons) == {"1W", "1M", "3M"}
    unknown = regime_at(synthetic, 50, 0)
    assert (unknown.regime, unknown.m, unknown.distances, unknown.votes, unknown.agreement) == (None, None, None, (), None)


def test_fewer_than_three_markets_have_no_regime(generated):
    history = regime_history(generated.yields[:, :2], *(generated.others[name] for name in STRESS_NAMES))
    assert set(words(history.headline.labels.held)) == {None}
    assert regime_at(history, -1, 0).H is None


def test_constant_yields_are_stable_and_never_stress(generated):
    flat = np.full((700, 3), 2.0)
    nothing = np.full(700, np.nan)
    history = regime_history(flat, nothing, nothing, nothing)
    assert words(history.headline.labels.held[121:]) == ["Stable"] * 579
    assert not history.gate.on.any()
    assert (history.headline.at.kappa[121:] == 0).all()


def test_no_rows_at_all():
    history = regime_history(np.empty((0, 4)), *np.empty((3, 0)))
    assert len(history.headline.labels.held) == 0


@given(st.permutations(range(4)), st.integers(600, 1090), st.sampled_from([2.0, 5.0]))
@settings(max_examples=4, deadline=None)
def test_properties(generated, synthetic, order, cut, scale):
    others = [generated.others[name] for name in STRESS_NAMES]
    free = RegimeParams()
    moved = regime_history(generated.yields[:, order] + 3, *others, free)
    np.testing.assert_array_equal(moved.headline.labels.held, synthetic.headline.labels.held)
    np.testing.assert_allclose(moved.headline.at.D, synthetic.headline.at.D, atol=1e-9)
    # Away from the floor of σ (Japan stands on it) the size of moves does not matter.
    three = regime_history(generated.yields[:, :3], *others)
    scaled = regime_history(generated.yields[:, :3] * scale, *others)
    np.testing.assert_allclose(scaled.headline.at.m, three.headline.at.m, rtol=1e-9)
    np.testing.assert_array_equal(scaled.headline.labels.held, three.headline.labels.held)
    altered = generated.yields.copy()
    altered[cut:] += np.array([1.0, 0, -1.0, 0])
    changed = regime_history(altered, *(np.r_[x[:cut], x[cut:] * 2] for x in others))
    np.testing.assert_array_equal(changed.headline.labels.held[:cut], synthetic.headline.labels.held[:cut])
    np.testing.assert_array_equal(changed.votes[:cut], synthetic.votes[:cut])


@given(arrays(np.float64, (30, 2), elements=st.floats(-2, 2)), st.integers(1, 29))
@settings(max_examples=30)
def test_labels_are_causal(points, cut):
    m, D = points[:, 0], np.abs(points[:, 1])
    gate = np.zeros(30, dtype=bool)
    np.testing.assert_array_equal(label_history(m[:cut], D[:cut], gate[:cut]).held, label_history(m, D, gate).held[:cut])


@pytest.fixture(scope="module")
def recorded_history(recorded):
    rows = recorded_rows(recorded)
    return rows, history_of(rows)


@pytest.mark.recorded
def test_recorded_days(golden_panel, recorded_history):
    rows, history = recorded_history
    for case in golden_panel["panel_days"]["days"]:
        row = int(np.searchsorted(rows.days, day(case["date"])))
        check_row(history, row, lambda by_market: [by_market[market] for market in MARKETS], case, 1e-5)
        votes = {regime.word: int(history.votes[row][regime]) for regime in Regime if history.votes[row][regime]}
        assert votes == case["votes"]
        assert {name: Regime(track.labels.held[row]).word for name, track in history.strip.items()} == case["strip"]
    first = np.flatnonzero(~np.isnan(history.stress.H))[0]
    assert rows.days[first] == day(golden_panel["panel_days"]["first_H"])


@pytest.mark.recorded
def test_recorded_shares_and_switches(golden_panel, recorded_history):
    rows, history = recorded_history
    since = rows.days >= day("2003-01-01")
    held = history.headline.labels.held[since]
    shares = {regime.word: float((held == regime).mean()) for regime in Regime}
    assert shares == pytest.approx(golden_panel["panel_days"]["label_shares_from_2003"], abs=1e-4)
    switches = np.sum(np.diff(held) != 0) / (len(held) / 252)
    assert switches == pytest.approx(golden_panel["panel_days"]["switches_per_year_from_2003"], abs=0.1)


@pytest.mark.recorded
def test_recorded_stress_spells(golden_panel, recorded_history):
    rows, history = recorded_history
    stressed = (history.headline.labels.held == Regime.STRESS) & (rows.days >= day("2008-09-01"))
    edges = np.diff(np.r_[0, stressed.astype(int), 0])
    spells = [
        [int(rows.days[start]), int(rows.days[end - 1]), int(end - start)]
        for start, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    ]
    assert spells == [[day(first), day(last), rows_held] for first, last, rows_held in golden_panel["stress_spells"]["spells"]]


@pytest.mark.recorded
def test_arithmetic_of_given_days(golden_panel):
    """Fourteen days whose inputs are given, so that no history enters."""
    params = RegimeParams()
    for case in golden_panel["day_vectors"]["days"]:
        given_, expected = case["inputs"], case["expected"]
        yields = np.array([[given_[name][market] for market in MARKETS] for name in ("y10_21_rows_before", "y10")])
        sigma = np.tile([given_["sigma_slow_bp"][market] for market in MARKETS], (2, 1))
        # 21 rows before and today stand one row apart here; √21 goes with σ.
        at = coordinates(yields, sigma * np.sqrt(21), 1)
        m, D = float(at.m[1]), float(at.D[1])
        assert at.s[1].tolist() == pytest.approx([expected["s"][market] for market in MARKETS], abs=1e-5)
        assert (m, D, at.kappa[1]) == pytest.approx((expected["m"], expected["D"], expected["kappa"]), abs=1e-5)
        before = given_["state_before"]
        on, _ = gate_step(before["gate_on"], before["off_count"], expected["H"], GateParams())
        held, away = Regime[before["held"].upper()], tuple(Regime[word.upper()] for word in before["away"])
        label = Regime.STRESS if on else rule(m, D, params.thresholds.in_force(held, params.hysteresis))
        assert (on, label.word) == (expected["gate_on"], expected["today"])
        assert Regime(advance(held, away, label)[0]).word == expected["held"]
        votes = votes_history(at.m[1:], at.D[1:], np.array([expected["H"]]))[0]
        assert {regime.word: int(votes[regime]) for regime in Regime if votes[regime]} == expected["votes"]
