"""The catalogue is loaded strictly, and every feed understands what it asks of it."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from bondtop.feeds.calendars import zone
from bondtop.feeds.catalogue import default_catalogue, parse_catalogue
from bondtop.feeds.errors import CatalogueError
from bondtop.feeds.feed import Feed
from bondtop.feeds.registry import CLASSES, OPT_IN, feed_class, make_feed
from bondtop.feeds.series import Frequency, Need, Publication, Request, Source

TODAY = date(2026, 6, 30)
GOOD: dict[str, Any] = {
    "id": '"x.{a,b}"',
    "title": '"X {}"',
    "unit": '"%"',
    "frequency": '"daily"',
    "sources": '["one:{A,B}", "two:{-,b}*0.01"]',
    "calendar": '"us"',
    "published": '"+1 16:30 America/New_York"',
    "tolerance": "2",
    "range": "[-2, 20]",
}


def text(**changes: str | None) -> str:
    entry = {k: v for k, v in (GOOD | changes).items() if v is not None}
    return "[[series]]\n" + "".join(f"{k} = {v}\n" for k, v in entry.items())


# ------------------------------------------------------------------------------------------------------------ strictness
def test_a_family_becomes_its_members() -> None:
    found = parse_catalogue(text(start="1990-01-02", revised="true"), "c.toml")
    assert [s.id for s in found] == ["x.a", "x.b"]
    b = found["x.b"]
    assert (b.title, b.frequency, b.low, b.high) == ("X b", Frequency.DAILY, -2.0, 20.0)
    assert b.sources == (Source("one", "B"), Source("two", "b", 0.01))
    assert found["x.a"].sources == (Source("one", "A"),)
    assert b.publication == Publication(1, time(16, 30), "America/New_York")
    assert (b.start, b.revised) == (date(1990, 1, 2), True)
    assert found.feeds == ("one", "two")
    assert [s.id for s in found.of_feed("two")] == ["x.b"]


def test_a_comma_may_stand_in_a_code() -> None:
    found = parse_catalogue(text(id='"x.{a,b}"', sources=r"['one:{A\,1,B}']"), "c.toml")
    assert [s.sources[0].code for s in found] == ["A,1", "B"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tolerence": "3"}, r"c\.toml line 1 \(x\.\{a,b\}\): unknown key 'tolerence'; did you mean 'tolerance'\?"),
        ({"unit": None}, "'unit' missing"),
        ({"frequency": '"hourly"'}, "frequency 'hourly'; one of daily"),
        ({"calendar": '"mars"'}, "calendar 'mars'; one of us"),
        ({"tolerance": "0"}, "whole number of business days"),
        ({"tolerance": "1.5"}, "whole number of business days"),
        ({"range": "[20, -2]"}, "the lower first"),
        ({"range": "[1]"}, "the lower first"),
        ({"range": '["a", "b"]'}, "the lower first"),
        ({"start": '"1990"'}, "start must be a date"),
        ({"published": '"at noon"'}, "is not like"),
        ({"published": '"+1 Tues 16:30 America/New_York"'}, "is not like"),
        ({"published": '"+1 16:30 America/Gotham"'}, "Gotham' names no time"),
        ({"published": '"+1 25:30 America/New_York"'}, "names no time"),
        ({"sources": '["one:{A,B,C}"]'}, "gives 3 codes for 2 ids"),
        ({"sources": '["A"]'}, "gives 1 codes for 2 ids"),
        ({"sources": '["{A,B}"]'}, "is not like 'feed:code'"),
        ({"sources": "[]"}, "no source"),
        ({"sources": '["one:{A,-}"]'}, "x.b: no source"),
        ({"revised": '"yes"'}, "revised must be true or false"),
    ],
)
def test_every_mistake_names_its_place(changes: dict[str, str | None], words: str) -> None:
    with pytest.raises(CatalogueError, match=words) as caught:
        parse_catalogue(text(**changes), "c.toml")
    assert str(caught.value).startswith("c.toml")


def test_nothing_is_declared_twice() -> None:
    with pytest.raises(CatalogueError, match=r"line 12.*x\.a is declared twice"):
        parse_catalogue(text() + "\n" + text(id='"x.a"', sources='["one:A"]'), "c.toml")


def test_nothing_else_stands_in_the_file() -> None:
    with pytest.raises(CatalogueError, match="unknown key 'serie'"):
        parse_catalogue("serie = 1\n" + text(), "c.toml")
    with pytest.raises(CatalogueError, match=r"c\.toml"):
        parse_catalogue("[[series]\n", "c.toml")


def test_an_unknown_id_offers_the_nearest() -> None:
    with pytest.raises(CatalogueError, match=r"no series 'us\.10yr'; did you mean us\.10y"):
        default_catalogue()["us.10yr"]


# -------------------------------------------------------------------------------------------------------- the shipped one
def test_every_feed_is_registered_and_the_other_way_round() -> None:
    assert set(default_catalogue().feeds) == set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_a_feed_is_what_it_says(name: str) -> None:
    kind = feed_class(name)
    assert issubclass(kind, Feed)
    assert kind.name == name
    assert kind.title
    assert kind.licence
    assert kind.hosts
    assert all(host == host.lower() and "/" not in host for host in kind.hosts)


def test_an_unknown_feed_offers_the_known() -> None:
    with pytest.raises(CatalogueError, match="no feed 'treasure'; there are banque_de_france"):
        feed_class("treasure")


def test_a_feed_takes_only_series_that_come_from_it() -> None:
    with pytest.raises(ValueError, match="does not come from treasury"):
        feed_class("treasury")([default_catalogue()["jp.40y"]])


def test_zones_exist_and_ranges_hold_something() -> None:
    for series in default_catalogue():
        zone(series.publication.zone)
        assert series.low < series.high
        assert series.sources, series.id
        assert series.start is None or series.start < TODAY


def test_codes_are_asked_for_once() -> None:
    for name in CLASSES:
        codes = [s.source(name).code for s in default_catalogue().of_feed(name) if s.source(name)]  # type: ignore[union-attr]
        assert len(codes) == len(set(codes)), name


# -------------------------------------------------------------------------------------------------------------- questions
def needs(feed: Feed) -> Iterator[Need]:
    """Everything; the last days; a year; the same for one series alone."""
    for since in (None, TODAY - timedelta(days=10), TODAY - timedelta(days=366)):
        yield Need(dict.fromkeys(feed.series, since), TODAY)
    for series_id in list(feed.series)[:3]:
        yield Need({series_id: None}, TODAY)
        yield Need({series_id: TODAY - timedelta(days=10)}, TODAY)


@pytest.mark.parametrize("name", CLASSES)
def test_every_question_goes_to_a_declared_host(name: str) -> None:
    feed = make_feed(name, default_catalogue())
    for need in needs(feed):
        requests: list[Request] = list(feed.requests(need))
        assert requests, need
        for r in requests:
            assert urlsplit(r.url).scheme == "https"
            assert urlsplit(r.url).hostname in feed.hosts
            assert r.url.isascii()
            assert r.part
            assert 0 < r.max_bytes <= 100_000_000
        assert len({r.part for r in requests}) == len(requests), "a part names one question"


@pytest.mark.parametrize("name", sorted(set(CLASSES) - OPT_IN))
def test_a_day_costs_fewer_questions_than_history(name: str) -> None:
    feed = make_feed(name, default_catalogue())
    history = len(list(feed.requests(Need(dict.fromkeys(feed.series), TODAY))))
    day = len(list(feed.requests(Need(dict.fromkeys(feed.series, TODAY - timedelta(days=10)), TODAY))))
    assert day <= history


@pytest.mark.parametrize("name", CLASSES)
def test_keys_never_show_in_names(name: str) -> None:
    feed = make_feed(name, default_catalogue(), keys={name: "hidden"})
    for need in needs(feed):
        assert not any("hidden" in r.part or "hidden" in r.reader for r in feed.requests(need))
    assert "hidden" not in repr(feed)
