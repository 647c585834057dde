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
    history: RegimeHistory, first: int, same_yields: bool, yields: Floats, stress_series: Mapping[str, Floats]
) -> RegimeHistory:
    """The map of `yields` (rows, markets) and of the three stress series by the names of gate.COMPONENTS.

    `same_yields`: the yields agree on every row, only the stress series do not.
    """
    params, n = history.params, len(yields)
    if same_yields:
        sigma_bp, rho = history.sigma_bp[:n], history.rho[:n]
        rv, turb = history.stress.values["rv"][:n], history.stress.values["turb"][:n]
        spots = {name: _cut(track.at, n) for name, track in history.strip.items()}
    else:
        sigma_bp = _sigma_from(history.sigma_bp, first, yields, params)
        spots = {name: _coordinates_from(track.at, first, yields, sigma_bp) for name, track in history.strip.items()}
        rho = joined(history.rho, first, _correlation_from(first, yields, params.correlation))
        rv_then, turb_then = history.stress.values["rv"], history.stress.values["turb"]
        rv = joined(rv_then, first, _volatility_from(first, yields, params.gate))
        turb = joined(turb_then, first, _turbulence_from(turb_then, first, yields, params.gate))
    main = spots[params.headline]
    values = {**stress_series, "rv": rv, "turb": turb}
    stress = _stress_from(history.stress, first, {name: values[name] for name in COMPONENTS}, params.gate)
    gate = _gate_from(history.gate, first, np.where(np.isnan(main.m), np.nan, stress.H), params.gate)
    strip = {name: Track(at, _labels_from(history.strip[name].labels, first, at, gate.on, params)) for name, at in spots.items()}
    rows = slice(first, n)
    held = strip[params.headline].labels.held
    votes = np.concatenate([history.votes[:first], _votes(main.m[rows], main.D[rows], stress.H[rows], params.ensemble)])
    rho_pct = percentiles_from(rho, first, params.gate.pct_window, params.gate.pct_min)
    return RegimeHistory(
        params=params,
        sigma_bp=sigma_bp,
        strip=strip,
        rho=rho,
        rho_pct=joined(history.rho_pct, first, rho_pct),
        stress=stress,
        gate=gate,
        raw=np.concatenate([history.raw[:first], raw_labels(main.m[rows], main.D[rows], stress.H[rows], params)]),
        votes=votes,
        agreement=joined(history.agreement, first, agreement_history(votes[rows], held[rows])),
        turning=np.concatenate([history.turning[:first], turning_history(votes[rows], held[rows], params.ensemble)]),
    )


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


def _correlation_from(first: int, yields: Floats, params: CorrelationParams) -> Floats:
    """`coordinates.mean_correlation` of the rows from `first` on."""
    start = max(first - memory(params.lam), 0)
    moved, pairs = changes_bp(yields[start:], params.steps), np.triu_indices(yields.shape[1], 1)
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


def _turbulence_from(before: Floats, first: int, yields: Floats, params: GateParams) -> Floats:
    """Rows from `first` on; x_1 is the change that ends on the third row."""
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


def _stress_from(before: Stress, first: int, values: Mapping[str, Floats], params: GateParams) -> Stress:
    recent: dict[str, Floats] = {}
    level: dict[str, Floats] = {}
    acute: dict[str, Floats] = {}
    for name in COMPONENTS:
        ranks = percentiles_from(values[name], first, params.pct_window, params.pct_min)
        level[name] = joined(before.level[name], first, ranks)
    for name in ACUTE:
        x = values[name]
        middle = np.array([_median(x[max(row - params.acute_window + 1, 0) : row + 1], params.acute_min) for row in range(first, len(x))])
        recent[name] = joined(before.recent[name], first, against(name, x[first:], middle))
        acute[name] = joined(before.acute[name], first, percentiles_from(recent[name], first, params.pct_window, params.pct_min))
    tails = [{name: each[first:] for name, each in part.items()} for part in (values, recent, level, acute)]
    new = stress_from(tails[0], tails[1], tails[2], tails[3], params)
    acute["turb"] = level["turb"]
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
    on, off_count = (bool(before.on[first - 1]), int(before.off_count[first - 1])) if first else (False, 0)
    states = []
    for stress in H[first:].tolist():
        on, off_count = gate_step(on, off_count, stress, params)
        states.append((on, off_count))
    new = np.array(states, dtype=np.int32).reshape(-1, 2)
    return Gate(np.concatenate([before.on[:first], new[:, 0].astype(np.bool_)]), np.concatenate([before.off_count[:first], new[:, 1]]))


def _labels_from(before: Labels, first: int, at: Coordinates, gate_on: Flags, params: RegimeParams) -> Labels:
    """The state machine from where it stood on the last row with a label."""
    n = len(at.m)
    today, held_codes = (np.full(n - first, UNKNOWN, dtype=np.int8) for _ in range(2))
    sessions, away_count = (np.zeros(n - first, dtype=np.int32) for _ in range(2))
    labelled = np.flatnonzero(before.held[:first] != UNKNOWN)
    last = int(labelled[-1]) if len(labelled) else -1
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
