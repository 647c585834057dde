"""The score of the regime map on dated episodes."""

import runpy
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from bondtop.signals.regime import Labels
from bondtop.signals.rule import UNKNOWN, Regime
from panels import day

bench = runpy.run_path(str(Path(__file__).parents[2] / "bench" / "episodes.py"))

LIST = """start,end,name,expected,alternates,must_show
2024-01-01,2024-01-04,even,Repricing,Stable|Stress,
2024-01-05,2024-01-08,weekend,Stable,,
2025-01-01,2025-01-02,beyond,Stable,,
"""


def test_an_episode_shows_the_label_held_most_often_and_the_last_of_equals(tmp_path):
    (tmp_path / "episodes.csv").write_text(LIST, encoding="utf-8")
    days = np.array([day(f"2024-01-{n:02}") for n in (1, 2, 3, 4, 5, 8)], dtype=np.int32)
    held = np.array([UNKNOWN, Regime.REPRICING, Regime.STRESS, Regime.STRESS, Regime.STABLE, Regime.STABLE], dtype=np.int8)
    counts = np.zeros(6, dtype=np.int32)
    labels = Labels(held, held, counts, counts)
    even, weekend, beyond = bench["score_episodes"](bench["episodes_file"](tmp_path), days, labels)
    assert (even.shown, even.rows, even.exact, even.allowed) == ("Stress", 3, False, True)
    assert (weekend.shown, weekend.share, weekend.exact) == ("Stable", 1.0, True)
    assert (beyond.shown, beyond.rows, beyond.allowed) == ("nothing", 0, False)
    assert bench["switches_a_year"](days, labels, date(2024, 1, 1)) == pytest.approx(2 / 5 * 252)


@pytest.mark.recorded
def test_recorded_episodes_keep_their_score(recorded):
    rows = bench["panel_rows"](recorded)
    labels = bench["held_labels"](rows)
    scores = bench["score_episodes"](bench["episodes_file"](recorded), rows.days, labels)
    assert len(scores) == 30
    assert sum(score.exact for score in scores) >= 24
    assert sum(score.allowed for score in scores) >= 27
    assert bench["switches_a_year"](rows.days, labels, date(2003, 1, 1)) <= 15
