"""How a pair of curve points moved: bull or bear, steeper or flatter, parallel or twisted. Words are market convention, bands are ours."""

import math
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from .stats import Days, Floats, SigmaParams, common, native_changes, sigma

BP_PER_PERCENT = 100.0


class ShapeParams(msgspec.Struct, frozen=True):
    """A slope that moved less than max(`min_band_bp`, `band_sigmas`·σ_S·√w) is unmoved, and so is a level below `min_level_bp`."""

    min_band_bp: float = 2.0
    band_sigmas: float = 0.35
    min_level_bp: float = 2.0
    min_twist_bp: float = 1.0
    max_gap_days: int = 12
    sigma: SigmaParams = msgspec.field(default_factory=SigmaParams)


STANDING: Mapping[str, str] = MappingProxyType(
    {
        "min_band_bp": "proposal",
        "band_sigmas": "proposal",
        "min_level_bp": "proposal",
        "min_twist_bp": "proposal",
        "max_gap_days": "validated",
    }
)


class CurveMoves(msgspec.Struct, frozen=True):
    """One row per date on which both legs have an own print. Slope in bp (long − short), moves over `window` such dates in bp.

    `sigma_s` is the slow σ of the daily slope change through the row before, bp a day, without a floor; NaN below its 120 changes.
    """

    days: Days
    slope_bp: Floats
    short_bp: Floats
    long_bp: Floats
    sigma_s: Floats
    window: int


class Shape(msgspec.Struct, frozen=True):
    """The shape over `window` days. `dS` change of the slope, `dL` mean change of both legs, `band`, all bp; None is unknown.

    `plain_band` marks a band that had no σ to go by. `driven_by` is short, long or both (equal moves).
    """

    shape: str | None
    dS: float | None  # noqa: N815 the names of the method
    dL: float | None  # noqa: N815
    band: float | None
    plain_band: bool
    driven_by: str | None
    inverted: bool | None
    window: int


def curve_moves(
    short_days: Days, short: Floats, long_days: Days, long: Floats, window: int = 21, params: ShapeParams = ShapeParams()
) -> CurveMoves:
    """The history of one pair; yields in % on native dates, both legs from one curve."""
    days, short, long = common(short_days, short, long_days, long)
    slope = long - short
    daily_bp = native_changes(days, slope, params.max_gap_days)
    return CurveMoves(
        days=days,
        slope_bp=BP_PER_PERCENT * slope,
        short_bp=native_changes(days, short, params.max_gap_days, window),
        long_bp=native_changes(days, long, params.max_gap_days, window),
        sigma_s=sigma(daily_bp, params=params.sigma).slow,
        window=window,
    )


def band_bp(sigma_s: float | None, window: int, params: ShapeParams = ShapeParams()) -> float:
    """How far a slope must move in `window` days to count as steeper or flatter, bp."""
    scaled = params.band_sigmas * sigma_s * math.sqrt(window) if sigma_s is not None else 0.0
    return max(params.min_band_bp, scaled)


def classify(short_bp: float, long_bp: float, band: float, params: ShapeParams = ShapeParams()) -> str:
    """The word for two moves in bp; the first rule that holds."""
    steeper, level = long_bp - short_bp, (short_bp + long_bp) / 2.0
    turn = "steepener" if steeper > 0 else "flattener"
    if abs(steeper) < band:
        if abs(level) < params.min_level_bp:
            return "unchanged"
        return "parallel up" if level > 0 else "parallel down"
    if short_bp * long_bp < 0 and min(abs(short_bp), abs(long_bp)) > params.min_twist_bp:
        return f"twist {turn}"
    return f"bull {turn}" if level < 0 else f"bear {turn}"


def shape_of(
    short_bp: float, long_bp: float, slope_bp: float, sigma_s: float | None, window: int, params: ShapeParams = ShapeParams()
) -> Shape:
    """The shape of two known moves over `window` days; `slope_bp` is the slope now."""
    band = band_bp(sigma_s, window, params)
    return Shape(
        shape=classify(short_bp, long_bp, band, params),
        dS=long_bp - short_bp,
        dL=(short_bp + long_bp) / 2.0,
        band=band,
        plain_band=sigma_s is None,
        driven_by=_driver(short_bp, long_bp),
        inverted=slope_bp < 0,
        window=window,
    )


def shape_at(moves: CurveMoves, row: int, params: ShapeParams = ShapeParams()) -> Shape:
    """The shape of one row (negative rows count from the end); everything unknown where a leg is."""
    slope_bp, short_bp, long_bp = moves.slope_bp.item(row), moves.short_bp.item(row), moves.long_bp.item(row)
    if short_bp != short_bp or long_bp != long_bp:  # an unknown value does not equal itself
        inverted = None if slope_bp != slope_bp else slope_bp < 0
        return Shape(None, None, None, None, False, None, inverted, moves.window)
    sigma_s = moves.sigma_s.item(row)
    return shape_of(short_bp, long_bp, slope_bp, sigma_s if sigma_s == sigma_s else None, moves.window, params)


def _driver(short_bp: float, long_bp: float) -> str:
    if abs(short_bp) == abs(long_bp):
        return "both"
    return "short" if abs(short_bp) > abs(long_bp) else "long"
