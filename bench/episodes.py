"""Scores the regime map on dated episodes whose label was written down before the first run.

    BONDTOP_CHECK_DATA=folder uv run python bench/episodes.py

The folder holds panel.csv; episodes.csv stands in it or beside it. An episode's shown label is the *modal held label* of its rows: the
label bondtop showed on most of them, the one shown last among equals. Rows are those of the aligned panel.
"""

import csv
import os
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from bondtop.signals.regime import Labels, regime_history
from bondtop.signals.rows import Native, Rows, build_rows
from bondtop.signals.rule import UNKNOWN, Regime
from bondtop.signals.stats import Days

MARKETS = {"us.10y": "us10", "uk.10y": "uk10", "fr.10y": "fr10", "jp.10y": "jp10"}
STRESS = {"vix": "vix", "move": "move", "ofr.fsi": "ofr_fsi"}
EPOCH = date(1970, 1, 1).toordinal()
ROWS_A_YEAR = 252


@dataclass(frozen=True, slots=True)
class Score:
    """One episode: its window, what it should show, what it may show, and what was shown on how many of its rows."""

    name: str
    start: date
    end: date
    expected: str
    alternates: tuple[str, ...]
    shown: str
    share: float
    rows: int

    @property
    def exact(self) -> bool:
        return self.shown == self.expected

    @property
    def allowed(self) -> bool:
        return self.exact or self.shown in self.alternates


def read_columns(path: Path, names: Iterable[str]) -> dict[str, Native]:
    """Named columns of a CSV whose first column is `date`; blanks are no observation."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {}
    for name in names:
        seen = [(_day(row["date"]), float(row[name])) for row in rows if row[name]]
        columns[name] = (np.array([day for day, _ in seen], dtype=np.int32), np.array([value for _, value in seen]))
    return columns


def panel_rows(folder: Path) -> Rows:
    """The default panel of the recorded file, all of it."""
    columns = read_columns(folder / "panel.csv", [*MARKETS.values(), *STRESS.values()])
    markets, stress = ({series: columns[name] for series, name in names.items()} for names in (MARKETS, STRESS))
    return build_rows(markets, stress)


def held_labels(rows: Rows) -> Labels:
    """The headline's labels over the whole file."""
    return regime_history(rows.yields, *(rows.others[series] for series in STRESS)).headline.labels


def score_episodes(path: Path, days: Days, labels: Labels) -> list[Score]:
    """Every episode of the file, none left out; one without rows shows nothing and counts as missed."""
    with path.open(encoding="utf-8") as file:
        return [_score(row, days, labels) for row in csv.DictReader(file)]


def switches_a_year(days: Days, labels: Labels, since: date) -> float:
    """Changes of the held label a year from a date on."""
    held = labels.held[(days >= _day(since.isoformat())) & (labels.held != UNKNOWN)]
    return float(np.sum(np.diff(held) != 0)) / (len(held) / ROWS_A_YEAR)


def episodes_file(folder: Path) -> Path:
    """Where the list stands: in the folder, or beside it."""
    return next(path for path in (folder / "episodes.csv", folder.parent / "episodes.csv") if path.is_file())


def main() -> int:
    folder = os.environ.get("BONDTOP_CHECK_DATA")
    if not folder:
        print("BONDTOP_CHECK_DATA names no folder of recorded data", file=sys.stderr)
        return 2
    rows = panel_rows(Path(folder))
    labels = held_labels(rows)
    scores = score_episodes(episodes_file(Path(folder)), rows.days, labels)
    print(f"{'episode':<40} {'window':<23} {'rows':>4}  {'expected':<14} {'shown (share of rows)':<22} result")
    for each in scores:
        result = "exact" if each.exact else "alternate" if each.allowed else "missed"
        shown = f"{each.shown} {each.share:.0%}"
        print(f"{each.name:<40} {each.start}…{each.end}  {each.rows:>4}  {each.expected:<14} {shown:<22} {result}")
    print(f"\n{sum(s.exact for s in scores)} exact, {sum(s.allowed for s in scores)} with alternates, of {len(scores)} episodes")
    for regime in Regime:
        expected = [s for s in scores if s.expected == regime.word]
        print(f"  {regime.word:<14} {sum(s.exact for s in expected)} of {len(expected)}")
    print(f"{switches_a_year(rows.days, labels, date(2003, 1, 1)):.1f} switches a year from 2003 on")
    return 0


def _score(row: dict[str, str], days: Days, labels: Labels) -> Score:
    start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
    inside = (days >= _day(row["start"])) & (days <= _day(row["end"])) & (labels.held != UNKNOWN)
    held = labels.held[inside].tolist()
    shown = max(reversed(held), key=held.count, default=UNKNOWN)
    return Score(
        name=row["name"],
        start=start,
        end=end,
        expected=row["expected"],
        alternates=tuple(label for label in row["alternates"].split("|") if label),
        shown="nothing" if shown == UNKNOWN else Regime(shown).word,
        share=Counter(held)[shown] / len(held) if held else 0.0,
        rows=len(held),
    )


def _day(iso: str) -> int:
    return date.fromisoformat(iso).toordinal() - EPOCH


if __name__ == "__main__":
    sys.exit(main())
