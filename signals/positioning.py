"""Positioning: net supply, fragmented demand, leveraged funds in futures and how broad the de-risking is.

The leveraged net short stands in for the cash–futures basis trade (Barth and Kahn 2021). All thresholds and weights are rules of thumb.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .clauses import is_known
from .stats import Days, Floats, known_or_none, native_changes, percentile, robust_z_rows

# Rough DV01 of one contract against one 10-year contract.
CONTRACT_WEIGHTS: Mapping[str, float] = MappingProxyType({"2y": 0.62, "5y": 0.69, "10y": 1.0, "u10": 1.38, "bond": 2.0, "ubond": 2.9})


class PositioningParams(msgspec.Struct, frozen=True):
    """References in month-ends and weekly reports, minimum counts, and the limits of the words."""

    ref_months: int = 36
    min_months: int = 12
    min_markets: int = 3
    pressure_limit: float = 1.0
    contract_weights: Mapping[str, float] = msgspec.field(default_factory=lambda: CONTRACT_WEIGHTS)
    short_window: int = 522  # weekly reports in ten calendar years
    short_min: int = 104
    change_reports: int = 4
    ref_changes: int = 52
    breadth_s: float = 0.5
    broad_share: float = 0.75
    localised_share: float = 0.25


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(PositioningParams.__struct_fields__, "proposal"))
_DEFAULT = PositioningParams()


class BucketFlows(msgspec.Struct, frozen=True):
    """Flows of one maturity bucket by month (currency amounts, NaN unknown, 0 known to be none); `md` in years."""

    issued: Floats
    redeemed: Floats
    bought_back: Floats
    cb_net_purchases: Floats
    md: Floats


class Pressure(msgspec.Struct, frozen=True):
    """Mean of the n known of supply z, −demand z and fragmentation z, and its word; unknown with fewer than two."""

    p: float | None
    word: str | None
    n: int


class LeveragedHistory(msgspec.Struct, frozen=True):
    """Leveraged funds per report. `net` in 10-year contract equivalents (short is negative), `short_pct` 0…1.

    `d4_z` and `d1_z` are robust z of the 4-report and 1-report change of the *short*: negative means that the short was cut.
    `known[c, t]`: contract c was in report t.
    """

    days: Days
    net: Floats
    short_pct: Floats
    d4_z: Floats
    d1_z: Floats
    contracts: tuple[str, ...]
    known: NDArray[np.bool_]


class LeveragedReading(msgspec.Struct, frozen=True):
    """One report; `report_date` in days since 1970, `missing` names contracts left out of the sum."""

    lev_net: float | None
    lev_pct: float | None
    lev_d4_z: float | None
    lev_d1_z: float | None
    report_date: int
    missing: tuple[str, ...]


class Breadth(msgspec.Struct, frozen=True):
    """Share of the n known markets that sell off, and its word."""

    share: float | None
    word: str | None
    n: int


def net_supply(buckets: Sequence[BucketFlows], md10: Floats) -> Floats:
    """Net coupon supply by month in 10-year equivalents: Σ (issued − redeemed − bought back − central-bank purchases)·MD/MD10."""
    total = np.zeros(len(md10))
    for flow in buckets:
        total = total + (flow.issued - flow.redeemed - flow.bought_back - flow.cb_net_purchases) * flow.md / md10
    return total if buckets else np.full(len(md10), np.nan)


def three_month_sum(flow: Floats) -> Floats:
    """Sum of a month and the two before it; unknown where one of them is."""
    out = np.full(len(flow), np.nan)
    if len(flow) >= 3:
        out[2:] = flow[2:] + flow[1:-1] + flow[:-2]
    return out


def robust_z_history(x: Floats, ref: int, min_ref: int) -> Floats:
    """Robust z of every value against the `ref` known values before it, at least `min_ref`; unknown rows are no observations."""
    out = np.full(len(x), np.nan)
    known = ~np.isnan(x)
    out[known] = robust_z_rows(x[known], ref, min_ref)
    return out


def supply_z(supply: Floats, params: PositioningParams = _DEFAULT) -> Floats:
    """z of the 3-month net supply (10-year equivalents) per month-end, against its previous 36."""
    return robust_z_history(supply, params.ref_months, params.min_months)


def fragmentation_z(demand_z: Floats, params: PositioningParams = _DEFAULT) -> Floats:
    """z of the cross-market standard deviation of demand z (markets × month-ends), three markets at least, against its previous 36."""
    known = ~np.isnan(demand_z)
    count = known.sum(axis=0)
    enough = count >= params.min_markets
    n = np.maximum(count, 1)
    off = np.where(known, demand_z - np.where(known, demand_z, 0.0).sum(axis=0) / n, 0.0)
    spread = np.sqrt((off**2).sum(axis=0) / n)
    return robust_z_history(np.where(enough, spread, np.nan), params.ref_months, params.min_months)


def pressure(supply: float | None, demand: float | None, fragmentation: float | None, params: PositioningParams = _DEFAULT) -> Pressure:
    """P = mean of supply z, −demand z and fragmentation z, at least two."""
    known = [z for z in (supply, -demand if is_known(demand) else None, fragmentation) if is_known(z)]
    if len(known) < 2:
        return Pressure(None, None, len(known))
    p = fmean(known)
    word = "under pressure" if p >= params.pressure_limit else "light" if p <= -params.pressure_limit else "balanced"
    return Pressure(p, word, len(known))


def leveraged_history(days: Days, nets: Mapping[str, Floats], params: PositioningParams = _DEFAULT) -> LeveragedHistory:
    """Leveraged-fund futures positions per weekly report (CFTC, traders in financial futures); `nets` in contracts, rows as `days`."""
    contracts = tuple(params.contract_weights)
    blank = np.full(len(days), np.nan)
    table = np.array([nets.get(name, blank) for name in contracts])
    known = ~np.isnan(table)
    weights = np.array([params.contract_weights[name] for name in contracts])
    net = np.where(known.any(axis=0), (np.where(known, table, 0.0) * weights[:, np.newaxis]).sum(axis=0), np.nan)
    return LeveragedHistory(
        days,
        net,
        percentile(-net, params.short_window, params.short_min),
        _short_change_z(days, net, known, params.change_reports, params),
        _short_change_z(days, net, known, 1, params),
        contracts,
        known,
    )


def _short_change_z(days: Days, net: Floats, known: NDArray[np.bool_], steps: int, params: PositioningParams) -> Floats:
    """z of the change of the short; no change where the set of contracts differs, or a contract's first report would read as trading."""
    moved = native_changes(days, -net, steps=steps)  # in hundredths: z does not see the scale
    same = np.zeros(len(net), dtype=np.bool_)
    same[steps:] = (known[:, steps:] == known[:, :-steps]).all(axis=0)
    return robust_z_history(np.where(same, moved, np.nan), params.ref_changes, 8)


def leveraged_at(history: LeveragedHistory, row: int) -> LeveragedReading:
    """The report of a row."""
    missing = tuple(name for name, there in zip(history.contracts, history.known[:, row], strict=True) if not there)
    return LeveragedReading(
        known_or_none(history.net[row]),
        known_or_none(history.short_pct[row]),
        known_or_none(history.d4_z[row]),
        known_or_none(history.d1_z[row]),
        int(history.days[row]),
        missing,
    )


def breadth(s: Sequence[float | None], params: PositioningParams = _DEFAULT) -> Breadth:
    """How many of the markets sell off: share with s ≥ +0.5 among those whose s is known."""
    known = [value for value in s if is_known(value)]
    if not known:
        return Breadth(None, None, 0)
    share = sum(value >= params.breadth_s for value in known) / len(known)
    word = "broad" if share >= params.broad_share else "none" if share < params.localised_share else "localised"
    return Breadth(share, word, len(known))
