"""The Treasury's year files: columns by name, blanks, extent, proof that the file is whole."""

from datetime import UTC, date, datetime

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import EVIL, TODAY, answer, malformations, need, never_cut, refused, survives, values

PAR = (
    'Date,"1 Mo","1.5 Month","2 Mo","3 Mo","4 Mo","6 Mo","1 Yr","2 Yr","3 Yr","5 Yr","7 Yr","10 Yr","20 Yr","30 Yr"\n'
    "06/29/2026,3.90,3.89,3.89,3.87,3.92,4.01,3.98,4.14,4.15,4.19,4.30,4.44,4.93,4.91\n"
    "06/26/2026,3.91,3.90,,3.88,3.93,4.02,3.99,4.15,4.16,4.20,4.31,4.45,4.94,\n"
    "01/02/2026,3.70,3.69,3.69,3.67,3.72,3.81,3.78,3.94,3.95,3.99,4.10,4.24,4.73,4.71"
)
REAL = 'Date,"5 YR","7 YR","10 YR","20 YR","30 YR"\n06/29/2026,1.91,2.15,2.20,2.53,-0.59\n01/02/2026,1.81,2.05,2.10,2.43,2.49\n'


@pytest.fixture
def feed():
    return make_feed("treasury", default_catalogue())


def test_par_file(feed):
    found = values(feed.read(answer(PAR, "par 2026")))
    assert found["us.10y"] == {"2026-06-29": 4.44, "2026-06-26": 4.45, "2026-01-02": 4.24}
    assert found["us.6w"]["2026-06-29"] == 3.89
    assert "2026-06-26" not in found["us.2m"] and "2026-06-26" not in found["us.30y"]
    assert len(found) == 14


def test_real_file(feed):
    found = values(feed.read(answer(REAL, "real 2026")))
    assert found["us.30y.real"] == {"2026-06-29": -0.59, "2026-01-02": 2.49}
    assert len(found) == 5


def test_older_files_have_fewer_columns_and_other_spellings(feed):
    old = 'Date,"3 Months","6 Mo","1 Year","5 Yr","10 YEARS","30 Yr"\n12/31/1990,6.63,6.73,6.82,7.68,8.08,8.26\n'
    old += "01/02/1990,7.83,7.89,7.81,7.87,7.94,8.00\n"
    assert values(feed.read(answer(old, "par 1990")))["us.10y"] == {"1990-12-31": 8.08, "1990-01-02": 7.94}


def test_columns_in_any_order(feed):
    turned = "".join(",".join(reversed(line.split(","))) + "\n" for line in PAR.splitlines())
    assert values(feed.read(answer(turned, "par 2026"))) == values(feed.read(answer(PAR, "par 2026")))


def test_full_history_is_a_file_a_year_newest_first(feed):
    parts = [r.part for r in feed.requests(need(us__10y=None, us__10y__real=None))]
    assert parts[:3] == ["par 2026", "real 2026", "par 2025"]
    assert len(parts) == 37 + 24 and parts[-1] == "par 1990" and "real 2003" in parts and "real 2002" not in parts


def test_incremental_asks_for_this_year_only_and_for_both_in_january(feed):
    request, *others = feed.requests(need(us__10y=date(2026, 6, 19)))
    assert not others and not request.empty_ok
    assert request.url.endswith("/2026/all?type=daily_treasury_yield_curve&field_tdr_date_value=2026&page&_format=csv")
    young, last = feed.requests(need(date(2026, 1, 3), us__10y=date(2025, 12, 22)))
    assert (young.part, young.empty_ok, last.part, last.empty_ok) == ("par 2026", True, "par 2025", False)
    assert [r.part for r in feed.requests(need(us__10y__real=TODAY))] == ["real 2026"]
    assert [*feed.requests(need())] == []


def test_the_first_days_of_a_year_may_be_empty(feed):
    new_year = datetime(2026, 1, 3, tzinfo=UTC)
    assert len(feed.read(answer("", "par 2026", at=new_year, empty_ok=True))) == 0
    refused(feed, answer("", "par 2026"), CutShort, "empty answer")


@malformations(
    [
        ("<!DOCTYPE html><html>", WrongFormat, "HTML instead of CSV"),
        (PAR[: PAR.index("01/02")], CutShort, "goes back to 2026-06-26 only"),
        (PAR[:-3], CutShort, "inside a number"),
        (PAR[:-7], CutShort, "14 cells instead of 15"),
        (PAR.replace("4.44", "444"), OutOfRange, "us.10y 2026-06-29: 444 % is outside"),
        (PAR.replace("4.44", EVIL), OutOfRange, "not a number"),
        (PAR.replace("06/29/2026", "07/10/2026"), BadDates, "in the future"),
        (PAR.replace("06/26/2026", "06/26/2025"), BadDates, "the file of 2026 holds 2025-06-26"),
        (PAR.replace("06/26/2026", "2026-06-26"), BadDates, "not a date like"),
        (PAR.replace("06/26/2026", "06/31/2026"), BadDates, "not a date"),
        (PAR.replace("06/26/2026", "06/29/2026"), BadDates, "two values"),
        (PAR.replace("20 Yr", "30 Yr"), WrongFormat, "two columns are called '30 Yr'"),
        (PAR.replace('"20 Yr"', '"Note"'), WrongFormat, "a column called 'Note'"),
        (PAR.replace('"10 Yr"', '"11 Yr"'), WrongFormat, "not the table of par yields"),
        (REAL, WrongFormat, "not the table of par yields"),
    ],
)
def test_malformed(feed, body, kind, words):
    refused(feed, answer(body, "par 2026"), kind, words)


def test_a_past_year_reaches_late_december(feed):
    refused(feed, answer(PAR.replace("2026", "2025"), "par 2025"), CutShort, "the file of 2025 ends on 2025-06-29")


def test_distrust(feed):
    survives(feed, answer(PAR, "par 2026"))
    never_cut(feed, answer(PAR, "par 2026"))


@pytest.mark.recorded
def test_recorded_archive(feed, recorded):
    lines = (recorded / "treasury_archive" / "treasury-par-yield-curve-rates.csv").read_text().splitlines()
    header, rows = lines[0], [line.split(",") for line in lines[1:]]
    for year in range(1990, 2024):
        of_year = [r for r in rows if r[0].endswith(f"/{year % 100:02}")]
        body = [",".join([f"{int(m):02}/{int(d):02}/{year}", *cells]) for (m, d, _), cells in ((r[0].split("/"), r[1:]) for r in of_year)]
        found = values(feed.read(answer("\n".join([header, *body]) + "\n", f"par {year}")))
        assert len(found["us.10y"]) == sum(line.split(",")[11] != "" for line in body)  # 2010-10-11 is a row of blanks
