"""Bank of Canada: Valet JSON, values as text, a missing value is an absent key."""

import json
from datetime import date

import pytest
from bondtop.feeds.boc import Boc
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Need
from wires import EVIL, answer, never_cut, refused, survives, values

TODAY = date(2026, 6, 30)
TWO, TEN = "BD.CDN.2YR.DQ.YLD", "BD.CDN.10YR.DQ.YLD"
ROWS = [
    {"d": "2026-06-26", TWO: {"v": "2.61"}, TEN: {"v": "3.30"}, "V39079": {"v": "2.25"}},
    {"d": "2026-06-27"},
    {"d": "2026-06-29", TEN: {"v": ""}, TWO: {"v": "2.60"}},
]


@pytest.fixture(scope="module")
def feed() -> Boc:
    made = make_feed("boc", default_catalogue())
    assert isinstance(made, Boc)
    return made


def wire(rows: object) -> str:
    return json.dumps({"terms": {"url": "https://example.test/"}, "seriesDetail": {TWO: {"description": EVIL}}, "observations": rows})


def test_asks_everything_at_once(feed: Boc) -> None:
    (full,) = feed.requests(Need(dict.fromkeys(feed.series), TODAY))
    assert full.url == (
        "https://www.bankofcanada.ca/valet/observations/"
        "BD.CDN.2YR.DQ.YLD,BD.CDN.5YR.DQ.YLD,BD.CDN.10YR.DQ.YLD,BD.CDN.LONG.DQ.YLD,V39079/json"
    )
    (part,) = feed.requests(Need({"ca.2y": date(2026, 6, 20)}, TODAY))
    assert (part.url, part.part) == (full.url + "?start_date=2026-06-20", full.part)
    assert not list(feed.requests(Need({}, TODAY)))


def test_reads_values_and_leaves_absent_ones_out(feed: Boc) -> None:
    assert values(feed.read(answer(wire(ROWS)))) == {
        "ca.2y": {"2026-06-26": 2.61, "2026-06-29": 2.60},
        "ca.10y": {"2026-06-26": 3.30},
        "ca.policy": {"2026-06-26": 2.25},
    }


def one(value: object, day: object = "2026-06-26") -> str:
    return wire([{"d": day, TWO: value}])


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("<html>", WrongFormat, "HTML instead of JSON"),
        ("", CutShort, "empty"),
        (wire(ROWS)[:-30], CutShort, "ends before its end"),
        (wire([]), CutShort, "no observation"),
        ('{"message":"Series X not found."}', WrongFormat, "observations"),
        ("[1,2]", WrongFormat, "observations"),
        (one("2.61"), WrongFormat, "without its 'v'"),
        (one({"v": "261"}), OutOfRange, "ca.2y 2026-06-26: 261 % is outside"),
        (one({"v": f"2{EVIL}"}), OutOfRange, "not a number"),
        (one({"v": True}), OutOfRange, "bool instead of a number"),
        (one({"v": "2.6"}, day="2026-07-10"), BadDates, "future"),
        (one({"v": "2.6"}, day="29.06.2026"), BadDates, "not a date"),
        (one({"v": "2.6"}, day=20260629), WrongFormat, "no text 'd'"),
    ],
)
def test_refuses(feed: Boc, text: str, kind: type, words: str) -> None:
    refused(feed, answer(text), kind, words)


def test_survives_anything(feed: Boc) -> None:
    survives(feed, answer(wire(ROWS)))
    never_cut(feed, answer(wire(ROWS)))
