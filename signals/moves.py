"""How unusual a day's move is: in σ of its own series, and in sessions of its own history. Odds of a normal law are never printed.

Measured on native data (the series' own prints). Source of the decays: J.P. Morgan 1996, RiskMetrics Technical Document.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .stats import Days, Floats, SigmaParams, known_or_none, native_changes, sigma

ROUNDING = 1e-12  # two equal moves may differ in the last bit


class MovesParams(msgspec.Struct, frozen=True):
    """Thresholds of the words in σ, and what an empirical frequency needs."""

    notable: float = 2.0
    large: float = 3.0
    extreme: float = 4.0
    six_sigma: float = 6.0
    min_sessions: int = 1000
    max_gap_days: int = 12
    sigma: SigmaParams = msgspec.field(default_factory=SigmaParams)


STANDING: Mapping[str, str] = MappingProxyType(
    {
        "notable": "proposal",
        "large": "proposal",
        "extreme": "proposal",
        "six_sigma": "proposal",
        "min_sessions": "proposal",
        "max_gap_days": "validated",
    }
)


class Moves(msgspec.Struct, frozen=True):
    """One row per own print: the change in bp, σ (floor included) in bp a day through the print before, and z = change/σ_used.

    `z_fast` and `z_slow` divide by the fast and the slow σ alone, floored as well.
    """

    days: Days
    change_bp: Floats
    sigma_used: Floats
    z: Floats
    z_fast: Floats
    z_slow: Floats


class Frequency(msgspec.Struct, frozen=True):
    """How often the series moved at least as much: `count` of `n` sessions with a known z, the day itself included.

    `one_in` = floor(n/count). None when the day is the only one (`not seen before in n sessions`).
    """

    one_in: int | None
    count: int
    n: int


class MoveReading(msgspec.Struct, frozen=True):
    """One day's move; None is unknown. `word` is empty below the first threshold; `frequency` needs a thousand sessions.

    The series' own window: `n` sessions with a known z since `first_day`, up to `day`.
    """

    change_bp: float | None
    z: float | None
    z_fast: float | None
    z_slow: float | None
    sigma_used: float | None
    word: str
    frequency: Frequency | None
    n: int
    first_day: int | None
    day: int


def sigma_moves(days: Days, yields: Floats, suspect: NDArray[np.bool_] | None = None, params: MovesParams = MovesParams()) -> Moves:
    """The whole history of one series, a row for every own print; `yields` in %, NaN where there is no print.

    Unknown with fewer than 120 changes before. A gap of more than 12 calendar days has no change. Suspect prints keep their own
    change and z, but enter no σ, and the next print is measured from the last one that is not suspect.
    """
    own = ~np.isnan(yields)
    bad = np.zeros(len(days), dtype=np.bool_) if suspect is None else suspect
    days, yields, bad = days[own], yields[own], bad[own]
    clean_bp = native_changes(days, np.where(bad, np.nan, yields), params.max_gap_days)
    change_bp = np.where(bad, native_changes(days, yields, params.max_gap_days), clean_bp)
    scale = sigma(clean_bp, params=params.sigma)
    floor = params.sigma.floor
    return Moves(
        days=days,
        change_bp=change_bp,
        sigma_used=scale.used,
        z=change_bp / scale.used,
        z_fast=change_bp / np.maximum(scale.fast, floor),
        z_slow=change_bp / np.maximum(scale.slow, floor),
    )


def frequency(z: Floats, row: int, params: MovesParams = MovesParams()) -> Frequency | None:
    """Empirical frequency of |z| at `row` in the history up to and including it; None below a thousand sessions or for an unknown z."""
    return frequencies(z, [range(len(z))[row]], params)[0]


def frequencies(z: Floats, rows: Sequence[int], params: MovesParams = MovesParams()) -> list[Frequency | None]:
    """`frequency` at several rows, the last of them the highest."""
    past: Floats = np.abs(z[: rows[-1] + 1]) if rows else z[:0]
    known = past == past  # an unknown z does not equal itself
    out: list[Frequency | None] = []
    for row in rows:
        n, size = int(np.count_nonzero(known[: row + 1])), past.item(row)
        if n < params.min_sessions or size != size:
            out.append(None)
            continue
        count = int(np.count_nonzero(past[: row + 1] >= size * (1 - ROUNDING)))
        out.append(Frequency(n // count if count > 1 else None, count, n))
    return out


def word(z: float | None, params: MovesParams = MovesParams()) -> str:
    """notable · large · extreme · six-sigma, or nothing."""
    size = abs(z) if z is not None else 0.0
    if size < params.notable:
        return ""
    steps = ((params.six_sigma, "six-sigma"), (params.extreme, "extreme"), (params.large, "large"))
    return next((name for threshold, name in steps if size >= threshold), "notable")


def frequency_text(seen: Frequency | None) -> str:
    """`1 in 1,537 sessions`, or what can be said instead."""
    if seen is None:
        return ""
    return f"not seen before in {seen.n:,} sessions" if seen.one_in is None else f"1 in {seen.one_in:,} sessions"


def move_at(moves: Moves, row: int, params: MovesParams = MovesParams()) -> MoveReading:
    """The reading of one row (negative rows count from the end)."""
    row = range(len(moves.days))[row]
    z, known = known_or_none(moves.z[row]), np.flatnonzero(~np.isnan(moves.z[: row + 1]))
    return MoveReading(
        change_bp=known_or_none(moves.change_bp[row]),
        z=z,
        z_fast=known_or_none(moves.z_fast[row]),
        z_slow=known_or_none(moves.z_slow[row]),
        sigma_used=known_or_none(moves.sigma_used[row]),
        word=word(z, params),
        frequency=frequency(moves.z, row, params),
        n=len(known),
        first_day=int(moves.days[known[0]]) if len(known) else None,
        day=int(moves.days[row]),
    )
