"""How many of 81 nearby rules agree with the label (§4.5). A share of rules, never a probability."""

from collections.abc import Mapping, Sequence
from itertools import product
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .rule import UNKNOWN, Codes, Regime, Thresholds, rule_codes
from .stats import Floats

Votes = NDArray[np.int16]
"""Votes for each regime, shape (rows, 5), columns by code; a row of zeros is unknown."""


class EnsembleParams(msgspec.Struct, frozen=True):
    """The thresholds of the memoryless rules, and the share from which a label that is not held counts as where we turn."""

    m0: tuple[float, ...] = (0.60, 0.75, 0.90)
    D0: tuple[float, ...] = (0.40, 0.50, 0.60)
    c: tuple[float, ...] = (1.0, 1.33, 1.66)
    h_on: tuple[float, ...] = (0.85, 0.90, 0.95)
    turning_share: float = 0.5


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(EnsembleParams.__struct_fields__, "validated"))


def votes_history(m: Floats, D: Floats, H: Floats, params: EnsembleParams = EnsembleParams()) -> Votes:
    """Votes of every rule for each row; an unknown H never votes Stress."""
    known = ~(np.isnan(m) | np.isnan(D))
    votes = np.zeros((len(m), len(Regime)), dtype=np.int16)
    for m0, D0, c in product(params.m0, params.D0, params.c):
        codes = rule_codes(m, D, Thresholds(m0, D0, c))
        for regime in Regime:
            votes[:, regime] += codes == regime
    stressed = sum((level <= H).astype(np.int16) for level in params.h_on) * known
    rules = len(params.m0) * len(params.D0) * len(params.c)
    votes *= np.asarray(len(params.h_on) - stressed, dtype=np.int16)[:, None]
    votes[:, Regime.STRESS] = rules * stressed
    return votes


def votes_of(m: float, D: float, H: float, params: EnsembleParams = EnsembleParams()) -> list[int]:
    """`votes_history` of one row; the rules are counted, not asked."""
    votes = [0] * len(Regime)
    if m != m or D != D:  # an unknown value does not equal itself
        return votes
    levels, common = len(params.h_on), sum([m0 <= abs(m) for m0 in params.m0]) * sum([c * D <= abs(m) for c in params.c])
    calm, apart = len(params.m0) * len(params.c) - common, sum([D0 <= D for D0 in params.D0])
    stressed = sum([level <= H for level in params.h_on])
    left = levels - stressed
    votes[Regime.EXPANSION if m < 0 else Regime.REPRICING] = common * len(params.D0) * left
    votes[Regime.FRAGMENTATION] = calm * apart * left
    votes[Regime.STABLE] = calm * (len(params.D0) - apart) * left
    votes[Regime.STRESS] = len(params.m0) * len(params.D0) * len(params.c) * stressed
    return votes


def agreement_history(votes: Votes, held: Codes) -> Floats:
    """Share of votes for the held label, 0…1 per row; unknown without a label or votes."""
    total = votes.sum(axis=1)
    mine = np.take_along_axis(votes, np.maximum(held, 0).astype(np.intp)[:, None], axis=1)[:, 0]
    share = np.full(len(votes), np.nan)
    np.divide(mine, total, out=share, where=(total > 0) & (held != UNKNOWN))
    return share


def turning_history(votes: Votes, held: Codes, params: EnsembleParams = EnsembleParams()) -> Codes:
    """The label with most votes where it is not the held one and has at least half of them; else UNKNOWN."""
    total, leader = votes.sum(axis=1), votes.argmax(axis=1)
    turning = (votes.max(axis=1) >= params.turning_share * total) & (total > 0) & (held != UNKNOWN) & (leader != held)
    return np.where(turning, leader, UNKNOWN).astype(np.int8)


def shares(votes: Sequence[int]) -> tuple[tuple[Regime, float], ...]:
    """One row's votes as shares, largest first, labels without a vote left out; of equal ones the graver first."""
    total = int(sum(votes))
    ranked = sorted(((int(count), regime) for count, regime in zip(votes, Regime, strict=True) if count > 0), reverse=True)
    return tuple((regime, count / total) for count, regime in ranked)
