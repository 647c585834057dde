"""The ensemble of 81 rules."""

import numpy as np
import pytest
from bondtop.signals.agreement import agreement_history, shares, turning_history, votes_history, votes_of
from bondtop.signals.rule import UNKNOWN, Regime
from hypothesis import given
from hypothesis import strategies as st


def votes_on(m, D, H):
    m, D, H = (np.nan if x is None else x for x in (m, D, H))
    votes = votes_history(*(np.array([x], dtype=np.float64) for x in (m, D, H)))
    assert votes_of(m, D, H) == votes[0].tolist()
    return votes


def test_agrees_with_reference_counts(golden):
    for case in golden["agreement"]["cases"]:
        votes = votes_on(case["m"], case["D"], case["H"])[0]
        assert {regime.word: int(votes[regime]) for regime in Regime if votes[regime]} == case["votes_of_81"]


@given(st.floats(-4, 4), st.floats(0, 4), st.one_of(st.floats(0, 1), st.none()))
def test_every_rule_votes_once(m, D, H):
    votes = votes_on(m, D, H)
    assert votes.sum() == 81
    assert sum(share for _, share in shares(votes[0])) == pytest.approx(1)


@given(*[st.sampled_from([-1.2, -0.9, -0.75, -0.2, 0.0, 0.4, 0.5, 0.532, 0.6, 0.75, 0.9, 0.95, 1.0, np.nan])] * 3)
def test_counted_rules_vote_as_the_rules_asked(m, D, H):
    votes_on(m, abs(D), H)


def test_an_unknown_row_has_no_votes():
    votes = votes_on(None, 0.3, 0.99)
    assert votes.sum() == 0
    assert shares(votes[0]) == ()
    held = np.array([Regime.STABLE], dtype=np.int8)
    assert np.isnan(agreement_history(votes, held)[0])
    assert turning_history(votes, held)[0] == UNKNOWN


def test_agreement_and_turning():
    votes = votes_on(-1.6, 0.83, 0.94)  # Stress 54, Expansion 27
    codes = np.array([Regime.EXPANSION], dtype=np.int8)
    assert agreement_history(votes, codes)[0] == pytest.approx(27 / 81)
    assert turning_history(votes, codes)[0] == Regime.STRESS
    assert turning_history(votes, np.array([Regime.STRESS], dtype=np.int8))[0] == UNKNOWN
    assert np.isnan(agreement_history(votes, np.array([UNKNOWN], dtype=np.int8))[0])
    split = np.array([[40, 0, 0, 41, 0], [40, 1, 0, 40, 0]], dtype=np.int16)
    assert turning_history(split, np.array([0, 1], dtype=np.int8)).tolist() == [Regime.FRAGMENTATION, UNKNOWN]


def test_shares_put_the_graver_first_among_equals():
    ranked = [regime for regime, _ in shares(np.array([30, 0, 0, 30, 21], dtype=np.int16))]
    assert ranked == [Regime.FRAGMENTATION, Regime.STABLE, Regime.STRESS]
