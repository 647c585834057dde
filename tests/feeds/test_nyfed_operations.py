"""New York Fed: standing repo, reverse repo and securities lending."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, OutOfRange, WrongFormat
from bondtop.feeds.nyfed import Nyfed
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Answer
from wires import EVIL, answer, never_cut, refused, survives, values

BN = 1_000_000_000


@pytest.fixture(scope="module")
def feed() -> Nyfed:
    made = make_feed("nyfed", default_catalogue())
    assert isinstance(made, Nyfed)
    return made


def repo(billions: float = 2.5, day: str = "2026-06-26", close: str = "13:45", **more: Any) -> dict[str, Any]:
    total = round(billions * BN)
    details = [
        {"securityType": "Treasury", "amtSubmitted": total, "amtAccepted": total - 1000},
        {"securityType": "Agency", "amtAccepted": 1000},
    ]
    head = {
        "operationId": "RP 062626 2",
        "auctionStatus": "Results",
        "operationDate": day,
        "operationType": "Repo",
        "term": "Overnight",
        "closeTime": close,
    }
    return {**head, "note": "", "totalAmtSubmitted": total, "totalAmtAccepted": total, "details": details, **more}


def reverse(billions: float = 12.5, **more: Any) -> dict[str, Any]:
    return repo(billions, **{"operationType": "Reverse Repo", "close": "13:15", "participatingCpty": 17, "acceptedCpty": 17, **more})


def operations(*rows: dict[str, Any]) -> Answer:
    return answer(json.dumps({"repo": {"operations": rows}}), part="operations", reader="operations")


def test_reads_amounts_and_counterparties(feed: Nyfed) -> None:
    assert values(feed.read(operations(repo(), reverse()))) == {
        "us.srf.accepted": {"2026-06-26": pytest.approx(2.5)},
        "us.rrp": {"2026-06-26": pytest.approx(12.5)},
        "us.rrp.participants": {"2026-06-26": 17.0},
    }


def test_a_day_of_standing_repo_is_the_sum_of_its_operations(feed: Nyfed) -> None:
    got = values(feed.read(operations(repo(2), repo(3, close="08:30"))))
    assert got["us.srf.accepted"] == {"2026-06-26": pytest.approx(5)}


def test_a_morning_alone_is_no_day(feed: Nyfed) -> None:
    early = [repo(3, day="2026-06-29", close="08:30"), repo(None or 0, day="2026-06-29", auctionStatus="Announced", totalAmtAccepted=None)]
    assert values(feed.read(operations(*early, repo()))) == {"us.srf.accepted": {"2026-06-26": pytest.approx(2.5)}}


@pytest.mark.parametrize(
    "note",
    [
        "This is a small value exercise for operational readiness testing.",
        "<p>This operation is a Small Value Exercise (SVE); the daily ON RRP operation will still take place at 12:45pm ET.</p>",
        f"Small-value exercise{EVIL}",
    ],
)
def test_tests_do_not_count(feed: Nyfed, note: str) -> None:
    got = values(feed.read(operations(repo(), repo(0.02, close="10:45", note=note), reverse(), reverse(0.5, note=note))))
    assert got["us.srf.accepted"] == {"2026-06-26": pytest.approx(2.5)}
    assert got["us.rrp"] == {"2026-06-26": pytest.approx(12.5)}


def test_other_notes_do_not_exclude(feed: Nyfed) -> None:
    got = values(feed.read(operations(reverse(note="The settled amount is $3.6 billion less than the accepted amount."))))
    assert got["us.rrp"] == {"2026-06-26": pytest.approx(12.5)}


def test_term_operations_and_repo_before_the_facility_do_not_count(feed: Nyfed) -> None:
    rows = [reverse(term="Term"), repo(day="2020-03-17"), reverse(day="2020-03-17")]
    assert values(feed.read(operations(*rows))) == {
        "us.rrp": {"2020-03-17": pytest.approx(12.5)},
        "us.rrp.participants": {"2020-03-17": 17.0},
    }


def test_an_old_window_may_be_empty(feed: Nyfed) -> None:
    empty = answer('{"repo":{"operations":[]}}', reader="operations", empty_ok=True)
    assert len(feed.read(empty)) == 0


@pytest.mark.parametrize(
    ("row", "kind", "words"),
    [
        (repo(totalAmtAccepted=250 * BN), OutOfRange, r"details sum to \$2,500,000,000, the total says \$250,000,000,000"),
        (repo(details=[], totalAmtAccepted=900 * BN), OutOfRange, "us.srf.accepted 2026-06-26: 900 USD bn is outside"),
        (repo(totalAmtAccepted=None), WrongFormat, "results without 'totalAmtAccepted'"),
        (repo(totalAmtAccepted="many"), OutOfRange, "not a number"),
        (repo(details="none"), WrongFormat, "details"),
        (repo(term=None), WrongFormat, "no text 'term'"),
        (repo(day="2026-07-10"), BadDates, "future"),
        (repo(day="26 June"), BadDates, "not a date"),
    ],
)
def test_refuses_operations(feed: Nyfed, row: dict[str, Any], kind: type, words: str) -> None:
    refused(feed, operations(row), kind, words)


FIRST = date(2026, 3, 2)


def loan(millions: float, rate: Any, cusip: str = "912828aa1") -> dict[str, Any]:
    name = f"T 02.000 11/15/34{EVIL}"
    return {
        "cusip": cusip,
        "securityDescription": name,
        "parAmtAccepted": round(millions * 1e6),
        "weightedAverageRate": rate,
        "somaHoldings": BN,
    }


def lent(day: date, *loans: dict[str, Any], **more: Any) -> dict[str, Any]:
    total = sum(x["parAmtAccepted"] for x in loans)
    head = {"operationId": "SL 1", "auctionStatus": "Results", "operationType": "Securities Lending", "operationDate": day.isoformat()}
    return {**head, "note": "", "totalParAmtSubmitted": total, "totalParAmtAccepted": total, "details": list(loans), **more}


def lending(*rows: dict[str, Any]) -> Answer:
    return answer(json.dumps({"seclending": {"operations": rows}}), part="lending", reader="lending")


def test_the_fee_is_over_the_lowest_of_sixty_days(feed: Nyfed) -> None:
    rows = [
        lent(FIRST, loan(100, 0.05)),
        lent(FIRST + timedelta(10), loan(100, 0.07)),
        lent(FIRST + timedelta(60), loan(300, 0.10), loan(100, 0.30), loan(0, "N/A"), loan(0, 0)),  # 0.05 is out of the window, 0.07 in it
        lent(FIRST + timedelta(61), loan(50, 0.08)),
    ]
    got = values(feed.read(lending(*rows[::-1])))
    assert got["us.seclend.accepted"] == {r["operationDate"]: pytest.approx(r["totalParAmtAccepted"] / BN) for r in rows}
    assert got["us.seclend.fee"] == {
        (FIRST + timedelta(60)).isoformat(): pytest.approx((0.15 - 0.07) * 100),
        (FIRST + timedelta(61)).isoformat(): pytest.approx((0.08 - 0.07) * 100),
    }


def test_a_day_without_a_loan_has_no_fee(feed: Nyfed) -> None:
    rows = [lent(FIRST, loan(100, 0.05)), lent(FIRST + timedelta(70), loan(0, "N/A"))]
    got = values(feed.read(lending(*rows)))
    assert got["us.seclend.accepted"]["2026-05-11"] == 0
    assert "us.seclend.fee" not in got


def test_extensions_do_not_count(feed: Nyfed) -> None:
    extension = {
        "operationType": "Extensions",
        "operationDate": FIRST.isoformat(),
        "totalParAmtExtended": BN,
        "details": [{"parAmtExtended": BN}],
    }
    assert values(feed.read(lending(lent(FIRST, loan(100, 0.05)), extension))) == {
        "us.seclend.accepted": {"2026-03-02": pytest.approx(0.1)}
    }


@pytest.mark.parametrize(
    ("row", "kind", "words"),
    [
        (lent(FIRST, loan(100, 0.05), totalParAmtAccepted=10 * BN), OutOfRange, "details sum to"),
        (lent(FIRST, loan(100, 50.0)), OutOfRange, "a fee of 50 %"),
        (lent(FIRST, loan(100, -0.05)), OutOfRange, "a fee of -0.05 %"),
        (lent(FIRST, loan(100, EVIL)), OutOfRange, "not a number"),
        (lent(date(2026, 7, 10), loan(100, 0.05)), BadDates, "future"),
    ],
)
def test_refuses_lending(feed: Nyfed, row: dict[str, Any], kind: type, words: str) -> None:
    refused(feed, lending(row), kind, words)


def test_survives_anything(feed: Nyfed) -> None:
    for good in (operations(repo(), reverse()), lending(lent(FIRST, loan(100, 0.05)), lent(FIRST + timedelta(61), loan(50, 0.08)))):
        survives(feed, good)
        never_cut(feed, good, step=11)


@pytest.mark.recorded
def test_reads_the_recorded_operations(feed: Nyfed, recorded: Path) -> None:
    body = (recorded / "samples" / "nyfed_rp_results_2022-01-03.json").read_bytes()
    assert values(feed.read(answer(body, reader="operations"))) == {
        "us.srf.accepted": {"2022-01-03": pytest.approx(0.003)},
        "us.rrp": {"2022-01-03": pytest.approx(1579.526)},
        "us.rrp.participants": {"2022-01-03": 76.0},
    }
