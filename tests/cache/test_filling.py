"""The first filling goes on where it stopped."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from bondtop.cache.filling import Filling, Resuming, mark
from bondtop.feeds.clock import Clock
from bondtop.feeds.errors import Unreachable
from bondtop.feeds.series import Answer, Request
from stores import open_store

NOW = datetime(2026, 6, 30, 22, tzinfo=UTC)


class Upstream:
    """Remembers what it was asked."""

    def __init__(self, *, up: bool = True) -> None:
        self.asked: list[str] = []
        self.up = up

    async def fetch(self, request: Request, *, feed: str) -> Answer:
        self.asked.append(request.part)
        if not self.up:
            raise Unreachable("no connection")
        return Answer(request, b"x", NOW)


def question(part: str, **more: object) -> Request:
    return Request(part, f"https://example.org/{part}", **more)  # type: ignore[arg-type]


def test_everything_is_incomplete_until_it_is_finished(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        filling = Filling(store, "first")
        assert filling.incomplete(["x", "y"]) == {"x", "y"}
        filling.finish(["x"])
        assert filling.incomplete(["x", "y"]) == {"y"}
        filling.finish(["y"])
        assert filling.incomplete(["x", "y"]) == set()
        assert Filling(store, "second").incomplete(["x"]) == {"x"}


def test_what_was_answered_is_remembered_by_the_next_process(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        Filling(store, "first").note(question("a"))
        Filling(store, "first").note(question("b"))
    with open_store(tmp_path) as store:
        filling = Filling(store, "first")
        assert filling.answered() == {mark(question("a")), mark(question("b"))}
        filling.restart()
        assert filling.answered() == set()
        filling.note(question("c"))
        filling.finish(["x"])
        assert filling.answered() == set()
        assert filling.incomplete(["x", "y"]) == {"y"}


def test_a_history_that_reaches_further_back_is_filled_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        Filling(store, "first").finish(["x"])
        longer = Filling(store, "first", 2)
        assert longer.incomplete(["x"]) == {"x"}
        longer.finish(["x"])
        assert longer.incomplete(["x"]) == set()


async def test_no_provider_hears_twice_of_a_question() -> None:
    upstream = Upstream()
    resuming = Resuming(upstream, {mark(question("a"))}, Clock(NOW.timestamp))
    known = await resuming.fetch(question("a"), feed="first")
    asked = await resuming.fetch(question("b"), feed="first")
    assert (known.unchanged, known.body, known.fetched_at) == (True, b"", NOW)
    assert (asked.unchanged, asked.body) == (False, b"x")
    assert upstream.asked == ["b"]


async def test_failures_pass_through() -> None:
    with pytest.raises(Unreachable):
        await Resuming(Upstream(up=False), set(), Clock()).fetch(question("a"), feed="first")


def test_a_mark_is_the_question_not_its_name() -> None:
    a = question("a")
    assert mark(a) == mark(Request("renamed", a.url))
    others = [question("b"), question("a", method="POST"), question("a", form={"day": "1"}), question("a", form={"day": "2"})]
    assert len({mark(a), *map(mark, others)}) == 5
    assert mark(question("a", form={"x": "1", "y": "2"})) == mark(question("a", form={"y": "2", "x": "1"}))
