"""New York Fed: what is asked, and the reference rates."""

import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.nyfed import Nyfed
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Answer, Need, Request
from wires import EVIL, answer, never_cut, refused, survives, values

TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def feed() -> Nyfed:
    made = make_feed("nyfed", default_catalogue())
    assert isinstance(made, Nyfed)
    return made


def span(request: Request) -> tuple[date, date]:
    query = parse_qs(urlsplit(request.url).query)
    return date.fromisoformat(query["startDate"][0]), date.fromisoformat(query["endDate"][0])


def test_asks_the_newest_of_everything_first(feed: Nyfed) -> None:
    requests = list(feed.requests(Need(dict.fromkeys(feed.series), TODAY)))
    assert [r.part for r in requests[:6]] == ["secured", "unsecured", "operations", "lending", "dealers", "soma"]
    assert requests[-1].part == "acm"
    assert len({r.part for r in requests}) == len(requests)
    assert not any(r.empty_ok for r in requests[:6])
    assert requests[0].url == "https://markets.newyorkfed.org/api/rates/secured/all/search.json?startDate=2018-04-02&endDate=2026-06-30"
    assert "/unsecured/all/search.json?startDate=2000-07-03" in requests[1].url
    keys = requests[4].url.removeprefix("https://markets.newyorkfed.org/api/pd/get/").removesuffix(".json").split("_")
    assert len(keys) == 17
    assert {"PDFTD-USTET", "PDFTR-USTET", "PDSI10F-TD", "PDSI30F-TR", "PDPOSGST-TOT"} < set(keys)


@pytest.mark.parametrize(("reader", "first", "longest"), [("operations", date(2003, 2, 7), 5 * 365), ("lending", date(1999, 4, 26), 365)])
def test_windows_of_history_leave_no_hole(feed: Nyfed, reader: str, first: date, longest: int) -> None:
    for today in (TODAY, TODAY + timedelta(1), date(2027, 1, 1)):
        windows = sorted(span(r) for r in feed.requests(Need(dict.fromkeys(feed.series), today)) if r.reader == reader)
        assert windows[0][0] <= first
        assert windows[-1][1] == today
        assert all((end - start).days <= longest for start, end in windows)
        assert all(after[0] <= before[1] + timedelta(1) for before, after in pairwise(windows))


def test_history_is_the_same_question_tomorrow(feed: Nyfed) -> None:
    def old(today: date) -> dict[str, str]:
        return {r.part: r.url for r in feed.requests(Need(dict.fromkeys(feed.series), today)) if r.empty_ok}

    assert old(TODAY) == old(TODAY + timedelta(1))


def test_asks_only_from_the_first_day_wanted(feed: Nyfed) -> None:
    since = date(2026, 6, 20)
    requests = {r.part: r for r in feed.requests(Need(dict.fromkeys(feed.series, since), TODAY))}
    assert list(requests) == ["secured", "unsecured", "operations", "lending", "dealers", "soma", "acm"]
    assert span(requests["secured"]) == span(requests["operations"]) == (since, TODAY)
    start, end = span(requests["lending"])
    assert (end, start < since - timedelta(60)) == (TODAY, True)  # the fee needs the floor of the 60 days before
    (only,) = feed.requests(Need({"us.soma.mbs": since}, TODAY))
    assert only.part == "soma"
    assert not list(feed.requests(Need({}, TODAY)))


SOFR = {
    "effectiveDate": "2026-06-26",
    "type": "SOFR",
    "percentRate": 3.66,
    "percentPercentile1": 3.6,
    "percentPercentile25": 3.65,
    "percentPercentile75": 3.7,
    "percentPercentile99": 3.8,
    "volumeInBillions": 2950,
    "revisionIndicator": "",
}
EFFR = {**SOFR, "type": "EFFR", "percentRate": 3.63, "volumeInBillions": 110, "targetRateFrom": 3.5, "targetRateTo": 3.75}
AVERAGES = {
    "effectiveDate": "2026-06-29",
    "type": "SOFRAI",
    "average30day": 3.63,
    "average90day": "NA",
    "average180day": None,
    "index": 1.24,
    "revisionIndicator": "",
}


def rates(*rows: dict[str, Any]) -> Answer:
    return answer(json.dumps({"refRates": rows}), part="secured", reader="rates")


def test_reads_rates_by_type(feed: Nyfed) -> None:
    assert values(
        feed.read(rates(AVERAGES, SOFR, {**SOFR, "type": "TGCR", "percentRate": 3.64}, {"type": "NEWR", "effectiveDate": "2026-06-26"}))
    ) == {
        "us.sofr": {"2026-06-26": 3.66},
        "us.sofr.p1": {"2026-06-26": 3.6},
        "us.sofr.p25": {"2026-06-26": 3.65},
        "us.sofr.p75": {"2026-06-26": 3.7},
        "us.sofr.p99": {"2026-06-26": 3.8},
        "us.sofr.volume": {"2026-06-26": 2950.0},
        "us.tgcr": {"2026-06-26": 3.64},
        "us.sofr.avg30": {"2026-06-29": 3.63},
        "us.sofr.index": {"2026-06-29": 1.24},
    }


def test_the_target_range_counts_with_both_ends(feed: Nyfed) -> None:
    single = {**EFFR, "effectiveDate": "2006-06-26", "targetRateFrom": 5.0, "targetRateTo": ""}
    got = values(feed.read(rates(EFFR, single)))
    assert got["us.effr"] == {"2006-06-26": 3.63, "2026-06-26": 3.63}
    assert got["us.ff.lower"] == {"2026-06-26": 3.5}
    assert got["us.ff.upper"] == {"2026-06-26": 3.75}


def test_a_revised_rate_replaces_the_first(feed: Nyfed) -> None:
    revised = {**SOFR, "percentRate": 3.67, "revisionIndicator": "r"}
    for rows in ((SOFR, revised), (revised, SOFR)):
        assert values(feed.read(rates(*rows)))["us.sofr"] == {"2026-06-26": 3.67}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("<html>", WrongFormat, "HTML instead of JSON"),
        ("", CutShort, "empty"),
        ('{"refRates":[{"effectiveDate":"2026-06-26","type":"SOFR","percentRate":3.', CutShort, "ends before its end"),
        ('{"refRates":[]}', CutShort, "no observation"),
        ('{"error":"Invalid request"}', WrongFormat, "refRates"),
        ({**SOFR, "type": None}, WrongFormat, "no text 'type'"),
        ({**SOFR, "percentRate": 366}, OutOfRange, "us.sofr 2026-06-26: 366 % is outside"),
        ({**SOFR, "percentRate": EVIL}, OutOfRange, "not a number"),
        ({**SOFR, "percentPercentile1": 3.9}, OutOfRange, "do not ascend"),
        ({**SOFR, "effectiveDate": "2026-07-10"}, BadDates, "future"),
        ({**SOFR, "effectiveDate": "06/26/2026"}, BadDates, "not a date"),
    ],
)
def test_refuses_rates(feed: Nyfed, text: Any, kind: type, words: str) -> None:
    refused(feed, rates(text) if isinstance(text, dict) else answer(text, reader="rates"), kind, words)


def test_two_unrevised_rates_of_a_day_are_refused(feed: Nyfed) -> None:
    refused(feed, rates(SOFR, {**SOFR, "percentRate": 3.67}), BadDates, "us.sofr 2026-06-26: two values")


def test_survives_anything(feed: Nyfed) -> None:
    survives(feed, rates(SOFR, EFFR))
    never_cut(feed, rates(SOFR, EFFR), step=7)


@pytest.mark.recorded
def test_reads_the_recorded_rates(feed: Nyfed, recorded: Path) -> None:
    body = (recorded / "samples" / "nyfed_sofr_search_2024-06-01_2024-06-06.json").read_bytes()
    got = values(feed.read(answer(body, reader="rates")))
    assert got["us.sofr"] == {"2024-06-03": 5.35, "2024-06-04": 5.33, "2024-06-05": 5.33, "2024-06-06": 5.33}
    assert got["us.sofr.volume"]["2024-06-06"] == 2008
