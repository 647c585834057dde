"""The five regimes and the rule that names them from the common move m and the dispersion D."""

from enum import IntEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

from .stats import Floats

Codes = NDArray[np.int8]
UNKNOWN = -1
"""Code of a row without a label."""


class Regime(IntEnum):
    """States of the global market for duration; the code is what histories store."""

    STABLE = 0
    EXPANSION = 1
    REPRICING = 2
    FRAGMENTATION = 3
    STRESS = 4

    @property
    def word(self) -> str:
        return _WORDS[self]


_BY_CODE = tuple(Regime)
_WORDS = tuple(regime.name.capitalize() for regime in Regime)


def regime_or_none(code: int) -> Regime | None:
    """The regime of a stored code."""
    return None if code == UNKNOWN else _BY_CODE[code]


class Thresholds(msgspec.Struct, frozen=True):
    """m0 and D0 in σ; c is the slope of the rays |m| = c·D between a common move and a divergence."""

    m0: float = 0.75
    D0: float = 0.50
    c: float = 1.33

    def in_force(self, held: int, hysteresis: float) -> "Thresholds":
        """What applies while `held` is the regime (a code; UNKNOWN for none yet): a regime is a little easier to keep than to enter."""
        if held == UNKNOWN:
            return self
        wider, tighter = 1.0 + hysteresis, 1.0 - hysteresis
        size = wider if held == Regime.STABLE else tighter
        ray = tighter if held in (Regime.EXPANSION, Regime.REPRICING) else wider if held == Regime.FRAGMENTATION else 1.0
        return Thresholds(self.m0 * size, self.D0 * size, self.c * ray)


def rule(m: float, D: float, at: Thresholds) -> Regime:
    """Name of one point, the stress gate apart; m and D known."""
    common = abs(m) >= at.m0
    if not common and at.D0 > D:
        return Regime.STABLE
    if common and abs(m) >= at.c * D:
        return Regime.EXPANSION if m < 0 else Regime.REPRICING
    return Regime.FRAGMENTATION if at.D0 <= D else Regime.STABLE


def rule_codes(m: Floats, D: Floats, at: Thresholds) -> Codes:
    """`rule` for every row; UNKNOWN where m or D is."""
    size = np.abs(m)
    direction = np.where(m < 0, Regime.EXPANSION, Regime.REPRICING)
    codes = np.where(D >= at.D0, Regime.FRAGMENTATION, Regime.STABLE)
    codes = np.where((size >= at.m0) & (size >= at.c * D), direction, codes)
    return np.where(np.isnan(m) | np.isnan(D), UNKNOWN, codes).astype(np.int8)
