"""Three-valued clauses and what their evidence says."""

import math

import pytest
from bondtop.signals.clauses import Fact, any_of, at_least_of, compare
from hypothesis import given
from hypothesis import strategies as st

TRUE, FALSE, UNKNOWN = Fact(True, "a 1 ≥ 0"), Fact(False, "b 1 < 2"), Fact(None, "c unknown")


@pytest.mark.parametrize(
    ("value", "sign", "limit", "truth", "evidence"),
    [
        (1.9, "≥", 1.0, True, "s1m +1.9 ≥ +1"),
        (0.4, "≥", 1.0, False, "s1m +0.4 < +1"),
        (-1.24, "≤", -1.0, True, "s1m −1.2 ≤ −1"),
        (0.97, "≥", 1.0, False, "s1m +0.97 < +1"),
        (-0.99, "≤", -1.0, False, "s1m −0.99 > −1"),
        (1.0, "≥", 1.0, True, "s1m +1.0 ≥ +1"),
        (0.0, ">", 0.0, False, "s1m 0.0 ≤ 0"),
        (2.0, "≥", 1.9376, True, "s1m +2.0 ≥ +1.9"),
        (None, "≥", 1.0, None, "s1m unknown"),
        (math.nan, "≥", 1.0, None, "s1m unknown"),
        (1.9, "≥", None, None, "s1m +1.9, limit unknown"),
    ],
)
def test_compare_says_what_holds(value, sign, limit, truth, evidence):
    clause = compare("s1m", value, sign, limit)
    assert (clause.truth, clause.evidence) == (truth, evidence)


def test_compare_prints_units_and_unsigned_shares():
    assert compare("share", 41.26, "≥", 40.0, "%", signed=False).evidence == "share 41.3% ≥ 40%"


@given(st.floats(-50, 50), st.sampled_from("≥≤><"), st.floats(-50, 50))
def test_evidence_is_true_of_its_printed_numbers(value, sign, limit):
    clause = compare("x", value, sign, limit)
    _, shown, holds, shown_limit = clause.evidence.replace("−", "-").split()
    a, b = float(shown), float(shown_limit)
    assert {"≥": a >= b, "≤": a <= b, ">": a > b or abs(value - limit) < 0.01, "<": a < b or abs(value - limit) < 0.01}[holds]
    assert abs(a - value) <= 0.051 and abs(b - limit) <= 0.051


def test_any_of():
    for parts, truth, evidence in (
        ((FALSE, TRUE, UNKNOWN), True, "a 1 ≥ 0"),
        ((FALSE, FALSE), False, "b 1 < 2; b 1 < 2"),
        ((FALSE, UNKNOWN), None, "b 1 < 2; c unknown"),
    ):
        bracket = any_of(*parts)
        assert (bracket.truth, bracket.evidence) == (truth, evidence)


@pytest.mark.parametrize(
    ("parts", "truth"),
    [
        ((TRUE, TRUE, FALSE, FALSE), True),
        ((TRUE, UNKNOWN, FALSE, FALSE), None),
        ((UNKNOWN, UNKNOWN, FALSE, FALSE), None),
        ((TRUE, FALSE, FALSE, FALSE), False),
        ((UNKNOWN, FALSE, FALSE, FALSE), False),
    ],
)
def test_two_of_four(parts, truth):
    assert at_least_of(2, *parts).truth is truth


def test_counted_bracket_shows_its_count():
    assert at_least_of(2, TRUE, TRUE, FALSE).evidence == "2 of 3: a 1 ≥ 0; a 1 ≥ 0"
