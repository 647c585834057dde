"""ECB: SDMX as CSV, one row a series and day."""

import csv
from datetime import date
from pathlib import Path

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.ecb import Ecb
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Need
from wires import EVIL, answer, never_cut, refused, survives, values

TODAY = date(2026, 6, 30)
HEAD = "KEY,FREQ,REF_AREA,CURRENCY,PROVIDER_FM,INSTRUMENT_FM,PROVIDER_FM_ID,DATA_TYPE_FM,TIME_PERIOD,OBS_VALUE\r\n"


@pytest.fixture(scope="module")
def feed() -> Ecb:
    """Only 2y and 10y of each curve: a full answer by hand would be long."""
    kept = [s for s in default_catalogue().of_feed("ecb") if not s.id.startswith(("ea.aaa", "ea.all")) or s.id.endswith((".2y", ".10y"))]
    return Ecb(kept)


def line(tenor: str, day: str, value: str, curve: str = "G_N_A") -> str:
    return f"YC.B.U2.EUR.4F.{curve}.SV_C_YM.{tenor},B,U2,EUR,4F,{curve},SV_C_YM,{tenor},{day},{value}\r\n"


GOOD = (
    HEAD
    + line("SR_2Y", "2026-06-26", "2.0123456789012")
    + line("SR_2Y", "2026-06-29", "-0.5")
    + line("SR_10Y", "2026-06-26", "2.6")
    + line("SR_10Y", "2026-06-29", "")
)


def curve(text: str) -> object:
    return answer(text, part="aaa", reader="aaa")


def test_asks_each_block_once_for_all_history() -> None:
    feed = make_feed("ecb", default_catalogue())
    requests = list(feed.requests(Need(dict.fromkeys(feed.series), TODAY)))
    assert [r.part for r in requests] == ["aaa", "all", "ciss", "sovciss", "rates"]
    assert requests[0].url == (
        "https://data-api.ecb.europa.eu/service/data/YC/B.U2.EUR.4F.G_N_A.SV_C_YM."
        "SR_3M+SR_6M+SR_1Y+SR_2Y+SR_3Y+SR_5Y+SR_7Y+SR_10Y+SR_15Y+SR_20Y+SR_30Y?format=csvdata&detail=dataonly"
    )
    assert "/CISS/D.U2+US+GB.Z0Z.4F.EC.SS_CIN.IDX?" in requests[2].url
    assert "/CISS/D.FR+IT+ES+DE.Z0Z.4F.EC.SOV_CIN.IDX?" in requests[3].url
    assert "/FM/D.U2.EUR.4F.KR.DFR.LEV?" in requests[4].url


def test_asks_only_what_is_due_from_the_first_day_wanted(feed: Ecb) -> None:
    requests = list(feed.requests(Need({"ea.aaa.2y": date(2026, 6, 20), "ea.aaa.10y": date(2026, 6, 18)}, TODAY)))
    assert [r.part for r in requests] == ["aaa"]
    assert requests[0].url.endswith("&startPeriod=2026-06-18")
    assert not list(feed.requests(Need({}, TODAY)))


def test_reads_values_and_leaves_blanks_out(feed: Ecb) -> None:
    assert values(feed.read(curve(GOOD))) == {
        "ea.aaa.2y": {"2026-06-26": 2.0123456789012, "2026-06-29": -0.5},
        "ea.aaa.10y": {"2026-06-26": 2.6},
    }


def test_reads_by_header_with_titles_that_hold_commas(feed: Ecb) -> None:
    text = 'TITLE,OBS_VALUE,TIME_PERIOD,KEY\r\n"Deposit facility, level",2.25,2026-06-29,FM.D.U2.EUR.4F.KR.DFR.LEV\r\n'
    assert values(feed.read(answer(text, reader="rates"))) == {"ea.dfr": {"2026-06-29": 2.25}}


def test_reads_stress(feed: Ecb) -> None:
    text = "KEY,TIME_PERIOD,OBS_VALUE\r\nCISS.D.GB.Z0Z.4F.EC.SS_CIN.IDX,2026-06-26,0.0118\r\n"
    assert values(feed.read(answer(text, reader="ciss"))) == {"uk.ciss": {"2026-06-26": 0.0118}}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("<!DOCTYPE html><html>access blocked</html>", WrongFormat, "HTML instead of CSV"),
        ('{"type":"about:blank","title":"No results found.","status":404}', WrongFormat, "JSON error instead of CSV"),
        ("", CutShort, "empty"),
        (HEAD, CutShort, "no observation"),
        (GOOD[:-20], CutShort, "middle of a line"),
        (
            HEAD + line("SR_2Y", "2026-06-26", "2") + line("SR_2Y", "2026-06-29", "2") + line("SR_10Y", "2026-06-26", "2"),
            CutShort,
            "2 days of one tenor, 1 of another",
        ),
        (GOOD.replace("SR_2Y", "SR_4Y"), WrongFormat, "was not asked for"),
        (GOOD.replace("OBS_VALUE", "VALUE"), WrongFormat, "no column 'OBS_VALUE'"),
        (GOOD.replace("TIME_PERIOD", "OBS_VALUE"), WrongFormat, "OBS_VALUE"),
        (GOOD.replace(",2.6\r\n", f",{EVIL}2.6\r\n"), OutOfRange, "not a number"),
        (GOOD.replace(",2.6\r\n", ",2.6,7\r\n"), WrongFormat, "cells instead of 10"),
        (GOOD.replace("2.6\r\n", "260\r\n"), OutOfRange, r"ea.aaa.10y 2026-06-26: 260 % is outside"),
        (GOOD.replace("2026-06-29", "2026-07-10"), BadDates, "future"),
        (GOOD.replace("2026-06-26", "26/06/2026"), BadDates, "not a date"),
        (GOOD.replace("SR_2Y,2026-06-29", "SR_2Y,2026-06-26"), BadDates, "two values"),
    ],
)
def test_refuses(feed: Ecb, text: str, kind: type, words: str) -> None:
    refused(feed, curve(text), kind, words)


def test_survives_anything(feed: Ecb) -> None:
    survives(feed, curve(GOOD))
    never_cut(feed, curve(GOOD))


@pytest.mark.recorded
def test_reads_the_recorded_columns_of_a_full_answer(recorded: Path) -> None:
    text = (recorded / "samples" / "ecb_yc_csvdata_all_columns.csv").read_text(encoding="utf-8")
    ours = text.replace("IF_7Y9M", "SR_10Y")  # the recorded series is a forward that the catalogue does not have
    ten = [s for s in default_catalogue().of_feed("ecb") if s.id == "ea.aaa.10y"]
    want = {row["TIME_PERIOD"]: float(row["OBS_VALUE"]) for row in csv.DictReader(text.splitlines())}
    assert values(Ecb(ten).read(curve(ours if ours.endswith("\n") else ours + "\n"))) == {"ea.aaa.10y": want}
