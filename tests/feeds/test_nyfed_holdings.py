"""New York Fed: dealers, the Fed's holdings and the term premium workbook."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadAnswer, BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.nyfed import Nyfed
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Answer
from wires import EVIL, answer, never_cut, refused, survives, values
from xls import MAGIC, Cell, xls


@pytest.fixture(scope="module")
def feed() -> Nyfed:
    made = make_feed("nyfed", default_catalogue())
    assert isinstance(made, Nyfed)
    return made


def dealers(*rows: tuple[str, str, Any]) -> Answer:
    found = [{"asofdate": day, "keyid": key, "value": value} for day, key, value in rows]
    return answer(json.dumps({"pd": {"timeseries": found}}), part="dealers", reader="dealers")


def test_reads_dealers_and_leaves_stars_and_strangers_out(feed: Nyfed) -> None:
    good = dealers(
        ("2026-06-10", "PDFTD-USTET", "45066"),
        ("2026-06-17", "PDFTD-USTET", "*"),
        ("2026-06-17", "PDPOSGST-TOT", "-1200"),
        ("2026-06-17", "PDX", "1"),
    )
    assert values(feed.read(good)) == {"us.fails.ust.deliver": {"2026-06-10": 45066.0}, "us.pd.net": {"2026-06-17": -1200.0}}
    survives(feed, good)
    never_cut(feed, good)


@pytest.mark.parametrize(
    ("row", "kind", "words"),
    [
        (("2026-06-17", "PDFTD-USTET", "4506600"), OutOfRange, "is outside"),
        (("2026-06-17", "PDFTD-USTET", "n/a"), OutOfRange, "not a number"),
        (("2026-06-17", "PDFTD-USTET", "nan"), OutOfRange, "not finite"),
        (("2026-07-10", "PDFTD-USTET", "45066"), BadDates, "future"),
        (("17-06-2026", "PDFTD-USTET", "45066"), BadDates, "not a date"),
        (("2026-06-17", "PDFTD-USTET", "*"), CutShort, "no observation"),
    ],
)
def test_refuses_dealers(feed: Nyfed, row: tuple[str, str, Any], kind: type, words: str) -> None:
    refused(feed, dealers(row), kind, words)


HELD = {
    "asOfDate": "2026-06-24",
    "mbs": "2000000000000.50",
    "cmbs": "7000000000",
    "tips": "300000000000",
    "frn": "",
    "tipsInflationCompensation": "99000000000",
    "notesbonds": "3600000000000",
    "bills": "500000000000",
    "agencies": "2347000000",
    "total": "6409347000000.50",
}


def soma(*rows: dict[str, str]) -> Answer:
    return answer(json.dumps({"soma": {"summary": rows}}), part="soma", reader="soma")


def test_reads_holdings_in_billions(feed: Nyfed) -> None:
    got = values(feed.read(soma(HELD)))
    assert {k: v["2026-06-24"] for k, v in got.items()} == {
        "us.soma.total": pytest.approx(6409.347),
        "us.soma.bills": pytest.approx(500),
        "us.soma.notesbonds": pytest.approx(3600),
        "us.soma.tips": pytest.approx(300),
        "us.soma.mbs": pytest.approx(2000),
    }
    survives(feed, soma(HELD))
    never_cut(feed, soma(HELD))


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"mbs": "3600000000000"}, OutOfRange, "classes sum to"),
        (
            {k: v + "00" for k, v in HELD.items() if v.isdecimal()} | {"mbs": "200000000000000", "total": "640934700000000"},
            OutOfRange,
            "is outside",
        ),
        ({"total": ""}, WrongFormat, "without their total"),
        ({"bills": EVIL}, OutOfRange, "not a number"),
        ({"asOfDate": "2026-07-10"}, BadDates, "future"),
        ({"asOfDate": "June 24"}, BadDates, "not a date"),
    ],
)
def test_refuses_holdings(feed: Nyfed, change: dict[str, str], kind: type, words: str) -> None:
    refused(feed, soma({**HELD, **change}), kind, words)


HEAD: list[Cell] = ["DATE", "ACMY10", "ACMTP10", "ACMRNY10"]
DAYS = ["14-Jun-1961", "15-Jun-1961", "16-Jun-1961", "19-Jun-1961"]
MONTHLY: list[list[Cell]] = [HEAD, ["30-Jun-1961", 3.9, 9.0, -5.1]]


def daily(days: list[str] = DAYS, **cells: float) -> list[list[Cell]]:
    row = {"y": 3.9, "tp": 0.25, "rny": 3.65} | cells
    return [HEAD, *([day, row["y"], row["tp"] + i / 100, row["rny"] - i / 100] for i, day in enumerate(days))]


def workbook(rows: list[list[Cell]], name: str = "ACM Daily") -> Answer:
    return answer(xls({"ACM Monthly": MONTHLY, name: rows}), part="acm", reader="acm")


def test_reads_the_daily_sheet(feed: Nyfed) -> None:
    want = {"1961-06-14": 0.25, "1961-06-15": 0.26, "1961-06-16": 0.27, "1961-06-19": 0.28}
    assert values(feed.read(workbook(daily()))) == {"us.term_premium.acm": pytest.approx(want)}
    turned = [row[::-1] for row in daily()]
    assert values(feed.read(workbook(turned))) == {"us.term_premium.acm": pytest.approx(want)}


GOOD = xls({"ACM Monthly": MONTHLY, "ACM Daily": daily()})


@pytest.mark.parametrize(
    ("bad", "kind", "words"),
    [
        (answer("", reader="acm"), CutShort, "empty"),
        (answer("<!DOCTYPE html>", reader="acm"), WrongFormat, "HTML instead of an Excel workbook"),
        (answer(b"PK\3\4", reader="acm"), WrongFormat, "not an Excel workbook"),
        (answer(MAGIC, reader="acm"), WrongFormat, "cut or damaged"),
        (answer(GOOD[: len(GOOD) // 2], reader="acm"), WrongFormat, "cut or damaged"),
        (answer(MAGIC + bytes(range(256)) * 20, reader="acm"), WrongFormat, "cut or damaged"),
        (workbook(daily(), name="Sheet2"), WrongFormat, "no single sheet 'ACM Daily' among ACM Monthly, Sheet2"),
        (workbook([["DATE", "ACMY10", "TP10", "ACMRNY10"], ["14-Jun-1961", 1.0, 1.0, 1.0]]), WrongFormat, "no column 'ACMTP10'"),
        (workbook(daily(y=390, tp=25, rny=365)), OutOfRange, "25 % is outside"),
        (workbook(daily(tp=0.9)), OutOfRange, "is not premium"),
        (workbook(daily(["14-Jun-1961", "14-Sep-1961"])), BadDates, "does not follow"),
        (workbook(daily(["14-Jun-1961", "13-Jun-1961"])), BadDates, "does not follow"),
        (workbook(daily(["14-Jun-1985"])), BadDates, "does not follow"),
        (workbook(daily(["14-Foo-1961"])), BadDates, "not a date"),
        (workbook([HEAD, [22081.0, 3.9, 0.25, 3.65]]), BadDates, "not a date"),
        (workbook([HEAD, ["14-Jun-1961", 3.9, EVIL.replace("\u202e", ""), 3.65]]), OutOfRange, "not a number"),
        (workbook([HEAD]), CutShort, "no observation"),
    ],
)
def test_refuses_a_workbook(feed: Nyfed, bad: Answer, kind: type, words: str) -> None:
    refused(feed, bad, kind, words)


@pytest.mark.parametrize("at", [30, 76, 512, 520, 1024, 1080, 1140, 1536, 1541, 1560, 1600, 1700, 2000])
def test_a_damaged_workbook_harms_nothing(feed: Nyfed, capfd: pytest.CaptureFixture[str], at: int) -> None:
    body = GOOD[:at] + b"\xff\xff\xff\x7f" + GOOD[at + 4 :]
    try:
        got = values(feed.read(answer(body, reader="acm")))
        assert set(got) == {"us.term_premium.acm"}
    except BadAnswer as e:
        assert str(e)
    assert capfd.readouterr().err == ""  # the library's panic does not reach the terminal


@pytest.mark.recorded
def test_reads_recorded_dealers_holdings_and_premia(feed: Nyfed, recorded: Path) -> None:
    got = values(feed.read(answer((recorded / "samples" / "nyfed_pd_get_PDPOSGST-TOT_excerpt.json").read_bytes(), reader="dealers")))
    assert got["us.pd.net"]["2021-12-01"] == 152614
    assert len(got["us.pd.net"]) == 6
    later = answer((recorded / "samples" / "nyfed_soma_summary.json").read_bytes(), reader="soma")
    got = values(feed.read(Answer(later.request, later.body, later.fetched_at + timedelta(30))))
    assert got["us.soma.total"] == {"2021-10-27": pytest.approx(7977.5835384), "2026-07-08": pytest.approx(6344.4281751)}
    with (recorded / "nyfed_acm" / "acmtp10.csv").open(encoding="utf-8", newline="") as file:
        premia = [(row[0], float(row[1])) for row in list(csv.reader(file))[1:400]]
    rows = [HEAD, *([f"{date.fromisoformat(day):%d-%b-%Y}", 4.0, premium, 4.0 - premium] for day, premium in premia)]
    assert values(feed.read(workbook(rows)))["us.term_premium.acm"] == dict(premia)
