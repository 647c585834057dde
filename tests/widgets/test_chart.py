"""The chart: what stands where, what the cross-hair reads, which windows there are."""

from datetime import date, timedelta
from math import inf, nan

import pytest
from bondtop.widgets.axes import to_day
from bondtop.widgets.canvas import Canvas
from bondtop.widgets.chart import WINDOWS, Chart, Subject
from bondtop.widgets.glyphs import ASCII, UNICODE
from bondtop.widgets.tones import Tone
from bondtop.widgets.trace import Level, Scale, Trace, draw_trace, extent, made_trace
from handboards import BUILT, full
from hypothesis import given, settings
from hypothesis import strategies as st
from paneapp import resized, shown
from rich.cells import cell_len

LAST = to_day(date(2026, 4, 1))
DAYS = [d for d in range(LAST - 800, LAST + 1) if (d + 3) % 7 < 5]


def rising(name="UK", start=0.0, step=0.1, tone=Tone.LINE, sign="*") -> Trace:
    return Trace(name, DAYS, [start + i * step for i in range(len(DAYS))], tone, sign)


def text(app) -> str:
    return app.pane.text()


async def charted(app, pilot, *traces, levels=(), subject=None):
    app.pane.plot(subject or Subject("Spreads", "bp", 1, signed=True), traces or (rising(),), levels)
    app.pane.focus()
    await pilot.pause()


# --------------------------------------------------------------------------------------------------------------- drawing
async def test_axes_carry_dates_values_unit_and_the_line_its_name():
    async with shown(Chart, full(), BUILT, size=(100, 20)) as (app, pilot):
        await charted(app, pilot)
        shown_text = text(app)
        assert "Spreads" in shown_text and "bp" in shown_text and "known 1 Apr 2026" in shown_text
        assert "Jan 26" in shown_text and "+40" in shown_text
        assert "newest Wed 1 Apr 2026" in shown_text and f"{rising().values[-1]:+.1f}" in shown_text
        assert any(line.rstrip(" │").endswith("UK") for line in shown_text.split("\n")[2:])


async def test_a_rising_line_rises():
    async with shown(Chart, full(), BUILT, size=(60, 20), ascii_only=True) as (app, pilot):
        await charted(app, pilot, rising())
        plot = text(app).split("\n")[2:-3]
        places = [line.index("*") for line in plot if "*" in line]
        assert places == sorted(places, reverse=True) and len(places) > 8


async def test_ascii_lines_have_their_own_signs_and_nothing_else_is_sent():
    async with shown(Chart, full(), BUILT, size=(80, 20), ascii_only=True) as (app, pilot):
        await charted(app, pilot, rising(sign="x"), rising("France", 50.0, -0.2, sign="o"), levels=(Level(20.0, "limit"),))
        assert text(app).isascii() and "x" in text(app) and "ooo" in text(app) and " limit " in text(app)


async def test_a_near_threshold_is_drawn_and_a_far_one_only_named():
    async with shown(Chart, full(), BUILT, size=(100, 20)) as (app, pilot):
        await charted(app, pilot, levels=(Level(60.0, "near"), Level(9000.0, "far")))
        plot = "\n".join(text(app).split("\n")[2:])
        assert " near " in plot and "far" not in plot and "far +9,000.0" in text(app)


async def test_names_at_the_ends_never_share_a_row():
    names = [f"Line{i}" for i in range(6)]
    async with shown(Chart, full(), BUILT, size=(90, 16)) as (app, pilot):
        await charted(app, pilot, *(rising(name, i * 0.001) for i, name in enumerate(names)))
        rows = text(app).split("\n")[3:]
        assert [sum(f" {name}" in row for row in rows) for name in names] == [1] * 6


async def test_without_a_value_the_reason_stands_there():
    async with shown(Chart, full(), BUILT) as (app, pilot):
        app.pane.plot(Subject("Spreads"), [Trace("UK", [], [])], word="nothing was known then")
        await pilot.pause()
        assert "? nothing was known then" in text(app)
        await pilot.press("left", "right_square_bracket", "home", "x", "1")
        assert "? nothing was known then" in text(app)


@pytest.mark.parametrize("size", [(200, 50), (60, 17), (30, 8), (12, 6), (5, 3)])
async def test_any_size_keeps_its_width(size):
    async with shown(Chart, full(), BUILT, size=(100, 20)) as (app, pilot):
        await charted(app, pilot, rising("日本" * 20), rising("[b]", 10.0), levels=(Level(1.0, "w" * 300),))
        await pilot.press("left")
        await resized(app, pilot, *size)
        assert [app.pane.render_line(y).cell_length for y in range(size[1])] == [size[0]] * size[1]


async def test_flat_and_single_values_can_be_drawn():
    async with shown(Chart, full(), BUILT, size=(80, 16)) as (app, pilot):
        await charted(app, pilot, Trace("flat", DAYS, [0.0] * len(DAYS)))
        assert "0.0" in text(app)
        await charted(app, pilot, Trace("one", [LAST], [4.9]))
        assert "+4.9" in text(app) and "one" in text(app)


# ---------------------------------------------------------------------------------------------------------------- reading
async def test_the_cross_hair_reads_every_line_on_its_day():
    fr = Trace("France", [d for d in DAYS if d != DAYS[-2]], [float(d) for d in DAYS if d != DAYS[-2]], Tone.LINE3)
    async with shown(Chart, full(), BUILT, size=(110, 20)) as (app, pilot):
        await charted(app, pilot, rising(), fr, subject=Subject("S", "bp", 1))
        await pilot.press("left", "left")
        head = text(app).split("\n")[1]
        assert "Tue 31 Mar 2026" in head and "newest" not in head
        assert f"{rising().values[-2]:.1f}" in head
        assert f"{float(DAYS[-3]):,.1f} (30 Mar)" in head
        await pilot.press("x")
        assert "newest" in text(app)


async def test_the_cross_hair_stays_within_the_window():
    async with shown(Chart, full(), BUILT, size=(110, 20)) as (app, pilot):
        await charted(app, pilot)
        await pilot.press("home")
        first = app.pane.read_day
        await pilot.press("left", "shift+left")
        assert app.pane.read_day == first == next(d for d in DAYS if d >= LAST - 366)
        await pilot.press("left_square_bracket")
        assert app.pane.read_day >= LAST - 92
        await pilot.press("end", "right")
        assert app.pane.read_day == DAYS[-1]


async def test_a_click_puts_the_cross_hair():
    async with shown(Chart, full(), BUILT, size=(110, 20)) as (app, pilot):
        await charted(app, pilot)
        await pilot.click(Chart, offset=(60, 8))
        middle = app.pane.read_day
        await pilot.click(Chart, offset=(90, 8))
        assert LAST - 366 < middle < app.pane.read_day <= LAST


async def test_windows_grow_and_shrink_and_say_which():
    async with shown(Chart, full(), BUILT, size=(110, 20)) as (app, pilot):
        await charted(app, pilot)
        assert "[1Y]" in text(app)
        for _ in WINDOWS:
            await pilot.press("right_square_bracket")
        assert "[all]" in text(app) and app.pane.span() == (DAYS[0], LAST)
        for _ in WINDOWS:
            await pilot.press("left_square_bracket")
        assert "[1M]" in text(app) and app.pane.span() == (LAST - 31, LAST)


async def test_a_digit_hides_a_line_but_never_the_last():
    async with shown(Chart, full(), BUILT, size=(110, 20)) as (app, pilot):
        await charted(app, pilot, rising(), rising("France", 50.0))
        await pilot.press("1")
        assert "1 UK off" in text(app) and [t.name for t in app.pane.shown()] == ["France"]
        await pilot.press("2")
        assert [t.name for t in app.pane.shown()] == ["France"]
        await pilot.press("1")
        assert len(app.pane.shown()) == 2


async def test_lines_that_end_earlier_take_the_cross_hair_along():
    async with shown(Chart, full(), BUILT, size=(110, 20)) as (app, pilot):
        await charted(app, pilot)
        await pilot.press("left")
        app.pane.plot(Subject("S"), [Trace("UK", DAYS[:300], [1.0] * 300)])
        assert app.pane.read_day == DAYS[299]


async def test_the_same_lines_repaint_nothing():
    async with shown(Chart, full(), BUILT, size=(110, 20)) as (app, pilot):
        await charted(app, pilot)
        app.repainted.clear()
        app.pane.plot(app.pane.subject, [rising()])
        app.pane.show(full(), BUILT + timedelta(minutes=1))
        assert app.repainted == []


# ----------------------------------------------------------------------------------------------------------------- traces
def test_only_known_values_make_a_trace():
    trace = made_trace("x", [1, 2, 3, 4], [1.0, nan, inf, 4.0])
    assert (trace.days, trace.values) == ([1, 4], [1.0, 4.0])


@pytest.mark.parametrize(("day", "found"), [(99, None), (100, (100, 1.0)), (103, (101, 2.0)), (114, None), (200, (200, 3.0))])
def test_the_last_value_is_read_but_not_over_a_silence(day, found):
    dense = Trace("x", [*range(0, 100, 1), 100, 101, 200], [0.0] * 100 + [1.0, 2.0, 3.0])
    if day == 99:
        assert dense.at(-1) is None
    else:
        assert dense.at(day) == found


def test_a_monthly_series_is_read_between_its_days():
    assert Trace("x", [0, 30, 60, 90], [1.0, 2.0, 3.0, 4.0]).at(85) == (60, 3.0)


@settings(max_examples=40)
@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=400), st.integers(4, 60), st.integers(2, 20), st.booleans())
def test_every_value_is_set_on_the_canvas(values, width, height, braille):
    """No high and no low between two columns is lost."""
    trace = Trace("x", list(range(len(values))), values)
    glyphs = UNICODE if braille else ASCII
    across, down = (2, 4) if braille else (1, 1)
    low, high = extent([trace], 0, len(values))
    scale = Scale(0, max(len(values) - 1, 1), low, high, width * across, height * down)
    canvas = Canvas(width, height, glyphs)
    draw_trace(canvas, trace, scale)
    cells = {(x + i, y) for y in range(height) for x, run, _ in canvas.runs(y) for i, sign in enumerate(run) if sign != " "}
    assert all((scale.column(d) // across, scale.row(v) // down) in cells for d, v in zip(trace.days, values, strict=True))
    assert all(cell_len(run) == len(run) for y in range(height) for _, run, _ in canvas.runs(y))


def test_a_silence_breaks_the_line():
    days = [*range(50), *range(250, 300)]
    canvas = Canvas(60, 5, ASCII)
    draw_trace(canvas, Trace("x", days, [1.0] * 100), Scale(0, 299, 0.0, 2.0, 60, 5))
    (left, one, _), (right, other, _) = [run for y in range(5) for run in canvas.runs(y)]
    assert left == 0 and right + len(other) == 60 and {*one, *other} == {"*"}
    assert right - len(one) == pytest.approx(200 / 300 * 60, abs=2)
