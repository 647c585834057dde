"""The brief: what it says of a Board, that nothing in it can break out of it, and that it asks nobody for anything."""

import re
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from bondtop.cache.demo import demo_store
from bondtop.cache.freshness import Status
from bondtop.feeds import demo
from bondtop.feeds.clock import Clock
from bondtop.signals.board import Board, Change
from bondtop.tui.config import Config
from bondtop.tui.desk import Desk
from bondtop.tui.export.brief import brief
from bondtop.tui.export.charts import Line, diverging_bars, small_chart, sparkline, time_chart
from bondtop.tui.export.markup import tag
from bondtop.tui.export.plane import regime_plane
from bondtop.tui.export.subject import Subject, Year, year_of
from demo_boards import demo_board, demo_cache
from handboards import everywhere, full, unknown
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich_boards import rich

VOID = {"meta", "br"}
LOADING = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "video", "audio", "source", "use", "image"}


class Walk(HTMLParser):
    """Checks that every element is closed in order; collects tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []

    def handle_starttag(self, name, attributes):
        self.tags.add(name)
        self.attributes += [(key, value or "") for key, value in attributes]
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name):
        assert self.open and self.open.pop() == name, name

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


def walked(page: str) -> Walk:
    walk = Walk()
    walk.feed(page)
    walk.close()
    assert walk.open == []
    return walk


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", "".join(walked(page).words))


def year(board: Board) -> Year:
    """A year of straight lines up to a Board."""
    last = board.as_of.date().toordinal() - 719163
    days = list(range(last - 366, last + 1, 3))
    lines = {name: Line(one.name, days, [3.0 + 0.001 * i for i in range(len(days))]) for name, one in board.markets.items()}
    other = {"move": Line("MOVE", days, [90.0 + i % 7 for i in range(len(days))])}
    return Year((last - 366, last), (), lines, other, Line("", days, [50.0] * len(days)), ())


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory):
    with demo_store(demo_cache(tmp_path_factory.mktemp("demo"))) as store:
        yield Subject(Desk(store, Config(), Clock(demo.NOW.timestamp), demo=True), None, None)


@pytest.fixture(scope="module")
def page(subject) -> str:
    return brief(subject.board, year_of(subject))


# --------------------------------------------------------------------------------------------------------- what it says
def test_it_says_what_the_board_says(subject, page):
    board, text = subject.board, text_of(page)
    assert board.line in text and board.composite.text in text and board.regime.held.word.upper() in text
    assert f"for {board.regime.sessions} sessions" in text and f"agreement {board.regime.agreement.value:.0%}" in text
    for market in board.markets.values():
        assert market.name in text and market.label.word in text
        assert f"{market.tenors['10y'].level.value:.3f}" in text
    for condition in board.watch.values():
        assert f"{condition.id} {condition.title}" in text
    for group in board.groups.values():
        assert f"{group.title}" in text
    for loop in board.sequence.loops.values():
        assert f"Loop {loop.name}: {loop.status}" in text
    for line in board.unchanged:
        assert line in text
    assert "never predicts" in text and "Sources in use: demo" in text and board.confirmation.verdict in text


def test_every_state_is_sign_and_word(subject, page):
    text = text_of(page)
    words = {"MET": "● met", "APPROACHING": "◐ approaching", "NOT": "○ not met", "REVERSED": "↩ reversed", "UNKNOWN": "? unknown"}
    for state in {condition.state for condition in subject.board.watch.values()}:
        assert words[state] in text


def test_the_demo_says_so_first_and_a_past_day_too(subject, page):
    assert "DEMO: a simulated market" in text_of(page) and "<title>DEMO" in page and "REPLAY" not in page
    assert "REPLAY: a past day, as known at the end of 2026-05-29" in text_of(brief(subject.board, year_of(subject), is_replay=True))
    live = msgspec.structs.replace(subject.board, demo=False)
    assert "DEMO" not in brief(live, year_of(subject))


def test_the_year_ends_with_the_board(subject):
    found = year_of(subject)
    assert found.dci.values[-1] == subject.board.composite.dci.value
    for name, line in found.yields.items():
        assert line.values[-1] == subject.board.markets[name].tenors["10y"].level.value
    assert found.regimes[-1].name == subject.board.regime.held.word
    assert all(one.last == other.first for one, other in pairwise(found.regimes))
    assert all(change.seen == subject.board.as_of for change in found.week)


def test_unknown_is_written_and_late_values_carry_their_day(subject):
    text = text_of(brief(unknown(), year(unknown())))
    assert "STATE UNKNOWN" in text and "? unknown" in text and "None" not in text
    assert not re.search(r"\bnan\b", text)
    us = subject.board.markets["us"]
    level = msgspec.structs.replace(us.tenors["10y"].level, status=Status.STALE, as_of=date(2026, 5, 4))
    ten = msgspec.structs.replace(us.tenors["10y"], level=level)
    late = msgspec.structs.replace(us, tenors={**us.tenors, "10y": ten})
    board = msgspec.structs.replace(subject.board, markets={**subject.board.markets, "us": late})
    assert f"{level.value:.3f} (4 May)" in text_of(brief(board, year(board)))


def test_many_changes_are_cut_and_counted_the_gravest_first(subject):
    changes = [Change(subject.board.as_of.date(), "label", f"markets.{i}", "a", f"b{i}", "info", "") for i in range(30)]
    grave = Change(subject.board.as_of.date(), "band", "composite.band", "Stressed", "Systemic", "alarm", "")
    board = msgspec.structs.replace(subject.board, changes=(*changes, grave))
    text = text_of(brief(board, year(board)))
    assert "and 24 more" in text and text.index("Systemic") < text.index("→ b0")


# ------------------------------------------------------------------------------------------------------------- hostile
HOSTILE = '<script>alert(1)</script>"\'&<img src=x onerror=y>'


def test_no_text_breaks_out(subject):
    board = everywhere(HOSTILE)
    dangerous = Change(board.as_of.date(), "label", HOSTILE, HOSTILE, HOSTILE, "watch", HOSTILE)
    lines = year_of(subject)
    named = {name: Line(HOSTILE, line.days, line.values) for name, line in lines.yields.items()}
    found = walked(brief(board, replace(lines, week=(dangerous,), yields=named)))
    assert not found.tags & LOADING
    assert not [key for key, _ in found.attributes if key.startswith("on")]
    assert HOSTILE in "".join(found.words)


@given(st.text(), st.text())
def test_text_and_attributes_read_back(words, title):
    found = walked(tag("p", words, title=title).markup)
    plain = re.sub(r"\r\n?", "\n", words)
    assert "".join(found.words) in (words, plain) or "\x00" in words or "\r" in words
    assert found.tags == {"p"}
    assert [key for key, _ in found.attributes] == ["title"]


# -------------------------------------------------------------------------------------------------------- self-contained
def test_it_is_well_formed_and_asks_nobody(page):
    found = walked(page)
    assert not found.tags & LOADING
    assert "http" not in page and "//" not in page and "url(" not in page and "@import" not in page
    assert {key for key, _ in found.attributes if key in ("src", "href", "style") or key.startswith("on")} == set()
    assert found.tags >= {"svg", "table", "h1", "h2", "header", "footer"}
    assert len(page) < 200_000


def test_every_picture_has_a_description(page):
    assert page.count("<svg ") == len(re.findall(r'<svg [^>]*role="img" aria-label="[^"]+"', page))


def test_no_coordinate_is_unknown(page):
    assert "nan" not in re.sub(r">[^<]*<", "><", page).lower() and "inf" not in "".join(re.findall(r' d="([^"]*)"', page)).lower()


@pytest.mark.parametrize("make", [full, rich, unknown])
def test_every_board_can_be_printed(make):
    page = brief(make(), year(make()))
    assert make().line in text_of(page) and "never predicts" in page and len(page) < 300_000


def test_a_board_without_a_year_of_history_can_be_printed():
    board = full()
    empty = Year((0, 366), (), {}, {}, Line("", (), ()), ())
    assert "nothing is known of that year" in text_of(brief(board, empty))


# --------------------------------------------------------------------------------------------------------------- charts
numbers = st.lists(st.floats(-1e6, 1e6), max_size=30)


@settings(max_examples=60)
@given(numbers, numbers)
def test_charts_stand_whatever_the_values(one, other):
    lines = [Line("a", range(len(one)), one, 1), Line("b", range(len(other)), other, 2)]
    for chart in (
        time_chart("x", lines, (0, 29)),
        small_chart(lines[0], (0, 29)),
        sparkline("x", one),
        diverging_bars([("n", value, "w") for value in one]),
    ):
        walked(chart.markup)
        for number in re.findall(r'\b(?:x|y|x1|x2|y1|y2|cx|cy|r|width|height)="([^"]*)"', chart.markup):
            assert abs(float(number)) < 1e5
        assert "nan" not in chart.markup


def test_a_line_ends_where_its_last_value_is():
    chart = time_chart("x", [Line("A", [0, 50, 100], [1.0, 3.0, 2.0])], (0, 100), decimals=1).markup
    assert re.search(r"A <tspan|A </tspan>", chart) and ">2.0<" in chart
    path = re.search(r'd="M([^"]*)" class="line l1"', chart)
    assert path is not None
    heights = [float(point.split()[1]) for point in path[1].split("L")]
    assert heights[0] > heights[2] > heights[1]


def test_names_at_the_ends_never_cover_one_another():
    lines = [Line(str(i), [0, 10], [0.0, 0.01 * i], i % 6 + 1) for i in range(6)]
    chart = time_chart("x", lines, (0, 10)).markup
    places = sorted(float(y) for y in re.findall(r'y="([0-9.-]+)" class="end"', chart))
    assert len(places) == 6
    assert min(b - a for a, b in pairwise(places)) >= 9.9


def test_the_plane_shows_where_it_stands_and_what_holds(subject):
    plane = regime_plane(demo_board().regime).markup
    assert f'class="region held" text-anchor="middle">{demo_board().regime.held.word.upper()}' in plane
    assert plane.count('class="now"') == 1
    assert plane.count("<circle") == len(demo_board().regime.trail)


def test_a_regime_that_is_unknown_is_said_in_words():
    board = full()
    unknown = msgspec.structs.replace(board.regime, m=msgspec.structs.replace(board.regime.m, value=None, note="too little history"))
    assert "State unknown: too little history" in regime_plane(unknown).markup


def test_a_day_of_the_past_is_as_it_was_known_then(subject):
    day = demo.NOW.date() - timedelta(days=40)
    then = Subject(subject.desk, day, None)
    found = year_of(then)
    assert then.is_replay and then.board.as_of.date() == day
    assert max(line.days[-1] for line in found.yields.values()) <= found.span[1]
    assert text_of(brief(then.board, found, is_replay=True)).count(day.isoformat()) >= 2


def test_the_style_is_shipped():
    from bondtop.tui import export

    assert "@media print" in (Path(export.__file__).parent / "brief.css").read_text()
