"""Slow facts of a market: who holds the debt, how much there is, where policy stands, and what term premium and flows do.

Never filled from a note: a number is computed from its series or unknown. Thresholds of the words are rules of thumb.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from .clauses import is_known
from .stats import BP_PER_PERCENT, Days, Floats, native_changes, percentile

BUYING, REPATRIATION, MIXED = "buying", "repatriation", "mixed"
IN_STEP, OUT_OF_STEP = "in step", "out of step"

# Business days after which a field no longer speaks for today.
STALE_AFTER: Mapping[str, int] = MappingProxyType(
    {
        "cb_share": 130,
        "debt_gdp": 200,
        "policy": 10,
        "cpi": 45,
        "real_policy": 45,
        "path12m": 3,
        "tp10": 10,
        "jp_flows": 12,
        "out_of_step": 45,
        "custody": 8,
        "tic": 60,
    }
)


class StructureParams(msgspec.Struct, frozen=True):
    """Flows in trillion yen over four weeks; gap of CPI in percentage points; windows in own observations."""

    buying_trn: float = 0.0
    repatriation_trn: float = -3.5
    flow_weeks: int = 4
    flow_pct_window: int = 522  # weeks in ten calendar years
    flow_pct_min: int = 104
    step_gap_pp: float = 0.5


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(StructureParams.__struct_fields__, "proposal"))
_DEFAULT = StructureParams()


class TermPremium(msgspec.Struct, frozen=True):
    """10-year term premium per own observation: level %, changes bp, 10-year percentile 0…1."""

    days: Days
    level: Floats
    d21_bp: Floats
    d63_bp: Floats
    d252_bp: Floats
    pct: Floats

    def change_since_bp(self, day: int, row: int) -> float | None:
        """Change from the last observation on or before `day` (days since 1970) to `row`; the window of a claimed shift is the user's."""
        before, now = min(int(self.days.searchsorted(np.int32(day), "right")) - 1, row), self.level.item(row)
        while before >= 0 and np.isnan(self.level[before]):
            before -= 1
        return BP_PER_PERCENT * (now - self.level.item(before)) if before >= 0 and is_known(now) else None


class JapanFlows(msgspec.Struct, frozen=True):
    """Japanese purchases of foreign bonds per week: 4-week sum in trillion yen and its 10-year percentile 0…1."""

    sum_trn: Floats
    pct: Floats


def share_percent(part: float | None, whole: float | None) -> float | None:
    """part/whole in %: central-bank holdings of marketable debt (same valuation), or debt of GDP."""
    return 100.0 * part / whole if is_known(part) and is_known(whole) and whole > 0 else None


def real_policy(policy: float | None, cpi_yoy: float | None) -> float | None:
    """Policy rate less consumer prices year on year, in %."""
    return policy - cpi_yoy if is_known(policy) and is_known(cpi_yoy) else None


def path12m_bp(y2: float | None, policy: float | None) -> float | None:
    """2-year yield less policy rate (%), in bp: a proxy for the change priced over twelve months where no OIS is loaded."""
    return BP_PER_PERCENT * (y2 - policy) if is_known(y2) and is_known(policy) else None


def term_premium(days: Days, level: Floats) -> TermPremium:
    """Changes and percentile of a daily term-premium series in %."""
    d21, d63, d252 = (native_changes(days, level, steps=steps) for steps in (21, 63, 252))
    return TermPremium(days, level, d21, d63, d252, percentile(level))


def japan_flows(net_100m_yen: Floats, params: StructureParams = _DEFAULT) -> JapanFlows:
    """Weekly net purchases (unit 100 million yen, consecutive weeks, positive = residents buy) summed over four weeks."""
    weeks = params.flow_weeks
    total = np.full(len(net_100m_yen), np.nan)
    if len(total) >= weeks:
        total[weeks - 1 :] = np.lib.stride_tricks.sliding_window_view(net_100m_yen, weeks).sum(axis=1) / 1e4
    return JapanFlows(total, percentile(total, params.flow_pct_window, params.flow_pct_min))


def flow_word(sum_trn: float | None, params: StructureParams = _DEFAULT) -> str | None:
    """Buying, repatriation, or mixed between."""
    if not is_known(sum_trn):
        return None
    return BUYING if sum_trn > params.buying_trn else REPATRIATION if sum_trn < params.repatriation_trn else MIXED


def out_of_step(
    d126_policy: float | None, d126_policy_us: float | None, d126_cpi_gap_pp: float | None, params: StructureParams = _DEFAULT
) -> str | None:
    """Policy against the US: 126-day changes of both policy rates, and of the gap of CPI year on year (market less US), in % points.

    In step when both policy rates moved in the same direction. Out of step when they did not and relative inflation went the other way
    than relative policy, by half a point or more: the market tightens against the US while its inflation falls against it, or the reverse.
    """
    if not is_known(d126_policy) or not is_known(d126_policy_us):
        return None
    if np.sign(d126_policy) == np.sign(d126_policy_us):
        return IN_STEP
    if not is_known(d126_cpi_gap_pp):
        return None
    against = -d126_cpi_gap_pp if d126_policy > d126_policy_us else d126_cpi_gap_pp
    return OUT_OF_STEP if against >= params.step_gap_pp else MIXED


def is_stale(field: str, observed: int, today: int) -> bool:
    """Whether a value observed on a day (days since 1970) is older today than its field allows, in business days."""
    age = np.busday_count(np.datetime64(observed, "D"), np.datetime64(today, "D"))
    return bool(age > STALE_AFTER[field])


