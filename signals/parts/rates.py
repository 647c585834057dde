"""Differences of two rates."""

from ..inputs import Inputs, Moment
from ..stats import BP_PER_PERCENT


def newest_spread(inputs: Inputs, rate: str, base: str, moment: Moment, rows: int) -> float | None:
    """One rate over another, bp, on the newest date of both among the newest `rows` observations of each known at the moment."""
    (rate_days, rates), (base_days, bases) = inputs.known(rate, moment), inputs.known(base, moment)
    i, j = len(rate_days) - 1, len(base_days) - 1
    first_i, first_j = max(i + 1 - rows, 0), max(j + 1 - rows, 0)
    while i >= first_i and j >= first_j:
        ahead = int(rate_days[i]) - int(base_days[j])
        over_bp = BP_PER_PERCENT * float(rates[i] - bases[j])
        if ahead == 0 and over_bp == over_bp:
            return over_bp
        i, j = i - (ahead >= 0), j - (ahead <= 0)
    return None
