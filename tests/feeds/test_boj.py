"""Bank of Japan: JSON whose STATUS says more than HTTP's."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from bondtop.feeds.boj import Boj
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Need
from wires import EVIL, answer, never_cut, refused, survives, values

TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def feed() -> Boj:
    made = make_feed("boj", default_catalogue())
    assert isinstance(made, Boj)
    return made


def wire(days: Any, numbers: Any, code: str = "STRDCLUCON", **more: Any) -> str:
    head = {"STATUS": 200, "MESSAGEID": "M181000I", "MESSAGE": f"Done{EVIL}", "NEXTPOSITION": None}
    record = {"SERIES_CODE": code, "UNIT": f"% per annum{EVIL}", "FREQUENCY": "DAILY", "VALUES": {"SURVEY_DATES": days, "VALUES": numbers}}
    return json.dumps({**head, "RESULTSET": [record], **more})


GOOD = wire([20260625, 20260626, 20260629], [0.727, None, 0.73])


def call(text: str) -> Any:
    return answer(text, part="FM01", reader="FM01")


def test_asks_one_month_after_another_by_database(feed: Boj) -> None:
    full = list(feed.requests(Need(dict.fromkeys(feed.series), TODAY)))
    assert [r.part for r in full] == ["FM01", "FM08"]
    assert (
        full[0].url == "https://www.stat-search.boj.or.jp/api/v1/getDataCode?format=json&lang=en&db=FM01&code=STRDCLUCON&startDate=199801"
    )
    (part,) = feed.requests(Need({"usdjpy.boj17": date(2026, 6, 20)}, TODAY))
    assert part.url.endswith("&db=FM08&code=FXERD04&startDate=202606")
    assert not list(feed.requests(Need({}, TODAY)))


def test_reads_integers_as_dates_and_leaves_nulls_out(feed: Boj) -> None:
    assert values(feed.read(call(GOOD))) == {"jp.call": {"2026-06-25": 0.727, "2026-06-29": 0.73}}
    assert values(feed.read(answer(wire([20260626], [161.6], code="FXERD04"), reader="FM08"))) == {"usdjpy.boj17": {"2026-06-26": 161.6}}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("<html>", WrongFormat, "HTML instead of JSON"),
        ("", CutShort, "empty"),
        (GOOD[:-40], CutShort, "ends before its end"),
        (
            wire([], [], STATUS=400, MESSAGE="The series code is invalid."),
            WrongFormat,
            "error instead of data: The series code is invalid.",
        ),
        ("[]", WrongFormat, "error instead of data"),
        (wire([20260625], [0.7], NEXTPOSITION=60001), CutShort, "first part"),
        (wire([20260625], [0.7], RESULTSET=None), WrongFormat, "RESULTSET"),
        (wire([20260625, 20260626], [0.7]), WrongFormat, "do not match"),
        (wire([20260625], [0.7], code="FXERD04"), CutShort, "no observation"),
        (wire([202606], [0.7]), BadDates, "not like 20240104"),
        (wire(["20260625"], [0.7]), BadDates, "not like 20240104"),
        (wire([20260631], [0.7]), BadDates, "not a date"),
        (wire([20260710], [0.7]), BadDates, "future"),
        (wire([20260625], [72.7]), OutOfRange, "jp.call 2026-06-25: 72.7 % is outside"),
        (wire([20260625], ["x"]), OutOfRange, "not a number"),
        (wire([20260625], [[]]), OutOfRange, "list instead of a number"),
    ],
)
def test_refuses(feed: Boj, text: str, kind: type, words: str) -> None:
    refused(feed, call(text), kind, words)


def test_survives_anything(feed: Boj) -> None:
    survives(feed, call(GOOD))
    never_cut(feed, call(GOOD))


@pytest.mark.recorded
def test_reads_the_recorded_answer(feed: Boj, recorded: Path) -> None:
    body = (recorded / "boj" / "api_data_fm01.json").read_bytes()
    assert values(feed.read(answer(body, reader="FM01", at=datetime(2025, 12, 2, 4, tzinfo=UTC)))) == {"jp.call": {"2024-01-04": -0.003}}
