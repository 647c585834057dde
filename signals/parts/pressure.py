"""Proxies of forced selling, listed beside the kind of stress: forced selling itself is never observed."""

from functools import partial

from ...feeds.series import from_day
from ..board import Word
from ..inputs import Inputs, Moment
from ..stats import known_or_none
from ..wording import worded
from .kept import Kept
from .neighbours import Ranked
from .positioning import PositioningPart
from .rates import newest_spread

AGREES, DOES_NOT = "agrees", "does not agree"
CUT_Z = -2.0
NOISE_PCT = 0.90
RECENT = 30
LEGS = ("us.sofr", "us.ff.upper")
SHORTS = "cftc.lev.net.10y"
NOISE = "us.noise"
NO_SWAP_SPREAD = Word(formula="regime.pressure.swap_spread", note="no feed of swap spreads")
NO_DISCOUNT = Word(formula="regime.pressure.etf_discount", note="no feed of bond funds' discounts")


class PressurePart:
    """Each proxy: whether it agrees that somebody is forced to sell, does not, or cannot tell."""

    def __init__(self, inputs: Inputs, positioning: PositioningPart) -> None:
        self._inputs, self._positioning = inputs, positioning
        self._noise = Ranked(inputs.native(NOISE)[1])
        self._kept: Kept[Word] = Kept(inputs)

    def at(self, moment: Moment) -> tuple[Word, ...]:
        """All of them at a moment."""
        row = self._positioning.row(moment)
        return (
            self._kept("sofr", LEGS, moment, partial(_sofr_above_range, self._inputs, moment)),
            NO_SWAP_SPREAD,
            self._kept("shorts", (SHORTS,), moment, partial(_shorts_cut, self._inputs, self._positioning, row, moment), row),
            NO_DISCOUNT,
            self._kept("noise", (NOISE,), moment, partial(_noise_high, self._inputs, self._noise, moment)),
        )


def _sofr_above_range(inputs: Inputs, moment: Moment) -> Word:
    value = newest_spread(inputs, *LEGS, moment, RECENT)
    return _word(inputs, "regime.pressure.sofr_above_range", LEGS, moment, value, value is not None and value > 0, "SOFR−top", "+.0f", "bp")


def _shorts_cut(inputs: Inputs, positioning: PositioningPart, row: int, moment: Moment) -> Word:
    value = known_or_none(positioning.leveraged.d1_z[row]) if row >= 0 else None
    return _word(
        inputs, "regime.pressure.shorts_cut", (SHORTS,), moment, value, value is not None and value < CUT_Z, "weekly cut z", "+.1f"
    )


def _noise_high(inputs: Inputs, ranked: Ranked, moment: Moment) -> Word:
    value = ranked[inputs.upto(NOISE, moment)]
    return _word(
        inputs, "regime.pressure.noise", (NOISE,), moment, value, value is not None and value >= NOISE_PCT, "noise percentile", ".2f"
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
