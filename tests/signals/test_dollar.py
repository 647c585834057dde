"""The three transmission lines of the dollar constraint."""

import numpy as np
from bondtop.signals.confirmation import DOLLAR_WORDS, UNKNOWN, word
from bondtop.signals.dollar import (
    CONSTRAINT_WORDS,
    STANDING,
    DollarParams,
    conditions_states,
    funding_states,
    hedging_word,
    structurally_firm,
)
from msgspec.structs import fields


def words(codes):
    return [word(int(code), CONSTRAINT_WORDS) for code in codes]


def test_hedging_cost():
    assert list(map(hedging_word, (10.0, 9.9, -10.0, 0.0, None))) == ["tightening", "neutral", "easing", "neutral", None]


def test_funding_level_decides_before_there_is_a_percentile():
    spread = np.array([-5.0, 6.0, 6.0, -5.0, 5.0, 1.0, 1.0])
    assert words(funding_states(spread)) == [None] * 4 + ["tightening", "tightening", None]


def test_funding_percentile():
    spread = np.concatenate((np.linspace(-10, 0, 600), np.full(5, -9.9), np.full(5, -5.0)))
    codes = words(funding_states(spread))
    assert codes[599] == "tightening" and codes[604] == "easing" and codes[609] == "neutral"
    assert codes[502] is None and codes[503] == "tightening"  # 500 medians of five days
    assert words(funding_states(spread[:3])) == [None] * 3


def test_financial_conditions():
    nfci = np.concatenate((np.zeros(13), [0.1, -0.1, 0.0]))
    assert words(conditions_states(nfci)) == [None] * 13 + ["tightening", "easing", "neutral"]


def test_structurally_firm():
    firm, neutral = DOLLAR_WORDS.index("firm"), DOLLAR_WORDS.index("neutral")
    dollar = np.array([firm, firm, neutral, UNKNOWN, firm], dtype=np.int8)
    assert structurally_firm(dollar, np.array([0.71, 0.70, 0.9, 0.9, np.nan])).tolist() == [True, False, False, False, False]


def test_every_parameter_has_a_standing():
    assert set(STANDING) == {field.name for field in fields(DollarParams)}
