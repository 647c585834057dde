"""Reads the recorded panel (local checks only) and the generated one of the specification."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from bondtop.signals.rows import Rows, build_rows

EPOCH = date(1970, 1, 1).toordinal()
MARKETS = ("us", "uk", "fr", "jp")


def day(iso: str) -> int:
    """Days since 1970-01-01."""
    return date.fromisoformat(iso).toordinal() - EPOCH


def native(days, values):
    return np.array(days, dtype=np.int32), np.array(values, dtype=np.float64)


@cache
def columns(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Every column of a dated CSV as a native series."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    dated = next(iter(rows[0]))
    return {
        name: native([day(row[dated]) for row in rows if row[name]], [float(row[name]) for row in rows if row[name]])
        for name in rows[0]
        if name != dated
    }


@cache
def recorded_rows(folder: Path, until: str = "2025-06-30") -> Rows:
    """The four-market panel of the reference values, with every series regime and composite need."""
    panel, fsi = columns(folder / "panel.csv"), columns(folder / "ofr_fsi" / "fsi.csv")
    last = day(until)

    def cut(series):
        days, values = series
        return days[days <= last], values[days <= last]

    others = {name: cut(panel[column]) for name, column in
              (("vix", "vix"), ("move", "move"), ("fsi", "ofr_fsi"), ("funding", "ofr_fsi_funding"), ("spx", "spx"))}
    others["credit"] = cut(fsi["Credit"])
    return build_rows({market: cut(panel[f"{market}10"]) for market in MARKETS}, others)


def generated_rows() -> Rows:
    """The synthetic panel: 1100 consecutive weekdays, deterministic to the last bit."""
    state = 20240517

    def u() -> float:
        nonlocal state
        state = (1103515245 * state + 12345) % 2**31
        return state / 2**31

    def g() -> float:
        return sum(u() for _ in range(12)) - 6

    y = [4.0, 4.5, 3.0, 1.0]
    vix, move, fsi = 18.0, 90.0, 0.0
    table = []
    for t in range(1100):
        c, e0, e1, e2, e3, a, b, f = (g() for _ in range(8))
        q = 3 if 900 <= t < 930 else 1
        drift = [0, 0, 0, 0]
        if 800 <= t < 840:
            drift = [3, 3, 2.5, 1.5]
        elif 860 <= t < 890:
            drift = [-3, -3, -2.5, -1.5]
        elif 960 <= t < 1000:
            drift = [2.5, 0, -2.5, 0]
        step = [q * (4 * c + 3 * e0), q * (4 * c + 3 * e1), q * (3.5 * c + 2.5 * e2), q * (0.8 * c + 1.5 * e3)]
        y = [y[i] + (step[i] + drift[i]) / 100 for i in range(4)]
        vix = 18 + 0.97 * (vix - 18) + 0.8 * q * a + (25 if t == 900 else 0)
        move = 90 + 0.97 * (move - 90) + 3 * q * b + (70 if t == 900 else 0)
        fsi = 0.97 * fsi + 0.15 * q * f + (4 if t == 900 else 0)
        jp = None if t % 50 == 7 or 700 <= t <= 706 else y[3]
        table.append([*y[:3], jp, vix, move, fsi if t < 1050 else None])
    days = synthetic_days()
    series = {
        name: native(*zip(*((days[t], row[k]) for t, row in enumerate(table) if row[k] is not None), strict=True))
        for k, name in enumerate([*MARKETS, "vix", "move", "fsi"])
    }
    return build_rows({name: series[name] for name in MARKETS}, {name: series[name] for name in ("vix", "move", "fsi")})


def synthetic_days() -> list[int]:
    """Consecutive weekdays: t = 0 is a Monday."""
    return [4 + 7 * (t // 5) + t % 5 for t in range(1100)]
