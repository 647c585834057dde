"""Every change of the held regime over a whole history, straight from its arrays: thirty years in a moment."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from ..feeds.series import from_day, to_day
from .board import Change
from .regime import RegimeHistory
from .rule import UNKNOWN, Regime
from .stats import Days
from .wording import worded


def regime_changes(history: RegimeHistory, days: Days, since: date) -> Iterator[Change]:
    """The changes of the headline regime on rows dated `since` or later, oldest first.

    Args:
        days: the date of each row of the history, days since 1970.
    """
    known = np.flatnonzero(history.headline.labels.held != UNKNOWN)
    held = history.headline.labels.held[known]
    for place in np.flatnonzero(held[1:] != held[:-1]).tolist():
        row = int(known[place + 1])
        if days[row] < to_day(since):
            continue
        before, after = Regime(int(held[place])), Regime(int(held[place + 1]))
        yield Change(
            at=from_day(int(days[row])),
            kind="regime",
            subject="regime",
            before=before.word,
            after=after.word,
            severity="alarm" if after is Regime.STRESS else "watch",
            evidence=_evidence(history, row),
        )


def _evidence(history: RegimeHistory, row: int) -> str:
    at = history.headline.at
    words = [f"m {worded(at.m[row], '+.2f', 'σ')}", f"D {at.D[row]:.2f}σ"]
    stress = float(history.stress.H[row])
    return ", ".join([*words, "H unknown" if np.isnan(stress) else f"H {stress:.2f}"])
