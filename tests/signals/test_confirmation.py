"""States of the four lines, row by row, and the verdict on a regime."""

import numpy as np
import pytest
from bondtop.signals.confirmation import (
    CONFIRMING,
    DOLLAR_WORDS,
    EQUITY_WORDS,
    STANDING,
    ConfirmationParams,
    bond_word,
    dollar_states,
    equity_states,
    verdict,
    volatility_word,
    word,
)
from bondtop.signals.momentum import Momentum
from msgspec.structs import fields, replace

NAN = np.nan
VOLATILITY_WORDS = ("low", "normal", "elevated")
BOND_WORDS = ("balanced", "common up", "common down", "diverging", "stress")


def column(*values):
    return np.array(values, dtype=np.float64)


def words(codes, names):
    return [word(int(code), names) for code in codes]


def momentum_of(z, below_high=None, over_mean=None):
    blank = np.zeros(len(z))
    return Momentum(blank, blank, z, blank if below_high is None else below_high, blank if over_mean is None else over_mean)


def test_equities():
    z = column(-1.0, 0.2, 0.2, 0.5, 0.5, 0.9, NAN, -0.9, 0.6)
    below = column(1.0, 5.0, 4.9, 1.9, 2.0, 5.5, 9.0, 4.0, NAN)
    assert words(equity_states(momentum_of(z, below)), EQUITY_WORDS) == [
        "under pressure", "under pressure", "neutral", "firm", "neutral", "under pressure", None, "neutral", None,
    ]  # fmt: skip


def test_volatility():
    vix = (15, 25, 15, 12, 12, 12, 30, 15, 26, None, None)
    vix_pct = (0.70, 0.5, 0.5, 0.3, 0.3, 0.3, None, None, 0.5, None, None)
    move_pct = (0.2, 0.2, 0.7, 0.3, 0.31, None, None, 0.2, None, 0.9, 0.1)
    assert list(map(volatility_word, vix, vix_pct, move_pct)) == [
        "elevated", "elevated", "elevated", "low", "normal", None, "elevated", None, "elevated", "elevated", None,
    ]  # fmt: skip


def test_dollar():
    z = column(0.5, 0.5, -0.5, -0.5, 0.4, NAN)
    over = column(0.1, -0.1, -0.1, 0.1, 3.0, 1.0)
    assert words(dollar_states(momentum_of(z, over_mean=over)), DOLLAR_WORDS) == ["firm", "neutral", "soft", "neutral", "neutral", None]


def test_bonds():
    m = (0.75, -0.75, 0.9, 0.1, 0.1, 2.0, None, None)
    divergence = (0.2, 0.2, 1.0, 0.5, 0.4, 0.1, None, None)
    gate = (False, False, False, False, False, True, False, True)
    kappa = [None if x is None else x / np.hypot(x, y) for x, y in zip(m, divergence, strict=True)]
    assert list(map(bond_word, m, divergence, kappa, gate)) == [
        "common up", "common down", "diverging", "diverging", "balanced", "stress", None, "stress",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("regime", "reads", "k", "n", "text"),
    [
        ("STRESS", ("under pressure", "elevated", "firm", "stress"), 4, 4, "4/4 confirm STRESS"),
        ("FRAGMENTATION", ("under pressure", "elevated", "firm", "stress"), 3, 4, "3/4 confirm FRAGMENTATION"),
        ("REPRICING", ("neutral", None, "firm", "common up"), 2, 3, "2/3 confirm REPRICING"),
        ("EXPANSION", ("firm", "low", "soft", "common down"), 4, 4, "4/4 confirm EXPANSION"),
        ("STABLE", ("neutral", "normal", "soft", "balanced"), 3, 4, "3/4 confirm STABLE"),
        ("STABLE", (None, None, None, None), 0, 0, "unknown"),
        (None, ("firm", "low", "soft", "balanced"), 0, 0, "unknown"),
    ],
)
def test_verdict(regime, reads, k, n, text):
    found = verdict(regime, reads)
    assert (found.k, found.n, found.text) == (k, n, text)
    assert [line.word for line in found.lines] == list(reads)


def test_unknown_line_neither_confirms_nor_denies():
    lines = verdict("REPRICING", ("neutral", None, "firm", "common up")).lines
    assert [line.confirms for line in lines] == [False, None, True, True]


def test_every_wanted_word_is_one_a_line_can_read():
    for wanted in CONFIRMING.values():
        for accepted, possible in zip(wanted, (EQUITY_WORDS, VOLATILITY_WORDS, DOLLAR_WORDS, BOND_WORDS), strict=True):
            assert accepted and accepted <= set(possible)


def test_thresholds_can_be_configured():
    params = replace(ConfirmationParams(), elevated_vix=30.0)
    assert volatility_word(25, 0.5, 0.2, params) == "normal"


def test_every_parameter_has_a_standing():
    assert set(STANDING) == {field.name for field in fields(ConfirmationParams)}
