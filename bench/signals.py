"""Signals over thirty years: the vectorised history against pandas day by day, a Board, a step of replay, its JSON.

    uv run python bench/signals.py [CACHE_DIRECTORY]

Takes a cache that `bondtop refresh` has filled (default: the user's own). The reference (reference.py) does the map alone, no other signal.
"""

import gc
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import platformdirs
from bondtop.cache.panel import Panel
from bondtop.cache.store import Store
from bondtop.feeds.series import from_day
from bondtop.signals.board import decode, encode
from bondtop.signals.history import History
from bondtop.tui.evaluation import COLLECT_AFTER
from reference import BESIDE, PANEL, STRESS, aligned, evaluate

COLD_RUNS, REFERENCE_DAYS, STEPS = 5, 12, 200


def main() -> int:
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else platformdirs.user_cache_path("bondtop", appauthor=False)
    with Store.open(directory, read_only=True) as store:
        newest = max(n.fetched_at for n in store.newest().values())
        panel = store.panel(datetime.fromtimestamp(newest, UTC))
    counts = [n for track in panel.tracks.values() if (n := len(track))]
    print(f"{len(counts)} series, {sum(counts):,} observations to {panel.as_of:%Y-%m-%d}")
    cold, history = [], History(panel)
    for _ in range(COLD_RUNS):
        started = time.perf_counter()
        history = History(panel)
        cold.append(time.perf_counter() - started)
    days = len(history.days)
    print(f"history of all signals, {days:,} days, cold: {spread(cold, 1)} s (at most 1.0)")
    against_reference(panel, history, statistics.median(cold), days)
    boards(history)
    return 0


def against_reference(panel: Panel, history: History, cold_s: float, days: int) -> None:
    rows = aligned({name: frame(panel, name) for name in (*PANEL, *STRESS, *BESIDE)})
    whole = history.regime.whole
    at = np.linspace(len(rows) // 2, len(rows) - 1, REFERENCE_DAYS).astype(int)
    times, worst = [], 0.0
    for t in at:
        started = time.perf_counter()
        day = evaluate(rows.iloc[: t + 1])
        times.append(time.perf_counter() - started)
        row = int(np.searchsorted(history.aligned.whole.days, (rows.index[t] - pd.Timestamp(0)).days))
        ours = (whole.headline.at.m[row], whole.headline.at.D[row], whole.rho[row], whole.stress.H[row])
        worst = max(worst, *(abs(a - b) for a, b in zip(ours, (day.m, day.D, day.rho, day.H), strict=True)))
    reference_s = statistics.mean(times) * days
    print(f"pandas day by day, the map alone: {reference_s:.0f} s by {REFERENCE_DAYS} days; {reference_s / cold_s:.0f}× ours (at least 5×)")
    print(f"largest difference of m, D, mean correlation and H on those days: {worst:.1e}")


def boards(history: History) -> None:
    started = time.perf_counter()
    board = history.board(history.panel.as_of)
    print(f"latest Board, first time: {1000 * (time.perf_counter() - started):.1f} ms")
    times = []
    for _ in range(20):
        started = time.perf_counter()
        board = history.board(history.panel.as_of)
        times.append(time.perf_counter() - started)
    print(f"latest Board, warm: {spread(times)} ms (at most 30)")
    gc.collect()
    gc.freeze()  # as the process does that makes Boards
    gc.set_threshold(*COLLECT_AFTER)
    last = [datetime.combine(from_day(int(d)), datetime.max.time(), UTC) for d in history.days[-STEPS - 1 : -1]]
    steps = []
    for as_of in reversed(last):
        started = time.perf_counter()
        history.board(min(as_of, history.panel.as_of - timedelta(days=1)))
        steps.append(time.perf_counter() - started)
    print(f"a step of replay: {spread(steps)} ms, p95 {1000 * float(np.quantile(steps, 0.95)):.1f} (at most 20)")
    times = []
    for _ in range(20):
        started = time.perf_counter()
        body = encode(board)
        times.append(time.perf_counter() - started)
    assert decode(body) == board
    print(f"JSON, {len(body) / 1000:.0f} KB: {spread(times)} ms (at most 5)")


def frame(panel: Panel, name: str) -> pd.Series:
    track = panel[name]
    return pd.Series(track.values, pd.to_datetime(np.asarray(track.days, "int64"), unit="D"))


def spread(times: list[float], scale: float = 1000) -> str:
    """Median and extremes."""
    return f"median {scale * statistics.median(times):.2f} ({scale * min(times):.2f} to {scale * max(times):.2f})"


if __name__ == "__main__":
    sys.exit(main())
