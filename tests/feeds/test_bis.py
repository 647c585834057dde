"""BIS: policy rates of all countries in one CSV table."""

from datetime import date
from pathlib import Path

import pytest
from bondtop.feeds.bis import Bis
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Need
from wires import EVIL, answer, never_cut, refused, survives, values

TODAY = date(2026, 6, 30)
HEAD = "FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE\n"
GOOD = HEAD + "D,BR,2026-06-17,14.25\nD,JP,2026-06-22,1\nD,JP,2026-06-23,NaN\nD,XM,2026-06-23,2.15\nD,NA,2026-06-23,6.5\n"


@pytest.fixture(scope="module")
def feed() -> Bis:
    made = make_feed("bis", default_catalogue())
    assert isinstance(made, Bis)
    return made


def test_asks_all_areas_at_once(feed: Bis) -> None:
    (full,) = feed.requests(Need(dict.fromkeys(feed.series), TODAY))
    areas = full.url.split("/D.")[1].split("?")[0].split("+")
    assert sorted(areas) == ["AU", "CA", "CH", "CN", "GB", "JP", "SE", "US", "XM"]
    assert full.url.endswith("?format=csv&detail=dataonly")
    (part,) = feed.requests(Need({"jp.policy": date(2026, 6, 1)}, TODAY))
    assert part.url.endswith("?startPeriod=2026-06-01&format=csv&detail=dataonly")
    assert part.part == full.part
    assert not list(feed.requests(Need({}, TODAY)))


def test_reads_what_is_known_of_our_areas(feed: Bis) -> None:
    assert values(feed.read(answer(GOOD))) == {"jp.policy": {"2026-06-22": 1.0}, "ea.policy": {"2026-06-23": 2.15}}


def test_reads_columns_in_any_order(feed: Bis) -> None:
    text = "".join(",".join(reversed(line.split(","))) + "\n" for line in GOOD.splitlines())
    assert values(feed.read(answer(text))) == values(feed.read(answer(GOOD)))


def test_sweden_once_paid_five_hundred_percent(feed: Bis) -> None:
    assert values(feed.read(answer(HEAD + "D,SE,1992-09-17,500\n"))) == {"se.policy": {"1992-09-17": 500.0}}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("<html><h1>No data found</h1>", WrongFormat, "HTML instead of CSV"),
        ("", CutShort, "empty"),
        (HEAD, CutShort, "no observation"),
        (GOOD.rstrip("\n"), CutShort, "middle of a line"),
        (GOOD.replace("REF_AREA", "AREA"), WrongFormat, "no column 'REF_AREA'"),
        (GOOD.replace("OBS_VALUE", f"OBS_VALUE,{EVIL}"), WrongFormat, "4 cells instead of 5"),
        (GOOD.replace(",2.15", ",215"), OutOfRange, "ea.policy 2026-06-23: 215 % is outside"),
        (GOOD.replace(",2.15", ",-"), OutOfRange, "not a number"),
        (GOOD.replace("2026-06-22", "2026-07-10"), BadDates, "future"),
        (GOOD.replace("2026-06-22", "2026-06"), BadDates, "not a date"),
    ],
)
def test_refuses(feed: Bis, text: str, kind: type, words: str) -> None:
    refused(feed, answer(text), kind, words)


def test_survives_anything(feed: Bis) -> None:
    survives(feed, answer(GOOD))
    never_cut(feed, answer(GOOD))


@pytest.mark.recorded
def test_reads_japan_since_1946(feed: Bis, recorded: Path) -> None:
    lines = (recorded / "boj" / "boj-policy-rate.csv").read_text(encoding="utf-8").splitlines()[1:]
    pairs = [line.split(",")[:2] for line in lines]
    text = HEAD + "".join(f"D,JP,{day},{value}\n" for day, value in pairs if day < "2026-07-01")
    got = values(feed.read(answer(text)))["jp.policy"]
    assert min(got) == "1946-01-01"
    assert got == {day: float(value) for day, value in pairs if day < "2026-07-01"}
