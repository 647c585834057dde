"""Settings written to the user's file."""

import pytest
from bondtop.feeds.errors import BondtopError
from bondtop.tui.config import Config, ConfigError, parse_config
from bondtop.tui.configtext import template
from bondtop.tui.preferences import Preferences
from bondtop.tui.screens.settings import OFFERS, settings_of, text_of, value_of


def test_comments_order_and_other_settings_stay(tmp_path):
    path = tmp_path / "config.toml"
    text = "# top\n[feeds]\noff = ['boj']   # too slow here\n\n# looks\n[monitor]\ntheme = 'ansi' # mine\n"
    path.write_text(text, encoding="utf-8")
    preferences = Preferences(parse_config(text, "x"), path)
    preferences.change("monitor", "theme", "light")
    assert path.read_text(encoding="utf-8") == text.replace("'ansi'", '"light"')
    assert preferences.config.monitor.theme == "light" and preferences.config.feeds.off == ("boj",)


def test_a_file_that_is_not_there_is_made_private(tmp_path):
    path = tmp_path / "new" / "config.toml"
    preferences = Preferences(Config(), path)
    preferences.change("markets", "shown", ("us", "jp"))
    assert parse_config(path.read_text(encoding="utf-8"), "x").markets.shown == ("us", "jp")
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [("monitor", "theme", "pink"), ("monitor", "changed_seconds", -1.0), ("markets", "panel", ("us",)), ("markets", "shown", ("us", "us")),
     ("monitor", "hidden_columns", ("shap",)), ("monitor", "colour", "x")],
)  # fmt: skip
def test_what_is_not_allowed_is_refused_whole(tmp_path, section, key, value):
    path = tmp_path / "config.toml"
    path.write_text(template(), encoding="utf-8")
    preferences = Preferences(Config(), path)
    with pytest.raises(ConfigError):
        preferences.change(section, key, value)
    assert path.read_text(encoding="utf-8") == template() and preferences.config == Config()


def test_a_file_broken_meanwhile_is_left_alone(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("[monitor\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        Preferences(Config(), path).change("monitor", "theme", "light")
    assert path.read_text(encoding="utf-8") == "[monitor\n"


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(BondtopError):
        Preferences(Config(), blocked / "config.toml").change("monitor", "theme", "light")


def test_without_a_file_a_setting_lasts_for_the_run():
    preferences = Preferences(Config())
    preferences.change("monitor", "mouse", False)
    preferences.change("monitor", "theme", "light")
    assert (preferences.config.monitor.mouse, preferences.config.monitor.theme) == (False, "light")


def test_every_option_offered_is_allowed_and_reads_back():
    for offer in OFFERS:
        for option in offer.options:
            preferences = Preferences(Config())
            preferences.change(offer.section, offer.key, value_of(Config(), offer.section, offer.key, option))
            assert text_of(getattr(getattr(preferences.config, offer.section), offer.key)) == option
    defaults = {s.path: s for s in settings_of(Config())}
    assert all(s.value in s.options for s in defaults.values() if s.options)
