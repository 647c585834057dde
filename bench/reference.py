"""The regime map of one day, plainly in pandas and from the first row on: what the vectorised history is measured and checked against.

Nothing of bondtop is used here. Section numbers are those of the published method: coordinates 4.2, gate 4.3, composite 5.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

PANEL = ["us.10y", "uk.10y", "fr.10y", "jp.10y"]
STRESS = ["vix", "move", "ofr.fsi"]
BESIDE = ["spx", "ofr.fsi.funding", "ofr.fsi.credit"]
BAD_PRINTS = {"uk.10y": ["2003-09-12", "2003-09-15"]}  # a spike that came back; the only ones of these series that are believed to be wrong


@dataclass(frozen=True)
class Day:
    """What the map says of one row."""

    m: float
    D: float
    kappa: float
    rho: float
    H: float
    dci: float


def aligned(series: dict[str, pd.Series]) -> pd.DataFrame:
    """Weekday rows, gaps of at most five carried, rows with an unknown market and bad prints removed. Series: own observations, by date."""
    shifted = {}
    for name, printed in series.items():
        s = printed.drop(pd.to_datetime(BAD_PRINTS.get(name, [])), errors="ignore")
        weekday = s.index.day_of_week
        forward = s.index + pd.to_timedelta(np.where(weekday > 4, 7 - weekday, 0), unit="D")
        shifted[name] = pd.Series(s.to_numpy(), forward)[lambda x: ~x.index.duplicated(keep="last")]
    panel = [shifted[name] for name in PANEL]
    grid = pd.bdate_range(min(s.index[0] for s in panel), max(s.index[-1] for s in panel))
    rows = pd.DataFrame({name: s.reindex(grid) for name, s in shifted.items()})
    newest = rows[PANEL].notna().sum(axis=1).ge(len(PANEL) / 2)
    rows = rows.loc[: newest[newest].index[-1]].ffill(limit=5)
    return rows.dropna(subset=PANEL)


def evaluate(rows: pd.DataFrame) -> Day:
    """The map on the last row, from all rows before it."""
    d = rows[PANEL].diff() * 100
    slow = (d**2).ewm(alpha=1 - 0.9973, adjust=True, min_periods=120).mean() ** 0.5
    sigma = slow.shift(1).clip(lower=2.0)
    s = 100 * (rows[PANEL] - rows[PANEL].shift(21)) / (sigma * 21**0.5)
    m, D = s.mean(axis=1), s.std(axis=1, ddof=0)
    components = pd.DataFrame(
        {
            "vix": rows["vix"],
            "move": rows["move"],
            "rv": ((d**2).ewm(alpha=0.06, adjust=True, min_periods=40).mean() ** 0.5).mean(axis=1, skipna=False),
            "fsi": rows["ofr.fsi"],
            "turb": turbulence(rows[PANEL]).ewm(span=5, adjust=True).mean(),
        }
    )
    level = {name: rank(x) for name, x in components.items()}
    acute = {name: rank(x / x.rolling(63, min_periods=40).median()) for name, x in components.items() if name in ("vix", "move", "rv")}
    fsi = components["fsi"]
    acute |= {"fsi": rank(fsi - fsi.rolling(63, min_periods=40).median()), "turb": level["turb"]}
    H = (np.nanmean(list(level.values())) + np.nanmean(list(acute.values()))) / 2
    fall = 1 - rows["spx"] / rows["spx"].rolling(504, min_periods=250).max()
    pillars = [
        np.nanmean([level["move"], level["rv"]]),
        rank(rows["ofr.fsi.funding"]),
        np.nanmean([level["vix"], rank(fall), rank(rows["ofr.fsi.credit"])]),
        level["turb"],
        rank(D),
    ]
    at = (m.iloc[-1], D.iloc[-1])
    kappa = at[0] / float(np.hypot(*at))
    return Day(float(at[0]), float(at[1]), kappa, mean_correlation(rows[PANEL]), float(H), 100 * (1 - float(np.nanmean(pillars))))


def rank(x: pd.Series) -> float:
    """Percentile of the last value among the last 2520, ties half."""
    window = x.iloc[-2520:]
    known = window.dropna()
    if len(known) < 500 or np.isnan(window.iloc[-1]):
        return float("nan")
    last = known.iloc[-1]
    return float(((known < last).sum() + (known.eq(last).sum() + 1) / 2) / len(known))


def turbulence(yields: pd.DataFrame) -> pd.Series:
    """Mahalanobis distance of two-row changes against their decaying past."""
    x = (yields - yields.shift(2)).mul(100).iloc[2:].to_numpy()
    covariance = np.cov(x[:250].T)
    out = np.full(len(yields), np.nan)
    for t, row in enumerate(x):
        if t >= 250:
            out[t + 2] = row @ np.linalg.solve(covariance, row) / len(row)
        covariance = 0.9973 * covariance + 0.0027 * np.outer(row, row)
    return pd.Series(out, yields.index)


def mean_correlation(yields: pd.DataFrame) -> float:
    """Mean over pairs of the decayed correlation of two-row changes."""
    x = (yields - yields.shift(2)) * 100
    names = list(x.columns)
    pairs = []
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            xy, xx, yy = ((x[p] * x[q]).ewm(alpha=0.03, adjust=True).mean().iloc[-1] for p, q in ((a, b), (a, a), (b, b)))
            pairs.append(xy / (xx * yy) ** 0.5)
    return float(np.mean(pairs))
