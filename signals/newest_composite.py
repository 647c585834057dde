"""The newest rows of the composite and of the residuals, where they were known differently from what they became; see `newest`."""

import msgspec
import numpy as np

from .composite import CompositeHistory, CompositeParams, Indicators, aggregate, band_history, correlations, index_of, pillar_history
from .newest import decays, joined, memory, sigma_continued
from .residual import ResidualParams, forecast_error, forecast_error_at, scaled
from .rule import UNKNOWN
from .stats import BP_PER_PERCENT, Floats, changes, lagged, sigma


def composite_from(
    history: CompositeHistory, first: int, core: Indicators, extended: Indicators, params: CompositeParams
) -> CompositeHistory:
    """The index from indicators that agree with the history's on all rows before `first`."""
    pillars = joined(history.pillars, first, pillar_history(_from_row(core, first), _from_row(extended, first), params))
    new_dci, n, contributions = index_of(pillars[first:], params)
    dci = joined(history.dci, first, new_dci)
    banded = np.flatnonzero(history.band[:first] != UNKNOWN)
    band = band_history(new_dci, params, int(history.band[banded[-1]]) if len(banded) else UNKNOWN)
    systemic, amplification = _systemic_from(pillars, first, params)
    return CompositeHistory(
        core=core,
        extended=extended,
        pillars=pillars,
        contributions=joined(history.contributions, first, contributions),
        n=np.concatenate([history.n[:first], n]),
        dci=dci,
        band=np.concatenate([history.band[:first], band]),
        d5=joined(history.d5, first, changes(dci, 5)[first:]),
        d21=joined(history.d21, first, changes(dci, 21)[first:]),
        systemic=joined(history.systemic, first, systemic),
        amplification=joined(history.amplification, first, amplification),
    )


def cmax_from(price: Floats, first: int, params: CompositeParams) -> Floats:
    """`composite.cmax` of the rows from `first` on."""
    out = np.full(len(price) - first, np.nan)
    for row in range(first, len(price)):
        window = price[max(row - params.cmax_window + 1, 0) : row + 1]
        known = window[window == window]  # an unknown value does not equal itself
        if len(known) >= params.cmax_min:
            out[row - first] = 1.0 - price[row] / known.max()
    return out


def _from_row(indicators: Indicators, first: int) -> Indicators:
    return {pillar: {name: x[first:] for name, x in each.items()} for pillar, each in indicators.items()}


def _systemic_from(pillars: Floats, first: int, params: CompositeParams) -> tuple[Floats, Floats]:
    """`composite.systemic_history` of the rows from `first` on."""
    count, start, kept = pillars.shape[1], params.systemic_start, params.lam_systemic
    systemic, amplification = (np.full(len(pillars) - first, np.nan) for _ in range(2))
    whole = pillars @ np.ones(count)
    complete = np.flatnonzero(whole == whole)  # an unknown pillar makes an unknown sum
    since = max(int(np.searchsorted(complete, first)) - memory(kept), 0)
    s, opening = pillars[complete[since:]], pillars[complete[:start]] - 0.5
    centred, equal = s - 0.5, np.full(count, 1.0 / count)
    for place in range(max(start - 1, int(np.searchsorted(complete, first))), len(complete)):
        later = centred[max(start - since, 0) : place + 1 - since][-memory(kept) :]
        grown = (later * decays(len(later), kept)[:, None]).T @ later
        covariance = kept ** (place + 1 - start) * (opening.T @ opening / start) + (1.0 - kept) * grown
        row = complete[place] - first
        total, share = aggregate(s[place - since][None], equal, correlations(covariance[None]))
        systemic[row], amplification[row] = total[0], share[0]
    return systemic, amplification


class Residuals(msgspec.Struct, frozen=True):
    """What one market did alone, on every row: `e` in bp, its fast and slow σ through the row before, `z` and `idio` in σ."""

    e: Floats
    fast: Floats
    slow: Floats
    z: Floats
    idio: Floats


def residual_from(before: Residuals | None, first: int, own_yield: Floats, others_bp: Floats, params: ResidualParams) -> Residuals:
    """The residuals of one market on all rows; those before agree before `first`, which leaves out the very beginning.

    `own_yield` in %; `others_bp` is the mean daily change of the other markets, on all rows or on the newest ones from `window` + 2 rows
    before `first` on.
    """
    start = max(first - params.window - 2, 0)
    moved_bp = BP_PER_PERCENT * changes(own_yield[start:])
    others = others_bp[len(others_bp) - len(moved_bp) :]
    table = np.column_stack([others, lagged(others)])
    if before is None or first == 0:
        e = forecast_error(moved_bp, table, params.window)
        scale = sigma(e, params=params.sigma)
        return Residuals(e, scale.fast, scale.slow, *scaled(e, scale.fast, scale.slow, params))
    newest = [forecast_error_at(moved_bp, table, row - start, params.window) for row in range(first, len(own_yield))]
    e, p = joined(before.e, first, np.array(newest)), params.sigma
    fast = sigma_continued(before.fast, e, first, p.lam_fast, p.min_fast)
    slow = sigma_continued(before.slow, e, first, p.lam_slow, p.min_slow)
    month = slice(max(first - params.horizon + 1, 0), None)
    z, idio = (x[-len(newest) :] for x in scaled(e[month], fast[month], slow[month], params))
    return Residuals(e, fast, slow, joined(before.z, first, z), joined(before.idio, first, idio))
