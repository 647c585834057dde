"""FRED: groups of ids, blanks, the zip of mixed frequencies, the API, the annual change of prices."""

import io
import json
import zipfile
from datetime import date

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, TooLarge, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import EVIL, answer, malformations, need, never_cut, refused, survives, values

DAILY = "observation_date,DGS2,DGS10\n2026-06-18,4.10,4.40\n2026-06-19,,\n2026-06-22,4.12,4.42\n2026-06-23,.,4.43\n"
PRICES = "observation_date,CPIAUCSL\n" + "".join(
    f"{y}-{m:02}-01,{'' if (y, m) == (2025, 10) else f'{300 + 12 * (y - 2024) + m - 1}.000'}\n" for y in (2024, 2025) for m in range(1, 13)
)
API = {"units": "lin", "count": 2, "observations": [{"date": "2026-06-18", "value": "4.40"}, {"date": "2026-06-19", "value": "."}]}


def packed(**files: str) -> bytes:
    """A zip; "daily_close" is the file daily_close.csv, README is README.txt."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name + (".txt" if name == "README" else ".csv"), text)
    return out.getvalue()


@pytest.fixture
def feed():
    return make_feed("fred", default_catalogue())


def test_blank_and_dot_are_no_values(feed):
    found = values(feed.read(answer(DAILY, reader="DGS2,DGS10")))
    assert found["us.2y"] == {"2026-06-18": 4.10, "2026-06-22": 4.12}
    assert found["us.10y"] == {"2026-06-18": 4.40, "2026-06-22": 4.42, "2026-06-23": 4.43}


def test_the_header_of_before_2025(feed):
    old = DAILY.replace("observation_date", "DATE")
    assert values(feed.read(answer(old, reader="DGS2,DGS10"))) == values(feed.read(answer(DAILY, reader="DGS2,DGS10")))


def test_a_zip_of_files_by_frequency(feed):
    body = packed(README="FRED Graph", daily=DAILY, daily_close="observation_date,VIXCLS\n2026-06-18,17.65\n")
    found = values(feed.read(answer(body, reader="DGS2,VIXCLS,DGS10")))
    assert found["vix"] == {"2026-06-18": 17.65} and found["us.10y"]["2026-06-22"] == 4.42


def test_units_become_ours(feed):
    wire = "observation_date,WALCL,WMTSECL1\n2007-07-04,850000,0\n2026-06-24,6735645,2770621\n"
    found = values(feed.read(answer(wire, reader="WALCL,WMTSECL1")))
    assert found["us.fed.assets"]["2026-06-24"] == pytest.approx(6735.645)
    assert found["us.custody"] == {"2026-06-24": pytest.approx(2770.621)}  # a zero of 2007 is no report
    spread = values(feed.read(answer("observation_date,BAMLH0A0HYM2\n2026-06-24,2.75\n", reader="BAMLH0A0HYM2")))
    assert spread == {"hy.oas": {"2026-06-24": 275.0}}


def test_months_and_quarters_are_dated_at_their_end(feed):
    wire = "observation_date,GFDEBTN,GFDEGDQ188S\n2025-07-01,37600000,121.1\n2025-10-01,38000000,121.7\n2026-01-01,38339194,\n"
    found = values(feed.read(answer(wire, reader="GFDEBTN,GFDEGDQ188S")))
    assert found["us.debt.total"] == {"2025-09-30": 37600.0, "2025-12-31": 38000.0, "2026-03-31": pytest.approx(38339.194)}
    assert found["us.debt_gdp"] == {"2025-12-31": 121.7}


def test_annual_change_of_prices(feed):
    changes = values(feed.read(answer(PRICES, reader="CPIAUCSL")))["us.cpi.yoy"]
    assert min(changes) == "2025-01-31" and "2025-10-31" not in changes and len(changes) == 11
    assert changes["2025-01-31"] == pytest.approx(100 * (312 / 300 - 1))


def test_requests_by_group_with_one_start_an_id(feed):
    requests = {r.part: r for r in feed.requests(need(**{i.replace(".", "__"): None for i in feed.series}))}
    assert all(len(r.reader.split(",")) <= 12 for r in requests.values())
    assert set(requests["daily close"].reader.split(",")) == {"VIXCLS", "SP500", "BAMLH0A0HYM2", "BAMLC0A0CM"}
    assert set(requests["seven-day"].reader.split(",")) == {"DFF", "DFEDTARU", "DFEDTARL", "IORB"}
    assert set(requests["as of Wednesday"].reader.split(",")) == {"WALCL", "TREAST", "WMTSECL1", "WLRRAFOIAL"}
    assert set(requests["week to Wednesday"].reader.split(",")) == {"WTREGEN", "WRESBAL"}
    assert set(requests["week to Friday"].reader.split(",")) == {"NFCI", "ANFCI", "STLFSI4"}
    assert sum(len(r.reader.split(",")) for r in requests.values()) == len(feed.series)
    assert all("Accept" in r.headers for r in requests.values())


def test_incremental_requests(feed):
    since = {"us__10y__breakeven": date(2026, 6, 15), "us__5y__breakeven": date(2026, 6, 12)}
    asked = need(**since, us__cpi__yoy=date(2026, 1, 31), us__debt__total=date(2025, 12, 31))
    daily, quarterly, monthly = feed.requests(asked)
    assert daily.url.endswith("id=T5YIE,T10YIE&cosd=2026-06-12,2026-06-15")
    assert quarterly.url.endswith("id=GFDEBTN&cosd=2025-09-22")  # the quarter that ended then began on 1 October
    assert monthly.url.endswith("id=CPIAUCSL&cosd=2024-12-27")  # a year and a month before


def test_parts_stay_the_same_whatever_is_asked(feed):
    everything = {
        code: r.part for r in feed.requests(need(**{i.replace(".", "__"): None for i in feed.series})) for code in r.reader.split(",")
    }
    (one,) = feed.requests(need(us__10y=None))
    assert one.part == everything["DGS10"] and one.reader == "DGS10"


def test_with_a_key_the_api_is_asked(feed):
    keyed = make_feed("fred", default_catalogue(), keys={"fred": "k3y"})
    (request,) = keyed.requests(need(us__10y=date(2026, 6, 15)))
    assert request.url.startswith("https://api.stlouisfed.org/fred/series/observations?series_id=DGS10&api_key=k3y&file_type=json")
    assert request.url.endswith("observation_start=2026-06-15") and "k3y" not in request.part
    assert values(keyed.read(answer(json.dumps(API), reader=request.reader))) == {"us.10y": {"2026-06-18": 4.40}}


@malformations(
    [
        ("", CutShort, "empty answer"),
        ("<html>", WrongFormat, "HTML"),
        ('{"error": "x"}', WrongFormat, "JSON error instead of CSV"),
        (DAILY[:-2], CutShort, "middle of a line"),
        (DAILY.replace("DGS2", "DGS1"), WrongFormat, "other columns than asked: DGS1, DGS2"),
        (DAILY.replace("DGS2", "DGS10"), WrongFormat, "two columns"),
        (DAILY.replace("observation_date", "when"), WrongFormat, "no column of dates"),
        (DAILY.replace("4.40", "4.40,1"), WrongFormat, "4 cells instead of 3"),
        (DAILY.replace("4.40", "440"), OutOfRange, "us.10y 2026-06-18: 440"),
        (DAILY.replace("4.40", EVIL), OutOfRange, "not a number"),
        (DAILY.replace("4.40", "1e999"), OutOfRange, "inf"),
        (DAILY.replace("2026-06-18", "06/18/2026"), BadDates, "not a date"),
        (DAILY.replace("2026-06-18", "2026-06-31"), BadDates, "not a date"),
        (DAILY.replace("2026-06-23", "2026-07-10"), BadDates, "in the future"),
        (DAILY.replace("2026-06-22", "2026-06-18"), BadDates, "two values"),
        (packed(README="nothing"), WrongFormat, "does not hold the file"),
        (packed(a=DAILY, b=DAILY), WrongFormat, "in two files"),
        (packed(a=DAILY)[:-30], CutShort, "cut or damaged"),
        (packed(a=DAILY + "0" * 13_000_000), TooLarge, "more than 12 MB"),
    ],
)
def test_malformed(feed, body, kind, words):
    refused(feed, answer(body, reader="DGS2,DGS10"), kind, words)


def test_an_index_in_another_unit_has_the_same_changes_and_is_refused(feed):
    refused(feed, answer(PRICES.replace(".000", "00"), reader="CPIAUCSL"), OutOfRange, "consumer price index 2024-01-01: 30000")


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"count": 3}, CutShort, "2 observations of 3"),
        ({"units": "pch"}, WrongFormat, "plain units"),
        ({"observations": [1, 2]}, WrongFormat, "not an observation"),
        ({"observations": [{"date": "2026-06-18", "value": 4.4}] * 2}, WrongFormat, "not an observation"),
    ],
)
def test_malformed_api(feed, change, kind, words):
    refused(feed, answer(json.dumps(API | change), reader="api DGS10"), kind, words)
    refused(feed, answer('{"error_message": "Bad Request."}', reader="api DGS10"), WrongFormat, "Bad Request")


def test_distrust(feed):
    survives(feed, answer(DAILY, reader="DGS2,DGS10"))
    survives(feed, answer(packed(README="x", daily=DAILY), reader="DGS2,DGS10"))
    survives(feed, answer(json.dumps(API), reader="api DGS10"))
    never_cut(feed, answer(DAILY, reader="DGS2,DGS10"))
    never_cut(feed, answer(json.dumps(API), reader="api DGS10"))


@pytest.mark.recorded
@pytest.mark.parametrize("code", ["DGS1MO", "DGS2", "DGS10", "DGS30"])
def test_recorded_files(feed, recorded, code):
    text = (recorded / "fred_wire" / f"{code}.csv").read_text()
    (found,) = values(feed.read(answer(text, reader=code))).values()
    assert len(found) == sum(not line.endswith(",") for line in text.splitlines()[1:])
    assert max(found) == "2026-02-20"
