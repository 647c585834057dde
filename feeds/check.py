"""Distrust: what every reader checks before a value leaves it."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from .errors import BadDates, CutShort, OutOfRange, WrongFormat
from .series import Answer, Column, Observations, Series, from_day, to_day

# Control characters (C0, DEL, C1), the invisible ones that reorder or hide text, and half characters that no terminal takes.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_ESCAPE = re.compile("(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[@-Z\\\\-_]?")


def clean(text: str, limit: int = 200) -> str:
    """Text from outside, safe on a terminal: escape sequences and control characters gone, length bounded."""
    return _UNSAFE.sub("", _ESCAPE.sub("", text[: limit * 8]))[:limit]


def text_of(answer: Answer, expect: str, encoding: str = "utf-8-sig") -> str:
    """The body as text, once it does not look like something else.

    Args:
        expect: what should have come ("CSV", "JSON"), for the message.

    Raises:
        CutShort: an empty body.
        WrongFormat: a page, an archive or an error object instead of `expect`; bytes that are not text in `encoding`.
    """
    body = answer.body
    head = body[:512].lstrip(b"\xef\xbb\xbf \r\n\t")
    if not head:
        raise CutShort("empty answer")
    if expect != "XML" and head[:1] == b"<":
        raise WrongFormat(f"HTML instead of {expect}")
    if head[:2] == b"PK":
        raise WrongFormat(f"ZIP archive instead of {expect}")
    if expect == "CSV" and head[:1] == b"{":
        raise WrongFormat(f"JSON error instead of CSV: {clean(head.decode('utf-8', 'replace'), 120)}")
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as e:
        raise WrongFormat(f"not text in {encoding}: byte {e.object[e.start]:#04x} at {e.start}") from None


def json_of(answer: Answer) -> Any:
    """The body as JSON.

    Raises:
        CutShort: an empty body, or JSON that ends in the middle.
        WrongFormat: anything that is not JSON.
    """
    text = text_of(answer, "JSON")
    try:
        return json.loads(text)
    except json.JSONDecodeError as e:
        if e.pos >= len(text.rstrip()) - 1 or e.msg.startswith("Unterminated"):
            raise CutShort("the JSON ends before its end") from None
        raise WrongFormat(f"not JSON: {e.msg} at character {e.pos}") from None
    except (ValueError, RecursionError):
        raise WrongFormat("not JSON that anyone would publish: numbers of thousands of digits, or endless nesting") from None


def records(value: Any, what: str) -> list[dict[str, Any]]:
    """A JSON list of objects.

    Raises:
        WrongFormat: anything else; `what` says where.
    """
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise WrongFormat(f"{what}: not a list of objects")
    return value


def number(cell: str, where: str) -> float:
    """A finite number from a cell that must hold one.

    Raises:
        OutOfRange: anything else.
    """
    try:
        value = float(cell)
    except ValueError:
        raise OutOfRange(f"{where}: {clean(cell, 40)!r} is not a number") from None
    if not math.isfinite(value):
        raise OutOfRange(f"{where}: {clean(cell, 40)!r} is not finite")
    return value


def iso_day(cell: str) -> int:
    """Day number of an ISO date.

    Raises:
        BadDates: anything else.
    """
    try:
        return to_day(date.fromisoformat(cell[:10]))
    except ValueError:
        raise BadDates(f"{clean(cell, 40)!r} is not a date") from None


def observations(
    answer: Answer,
    rows: Mapping[str, Iterable[tuple[int, float]]],
    series: Mapping[str, Series],
    factors: Mapping[str, float] | None = None,
) -> Observations:
    """The one way out of a reader: rows by series id, in the provider's unit and any order, checked and put in order.

    Every value lies within its series' bounds after conversion; dates are unique (an exact repeat is forgiven), none is later than
    tomorrow by the answer's clock (Tokyo is ahead of UTC) nor before 1900. Series without a row are left out.

    Raises:
        OutOfRange, BadDates: the first thing wrong, naming series and date.
        CutShort: no row at all, unless the request said nothing is a possible answer.
    """
    latest = to_day((answer.fetched_at + timedelta(hours=14)).date())
    columns: dict[str, Column] = {}
    for series_id, pairs in rows.items():
        spec = series[series_id]
        factor = 1.0 if factors is None else factors.get(series_id, 1.0)
        seen: dict[int, float] = {}
        for day, raw in pairs:
            value = raw * factor if factor != 1.0 else raw
            if not spec.low <= value <= spec.high:
                raise OutOfRange(f"{series_id} {_iso(day)}: {value:.6g} {spec.unit} is outside {spec.low:g} to {spec.high:g}")
            if seen.setdefault(day, value) != value:
                raise BadDates(f"{series_id} {_iso(day)}: two values, {seen[day]:.6g} and {value:.6g}")
        if not seen:
            continue
        days = sorted(seen)
        if days[-1] > latest:
            raise BadDates(f"{series_id}: dated {_iso(days[-1])}, in the future")
        if days[0] < -25567:
            raise BadDates(f"{series_id}: dated {_iso(days[0])}, before 1900")
        columns[series_id] = Column(days, [seen[d] for d in days])
    if not columns and not answer.request.empty_ok:
        raise CutShort("no observation in the answer")
    return Observations(columns)


def _iso(day: int) -> str:
    try:
        return from_day(day).isoformat()
    except (ValueError, OverflowError):
        return f"day {day}"
