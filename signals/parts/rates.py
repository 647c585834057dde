"""Differences of two rates."""

from ..inputs import Inputs, Moment
from ..rows import Native
from ..stats import BP_PER_PERCENT, common


def recent_spread(inputs: Inputs, rate: str, base: str, moment: Moment, rows: int) -> Native:
    """One rate over another on their common dates, bp, from the newest `rows` observations of each known at the moment."""
    (rate_days, rates), (base_days, bases) = inputs.known(rate, moment), inputs.known(base, moment)
    days, a, b = common(rate_days[-rows:], rates[-rows:], base_days[-rows:], bases[-rows:])
    return days, BP_PER_PERCENT * (a - b)
