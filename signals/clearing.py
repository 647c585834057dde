"""Duration clearing: two identities that always add up, one pressure score, and one slow regression with its signs checked.

yield = f(inflation) + f(supply) + f(marginal demand) is never one live equation here; the parts are shown beside each other.
The identities are definitions; every threshold is a rule of thumb.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .clauses import is_known
from .stats import BP_PER_PERCENT, Days, Floats, native_changes, sigma

EXPECTED_SIGNS: Mapping[str, int] = MappingProxyType({"breakeven": 1, "y2": 1, "supply": 1, "demand": -1})


class ClearingParams(msgspec.Struct, frozen=True):
    """Horizon of the inflation term (own observations), arrow and word limits, and the monthly ridge."""

    horizon: int = 21
    arrow_z: float = 0.5
    weak_demand_z: float = -0.5
    elevated_pct: float = 0.70
    low_pct: float = 0.30
    residual_shown_bp: float = 0.5
    ridge_months: int = 60
    ridge_min_months: int = 36
    ridge_alpha: float = 1.0


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(ClearingParams.__struct_fields__, "proposal"))
_DEFAULT = ClearingParams()


class Identity(msgspec.Struct, frozen=True):
    """Δy10 split into two named parts, bp. `residual_bp` is what rounding in the sources leaves."""

    total_bp: float
    parts: Mapping[str, float]
    residual_bp: float


class Term(msgspec.Struct, frozen=True):
    """One of the three pressures: z, arrow (↑ → ↓) and, from the 10-year percentile of the underlying series, a level word."""

    z: float | None
    arrow: str | None
    word: str | None


class Clearing(msgspec.Struct, frozen=True):
    """`cp` is the mean of the n known of (inflation, supply, −demand); unknown with fewer than two."""

    cp: float | None
    n: int
    inflation: Term
    supply: Term
    demand: Term


class Beta(msgspec.Struct, frozen=True):
    """A ridge coefficient in bp of the 10-year per unit of its regressor. None when that regressor did not vary."""

    value: float | None
    wrong_sign: bool


class Ridge(msgspec.Struct, frozen=True):
    """Monthly regression. `unexplained_bp` is the last month's residual."""

    betas: Mapping[str, Beta]
    r2: float | None
    unexplained_bp: float
    months: int


def path_and_term(d_y10_bp: float | None, d_y2_bp: float | None) -> Identity | None:
    """Δy10 = Δy2 [path] + Δ(y10 − y2) [term]."""
    if not is_known(d_y10_bp) or not is_known(d_y2_bp):
        return None
    return _identity(d_y10_bp, path=d_y2_bp, term=d_y10_bp - d_y2_bp)


def real_and_breakeven(d_y10_bp: float | None, d_real_bp: float | None, d_breakeven_bp: float | None) -> Identity | None:
    """Δy10 = Δreal10 + Δbe10, three published series: rounding may leave a residual."""
    if not is_known(d_y10_bp) or not is_known(d_real_bp) or not is_known(d_breakeven_bp):
        return None
    return _identity(d_y10_bp, real=d_real_bp, breakeven=d_breakeven_bp)


def expected_and_premium(d_y10_bp: float | None, d_tp10_bp: float | None) -> Identity | None:
    """Δy10 = Δ(y10 − tp10) [expected] + Δtp10."""
    if not is_known(d_y10_bp) or not is_known(d_tp10_bp):
        return None
    return _identity(d_y10_bp, expected=d_y10_bp - d_tp10_bp, tp=d_tp10_bp)


def _identity(total_bp: float, **parts: float) -> Identity:
    return Identity(total_bp, MappingProxyType(parts), total_bp - sum(parts.values()))


def printed_residual_bp(identity: Identity, params: ClearingParams = _DEFAULT) -> float | None:
    """The rounding residual where it is large enough to print."""
    return identity.residual_bp if abs(identity.residual_bp) > params.residual_shown_bp else None


class SharedLegs(msgspec.Struct, frozen=True):
    """The dates on which every leg of an identity has a value (in %), and on which of its own rows."""

    days: Days
    values: tuple[Floats, ...]
    rows: tuple[NDArray[np.intp], ...]

    def changes_bp(self, known: Sequence[int], as_of: int, steps: int, within: int) -> tuple[int, tuple[float, ...]] | None:
        """Changes of every leg over `steps` shared dates, up to `as_of` (days since 1970), and the last of these dates.

        None if a leg is missing.

        Args:
            known: how many rows of each leg are known.
            within: both dates are to be among so many newest rows of each leg.
        """
        last = self.last(known, as_of)
        moved = self.moved_bp(last, known, steps, within)
        return None if moved is None else (int(self.days[last]), moved)

    def last(self, known: Sequence[int], as_of: int) -> int:
        """The row of the last shared date up to `as_of` of which every leg is known, −1 for none."""
        last = int(self.days.searchsorted(np.int32(as_of), "right"))
        return min((last, *(int(rows.searchsorted(n)) for rows, n in zip(self.rows, known, strict=True)))) - 1

    def moved_bp(self, last: int, known: Sequence[int], steps: int, within: int) -> tuple[float, ...] | None:
        """Changes of every leg over `steps` shared dates up to a row."""
        first = last - steps
        if first < 0 or any(rows.item(first) < n - within for rows, n in zip(self.rows, known, strict=True)):
            return None
        return tuple([BP_PER_PERCENT * (values.item(last) - values.item(first)) for values in self.values])


def shared_legs(legs: Sequence[tuple[Days, Floats]]) -> SharedLegs:
    """The legs of an identity on the dates they share."""
    own = [np.flatnonzero(values == values) for _, values in legs]  # an unknown value does not equal itself
    shared = reduce(lambda a, b: np.intersect1d(a, b, assume_unique=True), (days[rows] for (days, _), rows in zip(legs, own, strict=True)))
    rows = tuple(np.searchsorted(days, shared) for days, _ in legs)
    return SharedLegs(shared.astype(np.int32), tuple(values[at] for (_, values), at in zip(legs, rows, strict=True)), rows)


def inflation_z(days: Days, breakeven: Floats, params: ClearingParams = _DEFAULT) -> Floats:
    """21-observation change of a breakeven (%) over its slow daily σ·√21, per own observation; σ through the observation before."""
    slow = sigma(native_changes(days, breakeven)).slow
    with np.errstate(invalid="ignore", divide="ignore"):
        z = native_changes(days, breakeven, steps=params.horizon) / (slow * params.horizon**0.5)
    return np.where(slow > 0, z, np.nan)


def clearing_pressure(
    z_inflation: float | None,
    z_supply: float | None,
    z_demand: float | None,
    level_pcts: Mapping[str, float | None] = MappingProxyType({}),
    params: ClearingParams = _DEFAULT,
) -> Clearing:
    """CP = (z_infl + z_supply − z_demand)/3, over the known ones. `level_pcts` (0…1) by `inflation`, `supply`, `demand`."""
    known = [z for z in (z_inflation, z_supply, -z_demand if is_known(z_demand) else None) if is_known(z)]
    terms = {
        name: Term(z if is_known(z) else None, _arrow(z, params), _level_word(level_pcts.get(name), params))
        for name, z in (("inflation", z_inflation), ("supply", z_supply), ("demand", z_demand))
    }
    return Clearing(sum(known) / len(known) if len(known) >= 2 else None, len(known), **terms)


def _arrow(z: float | None, params: ClearingParams) -> str | None:
    if not is_known(z):
        return None
    return "↑" if z >= params.arrow_z else "↓" if z <= -params.arrow_z else "→"


def _level_word(pct: float | None, params: ClearingParams) -> str | None:
    if not is_known(pct):
        return None
    return "elevated" if pct >= params.elevated_pct else "low" if pct <= params.low_pct else "normal"


def marginal_buyer_word(demand_z: float | None, params: ClearingParams = _DEFAULT) -> str:
    """One market's marginal buyer, in the words of the one-line signal."""
    if not is_known(demand_z):
        return "unread"
    return "missing" if demand_z <= params.weak_demand_z else "present"


def monthly_ridge(d_y10_bp: Floats, regressors: Mapping[str, Floats], params: ClearingParams = _DEFAULT) -> Ridge | None:
    """Δy10 on month-end changes of breakeven and 2-year (bp), supply and demand: ridge on standardised regressors, free intercept.

    Arrays by month, oldest first; months with a missing value are left out. None with fewer than 36 complete months among the last 60
    or when the newest month is incomplete, since its residual is what is shown.
    """
    names = tuple(EXPECTED_SIGNS)
    table = np.column_stack([d_y10_bp, *(regressors[name] for name in names)])[-params.ridge_months :]
    complete: NDArray[np.bool_] = ~np.any(np.isnan(table), axis=1)
    months = int(complete.sum())
    if months < params.ridge_min_months or not complete[-1]:
        return None
    y, x = table[complete, 0], table[complete, 1:]
    spread = x.std(axis=0)
    varies = np.flatnonzero(spread > 1e-12)
    standard = (x - x.mean(axis=0))[:, varies] / spread[varies]
    off = y - y.mean()
    weights = np.linalg.solve(standard.T @ standard + params.ridge_alpha * np.eye(len(varies)), standard.T @ off)
    residual = off - standard @ weights
    total = float(off @ off)
    values = np.full(len(names), np.nan)
    values[varies] = weights / spread[varies]
    betas = {name: _beta(float(value), EXPECTED_SIGNS[name]) for name, value in zip(names, values, strict=True)}
    r2 = 1.0 - float(residual @ residual) / total if total > 0 else None
    return Ridge(MappingProxyType(betas), r2, float(residual[-1]), months)


def _beta(value: float, expected_sign: int) -> Beta:
    return Beta(value, value * expected_sign < 0) if is_known(value) else Beta(None, False)
