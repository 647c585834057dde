"""Pictures: what the monitor shows, marked where it is not the live market, and loading nothing."""

import re
from datetime import date
from html import unescape
from xml.etree import ElementTree as ET

import msgspec
import pytest
from bondtop.cache.demo import demo_store
from bondtop.feeds import demo
from bondtop.feeds.clock import Clock
from bondtop.tui.config import Config
from bondtop.tui.desk import Desk
from bondtop.tui.export.pictures import NAMES, Picture, pictures
from bondtop.tui.export.subject import Subject
from demo_boards import demo_cache


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory):
    with demo_store(demo_cache(tmp_path_factory.mktemp("demo"))) as store:
        yield Subject(Desk(store, Config(), Clock(demo.NOW.timestamp), demo=True), None, None)


@pytest.fixture(scope="module")
def made(subject) -> dict[str, Picture]:
    return {picture.name: picture for picture in pictures(subject, "dark")}


def words_of(picture: Picture) -> tuple[str, str]:
    """The text of both forms, blanks taken together."""
    svg = " ".join("".join(each.itertext()) for each in ET.fromstring(picture.svg).iter("{http://www.w3.org/2000/svg}text"))
    html = unescape(re.sub(r"<style>.*?</style>|<[^>]*>", "", picture.html, flags=re.DOTALL))
    return re.sub(r"\s+", " ", svg), re.sub(r"\s+", " ", html)


def test_there_is_one_of_everything(made):
    assert sorted(made) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_are_sound_marked_and_load_nothing(made, name):
    for form, words in zip((made[name].svg, made[name].html), words_of(made[name]), strict=True):
        assert "DEMO simulated market" in words and "as known 2026-05-29" in words
        assert "REPLAY" not in words
        outside = form.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "http" not in outside and "@font-face" not in outside and "@import" not in outside and "<script" not in outside
        assert not re.search(r"""url\((?!#)""", outside)
        assert len(form) < 1_500_000


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("monitor", "Watch list"),
        ("state-vector", "Germany"),
        ("regime-map", "FRAGMENTATION"),
        ("confirmation", "S&P 500"),
        ("watch-list", "MOVE > 130"),
        ("spreads", "Global Duration Divergence"),
        ("carry", "carry"),
        ("sequence", "Loop A"),
    ],
)
def test_they_show_what_the_screen_shows(made, name, words):
    assert all(words in each for each in words_of(made[name]))


def test_charts_are_drawn(made):
    assert len(re.findall(r"[\u2801-\u28ff]", made["spreads"].html)) > 200


def test_no_cursor_stands_in_the_picture(subject, made):
    from bondtop.tui.themes import themes

    text = next(theme for theme in themes() if theme.name == "dark").foreground
    assert text and f"background-color: {text}" not in made["state-vector"].html


def test_a_past_day_is_marked_and_another_theme_is_used(subject):
    then = Subject(subject.desk, date(2026, 3, 10), None)
    monitor = next(picture for picture in pictures(then, "light") if picture.name == "monitor")
    for words in words_of(monitor):
        assert "REPLAY 2026-03-10" in words and "DEMO" in words
    assert "background: #fbfbfa" in monitor.html


def test_a_title_that_is_markup_stays_text(subject):
    board = subject.board
    markets = {name: msgspec.structs.replace(one, name="<b>[r]x") for name, one in board.markets.items()}
    other = Subject(subject.desk, None, None)
    other.__dict__["board"] = msgspec.structs.replace(board, markets=markets)
    vector = next(picture for picture in pictures(other, "ansi") if picture.name == "state-vector")
    assert all("<b>[r]x" in words for words in words_of(vector))
    assert "<b>" not in vector.html
