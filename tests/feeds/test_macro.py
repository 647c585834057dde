"""Prices and debt: OECD's CSV, Eurostat's JSON-stat, the IMF's years, Japan's Shift-JIS table."""

import json
from datetime import UTC, date, datetime

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import EVIL, answer, need, never_cut, refused, survives, values

OECD = (
    "STRUCTURE,REF_AREA,Reference area,FREQ,TRANSFORMATION,TIME_PERIOD,OBS_VALUE\r\n"
    'DATAFLOW,GBR,"Kingdom, United",M,GY,2026-04,3.1\r\n'
    'DATAFLOW,GBR,"Kingdom, United",M,GY,2026-05,3.2\r\n'
    "DATAFLOW,CAN,Canada,M,GY,2026-05,\r\n"
    "DATAFLOW,FRA,France,M,GY,2026-05,1.5\r\n"
)
JAPAN = (
    "類・品目,総合,生鮮食品を除く総合,生鮮食品及びエネルギーを除く総合\r\n"
    'Groups/Items,All items,"All items, less fresh food",more\r\n'
    "197101,7.0,6.5,6.0\r\n"
    "202604,2.2,-,1.8\r\n"
    "202605,2.3,2.1,1.7\r\n"
)


def json_stat(geos, times, cells, fixed="prc"):
    def index(keys):
        return {"category": {"index": {k: i for i, k in enumerate(keys)}}}

    return json.dumps(
        {
            "class": "dataset",
            "value": {str(i): v for i, v in enumerate(cells) if v is not None},
            "id": ["freq", "geo", "time"],
            "size": [1, len(geos), len(times)],
            "dimension": {"freq": index([fixed]), "geo": index(geos), "time": index(times)},
        }
    )


HICP = json_stat(["EA21", "FR"], ["2026-04", "2026-05", "2026-06"], [2.0, 2.1, 2.2, 1.6, None, 1.5])
DEBT = json_stat(["IT"], ["2025-Q3", "2025-Q4"], [136.5, 136.8])
IMF = json.dumps({"values": {"G_XWDG_G01_GDP_PT": {"JPN": {"2024": 236.1, "2025": 232, "2026": 230.5, "2031": 222}, "ABW": {"2024": 9}}}})


@pytest.fixture
def feed():
    return make_feed("macro", default_catalogue())


def test_oecd(feed):
    assert values(feed.read(answer(OECD, reader="oecd"))) == {"uk.cpi.yoy": {"2026-04-30": 3.1, "2026-05-31": 3.2}}


def test_oecd_columns_in_any_order(feed):
    lines = [line.replace('"Kingdom, United"', "UK").split(",") for line in OECD.splitlines()]
    turned = "".join(",".join(reversed(line)) + "\r\n" for line in lines)
    assert values(feed.read(answer(turned, reader="oecd"))) == values(feed.read(answer(OECD, reader="oecd")))


def test_eurostat_prices(feed):
    found = values(feed.read(answer(HICP, reader="hicp")))
    assert found == {
        "ea.cpi.yoy": {"2026-04-30": 2.0, "2026-05-31": 2.1, "2026-06-30": 2.2},
        "fr.cpi.yoy": {"2026-04-30": 1.6, "2026-06-30": 1.5},
    }


def test_a_flash_estimate_waits_for_the_end_of_its_month(feed):
    early = datetime(2026, 6, 28, 12, tzinfo=UTC)
    assert list(values(feed.read(answer(HICP, reader="hicp", at=early)))["ea.cpi.yoy"]) == ["2026-04-30", "2026-05-31"]
    much_too_early = datetime(2026, 5, 20, 12, tzinfo=UTC)
    refused(feed, answer(HICP, reader="hicp", at=much_too_early), BadDates, "dated 2026-06-30, in the future")


def test_debt_by_quarter(feed):
    assert values(feed.read(answer(DEBT, reader="eurostat"))) == {"it.debt_gdp": {"2025-09-30": 136.5, "2025-12-31": 136.8}}


def test_forecasts_are_cut(feed):
    assert values(feed.read(answer(IMF, reader="imf"))) == {"jp.debt_gdp": {"2024-12-31": 236.1, "2025-12-31": 232.0}}


def test_japan(feed):
    assert values(feed.read(answer(JAPAN.encode("cp932"), reader="jp"))) == {"jp.cpi.core.yoy": {"1971-01-31": 6.5, "2026-05-31": 2.1}}


@pytest.mark.parametrize(
    ("reader", "body", "kind", "words"),
    [
        ("oecd", OECD[:-4], CutShort, "ends in the middle of a line"),
        ("oecd", "NoRecordsFound", CutShort, "ends in the middle"),
        ("oecd", OECD.replace("OBS_VALUE", "VALUE"), WrongFormat, "no column 'OBS_VALUE'"),
        ("oecd", OECD.replace("GY", "G1"), WrongFormat, "not the monthly annual change"),
        ("oecd", OECD.replace("3.2", "320.0"), OutOfRange, "uk.cpi.yoy 2026-05-31: 320 %"),
        ("oecd", OECD.replace("3.2", EVIL), OutOfRange, "is not a number"),
        ("oecd", OECD.replace("2026-05,3.2", "2026-08,3.2"), BadDates, "dated 2026-08-31, in the future"),
        ("oecd", OECD.replace("2026-05,3.2", "2026-Q1,3.2"), BadDates, "is not a month"),
        ("oecd", OECD.replace("2026-05,3.2", "2026-04,3.2"), BadDates, "two values"),
        ("hicp", "<html>", WrongFormat, "HTML"),
        ("hicp", "[]", WrongFormat, "not a JSON-stat data set"),
        ("hicp", '{"error": [{"status": 400}]}', WrongFormat, "not a JSON-stat data set"),
        ("hicp", HICP.replace('"size": [1, 2, 3]', '"size": [2, 2, 3]'), WrongFormat, "varies in more than geo and time"),
        ("hicp", HICP.replace('"size": [1, 2, 3]', '"size": ["1", 2, 3]'), WrongFormat, "not a JSON-stat data set"),
        ("hicp", HICP.replace("2.2", "220"), OutOfRange, "ea.cpi.yoy"),
        ("hicp", HICP.replace("2.2", '"a"'), OutOfRange, "is not a number"),
        ("eurostat", HICP, BadDates, "is not a quarter"),
        ("eurostat", DEBT.replace("136.8", "13680"), OutOfRange, "it.debt_gdp 2025-12-31: 13680"),
        ("imf", IMF.replace("G_XWDG", "PCPI"), WrongFormat, "no values of"),
        ("imf", IMF.replace('"2025"', '"no data"'), BadDates, "is not a year"),
        ("imf", IMF.replace("232", "23200"), OutOfRange, "jp.debt_gdp 2025-12-31"),
        ("jp", JAPAN.encode("cp932")[:-3], CutShort, "ends in the middle of a line"),
        ("jp", JAPAN, WrongFormat, "not text in cp932|no column"),
        ("jp", JAPAN.replace("生鮮食品を除く総合", "別", 1).encode("cp932"), WrongFormat, "no column .* less fresh food"),
        ("jp", JAPAN.replace("202605,2.3,", "202605,").encode("cp932"), WrongFormat, "the row of 202605 has 3 cells instead of 4"),
        ("jp", JAPAN.replace("2.1,", "210,").encode("cp932"), OutOfRange, "jp.cpi.core.yoy 2026-05-31"),
    ],
)
def test_malformations(feed, reader, body, kind, words):
    refused(feed, answer(body, reader=reader), kind, words)


def test_requests_for_everything(feed):
    asked = list(feed.requests(need(**{i.replace(".", "__"): None for i in feed.series})))
    assert [r.part for r in asked] == ["hicp", "oecd DF_PRICES_ALL", "oecd DF_G20_PRICES", "japan", "eurostat", "imf"]
    assert asked[0].url.endswith("prc_hicp_minr?format=JSON&coicop18=TOTAL&unit=RCH_A&geo=DE&geo=EA21&geo=FR&geo=IT")
    assert "DF_PRICES_ALL,1.0/GBR+CAN+USA.M.N.CPI.PA._T.N.GY?startPeriod=1960-01" in asked[1].url
    assert "DF_G20_PRICES,1.0/JPN.M." in asked[2].url


def test_requests_since(feed):
    since = {"fr__cpi__yoy": date(2026, 1, 20), "ca__cpi__yoy": date(2026, 1, 20), "it__debt_gdp": date(2024, 11, 1)}
    asked = {r.part: r.url for r in feed.requests(need(**since))}
    assert list(asked) == ["hicp", "oecd DF_PRICES_ALL", "eurostat"]
    assert asked["hicp"].endswith("&geo=FR&lastTimePeriod=6")
    assert "/CAN.M." in asked["oecd DF_PRICES_ALL"] and "startPeriod=2026-01" in asked["oecd DF_PRICES_ALL"]
    assert asked["eurostat"].endswith("&geo=IT&lastTimePeriod=8")
    assert [*feed.requests(need())] == []


@pytest.mark.parametrize(
    ("reader", "body"),
    [("oecd", OECD), ("hicp", HICP), ("eurostat", DEBT), ("imf", IMF), ("jp", JAPAN.encode("cp932"))],
    ids=["oecd", "hicp", "debt", "imf", "japan"],
)
def test_whatever_comes(feed, reader, body):
    survives(feed, answer(body, reader=reader), 40)
    never_cut(feed, answer(body, reader=reader), 3)
