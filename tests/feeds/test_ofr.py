"""OFR: the stress index with its contributions, and JSON series by mnemonic."""

import json
from datetime import date
from pathlib import Path

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.ofr import Ofr
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Answer, Need
from wires import EVIL, answer, never_cut, refused, survives, values

TODAY = date(2026, 6, 30)
HEAD = "Date,OFR FSI,Credit,Equity valuation,Safe assets,Funding,Volatility,United States,Other advanced economies,Emerging markets\n"
GOOD = HEAD + "2026-06-25,-1.5,-0.8,-0.3,-0.2,-0.1,-0.1,-0.8,-0.4,-0.3\n2026-06-26,-1.4,-0.8,,NA,-0.1,0,-0.7,-0.4,-0.3\n"
DVP, VOLUME = "REPO-DVP_AR_OO-P", "REPO-DVP_TV_OO-P"


@pytest.fixture(scope="module")
def feed() -> Ofr:
    made = make_feed("ofr", default_catalogue())
    assert isinstance(made, Ofr)
    return made


def index(text: str) -> Answer:
    return answer(text, part="fsi", reader="fsi")


def block(points: object, name: str = DVP) -> dict[str, object]:
    return {name: {"timeseries": {"aggregation": points, "disclosure_edits": []}, "metadata": {"description": {"name": EVIL}}}}


def series(document: object) -> Answer:
    return answer(json.dumps(document), part="repo", reader="multifull")


def test_asks_the_index_and_each_block_of_mnemonics(feed: Ofr) -> None:
    requests = list(feed.requests(Need(dict.fromkeys(feed.series), TODAY)))
    assert [r.part for r in requests] == ["fsi", "repo", "form pf", "fallback"]
    assert requests[0].url == "https://www.financialresearch.gov/financial-stress-index/data/fsi.csv"
    assert requests[1].url.startswith("https://data.financialresearch.gov/v1/series/multifull?mnemonics=REPO-DVP_AR_OO-P,")
    assert requests[2].url.startswith("https://data.financialresearch.gov/hf/v1/series/multifull?mnemonics=FPF-")


def test_asks_of_the_fallback_only_what_is_wanted(feed: Ofr) -> None:
    (request,) = feed.requests(Need({"us.sofr": date(2026, 6, 20)}, TODAY))
    assert request.url == "https://data.financialresearch.gov/v1/series/multifull?mnemonics=FNYR-SOFR-A&start_date=2026-06-20"
    (request,) = feed.requests(Need({"ofr.fsi.em": date(2026, 6, 20)}, TODAY))
    assert request.part == "fsi"
    assert not list(feed.requests(Need({}, TODAY)))


def test_reads_the_index_and_leaves_unknown_cells_out(feed: Ofr) -> None:
    got = values(feed.read(index(GOOD)))
    assert got["ofr.fsi"] == {"2026-06-25": -1.5, "2026-06-26": -1.4}
    assert got["ofr.fsi.equity"] == {"2026-06-25": -0.3}
    assert got["ofr.fsi.safe"] == {"2026-06-25": -0.2}
    assert got["ofr.fsi.em"] == {"2026-06-25": -0.3, "2026-06-26": -0.3}
    assert len(got) == 9


def test_reads_columns_in_any_order(feed: Ofr) -> None:
    text = "".join(",".join(reversed(line.split(","))) + "\n" for line in GOOD.splitlines())
    assert values(feed.read(index(text))) == values(feed.read(index(GOOD)))


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("<html>", WrongFormat, "HTML instead of CSV"),
        ("", CutShort, "empty"),
        (HEAD, CutShort, "no observation"),
        (GOOD.rstrip("\n"), CutShort, "middle of a line"),
        (GOOD.replace("Funding", "Fundings"), WrongFormat, "no column 'Funding'"),
        (GOOD.replace("Emerging markets", f"Emerging markets,{EVIL}"), WrongFormat, "10 cells instead of 11"),
        (GOOD.replace("-1.5,-0.8,-0.3", "-1.5,-0.3,-0.3"), OutOfRange, "contributions sum to -1.000, the index says -1.500"),
        (GOOD.replace("-0.8,-0.4,-0.3", "-0.8,0.4,-0.3"), OutOfRange, "contributions sum to -0.700, the index says -1.500"),
        (GOOD.replace("-1.4,", "-140,"), OutOfRange, "contributions sum|is outside"),
        (GOOD.replace("-1.4,", "?,"), OutOfRange, "not a number"),
        (GOOD.replace("2026-06-26", "2026-07-10"), BadDates, "future"),
        (GOOD.replace("2026-06-26", "6/26/2026"), BadDates, "not a date"),
    ],
)
def test_refuses_an_index(feed: Ofr, text: str, kind: type, words: str) -> None:
    refused(feed, index(text), kind, words)


def test_reads_mnemonics_in_our_unit_and_leaves_nulls_and_strangers_out(feed: Ofr) -> None:
    document = {
        **block([["2026-06-26", 3.66], ["2026-06-29", None]]),
        **block([["2026-06-26", 1.78e12]], VOLUME),
        **block([["2026-06-26", 5]], "OTHER-X"),
    }
    assert values(feed.read(series(document))) == {
        "ofr.repo.dvp.rate": {"2026-06-26": 3.66},
        "ofr.repo.dvp.volume": {"2026-06-26": pytest.approx(1780)},
    }


@pytest.mark.parametrize(
    ("document", "kind", "words"),
    [
        ([], WrongFormat, "object of mnemonics"),
        ({"message": "Resource not found"}, WrongFormat, "no time series under 'message'"),
        (block([]), CutShort, "no observation"),
        (block([["2026-06-26"]]), WrongFormat, r"not \[date, value\]"),
        (block([[20260626, 1]]), WrongFormat, r"not \[date, value\]"),
        (block([["2026-06-26", 366]]), OutOfRange, "ofr.repo.dvp.rate 2026-06-26: 366 % is outside"),
        (block([["2026-06-26", "x"]]), OutOfRange, "not a number"),
        (block([["2026-07-10", 3.6]]), BadDates, "future"),
        (block([["26.6.2026", 3.6]]), BadDates, "not a date"),
        (block([["2026-06-26", 1780]], VOLUME), OutOfRange, "is outside"),
    ],
)
def test_refuses_series(feed: Ofr, document: object, kind: type, words: str) -> None:
    refused(feed, series(document), kind, words)


def test_survives_anything(feed: Ofr) -> None:
    for good in (index(GOOD), series(block([["2026-06-26", 3.66], ["2026-06-29", 3.7]]))):
        survives(feed, good)
        never_cut(feed, good)


@pytest.mark.recorded
def test_reads_the_recorded_file(feed: Ofr, recorded: Path) -> None:
    got = values(feed.read(index((recorded / "ofr_fsi" / "fsi.csv").read_text(encoding="utf-8"))))
    assert len(got["ofr.fsi"]) == 6496
    assert got["ofr.fsi"]["2008-10-10"] == 29.32
    assert got["ofr.fsi"]["2025-04-07"] == 2.743
