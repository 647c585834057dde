"""TIC: thirteen months of major holders, by exact label."""

from datetime import UTC, datetime

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import EVIL, answer, need, never_cut, refused, survives, values

TITLES = (
    "Table 5: Major Foreign Holders of Treasury Securities\t\t\r\nHoldings at end of time period\t\t\r\nBillions of dollars\t\t\r\n\t\t\r\n"
)
TABLE = (
    "Country\t2026-04\t2026-03\r\n"
    "Japan\t1100.5\t1110.0\r\n"
    "United Kingdom\t900.0\t\r\n"
    '"China, Mainland"\t650.0\t660.0\r\n'
    "All Other\t6249.5\t6230.0\r\n"
    "Grand Total\t8900.0\t8800.0\r\n"
    "Of Which: Foreign Official\t3800.1\t3700.0\r\n"
    "Of Which: Foreign Official Treasury Bills\t350.0\t300.0\r\n"
    "Of Which: Foreign Official T-Bonds & Notes\t3450.0\t3400.0\r\n"
)
NOTES = '\t\t\r\nNotes:\t\t\r\n"The data in this table are collected from custodians."\t\t\r\n'
FILE = TITLES + TABLE + NOTES


@pytest.fixture
def feed():
    return make_feed("tic", default_catalogue())


def test_holders(feed):
    found = values(feed.read(answer(FILE)))
    assert found["tic.japan"] == {"2026-03-31": 1110.0, "2026-04-30": 1100.5}
    assert found["tic.china"]["2026-04-30"] == 650.0
    assert found["tic.uk"] == {"2026-04-30": 900.0}
    assert {i: c["2026-04-30"] for i, c in found.items() if "official" in i or "total" in i} == {
        "tic.total": 8900.0,
        "tic.official": 3800.1,
        "tic.official.bills": 350.0,
        "tic.official.bonds": 3450.0,
    }


def test_a_country_that_fell_out_is_absent(feed):
    found = values(feed.read(answer(FILE.replace("Japan", "Ruritania"))))
    assert "tic.japan" not in found and "tic.uk" in found


def test_columns_in_any_order(feed):
    turned = "".join("\t".join(reversed(line.split("\t"))) + "\r\n" for line in TABLE.splitlines())
    assert values(feed.read(answer(TITLES + turned + NOTES))) == values(feed.read(answer(FILE)))


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("", CutShort, "empty answer"),
        ("<html>", WrongFormat, "HTML"),
        (FILE[:-5], CutShort, "ends in the middle of a line"),
        (TITLES + TABLE[: TABLE.index("Of Which: Foreign Official T")], CutShort, "ends before the row"),
        (FILE.replace("Billions", "Millions"), WrongFormat, "billions of dollars"),
        (FILE.replace("Country", "Land"), WrongFormat, "no header row"),
        (FILE.replace("2026-03", "March"), BadDates, "is no month"),
        (FILE.replace("2026-04", "2026-08"), BadDates, "dated 2026-08-31, in the future"),
        (FILE.replace("1100.5", EVIL), OutOfRange, "is not a number"),
        (FILE.replace("1100.5", "110050"), OutOfRange, "more than the grand total"),
        (FILE.replace("3800.1", "3900.1"), OutOfRange, "do not make 3900.1"),
        (FILE.replace("United Kingdom", "Japan"), WrongFormat, "two rows with one label"),
    ],
)
def test_malformations(feed, body, kind, words):
    refused(feed, answer(body), kind, words)


def test_another_unit(feed):
    lines = [[c.replace(".", "") + "0" if c[:1].isdigit() else c for c in line.split("\t")] for line in TABLE.splitlines()[1:]]
    body = TITLES + TABLE.splitlines()[0] + "\r\n" + "".join("\t".join(line) + "\r\n" for line in lines).replace("380010", "380000")
    refused(feed, answer(body), OutOfRange, "tic.japan 2026-04-30: 110050 USD bn")


def test_requests(feed):
    (request,) = feed.requests(need(tic__japan=None))
    assert request.url.endswith("/slt_table5.txt")
    assert [*feed.requests(need())] == []


def test_whatever_comes(feed):
    survives(feed, answer(FILE))
    never_cut(feed, answer(FILE), 3)


@pytest.mark.recorded
def test_recorded_excerpt(feed, recorded):
    body = (recorded / "samples" / "tic_slt_table5_excerpt.txt").read_bytes()
    found = values(feed.read(answer(body, at=datetime(2026, 9, 20, tzinfo=UTC))))
    japan = next(line for line in body.decode().splitlines() if line.startswith("Japan")).split("\t")[1:]
    assert list(found["tic.japan"].items()) == [
        (day, float(v)) for day, v in zip(("2026-05-31", "2026-06-30", "2026-07-31"), japan[::-1], strict=True)
    ]
    assert len(found) == 7
