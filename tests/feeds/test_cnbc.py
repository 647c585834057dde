"""CNBC: bars of yields; weekends and carried bars are none."""

import json
from datetime import date

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import OPT_IN, make_feed
from wires import EVIL, answer, need, never_cut, refused, survives, values

PART = "IT10Y-IT 2025"


def bar(day, close, **more):
    return {"open": "3.5", "high": "3.9", "low": "3.4", "close": close, "volume": "0", "tradeTime": f"{day}000000"} | more


def body(*bars, symbol="IT10Y-IT"):
    return json.dumps({"barData": {"symbol": symbol, "priceBars": bars}})


@pytest.fixture
def feed():
    return make_feed("cnbc", default_catalogue())


def test_it_is_off_unless_asked_for(feed):
    assert feed.name in OPT_IN and feed.interval_s >= 60


def test_closes_without_weekends_and_carried_bars(feed):
    bars = [bar("20260626", "3.610"), bar("20260628", "3.622"), bar("20260629", "3.650"), bar("20260630", "3.650"), bar("20260625", "3.6")]
    found = values(feed.read(answer(body(*bars), PART)))
    assert found == {"it.10y": {"2026-06-25": 3.6, "2026-06-26": 3.61, "2026-06-29": 3.65}}


def test_an_equal_close_with_another_range_is_a_close(feed):
    bars = [bar("20260625", "3.6"), bar("20260626", "3.6", high="3.95")]
    assert list(values(feed.read(answer(body(*bars), PART)))["it.10y"]) == ["2026-06-25", "2026-06-26"]


def test_the_day_that_is_running_in_rome_waits(feed):
    bars = [bar("20260630", "3.6"), bar("20260701", "3.7")]  # 22:00 UTC is midnight in Rome
    assert list(values(feed.read(answer(body(*bars), PART)))["it.10y"]) == ["2026-06-30"]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", CutShort, "empty answer"),
        ("<html>", WrongFormat, "HTML"),
        (body(bar("20260629", "3.6"))[:50], CutShort, "ends before its end"),
        ("{}", WrongFormat, "not a list of objects"),
        (body(bar("20260629", "3.6"), symbol="FR10Y-FR"), WrongFormat, "another symbol"),
        (body(bar("20260629", 3.6)), WrongFormat, "without time or prices"),
        (body(bar("2026-06-2", "3.6")), BadDates, "time is no date"),
        (body(bar("20260631", "3.6")), BadDates, "2026-6-31 is not a date"),
        (body(bar("20260710", "3.6")), BadDates, "in the future"),
        (body(bar("20260629", EVIL)), OutOfRange, "is not a number"),
        (body(bar("20260629", "361.0")), OutOfRange, "it.10y 2026-06-29: 361 %"),
    ],
)
def test_malformations(feed, text, kind, words):
    refused(feed, answer(text, PART), kind, words)


def test_requests(feed):
    full = list(feed.requests(need(it__10y=None, it__5y=date(2026, 6, 20))))
    assert [r.part for r in full] == ["IT5Y-IT 2025", *(f"IT10Y-IT {year}" for year in (2025, 2020, 2015, 2010, 2005, 2000))]
    assert "/IT5Y-IT/1D/20260620000000/20260701235959/" in full[0].url
    assert "/IT10Y-IT/1D/20200101000000/20241231235959/" in full[2].url
    assert [*feed.requests(need())] == []


def test_whatever_comes(feed):
    good = answer(body(bar("20260625", "3.6"), bar("20260626", "3.7")), PART)
    survives(feed, good)
    never_cut(feed, good, 3)
