"""CFTC: positions by contract, from the API or from a yearly file."""

import io
import json
import zipfile
from datetime import date

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, Unreachable, WrongFormat
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Answer, Failed
from wires import EVENING, EVIL, answer, need, never_cut, refused, survives, values

ROW = {
    "cftc_contract_market_code": "043602",
    "report_date_as_yyyy_mm_dd": "2026-06-23T00:00:00.000",
    "open_interest_all": "5000000",
    "dealer_positions_long_all": "100000",
    "dealer_positions_short_all": "550000",
    "asset_mgr_positions_long": "2900000",
    "asset_mgr_positions_short": "500000",
    "lev_money_positions_long": "350000",
    "lev_money_positions_short": "2300000",
}
YEN = ROW | {"cftc_contract_market_code": "097741"}
FILE_HEAD = (
    '"Market_and_Exchange_Names","As_of_Date_In_Form_YYMMDD","Report_Date_as_YYYY-MM-DD","CFTC_Contract_Market_Code","Open_Interest_All",'
    '"Dealer_Positions_Long_All","Dealer_Positions_Short_All","Asset_Mgr_Positions_Long_All","Asset_Mgr_Positions_Short_All",'
    '"Lev_Money_Positions_Long_All","Lev_Money_Positions_Short_All"\r\n'
)
FILE = FILE_HEAD + (
    '"UST 10Y NOTE - CHICAGO BOARD OF TRADE",260623,2026-06-23,043602, 5000000,  100000,  550000, 2900000,  500000,  350000, 2300000\r\n'
    '"UST 10Y NOTE - CHICAGO BOARD OF TRADE",260616,2026-06-16,043602, 4900000,  100000,  550000, 2900000,  500000,       ., 2250000\r\n'
    '"JAPANESE YEN - CHICAGO MERCANTILE EXCHANGE",260623,2026-06-23,097741,  300000,  1,  2,  3,  4,  5,  6\r\n'
)


def zipped(text, name="FinFutYY.txt"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return out.getvalue()


@pytest.fixture
def feed():
    return make_feed("cftc", default_catalogue())


def test_counts_and_nets(feed):
    found = {i: column["2026-06-23"] for i, column in values(feed.read(answer(json.dumps([ROW, YEN])))).items()}
    assert found == {
        "cftc.oi.10y": 5_000_000,
        "cftc.lev.long.10y": 350_000,
        "cftc.lev.short.10y": 2_300_000,
        "cftc.lev.net.10y": -1_950_000,
        "cftc.am.net.10y": 2_400_000,
        "cftc.dealer.net.10y": -450_000,
    }


def test_a_suppressed_count_is_absent_and_so_is_its_net(feed):
    bare = {k: v for k, v in ROW.items() if k != "lev_money_positions_long"}
    found = values(feed.read(answer(json.dumps([bare]))))
    assert "cftc.lev.short.10y" in found and not {"cftc.lev.long.10y", "cftc.lev.net.10y"} & set(found)


def test_the_yearly_file_says_the_same(feed):
    found = values(feed.read(answer(zipped(FILE), "file 2026", "zip")))
    api = values(feed.read(answer(json.dumps([ROW]))))
    assert {i: column["2026-06-23"] for i, column in found.items()} == {i: column["2026-06-23"] for i, column in api.items()}
    assert list(found["cftc.lev.long.10y"]) == ["2026-06-23"]
    assert list(found["cftc.lev.short.10y"]) == ["2026-06-16", "2026-06-23"]


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("", CutShort, "empty answer"),
        ("<html>", WrongFormat, "HTML"),
        (json.dumps([ROW])[:99], CutShort, "ends before its end"),
        ("[]", CutShort, "no observation"),
        ('{"message": "no"}', WrongFormat, "not a list of objects"),
        (json.dumps([ROW | {"cftc_contract_market_code": 43602}]), WrongFormat, "without cftc_contract_market_code"),
        (json.dumps([ROW | {"open_interest_all": 5}]), WrongFormat, "a count that is no text"),
        (json.dumps([ROW | {"open_interest_all": EVIL}]), OutOfRange, "oi of 043602: .* is not a number"),
        (json.dumps([ROW | {"open_interest_all": "500000000"}]), OutOfRange, "cftc.oi.10y 2026-06-23: 5e\\+08 contracts"),
        (
            json.dumps([ROW | {"lev_money_positions_short": "230000000"}]),
            OutOfRange,
            "lev short of 230000000 in an open interest of 5000000",
        ),
        (json.dumps([ROW | {"report_date_as_yyyy_mm_dd": "2026-07-10T00:00:00.000"}]), BadDates, "in the future"),
        (json.dumps([ROW | {"report_date_as_yyyy_mm_dd": "soon"}]), BadDates, "is not a date"),
        (json.dumps([ROW, ROW | {"open_interest_all": "5000001"}]), BadDates, "two values"),
    ],
)
def test_malformations(feed, body, kind, words):
    refused(feed, answer(body, "positions", "json"), kind, words)


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", CutShort, "empty answer"),
        (b"<html>", WrongFormat, "HTML instead of a ZIP"),
        (zipped(FILE)[:-60], CutShort, "cut or damaged"),
        (zipped(FILE, "readme.pdf"), WrongFormat, "does not hold the file"),
        (zipped(FILE[:-3]), CutShort, "ends in the middle of a line"),
        (zipped(FILE.replace("Open_Interest_All", "Other")), WrongFormat, "no column Open_Interest_All"),
    ],
)
def test_malformed_files(feed, body, kind, words):
    refused(feed, answer(body, "file 2026", "zip"), kind, words)


def test_requests(feed):
    (full,) = feed.requests(need(cftc__oi__10y=None))
    assert "%27020601%27" in full.url and "%3E%3D" not in full.url and not full.empty_ok
    (some,) = feed.requests(need(cftc__oi__10y=date(2026, 5, 26)))
    assert "report_date_as_yyyy_mm_dd%20%3E%3D%20%272026-05-26%27" in some.url
    assert some.part == full.part
    assert [*feed.requests(need())] == []


@pytest.mark.parametrize("page", [None, b"<html><body>Please sign in</body></html>"])
async def test_files_step_in_when_the_interface_is_silent_or_gives_a_page(feed, page):
    class Client:
        async def fetch(self, request, *, feed):
            if request.reader == "json" and page is None:
                raise Unreachable("connected, then silence")
            return Answer(request, page if request.reader == "json" else zipped(FILE), EVENING)

    got = [each async for each in feed.ask(Client(), need(cftc__oi__10y=date(2025, 12, 23)))]
    assert [(type(each), each.request.part) for each in got] == [(Failed, "positions"), (Answer, "file 2026"), (Answer, "file 2025")]
    got = [each async for each in feed.ask(Client(), need(cftc__oi__10y=date(2026, 5, 23)))]
    assert [each.request.part for each in got] == ["positions", "file 2026"]


@pytest.mark.parametrize("unchanged", [False, True])
async def test_no_file_is_asked_for_while_the_interface_answers(feed, unchanged):
    class Client:
        async def fetch(self, request, *, feed):
            return Answer(request, b"" if unchanged else json.dumps([ROW]).encode(), EVENING, unchanged=unchanged)

    asked = need(cftc__oi__10y=date(2026, 5, 23))
    assert [type(each) for each in [one async for one in feed.ask(Client(), asked)]] == [Answer]


def test_whatever_comes(feed):
    survives(feed, answer(json.dumps([ROW, YEN]), "positions", "json"))
    survives(feed, answer(zipped(FILE), "file 2026", "zip"), 30)
    never_cut(feed, answer(json.dumps([ROW, YEN]), "positions", "json"), 5)


@pytest.mark.recorded
def test_recorded_weeks(feed, recorded):
    """The published check: leveraged funds' net over the six contracts, at face value."""
    text = (recorded / "cftc_tff" / "FinFutYY_2024.txt").read_bytes().decode("latin-1")
    found = values(feed.read(answer(zipped(text), "file 2024", "zip")))
    face = {"2y": 200_000, "5y": 100_000, "10y": 100_000, "u10": 100_000, "bond": 100_000, "ubond": 100_000}
    for day, billions in (("2024-01-02", -781.8), ("2024-06-11", -892.9)):
        assert sum(found[f"cftc.lev.net.{c}"][day] * f for c, f in face.items()) / 1e9 == pytest.approx(billions, abs=0.05)
    sample = (recorded / "samples" / "cftc_gpe5-46if_043602_2024-01-02.json").read_bytes()
    one = values(feed.read(answer(sample, "positions", "json")))
    assert all(found[i]["2024-01-02"] == column["2024-01-02"] for i, column in one.items())
