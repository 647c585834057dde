"""Boards of dated days on recorded markets: the flags and conditions that history must show, each as soon as its print was out."""

from datetime import UTC, date, datetime

import pytest
from bondtop.feeds.calendars import known_at
from bondtop.feeds.catalogue import default_catalogue
from bondtop.signals.history import History
from panels import day
from recorded import recorded_panel


@pytest.fixture(scope="module")
def history(recorded):
    """All Boards of the recorded panel."""
    return History(recorded_panel(recorded))


def when_out(iso, *names):
    """The instant at which the prints of a date were all known."""
    return datetime.fromtimestamp(max(known_at(default_catalogue()[name], day(iso)) for name in names), UTC)


@pytest.mark.recorded
def test_bleed_over_of_the_thirty_year(history, golden_panel):
    for iso, case in golden_panel["bleed_over_30y"]["flags"].items():
        found = history.board(when_out(iso, "jp.30y", "us.30y")).spillover.beta["30y"]
        assert (found.flag.word, found.flag.as_of) == ("on", date.fromisoformat(iso))
        assert (found.z_e.value, found.z_us.value) == pytest.approx((case["z_e"], case["z_us"]), abs=0.0051)


@pytest.mark.recorded
def test_slopes_at_mid_2025(history, golden_panel):
    expected = golden_panel["jgb_ust_beta"]
    found = history.board(when_out(expected["as_of"], "jp.10y", "us.10y")).spillover.beta
    for tenor in ("10Y", "30Y"):
        beta = found[tenor.lower()]
        assert (beta.beta.value, beta.t.value) == pytest.approx((expected[tenor]["beta"], expected[tenor]["t"]), abs=6e-4)


@pytest.mark.recorded
def test_unwinds_of_the_yen_carry(history, golden_panel):
    for iso in golden_panel["carry_unwind"]["flags"]:
        found = history.board(when_out(iso, "usdjpy", "vix")).carry.unwind
        assert (found.word, found.as_of) == ("unwind", date.fromisoformat(iso))


@pytest.mark.recorded
@pytest.mark.parametrize(("name", "section", "key", "series"), [
    ("F1", "move", "F1_met_spells", ("move",)), ("F3", "repo_above_range", "met_spells", ("us.sofr", "us.ff.upper")),
])  # fmt: skip
def test_the_first_day_of_a_condition(history, golden_panel, name, section, key, series):
    for first, *_ in golden_panel[section][key][-4:]:
        found = history.board(when_out(first, *series)).watch[name]
        assert (found.state, found.value.as_of) == ("MET", date.fromisoformat(first))
        assert found.since in {date.fromisoformat(first), when_out(first, *series).date()}
