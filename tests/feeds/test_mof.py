"""Japan's JGB curve: two files of one layout, dashes, footnotes."""

from datetime import date

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import EVIL, answer, malformations, need, never_cut, refused, survives, values

HEAD = "Interest Rate (June 2026),,,,,,,,,,,,,,,(Unit : %)\r\nDate,1Y,2Y,3Y,4Y,5Y,6Y,7Y,8Y,9Y,10Y,15Y,20Y,25Y,30Y,40Y\r\n"
FILE = HEAD + (
    "1974/9/24,10.327,9.362,8.83,8.515,8.348,8.29,8.24,8.121,8.127,-,-,-,-,-,-\r\n"
    "2019/8/29,-0.301,-0.303,-0.317,-0.35,-0.36,-0.377,-0.389,-0.365,-0.319,-0.287,-0.081,0.052,0.093,0.118,0.144\r\n"
    "2026/6/29,1.173,1.411,1.547,1.753,1.916,2.053,2.201,2.367,2.513,2.644,3.204,3.54,3.791,3.785,3.715\r\n"
)


@pytest.fixture
def feed():
    return make_feed("mof", default_catalogue())


def test_values_and_dashes(feed):
    found = values(feed.read(answer(FILE, "history")))
    assert found["jp.1y"] == {"1974-09-24": 10.327, "2019-08-29": -0.301, "2026-06-29": 1.173}
    assert found["jp.40y"] == {"2019-08-29": 0.144, "2026-06-29": 3.715}
    assert len(found) == 15


def test_a_footnote_in_shift_jis_is_no_row(feed):
    body = FILE.encode() + "※国債の金利情報\r\n".encode("cp932")
    assert values(feed.read(answer(body))) == values(feed.read(answer(FILE)))


def test_columns_in_any_order(feed):
    lines = FILE.splitlines()
    turned = "\r\n".join([lines[0], *(",".join(reversed(line.split(","))) for line in lines[1:])]) + "\r\n"
    assert values(feed.read(answer(turned))) == values(feed.read(answer(FILE)))


def test_requests(feed):
    assert [(r.part, r.empty_ok) for r in feed.requests(need(jp__10y=None))] == [("current", False), ("history", False)]
    assert [r.part for r in feed.requests(need(jp__10y=date(2026, 6, 18)))] == ["current"]
    assert [r.part for r in feed.requests(need(date(2026, 7, 3), jp__10y=date(2026, 6, 22)))] == ["current", "history"]
    assert [*feed.requests(need())] == []
    current, history = feed.requests(need(date(2026, 7, 1), jp__10y=None))
    assert current.empty_ok and current.url.endswith("/jgbcme.csv") and history.url.endswith("/historical/jgbcme_all.csv")


def test_an_empty_month_is_an_answer_in_its_first_days_only(feed):
    assert len(feed.read(answer(HEAD, "current", empty_ok=True))) == 0
    refused(feed, answer(HEAD, "current"), CutShort, "no observation")


@malformations(
    [
        ("", CutShort, "empty answer"),
        ("<html><body>404", WrongFormat, "HTML"),
        (FILE.replace("(Unit : %)", "(Unit : bp)"), WrongFormat, "does not say percent"),
        (FILE[FILE.index("Date") :], WrongFormat, "does not say percent"),
        (FILE.replace("Date,", "Day,"), WrongFormat, "begins with Date"),
        (FILE.replace("30Y", "Thirty"), WrongFormat, "not the table of JGB yields"),
        (FILE.replace("25Y", "20Y"), WrongFormat, "two columns"),
        (FILE[:-5], CutShort, "middle of a line"),
        (FILE.replace(",3.715", ""), WrongFormat, "15 cells instead of 16"),
        (FILE.replace("3.715", "371.5"), OutOfRange, "jp.40y 2026-06-29: 371.5 %"),
        (FILE.replace("3.715", EVIL), OutOfRange, "not a number"),
        (FILE.replace("3.715", "nan"), OutOfRange, "nan"),
        (FILE.replace("2019/8/29", "2019/8/32"), BadDates, "'2019/8/32' is not a date"),
        (FILE.replace("2019/8/29", "2019/13/2"), BadDates, "not a date"),
        (FILE.replace("2019/8/29", "R1.8.29"), BadDates, "not a date"),
        (FILE.replace("2019/8/29", "2026/6/29"), BadDates, "two values"),
        (FILE.replace("2026/6/29", "2026/7/10"), BadDates, "in the future"),
    ],
)
def test_malformed(feed, body, kind, words):
    refused(feed, answer(body), kind, words)


def test_distrust(feed):
    survives(feed, answer(FILE))
    never_cut(feed, answer(FILE))


@pytest.mark.recorded
def test_recorded_file(feed, recorded):
    body = (recorded / "mof_japan" / "jgbcme_all.csv").read_bytes()
    found = values(feed.read(answer(body)))
    rows = [line.split(",") for line in body.decode("ascii").split("\r\n")[2:-1]]
    assert sum(map(len, found.values())) == sum(cell != "-" for row in rows for cell in row[1:])
    assert found["jp.10y"]["2026-06-30"] == 2.69 and min(found["jp.40y"]) == "2007-11-06"
