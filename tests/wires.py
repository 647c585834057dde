"""Answers made by hand for the readers, and what every reader must survive."""

from datetime import UTC, date, datetime

import pytest
from bondtop.feeds.errors import BadAnswer
from bondtop.feeds.feed import Feed
from bondtop.feeds.series import Answer, Need, Observations, Request, from_day
from hypothesis import given, settings
from hypothesis import strategies as st

EVENING = datetime(2026, 6, 30, 22, tzinfo=UTC)
TODAY = EVENING.date()
_SPRINKLES = [b"\0", b'"', b"\n", b",", b"1e999", b"nan", b"\x1b[31m"]
EVIL = "\x1b]0;x\x07\x1b[31m[red]x[/red][/]\u202e\x9b2J"  # a title change, colours, markup, a right-to-left override


def answer(body: str | bytes, part: str = "", reader: str = "", at: datetime = EVENING, empty_ok: bool = False) -> Answer:
    """What came back: text is sent as UTF-8."""
    raw = body.encode() if isinstance(body, str) else body
    return Answer(Request(part, "https://example.test/", reader, empty_ok=empty_ok), raw, at)


def need(today: date = TODAY, **since: date | None) -> Need:
    """A need by series id, with "__" for the dots: need(us__10y=None)."""
    return Need({k.replace("__", "."): v for k, v in since.items()}, today)


def values(observations: Observations) -> dict[str, dict[str, float]]:
    """Everything by series id and ISO date, for plain comparisons."""
    return {i: {from_day(d).isoformat(): v for d, v in zip(c.days, c.values, strict=True)} for i, c in observations}


def survives(feed: Feed, good: Answer, examples: int = 60) -> None:
    """Arbitrary bytes, and a good answer cut, torn and sprinkled, either give a BadAnswer or something that reads well."""

    def read(body: bytes) -> None:
        try:
            feed.read(Answer(good.request, body, good.fetched_at))
        except BadAnswer as e:
            assert str(e)
            assert not set(str(e)) & {"\x1b", "\x9b", "\n", "\u202e"}

    @settings(max_examples=examples, deadline=None)
    @given(st.binary(max_size=200))
    def noise(body: bytes) -> None:
        read(body)

    @settings(max_examples=examples, deadline=None)
    @given(st.integers(0, len(good.body)), st.integers(0, 12), st.binary(max_size=6) | st.sampled_from(_SPRINKLES))
    def torn(at: int, gone: int, put: bytes) -> None:
        read(good.body[:at] + put + good.body[at + gone :])

    noise()
    torn()


def never_cut(feed: Feed, good: Answer, step: int = 1) -> None:
    """Wherever a good answer is cut short, it is refused, or says what the whole one says as far as it goes.

    A cut between two lines cannot be told from a shorter history; the store notices that it went backwards.
    """
    full = values(feed.read(good))
    for at in range(0, len(good.body), step):
        try:
            part = values(feed.read(Answer(good.request, good.body[:at], good.fetched_at)))
        except BadAnswer:
            continue
        for i, column in part.items():
            assert column.items() <= full[i].items(), f"cut at {at}: {good.body[max(0, at - 30) : at]!r}"


def refused(feed: Feed, bad: Answer, kind: type[BadAnswer], words: str) -> None:
    """The reader refuses with that kind of error, whose text matches."""
    with pytest.raises(kind, match=words):
        feed.read(bad)


def malformations(cases: list[tuple[str | bytes, type[BadAnswer], str]]) -> pytest.MarkDecorator:
    """A test for each malformed body, named by the words of its error."""
    return pytest.mark.parametrize(("body", "kind", "words"), cases, ids=[words for _, _, words in cases])
