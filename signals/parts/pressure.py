"""Proxies of forced selling, listed beside the kind of stress: forced selling itself is never observed."""

import numpy as np

from ...feeds.series import from_day
from ..board import Word
from ..inputs import Inputs, Moment
from ..newest import last_percentile
from ..stats import known_or_none
from ..wording import worded
from .positioning import PositioningPart
from .rates import recent_spread

AGREES, DOES_NOT = "agrees", "does not agree"
CUT_Z = -2.0
NOISE_PCT = 0.90
DECADE = (2520, 500)
RECENT = 30
SHORTS = "cftc.lev.net.10y"


def forced_selling(inputs: Inputs, positioning: PositioningPart, moment: Moment) -> tuple[Word, ...]:
    """Each proxy: whether it agrees that somebody is forced to sell, does not, or cannot tell."""
    return (
        _sofr_above_range(inputs, moment),
        Word(formula="regime.pressure.swap_spread", note="no feed of swap spreads"),
        _shorts_cut(inputs, positioning, moment),
        Word(formula="regime.pressure.etf_discount", note="no feed of bond funds' discounts"),
        _noise(inputs, moment),
    )


def _sofr_above_range(inputs: Inputs, moment: Moment) -> Word:
    legs = ("us.sofr", "us.ff.upper")
    _, over_bp = recent_spread(inputs, *legs, moment, RECENT)
    value = float(over_bp[-1]) if len(over_bp) else None
    return _word(inputs, "regime.pressure.sofr_above_range", legs, moment, value, value is not None and value > 0, "SOFR−top", "+.0f", "bp")


def _shorts_cut(inputs: Inputs, positioning: PositioningPart, moment: Moment) -> Word:
    row = int(np.searchsorted(positioning.known, moment.at, side="right")) - 1
    value = known_or_none(positioning.leveraged.d1_z[row]) if row >= 0 else None
    return _word(
        inputs, "regime.pressure.shorts_cut", (SHORTS,), moment, value, value is not None and value < CUT_Z, "weekly cut z", "+.1f"
    )


def _noise(inputs: Inputs, moment: Moment) -> Word:
    values = inputs.known("us.noise", moment)[1][-DECADE[0] :]
    value = known_or_none(last_percentile(values, DECADE[1]))
    return _word(
        inputs, "regime.pressure.noise", ("us.noise",), moment, value, value is not None and value >= NOISE_PCT, "noise percentile", ".2f"
    )


def _word(inputs: Inputs, formula: str, series: tuple[str, ...], moment: Moment, value: float | None, agrees: bool, *said: str) -> Word:
    """`said`: the name of the value, its form and its unit."""
    if value is None:
        return Word(formula=formula, inputs=series, note="too little data")
    name, *form = said
    day = max((day for name in series if (day := inputs.last_day(name, moment)) is not None), default=None)
    return Word(
        AGREES if agrees else DOES_NOT,
        inputs.basis(series, moment)[0],
        None if day is None else from_day(day),
        evidence=(f"{name} {worded(value, *form)}",),
        formula=formula,
        inputs=series,
    )
