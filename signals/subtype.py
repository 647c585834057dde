"""What kind of stress: who is being sold, and do markets move together (§4.8)."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

import msgspec
import numpy as np

from .coordinates import Coordinates
from .rule import UNKNOWN, Codes, Regime
from .stats import BP_PER_PERCENT, Floats, changes


class StressKind(IntEnum):
    """The first word."""

    LIQUIDATION = 0
    FLIGHT_TO_QUALITY = 1
    MIXED = 2

    @property
    def word(self) -> str:
        return self.name.lower().replace("_", " ")


class Spread(IntEnum):
    """The second word."""

    CONVERGENT = 0
    DISPERSED = 1

    @property
    def word(self) -> str:
        return self.name.lower()


class SubtypeParams(msgspec.Struct, frozen=True):
    """Rows of a week and a month, the common move of a flight, and what counts as convergence."""

    week: int = 5
    month: int = 21
    flight_m: float = -0.5
    rho_rise: float = 0.05
    rho_pct: float = 0.70
    kappa: float = 0.8


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(SubtypeParams.__struct_fields__, "proposal"))


class SubtypeHistory(msgspec.Struct, frozen=True):
    """Codes of `StressKind` and `Spread`, UNKNOWN off Stress or undecided, with the evidence they rest on."""

    kind: Codes
    spread: Codes
    us_change_bp: Floats
    stocks_return: Floats
    rho_rise: Floats


class Subtype(msgspec.Struct, frozen=True):
    """One row's words; None where undecided."""

    kind: StressKind | None
    spread: Spread | None

    @property
    def words(self) -> str:
        """`liquidation, convergent`; `?` for what is not known."""
        return f"{self.kind.word if self.kind is not None else '?'}, {self.spread.word if self.spread is not None else '?'}"


def subtype_history(
    held: Codes,
    week: Coordinates,
    rho: Floats,
    rho_pct: Floats,
    us_yield: Floats,
    stocks: Floats,
    params: SubtypeParams = SubtypeParams(),
) -> SubtypeHistory:
    """Sub-type of every row held in Stress.

    `week` are the coordinates over 5 rows, `us_yield` in %, `stocks` a price index, all on panel rows. A clause with an unknown input does
    not hold; a word that could still go either way is UNKNOWN.
    """
    us_change_bp = BP_PER_PERCENT * changes(us_yield, params.week)
    before = np.full(len(stocks), np.nan)
    before[params.week :] = stocks[: max(len(stocks) - params.week, 0)]
    stocks_return = np.full(len(stocks), np.nan)
    np.divide(stocks - before, before, out=stocks_return, where=before > 0)
    rho_rise = changes(rho, params.month)
    stressed = held == Regime.STRESS
    kind = np.where(stressed, _kinds(week.m, us_change_bp, stocks_return, params), UNKNOWN)
    spread = np.where(stressed, _spreads(week.kappa, rho_rise, rho_pct, params), UNKNOWN)
    return SubtypeHistory(kind.astype(np.int8), spread.astype(np.int8), us_change_bp, stocks_return, rho_rise)


def subtype_at(history: SubtypeHistory, row: int) -> Subtype | None:
    """The words of a row, None when it is not Stress."""
    kind, spread = int(history.kind[row]), int(history.spread[row])
    if kind == spread == UNKNOWN:
        return None
    return Subtype(None if kind == UNKNOWN else StressKind(kind), None if spread == UNKNOWN else Spread(spread))


class Evidence(msgspec.Struct, frozen=True):
    """What one row in Stress is judged by: m and κ over a week, changes over a week of the US yield (bp) and of stocks, ρ̄ and its rise."""

    m: float
    kappa: float
    us_change_bp: float
    stocks_return: float
    rho_rise: float
    rho_pct: float


def subtype_of(row: Evidence, params: SubtypeParams = SubtypeParams()) -> Subtype | None:
    """The words of a row in Stress, as `subtype_history` has them; None where neither can be said."""
    kind: StressKind | None = None
    if (row.us_change_bp > 0 and row.stocks_return < 0) or row.m > 0:
        kind = StressKind.LIQUIDATION
    elif row.m == row.m:  # an unknown value does not equal itself
        kind = StressKind.FLIGHT_TO_QUALITY if row.m < params.flight_m else StressKind.MIXED
    spread: Spread | None = None
    if row.rho_rise >= params.rho_rise or row.rho_pct >= params.rho_pct or abs(row.kappa) >= params.kappa:
        spread = Spread.CONVERGENT
    elif row.rho_rise < params.rho_rise and row.rho_pct < params.rho_pct and abs(row.kappa) < params.kappa:
        spread = Spread.DISPERSED
    return None if kind is None and spread is None else Subtype(kind, spread)


def _kinds(m: Floats, us_change_bp: Floats, stocks_return: Floats, params: SubtypeParams) -> Codes:
    both_sold = (us_change_bp > 0) & (stocks_return < 0)
    kinds = [StressKind.FLIGHT_TO_QUALITY, StressKind.LIQUIDATION, StressKind.MIXED]
    by_move = np.select([m < params.flight_m, m > 0, m <= 0], kinds, UNKNOWN)
    return np.where(both_sold, StressKind.LIQUIDATION, by_move).astype(np.int8)


def _spreads(kappa: Floats, rho_rise: Floats, rho_pct: Floats, params: SubtypeParams) -> Codes:
    together = (rho_rise >= params.rho_rise) | (rho_pct >= params.rho_pct) | (np.abs(kappa) >= params.kappa)
    apart = (rho_rise < params.rho_rise) & (rho_pct < params.rho_pct) & (np.abs(kappa) < params.kappa)
    return np.select([together, apart], [Spread.CONVERGENT, Spread.DISPERSED], UNKNOWN).astype(np.int8)
