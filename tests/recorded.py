"""Makes a Panel of thirty years from the recorded data (local checks only): value dates are real, publication follows the rules."""

import csv
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
from bondtop.cache.panel import Panel, make_track
from bondtop.feeds.calendars import known_at
from bondtop.feeds.catalogue import default_catalogue
from panels import columns, day

NOW = datetime(2026, 8, 22, tzinfo=UTC)
COLUMNS = {
    **{f"us{n}": f"us.{n}y" for n in (2, 5, 10, 30)}, **{f"{m}10": f"{m}.10y" for m in ("uk", "fr", "de", "it")},
    "move": "move", "vix": "vix", "dxy": "dxy", "usdjpy": "usdjpy", "spx": "spx", "nky": "nky", "btc": "btc", "gold": "gold",
    "ofr_fsi": "ofr.fsi", "ofr_fsi_funding": "ofr.fsi.funding", "sofr": "us.sofr", "ff_upper": "us.ff.upper",
    "us10_real": "us.10y.real", "us10_breakeven": "us.10y.breakeven", "us10_tp_acm": "us.term_premium.acm",
    "usd_broad": "usd.broad", "tga": "us.tga", "rrp": "us.rrp", "jp_call": "jp.call",
}  # fmt: skip
PERCENT_TO_BP = {"hy_oas": "hy.oas"}


@cache
def recorded_panel(folder: Path) -> Panel:
    """All that panel.csv, the stress index and the ministry's curve hold."""
    panel, fsi = columns(folder / "panel.csv"), columns(folder / "ofr_fsi" / "fsi.csv")
    natives = {name: panel[column] for column, name in COLUMNS.items()}
    natives |= {name: (panel[column][0], 100 * panel[column][1]) for column, name in PERCENT_TO_BP.items()}
    natives["ofr.fsi.credit"] = fsi["Credit"]
    natives |= _ministry(folder / "mof_japan" / "jgbcme_all.csv")
    return Panel(NOW, {name: _track(name, *native) for name, native in natives.items()})


def _track(name: str, days: np.ndarray, values: np.ndarray):
    series = default_catalogue()[name]
    known = np.array([known_at(series, each) for each in days.tolist()])
    there = known <= NOW.timestamp()
    return make_track(name, series.sources[0].feed, days[there], values[there], known[there], known[there])


def _ministry(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    names = rows[0][1:]
    out: dict[str, tuple[list[int], list[float]]] = {name: ([], []) for name in names}
    for when, *values in rows[1:]:
        if not when or when < "1974":
            continue
        at = day("-".join(f"{int(part):02d}" for part in when.split("/")))
        for name, value in zip(names, values, strict=False):
            if value not in ("-", "") and at >= day("1995-01-01"):
                out[name][0].append(at)
                out[name][1].append(float(value))
    return {f"jp.{name.lower()}": (np.array(d, np.int32), np.array(v)) for name, (d, v) in out.items()}
