"""The newest rows of a history, where they were known differently from what they became: what a replay must compute, and no more.

Each function takes a history and inputs that agree with it on all rows before `first`, and gives what the whole computation would give on
those inputs: earlier rows are shared, the others are computed one by one.
"""

import math
from collections.abc import Mapping
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from .agreement import EnsembleParams, Votes, agreement_history, turning_history
from .coordinates import Coordinates, CorrelationParams, changes_bp, coordinates
from .gate import ACUTE, COMPONENTS, Gate, GateParams, Stress, against, gate_step, mahalanobis, opening_covariance, stress_from
from .regime import Labels, RegimeHistory, RegimeParams, Track, advance, raw_labels
from .rows import Flags
from .rule import UNKNOWN, Regime, Thresholds, rule
from .stats import Floats, correlation

FORGOTTEN = 1e-18  # a weight below the last bit of a double


def memory(lam: float) -> int:
    """Rows after which an exponential weight no longer shows in a double."""
    return math.ceil(math.log(FORGOTTEN) / math.log(lam))


def joined(before: Floats, first: int, after: Floats) -> Floats:
    """A history with its rows from `first` on replaced."""
    return np.concatenate([before[:first], after])


def percentiles_from(x: Floats, first: int, window: int, min_obs: int) -> Floats:
    """`stats.percentile` of the rows from `first` on only."""
    return np.array([last_percentile(x[max(row - window + 1, 0) : row + 1], min_obs) for row in range(first, len(x))], dtype=np.float64)


def last_percentile(x: Floats, min_obs: int) -> float:
    """Rank 0…1 of the last value among the known ones of a window; NaN when it is unknown or fewer than `min_obs` are known."""
    if len(x) < min_obs:
        return math.nan
    value, total = float(x[-1]), float(x.dot(x))
    n = len(x) if total == total else np.count_nonzero(x == x)  # an unknown value does not equal itself; most windows have none
    if value != value or n < min_obs:
        return math.nan
    less, equal = np.count_nonzero(x < value), np.count_nonzero(x == value)
    return (less + (equal + 1) / 2) / n


def sigma_from(x: Floats, first: int, lam: float, min_obs: int) -> Floats:
    """Zero-mean EWMA σ of the rows from `first` on, one series or one a column, each *through the row before*; unknown below `min_obs`."""
    start = max(first - 1, 0)
    past = x[max(start - memory(lam), 0) : start]
    weights, squares, known = decays(len(past), lam), past * past, past == past  # an unknown value does not equal itself
    if not known.all():
        squares[~known] = 0.0
    total, weight = weights @ squares, weights @ known.astype(np.float64)
    count = np.count_nonzero(known if len(past) == start else x[:start] == x[:start], axis=0)
    out = [np.full(x.shape[1:], math.nan)] if first == 0 else []
    for value in x[start:-1]:
        here = value == value
        total, weight, count = lam * total + np.where(here, value * value, 0.0), lam * weight + here, count + here
        enough = count >= max(min_obs, 1)
        out.append(np.sqrt(np.divide(total, weight, out=np.full(x.shape[1:], math.nan), where=enough)))
    return np.array(out).reshape(len(out), *x.shape[1:])


def sigma_continued(before: Floats, x: Floats, first: int, lam: float, min_obs: int) -> Floats:
    """σ of all rows, of which those before `first` agree with `before`: so does the σ of row `first`, which goes through the row before."""
    if len(before) <= first:
        return joined(before, first, sigma_from(x, first, lam, min_obs))
    kept = joined(before, first + 1, x[:0])
    return kept if len(x) == first + 1 else joined(kept, first + 1, sigma_from(x, first + 1, lam, min_obs))


def decays(n: int, lam: float) -> Floats:
    """λ^k for the newest n rows (at most `memory`), oldest first."""
    every = _every_weight(lam)
    return every[len(every) - n :]


@cache
def _every_weight(lam: float) -> Floats:
    """Powers cost more than the sums they weigh, and each step of a replay needs the same ones."""
    weights: Floats = np.asarray(lam ** np.arange(memory(lam) - 1, -1, -1), np.float64)
    weights.setflags(write=False)
    return weights


def regime_from(
    history: RegimeHistory, of_yields: int, of_stress: Mapping[str, int], yields: Floats, stress_series: Mapping[str, Floats]
) -> RegimeHistory:
    """The map of `yields` (rows, markets) and of the three stress series by the names of gate.COMPONENTS.

    `of_yields` and `of_stress`: from which row on they differ; the number of rows where they do not.
    """
    params, n = history.params, len(yields)
    sigma_bp, rho, rho_pct = history.sigma_bp[:n], history.rho[:n], history.rho_pct[:n]
    spots = {name: _cut(track.at, n) for name, track in history.strip.items()}
    values = {**{name: x[:n] for name, x in history.stress.values.items()}, **stress_series}
    if of_yields < n:
        sigma_bp = _sigma_from(history.sigma_bp, of_yields, yields, params)
        spots = {name: _coordinates_from(track.at, of_yields, yields, sigma_bp) for name, track in history.strip.items()}
        rho = joined(history.rho, of_yields, _correlation_from(of_yields, yields, params.correlation))
        rho_pct = joined(history.rho_pct, of_yields, percentiles_from(rho, of_yields, params.gate.pct_window, params.gate.pct_min))
        rv, turb = _volatility_from(of_yields, yields, params.gate), _turbulence_from(history, of_yields, yields)
        values |= {name: joined(history.stress.values[name], of_yields, x) for name, x in (("rv", rv), ("turb", turb))}
    main = spots[params.headline]
    firsts = {name: of_stress.get(name, of_yields) for name in COMPONENTS}
    first = min(firsts.values())
    rows = slice(first, n)
    stress = _stress_from(history.stress, firsts, values, params.gate)
    gate = _gate_from(history.gate, first, np.where(np.isnan(main.m[rows]), np.nan, stress.H[rows]), params.gate)
    labelled = min(of_yields, first + _agreeing(history.gate.on[rows], gate.on[rows]))
    strip = {name: Track(at, _labels_from(history.strip[name].labels, labelled, at, gate.on, params)) for name, at in spots.items()}
    held = strip[params.headline].labels.held
    votes = np.concatenate([history.votes[:first], _votes(main.m[rows], main.D[rows], stress.H[rows], params.ensemble)])
    return RegimeHistory(
        params=params,
        sigma_bp=sigma_bp,
        strip=strip,
        rho=rho,
        rho_pct=rho_pct,
        stress=stress,
        gate=gate,
        raw=np.concatenate([history.raw[:first], raw_labels(main.m[rows], main.D[rows], stress.H[rows], params)]),
        votes=votes,
        agreement=joined(history.agreement, first, agreement_history(votes[rows], held[rows])),
        turning=np.concatenate([history.turning[:first], turning_history(votes[rows], held[rows], params.ensemble)]),
    )


def _agreeing(before: Flags, after: Flags) -> int:
    """How many leading rows are equal."""
    differs = before[: len(after)] != after
    return int(differs.argmax()) if differs.any() else len(after)


def _moments(x: Floats, lam: float) -> tuple[Floats, NDArray[np.int64]]:
    """Zero-mean EWMA covariances of the last row, each over the rows where both columns are known, and how many those were."""
    here = x == x
    known = here.astype(np.float64)
    weighted = decays(len(x), lam)[:, None]
    filled = np.where(here, x, 0.0)
    both = known.T @ (weighted * known)
    covariance = np.divide(filled.T @ (weighted * filled), both, out=np.full(both.shape, np.nan), where=both > 0)
    return covariance, (known.T @ known).astype(np.int64)


def correlation_from(x: Floats, y: Floats, first: int, lam: float, min_obs: int) -> Floats:
    """`stats.ewma_correlation` of the rows from `first` on."""
    pair = np.column_stack([x, y])
    pair[(pair != pair).any(axis=1)] = np.nan
    known = np.cumsum(pair[:, 0] == pair[:, 0])
    out = np.full(len(x) - first, np.nan)
    for row in range(first, len(x)):
        (xx, xy), (_, yy) = _moments(pair[max(row + 1 - memory(lam), 0) : row + 1], lam)[0].tolist()
        if known[row] >= max(min_obs, 1) and xx * yy > 0:
            out[row - first] = xy / math.sqrt(xx * yy)
    return out


@cache
def _pairs(n: int) -> tuple[NDArray[np.intp], ...]:
    """Rows and columns of the upper triangle."""
    return np.triu_indices(n, 1)


def _correlation_from(first: int, yields: Floats, params: CorrelationParams) -> Floats:
    """`coordinates.mean_correlation` of the rows from `first` on."""
    start = max(first - memory(params.lam), 0)
    moved, pairs = changes_bp(yields[start:], params.steps), _pairs(yields.shape[1])
    out = np.empty(len(yields) - first)
    for row in range(first, len(yields)):
        covariance, count = _moments(moved[: row - start + 1][-memory(params.lam) :], params.lam)
        covariance[count < max(params.min_obs, 1)] = np.nan
        variance = covariance.diagonal()
        out[row - first] = correlation(covariance[pairs], variance[pairs[0]], variance[pairs[1]]).mean()
    return out


def _volatility_from(first: int, yields: Floats, params: GateParams) -> Floats:
    """`gate.realised_volatility` of the rows from `first` on: a σ through the row itself, hence through the row before the next."""
    start = max(first - memory(params.lam_rv), 0)
    beyond = np.full((1, yields.shape[1]), np.nan)
    moved = np.concatenate([changes_bp(yields[start:]), beyond])
    return np.asarray(sigma_from(moved, first - start + 1, params.lam_rv, params.min_rv).mean(axis=1))


def _cut(at: Coordinates, n: int) -> Coordinates:
    return Coordinates(at.horizon, at.s[:n], at.m[:n], at.D[:n], at.kappa[:n])


def _sigma_from(before: Floats, first: int, yields: Floats, params: RegimeParams) -> Floats:
    if len(yields) == first + 1 and len(before) > first:
        return before[: len(yields)]  # σ goes through the row before
    slow = sigma_from(changes_bp(yields), first, params.sigma.lam_slow, params.sigma.min_slow)
    return joined(before, first, np.maximum(slow, params.sigma.floor))


def _coordinates_from(before: Coordinates, first: int, yields: Floats, sigma_bp: Floats) -> Coordinates:
    start = max(first - before.horizon, 0)
    new = coordinates(yields[start:], sigma_bp[start:], before.horizon)
    own = slice(first - start, None)
    return Coordinates(
        before.horizon,
        joined(before.s, first, new.s[own]),
        joined(before.m, first, new.m[own]),
        joined(before.D, first, new.D[own]),
        joined(before.kappa, first, new.kappa[own]),
    )


def _turbulence_from(history: RegimeHistory, first: int, yields: Floats) -> Floats:
    """Rows from `first` on; x_1 is the change that ends on the third row."""
    before, params = history.stress.values["turb"], history.params.gate
    x, start, kept = changes_bp(yields, 2)[2:], params.turb_start, params.lam_turb
    out = np.full(len(yields) - first, np.nan)
    if len(x) <= start:
        return out
    opening = opening_covariance(x[:start])
    decay = 1.0 - 2.0 / (params.turb_span + 1.0)
    smooth, weight = _smoothed_before(before, first, decay)
    for row in range(max(first, start + 2), len(yields)):
        past = x[max(row - 2 - memory(kept), 0) : row - 2]
        covariance = kept ** (row - 2) * opening + (1.0 - kept) * (past * decays(len(past), kept)[:, None]).T @ past
        distance = float(mahalanobis(x[row - 2 : row - 1], covariance[None])[0]) / x.shape[1]
        if not math.isnan(distance):
            smooth, weight = (distance + decay * weight * smooth) / (1.0 + decay * weight), 1.0 + decay * weight
        out[row - first] = smooth if weight else math.nan
    return out


def _smoothed_before(before: Floats, first: int, decay: float) -> tuple[float, float]:
    """The smoothed turbulence before a row, and the sum of the weights behind it."""
    known = np.count_nonzero(~np.isnan(before[:first]))
    return (float(before[first - 1]), (1.0 - decay**known) / (1.0 - decay)) if known else (0.0, 0.0)


def _stress_from(before: Stress, firsts: Mapping[str, int], values: Mapping[str, Floats], params: GateParams) -> Stress:
    """From values of components that differ from `firsts` on; where one does not, its ranks are shared."""
    n, first = len(values["vix"]), min(firsts.values())
    recent, level, acute = ({name: x[:n] for name, x in part.items()} for part in (before.recent, before.level, before.acute))
    for name, x in values.items():
        start = firsts[name]
        if start >= n:
            continue
        level[name] = joined(before.level[name], start, percentiles_from(x, start, params.pct_window, params.pct_min))
        if name in ACUTE:
            middle = [_median(x[max(row - params.acute_window + 1, 0) : row + 1], params.acute_min) for row in range(start, n)]
            recent[name] = joined(before.recent[name], start, against(name, x[start:], np.array(middle)))
            acute[name] = joined(before.acute[name], start, percentiles_from(recent[name], start, params.pct_window, params.pct_min))
    acute["turb"] = level["turb"]
    tails = [{name: each[first:] for name, each in part.items()} for part in (values, recent, level, acute)]
    new = stress_from(tails[0], tails[1], tails[2], tails[3], params)
    G, A, H = (joined(old, first, each) for old, each in ((before.G, new.G), (before.A, new.A), (before.H, new.H)))
    return Stress(values, recent, level, acute, G, A, H)


def _median(x: Floats, min_obs: int) -> float:
    known = np.sort(x[x == x])
    n = len(known)
    return float((known[(n - 1) // 2] + known[n // 2]) / 2) if n >= max(min_obs, 1) else math.nan


def _votes(m: Floats, D: Floats, H: Floats, params: EnsembleParams) -> Votes:
    """`votes_history` of a few rows."""
    votes = np.zeros((len(m), len(Regime)), dtype=np.int16)
    rules = [Thresholds(m0, D0, c) for m0, D0, c in product(params.m0, params.D0, params.c)]
    for row, (m_t, D_t, H_t) in enumerate(zip(m.tolist(), D.tolist(), H.tolist(), strict=True)):
        if m_t == m_t and D_t == D_t:
            stressed = sum(level <= H_t for level in params.h_on)
            for at in rules:
                votes[row, rule(m_t, D_t, at)] += len(params.h_on) - stressed
            votes[row, Regime.STRESS] = len(rules) * stressed
    return votes


def _gate_from(before: Gate, first: int, H: Floats, params: GateParams) -> Gate:
    """`H`: of the rows from `first` on."""
    on, off_count = (bool(before.on[first - 1]), int(before.off_count[first - 1])) if first else (False, 0)
    states = []
    for stress in H.tolist():
        on, off_count = gate_step(on, off_count, stress, params)
        states.append((on, off_count))
    new = np.array(states, dtype=np.int32).reshape(-1, 2)
    return Gate(np.concatenate([before.on[:first], new[:, 0].astype(np.bool_)]), np.concatenate([before.off_count[:first], new[:, 1]]))


def _labels_from(before: Labels, first: int, at: Coordinates, gate_on: Flags, params: RegimeParams) -> Labels:
    """The state machine from where it stood on the last row with a label."""
    n = len(at.m)
    if first >= n:
        return Labels(before.today[:n], before.held[:n], before.sessions[:n], before.away_count[:n])
    today, held_codes = (np.full(n - first, UNKNOWN, dtype=np.int8) for _ in range(2))
    sessions, away_count = (np.zeros(n - first, dtype=np.int32) for _ in range(2))
    last = first - 1
    while last >= 0 and before.held[last] == UNKNOWN:
        last -= 1
    held = int(before.held[last]) if last >= 0 else UNKNOWN
    away: tuple[int, ...] = before.away(last) if last >= 0 else ()
    changed_at = last - int(before.sessions[last]) + 1 if last >= 0 else 0
    for row in range(first, n):
        m, D = float(at.m[row]), float(at.D[row])
        if math.isnan(m) or math.isnan(D):
            continue
        label = Regime.STRESS if gate_on[row] else rule(m, D, params.thresholds.in_force(held, params.hysteresis))
        held_before, (held, away) = held, advance(held, away, label, params)
        if held != held_before:
            changed_at = row
        place = row - first
        today[place], held_codes[place], sessions[place], away_count[place] = label, held, row - changed_at + 1, len(away)
    return Labels(
        np.concatenate([before.today[:first], today]),
        np.concatenate([before.held[:first], held_codes]),
        np.concatenate([before.sessions[:first], sessions]),
        np.concatenate([before.away_count[:first], away_count]),
    )
