"""The Riksbank's benchmark yields: one JSON list a series, 204 for an empty range."""

import json
from datetime import date

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import EVIL, answer, malformations, need, never_cut, refused, survives, values

LIST = '[{"date":"2026-06-26","value":3.242},{"date":"2026-06-29","value":3.3},{"date":"2026-06-30","value":-0.25}]'


@pytest.fixture
def feed():
    return make_feed("riksbank", default_catalogue())


def test_values(feed):
    assert values(feed.read(answer(LIST, reader="FRGVB10Y"))) == {"fr.10y": {"2026-06-26": 3.242, "2026-06-29": 3.3, "2026-06-30": -0.25}}


def test_requests_put_what_comes_from_nowhere_else_first(feed):
    whole = [*feed.requests(need(**{i.replace(".", "__"): None for i in feed.series}))]
    assert {r.part for r in whole[:2]} == {"FRGVB5Y", "FRGVB10Y"} and len(whole) == len(feed.series)
    assert whole[0].url == f"https://api.riksbank.se/swea/v1/Observations/{whole[0].part}/1987-01-01/2026-06-30"
    assert not any(r.empty_ok or r.headers for r in whole)
    (some,) = feed.requests(need(de__10y=date(2026, 6, 19)))
    assert some.url.endswith("/DEGVB10Y/2026-06-19/2026-06-30") and some.empty_ok


def test_a_key_is_sent_as_a_header(feed):
    keyed = make_feed("riksbank", default_catalogue(), keys={"riksbank": "k3y"})
    (request,) = keyed.requests(need(fr__10y=None))
    assert request.headers == {"Ocp-Apim-Subscription-Key": "k3y"} and "k3y" not in request.url


def test_nothing_in_a_short_range(feed):
    assert len(feed.read(answer("", reader="FRGVB10Y", empty_ok=True))) == 0
    refused(feed, answer("", reader="FRGVB10Y"), CutShort, "empty answer")
    refused(feed, answer("[]", reader="FRGVB10Y"), CutShort, "no observation")


@malformations(
    [
        ("<html>", WrongFormat, "HTML"),
        ('{"statusCode": 429, "message": "Rate limit is exceeded."}', WrongFormat, "refused: Rate limit"),
        ('{"a": 1}', WrongFormat, "not a list"),
        ("[1]", WrongFormat, "not an observation"),
        (LIST[:-3], CutShort, "before its end"),
        (LIST[:-1], CutShort, "before its end"),
        (LIST.replace("3.242", "324.2"), OutOfRange, "fr.10y 2026-06-26: 324.2"),
        (LIST.replace("3.242", json.dumps(EVIL)), OutOfRange, "not a number"),
        (LIST.replace("3.242", "true"), OutOfRange, "not a number"),
        (LIST.replace("3.242", "null"), OutOfRange, "not a number"),
        (LIST.replace("3.242", "NaN"), OutOfRange, "nan"),
        (LIST.replace("3.242", "1e400"), OutOfRange, "inf"),
        (LIST.replace("3.242", "1" * 400), OutOfRange, "beyond all bounds"),
        (LIST.replace("3.242", "1" * 5000), WrongFormat, "thousands of digits"),
        ("[" * 100_000 + "]", WrongFormat, "endless nesting"),
        (LIST.replace("2026-06-26", "26/06/2026"), BadDates, "not a date"),
        (LIST.replace("2026-06-26", "2026-07-10"), BadDates, "in the future"),
        (LIST.replace("2026-06-26", "2026-06-29"), BadDates, "two values"),
        (LIST.replace('"value"', '"volume"'), WrongFormat, "not an observation"),
    ],
)
def test_malformed(feed, body, kind, words):
    refused(feed, answer(body, reader="FRGVB10Y"), kind, words)


def test_distrust(feed):
    survives(feed, answer(LIST, reader="FRGVB10Y"))
    never_cut(feed, answer(LIST, reader="FRGVB10Y"))


@pytest.mark.recorded
@pytest.mark.parametrize("code", ["FRGVB10Y", "DEGVB10Y", "GBGVB10Y"])
def test_recorded_files(feed, recorded, code):
    from datetime import UTC, datetime

    body = (recorded / "riksbank" / f"{code}.json").read_bytes()
    (found,) = values(feed.read(answer(body, reader=code, at=datetime(2026, 9, 24, tzinfo=UTC)))).values()
    assert found == {o["date"]: o["value"] for o in json.loads(body)}
