"""Settings changed on disk: taken over once they rest, a broken file leaves the last good ones in force and is said once."""

import asyncio
import os
from datetime import date

import pytest
from bondtop.tui.app import Monitor
from bondtop.tui.config import Config, load_config, parse_config
from bondtop.tui.reload import SettingsWatch, asks_otherwise, changed_at
from bondtop.tui.source import Adopted
from handboards import full
from sources import HandSource

LEVEL = '[[level]]\nid = "own"\ntitle = "t"\nseries = "us.10y"\nlevel = {}\n'


class File:
    """A settings file whose every writing has a time of its own."""

    def __init__(self, folder) -> None:
        self.path = folder / "config.toml"
        self._writes = 0

    def write(self, text: str, name: str = "config.toml") -> None:
        path = self.path.with_name(name)
        path.write_text(text, encoding="utf-8")
        self._writes += 1
        os.utime(path, ns=(0, 1_700_000_000_000_000_000 + self._writes))


@pytest.fixture
def file(tmp_path):
    return File(tmp_path)


def rested(watch: SettingsWatch, *, first: bool = False):
    """What is found once the writing rests."""
    assert first or watch.look() is None
    return watch.look()


def test_a_change_is_taken_over_once(file):
    file.write("")
    watch = SettingsWatch(file.path, load_config(file.path))
    assert [watch.look() for _ in range(3)] == [None, None, None]
    file.write('[monitor]\ntheme = "light"\n')
    config = rested(watch)
    assert isinstance(config, Config) and config.monitor.theme == "light"
    assert [watch.look() for _ in range(3)] == [None, None, None]


def test_a_burst_of_edits_is_read_when_it_rests(file, monkeypatch):
    file.write("")
    watch = SettingsWatch(file.path, Config())
    read = []
    monkeypatch.setattr("bondtop.tui.reload.load_config", lambda path: read.append(path.read_text()) or load_config(path))
    for i in range(50):
        file.write(f"[monitor]\nchanged_seconds = {i}\n" if i % 3 else "[monitor\n")
        assert watch.look() is None
    found = watch.look()
    assert isinstance(found, Config) and found.monitor.changed_seconds == 49.0
    assert len(read) == 1


def test_a_broken_file_is_said_once_and_its_mending_too(file):
    file.write("")
    watch = SettingsWatch(file.path, Config())
    file.write('[monitor]\ntheme = "lite"\n')
    words = rested(watch)
    assert "line 2" in words and words.endswith("the settings before stay in force")
    assert [watch.look() for _ in range(3)] == [None, None, None]
    file.write("")
    assert rested(watch) == ""
    file.write('[monitor]\ntheme = "light"\n')
    assert isinstance(rested(watch), Config)


def test_what_changed_between_reading_and_watching_is_not_missed(file):
    """A service may wait for days until it may refresh, and read its settings before."""
    file.write('[monitor]\ntheme = "light"\n')
    found = rested(SettingsWatch(file.path, Config()), first=True)
    assert isinstance(found, Config) and found.monitor.theme == "light"


def test_a_pipe_is_not_read_again(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    watch = SettingsWatch(tmp_path / "pipe", Config())
    assert [watch.look() for _ in range(3)] == [None, None, None]


def test_more_mistakes_than_one_are_counted(file):
    watch = SettingsWatch(file.path, Config())
    file.write("[monitor]\ntheme = 1\nmouse = 2\n")
    assert "(and 1 more: `bondtop config check`); the settings before" in rested(watch)


def test_a_file_that_comes_and_goes(file):
    watch = SettingsWatch(file.path, load_config(file.path))
    file.write('[monitor]\ntheme = "light"\n')
    assert isinstance(rested(watch), Config)
    file.path.unlink()
    assert rested(watch) == Config()


def test_a_named_watch_list_counts_as_part_of_it(file):
    file.write(LEVEL.format(4), "mine.toml")
    file.write('[watch]\nfiles = ["mine.toml"]\n')
    first = load_config(file.path)
    watch = SettingsWatch(file.path, first)
    file.write(LEVEL.format(5), "mine.toml")
    config = rested(watch)
    assert isinstance(config, Config) and config.watchlists != first.watchlists
    file.write(LEVEL.format('"high"'), "mine.toml")
    assert "mine.toml:5: level own: " in rested(watch)
    assert changed_at(file.path, first) > 0 == changed_at(file.path.with_name("none"), Config())


@pytest.mark.parametrize(
    ("text", "anew"),
    [('[feeds]\noff = ["fred"]', True), ('[series.my.x]\nyahoo = "HG=F"', True), ('[monitor]\ntheme = "light"', False), ("", False)],
)
def test_what_needs_other_questions(text, anew):
    assert asks_otherwise(Config(), parse_config(text, "t")) is anew


async def test_the_app_takes_over_what_it_can_and_keeps_what_the_command_line_said():
    source = HandSource(full())
    app = Monitor(source, theme="contrast")
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        source.send(Adopted(parse_config('[monitor]\nyield_up = "good"\n', "t")))
        await pilot.pause()
        assert (app.theme, app.look.rising_is_bad) == ("contrast", False)
        source.send(Adopted(parse_config('[monitor]\ntheme = "light"\n[markets]\nshown = ["us", "jp"]\n', "t")))
        await pilot.pause()
        assert (app.theme, app.look.rising_is_bad, app.preferences.config.markets.shown) == ("light", True, ("us", "jp"))


def test_dates_are_still_dates():
    assert parse_config('[series.my.x]\nfred = "A"\nstart = 2020-01-02\n', "t").catalogue["my.x"].start == date(2020, 1, 2)
