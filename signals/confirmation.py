"""Cross-asset confirmation: what equities, volatility, the dollar and bonds say, and how many of them agree with the regime.

States are codes into a tuple of words, one per row, UNKNOWN where undecided. All thresholds are rules of thumb.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .momentum import Momentum

Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]

UNKNOWN = -1
EQUITY_WORDS = ("under pressure", "neutral", "firm")
DOLLAR_WORDS = ("soft", "neutral", "firm")

LINES = ("equities", "volatility", "dollar", "bonds")

# What each line must read to confirm a regime.
CONFIRMING: Mapping[str, tuple[frozenset[str], ...]] = MappingProxyType(
    {
        "STRESS": (frozenset({"under pressure"}), frozenset({"elevated"}), frozenset({"firm"}), frozenset({"stress"})),
        "FRAGMENTATION": (frozenset({"under pressure"}), frozenset({"elevated"}), frozenset({"firm"}), frozenset({"diverging"})),
        "REPRICING": (frozenset({"under pressure"}), frozenset({"elevated"}), frozenset({"firm"}), frozenset({"common up"})),
        "EXPANSION": (
            frozenset({"firm", "neutral"}),
            frozenset({"normal", "low"}),
            frozenset({"soft", "neutral"}),
            frozenset({"common down"}),
        ),
        "STABLE": (frozenset({"firm", "neutral"}), frozenset({"normal", "low"}), frozenset({"neutral"}), frozenset({"balanced"})),
    }
)


class ConfirmationParams(msgspec.Struct, frozen=True):
    """z in σ, distances in %, percentiles 0…1."""

    pressure_z: float = -1.0
    pressure_below_high_pct: float = 5.0
    firm_equity_z: float = 0.5
    firm_below_high_pct: float = 2.0
    elevated_pct: float = 0.70
    elevated_vix: float = 25.0
    low_pct: float = 0.30
    dollar_z: float = 0.5
    structural_pct: float = 0.70
    common_move: float = 0.75
    coherence: float = 0.8
    divergence: float = 0.5


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(ConfirmationParams.__struct_fields__, "proposal"))
_DEFAULT = ConfirmationParams()


class Line(msgspec.Struct, frozen=True):
    """One line of the table: what it reads and whether that confirms the regime; None is unknown."""

    name: str
    word: str | None
    confirms: bool | None


class Verdict(msgspec.Struct, frozen=True):
    """k of the n known lines confirm the held regime."""

    regime: str | None
    k: int
    n: int
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        if self.regime is None or self.n == 0:
            return "unknown"
        return f"{self.k}/{self.n} confirm {self.regime}"


def word(code: int, words: tuple[str, ...]) -> str | None:
    """The word of a code; None where unknown."""
    return None if code == UNKNOWN else words[code]


def coded(words: tuple[str, ...], known: Flags, *choices: tuple[str, Flags], otherwise: str) -> Codes:
    """Codes of the first choice that holds per row, `otherwise` where none does, UNKNOWN where the row is not known."""
    codes = np.full(len(known), words.index(otherwise), np.int8)
    for name, flags in reversed(choices):
        codes[flags] = words.index(name)
    codes[~known] = UNKNOWN
    return codes


def equity_states(equities: Momentum, params: ConfirmationParams = _DEFAULT) -> Codes:
    """Under pressure: a month down by 1σ, or 5 % below the 252-day high. Firm: a month up by 0.5σ and less than 2 % below."""
    pressed = (equities.z <= params.pressure_z) | (equities.below_high_pct >= params.pressure_below_high_pct)
    firm = (equities.z >= params.firm_equity_z) & (equities.below_high_pct < params.firm_below_high_pct)
    known = ~(np.isnan(equities.z) | np.isnan(equities.below_high_pct))
    return coded(EQUITY_WORDS, known, ("under pressure", pressed), ("firm", firm), otherwise="neutral")


def volatility_word(vix: float | None, vix_pct: float | None, move_pct: float | None, params: ConfirmationParams = _DEFAULT) -> str | None:
    """Elevated if one of VIX percentile, VIX level and MOVE percentile is high, low if both percentiles are low.

    With one missing it is decided only where the others leave no doubt.
    """
    limits = ((vix_pct, params.elevated_pct), (vix, params.elevated_vix), (move_pct, params.elevated_pct))
    if any(value is not None and value >= limit for value, limit in limits):
        return "elevated"
    if vix is None or vix_pct is None or move_pct is None:
        return None
    return "low" if vix_pct <= params.low_pct and move_pct <= params.low_pct else "normal"


def dollar_states(dollar: Momentum, params: ConfirmationParams = _DEFAULT) -> Codes:
    """Firm: a month up by 0.5σ and above the 200-day mean. Soft: down by 0.5σ and below it."""
    firm = (dollar.z >= params.dollar_z) & (dollar.over_mean_pct > 0)
    soft = (dollar.z <= -params.dollar_z) & (dollar.over_mean_pct < 0)
    known = ~(np.isnan(dollar.z) | np.isnan(dollar.over_mean_pct))
    return coded(DOLLAR_WORDS, known, ("firm", firm), ("soft", soft), otherwise="neutral")


def bond_word(
    m: float | None, divergence: float | None, kappa: float | None, gate_on: bool, params: ConfirmationParams = _DEFAULT
) -> str | None:
    """The regime map in words: common move m and divergence D in σ, coherence κ, stress gate."""
    if gate_on:
        return "stress"
    if m is None or divergence is None:
        return None
    if kappa is not None and abs(m) >= params.common_move and kappa * math.copysign(1.0, m) >= params.coherence:
        return "common up" if m > 0 else "common down"
    return "diverging" if divergence >= params.divergence and kappa is not None and abs(kappa) < params.coherence else "balanced"


def verdict(regime: str | None, words: tuple[str | None, str | None, str | None, str | None]) -> Verdict:
    """How many lines (equities, volatility, dollar, bonds) confirm the held regime; unknown lines reduce the four."""
    wanted = CONFIRMING[regime] if regime is not None else (frozenset[str](),) * len(LINES)
    lines = tuple(
        Line(name, read, None if read is None or regime is None else read in accepted)
        for name, read, accepted in zip(LINES, words, wanted, strict=True)
    )
    k = sum(line.confirms is True for line in lines)
    return Verdict(regime, k, sum(line.confirms is not None for line in lines), lines)
