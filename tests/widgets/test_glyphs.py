"""Signs and numbers."""

import pytest
from bondtop.widgets.glyphs import ASCII, UNICODE, ago, clip, count_short, fit, gauge, level_text, number, sparkline
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

SETS = pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "text"),
    [(4.33, 3, False, "4.330"), (3.0, 0, True, "+3"), (-2.4, 0, True, "−2"), (-0.3, 0, True, "0"), (5612.0, 0, False, "5,612"),
     (None, 1, True, "?"), (float("nan"), 1, True, "?"), (float("inf"), 1, True, "?"), (0.04, 1, True, "0.0")],
)  # fmt: skip
def test_a_number_has_its_sign_and_its_decimals(value, decimals, signed, text):
    assert number(value, decimals, UNICODE, signed=signed) == text


def test_ascii_has_a_plain_minus():
    assert number(-1.0, 1, ASCII) == "-1.0"


@pytest.mark.parametrize(("value", "text"), [(5612.0, "5,612"), (104.2, "104.2"), (18.0, "18.0"), (3.61, "3.61"), (None, "?")])
def test_a_level_has_as_many_digits_as_its_size_needs(value, text):
    assert level_text(value, UNICODE) == text


@pytest.mark.parametrize(
    ("value", "text"), [(5_335_294.5, "5.3M"), (954e9, "954bn"), (18_400.0, "18k"), (2693.5, "2,694"), (-8.0, "−8.00")]
)
def test_a_big_number_is_short(value, text):
    assert count_short(value, UNICODE) == text


@SETS
@given(text=st.text(max_size=60), width=st.integers(0, 30), right=st.booleans())
def test_text_from_outside_fills_its_cells_exactly_and_stays_on_its_line(glyphs, text, width, right):
    shown = fit(glyphs.shown(text), width, glyphs, right=right)
    assert cell_len(shown) == width
    assert not set(shown) & set("\x1b\r\n\t\x07\x9b")


@given(st.text(max_size=60))
def test_ascii_shows_nothing_but_ascii(text):
    assert ASCII.shown(text).isascii()


def test_every_sign_of_a_set_is_one_cell():
    for glyphs in (UNICODE, ASCII):
        states = [glyphs.state(s) for s in ("MET", "APPROACHING", "NOT", "REVERSED", "MANUAL", "UNKNOWN")]
        others = [glyphs.up, glyphs.down, glyphs.flat, glyphs.minus, glyphs.ellipsis, glyphs.separator, glyphs.thumb]
        signs = [*states, *others, *glyphs.corners, *glyphs.sparks, *glyphs.gauge]
        assert {cell_len(sign) for sign in signs} == {1}


def test_the_six_states_differ_by_glyph_alone():
    for glyphs in (UNICODE, ASCII):
        states = ("MET", "APPROACHING", "NOT", "REVERSED", "MANUAL", "UNKNOWN")
        assert len({glyphs.state(s) for s in states}) == 6


def test_long_text_ends_in_an_ellipsis_and_wide_characters_are_not_halved():
    assert clip("Duration is repricing", 9, UNICODE) == "Duration…"
    assert clip("日本国債", 5, UNICODE) == "日本…"
    assert cell_len(clip("日本国債", 4, UNICODE)) <= 4


@SETS
@example(values=[1.7976931348623157e308, -1e300], width=2)
@given(values=st.lists(st.floats(allow_infinity=False) | st.none().map(lambda _: float("nan")), max_size=80), width=st.integers(0, 20))
def test_a_sparkline_fills_its_width(glyphs, values, width):
    assert len(sparkline(values, width, glyphs)) == width


def test_a_sparkline_rises_with_its_values_and_keeps_both_ends():
    assert sparkline([1, 2, 3], 3, UNICODE) == "▁▅█"
    line = sparkline([float(i) for i in range(60)], 12, UNICODE)
    assert line[0] == "▁" and line[-1] == "█"


def test_a_gauge_is_a_share_and_blank_when_unknown():
    assert gauge(0.5, 4, UNICODE) == "██░░"
    assert gauge(7.0, 4, UNICODE) == "████"
    assert gauge(None, 4, UNICODE) == "    "


@pytest.mark.parametrize(("seconds", "text"), [(0, "now"), (59, "now"), (60, "1m"), (3700, "1h"), (200_000, "2d")])
def test_an_age_is_told_in_one_unit(seconds, text):
    assert ago(seconds) == text
