"""The dollar constraint: the dollar's state and the three lines through which it tightens or eases conditions. Rules of thumb."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from .confirmation import DOLLAR_WORDS, Codes, Flags, coded
from .stats import Floats, changes, percentile, row_medians

CONSTRAINT_WORDS = ("easing", "neutral", "tightening")


class DollarParams(msgspec.Struct, frozen=True):
    """Limits in bp, windows in observations of each series, percentiles 0…1."""

    hedging_bp: float = 10.0
    funding_bp: float = 5.0
    funding_days: int = 5
    tight_pct: float = 0.70
    easy_pct: float = 0.30
    nfci_weeks: int = 13
    structural_pct: float = 0.70


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(DollarParams.__struct_fields__, "proposal"))
_DEFAULT = DollarParams()


def hedging_word(d21_cost_bp: float | None, params: DollarParams = _DEFAULT) -> str | None:
    """Hedging cost, 21-day change in bp: +10 tightens, −10 eases."""
    if d21_cost_bp is None:
        return None
    return "tightening" if d21_cost_bp >= params.hedging_bp else "easing" if d21_cost_bp <= -params.hedging_bp else "neutral"


def funding_states(sofr_over_iorb_bp: Floats, params: DollarParams = _DEFAULT) -> Codes:
    """Funding, from own observations of SOFR − IORB (bp, no gaps): the median of five days against +5 bp and its own 10 years.

    While the history is too short for a percentile only the level can decide, and only for tightening.
    """
    days = params.funding_days
    middle = np.full(len(sofr_over_iorb_bp), np.nan)
    if len(middle) >= days:
        middle[days - 1 :] = row_medians(np.lib.stride_tricks.sliding_window_view(sofr_over_iorb_bp, days))
    rank = percentile(middle)
    tight = (middle >= params.funding_bp) | (rank >= params.tight_pct)
    return _line(tight, rank <= params.easy_pct, tight | ~np.isnan(rank))


def conditions_states(nfci: Floats, params: DollarParams = _DEFAULT) -> Codes:
    """Financial conditions, weekly: a 13-week rise of the index tightens, a fall eases."""
    moved = changes(nfci, params.nfci_weeks)
    return _line(moved > 0, moved < 0, ~np.isnan(moved))


def structurally_firm(dollar: Codes, level_pct: Floats, params: DollarParams = _DEFAULT) -> Flags:
    """Firm, and above the 70th 10-year percentile of its level."""
    firm: Flags = dollar == DOLLAR_WORDS.index("firm")
    return firm & (level_pct > params.structural_pct)


def _line(tightening: Flags, easing: Flags, known: Flags) -> Codes:
    return coded(CONSTRAINT_WORDS, known, ("tightening", tightening), ("easing", easing), otherwise="neutral")
