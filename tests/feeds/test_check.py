"""Distrust: what every reader checks before a value leaves it."""

import math
from datetime import UTC, date, datetime

import pytest
from bondtop.feeds.check import clean, iso_day, json_of, number, observations, records, text_of
from bondtop.feeds.errors import BadAnswer, BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.series import Series, to_day
from hypothesis import example, given
from hypothesis import strategies as st
from stores import catalogue
from wires import EVIL, answer

SERIES: dict[str, Series] = dict(catalogue(x="first").series)
DAY = to_day(date(2026, 6, 30))


# ----------------------------------------------------------------------------------------------------------------- clean
@given(st.text(st.characters(codec=None)), st.integers(0, 50))
@example(EVIL, 200)
@example("\x1b" * 500 + "x", 200)
@example("\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\", 200)
@example("a\u2066b\u202ec\u200fd\ufeff", 200)
@example("\ud800", 50)
def test_nothing_unsafe_survives(text: str, limit: int) -> None:
    safe = clean(text, limit)
    assert len(safe) <= limit
    for c in safe:
        assert ord(c) >= 0x20
        assert not 0x7F <= ord(c) <= 0x9F
        assert c not in "\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    safe.encode()


@given(st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=200))
def test_harmless_text_is_left_alone(text: str) -> None:
    assert clean(text) == text


def test_whole_sequences_go_not_only_their_first_character() -> None:
    assert clean("\x1b[31mred\x1b[0m and \x1b]0;title\x07plain\x1b[?25l") == "red and plain"


@given(st.text(max_size=100))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


# ------------------------------------------------------------------------------------------------------------------ text
@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", CutShort, "empty"),
        (b"  \r\n", CutShort, "empty"),
        (b"\xef\xbb\xbf", CutShort, "empty"),
        (b"\xef\xbb\xbf <!DOCTYPE html>", WrongFormat, "HTML instead of CSV"),
        (b"PK\x03\x04", WrongFormat, "ZIP archive instead of CSV"),
        (b'{"error": "\x1b[31mno\x1b[0m"}', WrongFormat, 'JSON error instead of CSV: {"error": "no"}'),
        (b"a,\xff\n", WrongFormat, "byte 0xff at 2"),
    ],
)
def test_names_what_came_instead(body: bytes, kind: type[BadAnswer], words: str) -> None:
    with pytest.raises(kind, match=words):
        text_of(answer(body), "CSV")


def test_takes_text_with_a_mark_at_its_head() -> None:
    assert text_of(answer(b"\xef\xbb\xbfdate,value\n"), "CSV") == "date,value\n"
    assert text_of(answer("日付,値\n".encode("cp932")), "CSV", "cp932") == "日付,値\n"


@given(st.binary(max_size=60))
@example(b"[" * 100_000)
@example(b"1" * 10_000)
@example(b'{"a": NaN}')
def test_json_is_json_or_a_bad_answer(body: bytes) -> None:
    try:
        json_of(answer(body))
    except BadAnswer as e:
        assert str(e)


@pytest.mark.parametrize("body", ['{"rows": [{"a": 1}, {"a"', '[1, 2, "x', "[1, 2", '{"a": '])
def test_json_that_ends_too_early_says_so(body: str) -> None:
    with pytest.raises(CutShort):
        json_of(answer(body))


def test_records_are_objects() -> None:
    assert records([{"a": 1}], "rows") == [{"a": 1}]
    for wrong in ({}, None, [1], "x", [{}, []]):
        with pytest.raises(WrongFormat, match="rows"):
            records(wrong, "rows")


# --------------------------------------------------------------------------------------------------------------- numbers
@given(st.text(max_size=12))
def test_a_number_is_finite_or_refused(cell: str) -> None:
    try:
        assert math.isfinite(number(cell, "here"))
    except OutOfRange as e:
        assert str(e).startswith("here")


@pytest.mark.parametrize("cell", ["2026-13-01", "30.06.2026", "", "2026-06-31", "x"])
def test_a_date_is_a_date(cell: str) -> None:
    with pytest.raises(BadDates):
        iso_day(cell)


# ---------------------------------------------------------------------------------------------------------- observations
def test_puts_rows_in_order_and_forgives_repeats() -> None:
    out = observations(answer(""), {"x": [(DAY, 2.0), (DAY - 1, 1.0), (DAY, 2.0)]}, SERIES)
    assert (list(out.columns["x"].days), list(out.columns["x"].values)) == ([DAY - 1, DAY], [1.0, 2.0])
    assert len(out) == 2


def test_converts_before_it_judges() -> None:
    out = observations(answer(""), {"x": [(DAY, 250_000.0)]}, SERIES, {"x": 0.001})
    assert list(out.columns["x"].values) == [250.0]


@pytest.mark.parametrize(
    ("rows", "kind", "words"),
    [
        ([(DAY, 1e6)], OutOfRange, "x 2026-06-30: 1e\\+06 % is outside -1000 to 1000"),
        ([(DAY, math.nan)], OutOfRange, "nan"),
        ([(DAY, math.inf)], OutOfRange, "inf"),
        ([(DAY, 1.0), (DAY, 2.0)], BadDates, "two values, 1 and 2"),
        ([(DAY + 2, 1.0)], BadDates, "2026-07-02, in the future"),
        ([(-30_000, 1.0)], BadDates, "before 1900"),
        ([(10**9, 1.0)], BadDates, "in the future"),
        ([], CutShort, "no observation"),
    ],
)
def test_refuses_all_of_a_wrong_answer(rows: list[tuple[int, float]], kind: type[BadAnswer], words: str) -> None:
    with pytest.raises(kind, match=words):
        observations(answer(""), {"x": rows}, SERIES)


def test_tomorrow_is_today_in_tokyo() -> None:
    evening = datetime(2026, 6, 30, 12, tzinfo=UTC)
    assert len(observations(answer("", at=evening), {"x": [(DAY + 1, 1.0)]}, SERIES)) == 1
    with pytest.raises(BadDates):
        observations(answer("", at=datetime(2026, 6, 30, 3, tzinfo=UTC)), {"x": [(DAY + 1, 1.0)]}, SERIES)


def test_nothing_is_an_answer_where_the_question_allows_it() -> None:
    assert len(observations(answer("", empty_ok=True), {"x": []}, SERIES)) == 0
