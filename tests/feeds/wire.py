"""Answers by hand, for tests of readers."""

from datetime import UTC, datetime

from bondtop.feeds.series import Answer, Request

EVENING = datetime(2026, 6, 30, 22, tzinfo=UTC)


def answer(body: str | bytes, part: str = "", reader: str = "", at: datetime = EVENING, empty_ok: bool = False, url: str = "https://x/") -> Answer:
    """What came back for a request with these marks."""
    content = body.encode() if isinstance(body, str) else body
    return Answer(Request(part=part, url=url, reader=reader, empty_ok=empty_ok), content, at)
