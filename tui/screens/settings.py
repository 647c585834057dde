"""Settings: chosen here, written to the user's file at once, in force at once where that can be."""

import textwrap
from collections.abc import Sequence

import msgspec
from textual.containers import Container
from textual.widget import Widget

from ...feeds.errors import BondtopError
from ...widgets.look import Look
from ...widgets.setting_list import Setting, SettingList
from ..config import Config
from ..preferences import Value
from ..themes import theme_names
from ..view import View
from .base import BoardScreen

YES_NO = ("yes", "no")


class Offer(msgspec.Struct, frozen=True):
    """One setting that the screen offers."""

    section: str
    key: str
    title: str
    note: str
    options: tuple[str, ...] = ()
    later: bool = False


OFFERS = (
    Offer("monitor", "theme", "theme", "blue-orange is safe for the colour-blind, ansi uses the terminal's own colours", theme_names()),
    Offer("monitor", "yield_up", "a rising yield is", "bad: coloured as the falling price; good: as a rising number", ("bad", "good")),
    Offer("monitor", "changed_seconds", "mark changed cells", "seconds; 0 marks none", ("0.0", "2.0", "4.0", "8.0", "15.0")),
    Offer("monitor", "hidden_columns", "hidden columns", "of the state vector: d1 w1 m1 ytd z1 s1m idio pct slope shape us trend label …"),
    Offer("monitor", "ascii", "plain ASCII", "in place of symbols", YES_NO, later=True),
    Offer("monitor", "mouse", "mouse", "Shift usually selects text all the same", YES_NO, later=True),
    Offer("monitor", "output", "output", "economy: only what differs; plain: all that is drawn", ("economy", "plain"), later=True),
    Offer("markets", "shown", "markets shown", "rows of the state vector, in order: us uk fr jp de it ca"),
    Offer("markets", "panel", "markets of the map", "three to eight; makes another regime map", later=True),
    Offer("feeds", "quote_interval_s", "quotes every", "seconds, at least 15", ("15.0", "30.0", "60.0", "120.0", "300.0"), later=True),
    Offer("feeds", "off", "feeds switched off", "names as on the Feeds screen", later=True),
)


class SettingsScreen(BoardScreen):
    """One pane."""

    DEFAULT_CSS = "SettingsScreen SettingList { height: 1fr; }"
    title_text = "Settings"

    def __init__(self, look: Look, view: View) -> None:
        super().__init__(look, view)
        self._list = SettingList(look, id="settings")

    def contents(self) -> Widget:
        """The list."""
        return Container(self._list, id="body")

    def on_mount(self) -> None:
        """What is set."""
        self._fill()

    def on_setting_list_chosen(self, message: SettingList.Chosen) -> None:
        """One of the options."""
        self._set(message.setting, message.value)

    def on_setting_list_typed(self, message: SettingList.Typed) -> None:
        """Ask for the value."""
        from .prompt import Prompt

        def given(words: str | None) -> None:
            if words is not None:
                self._set(message.setting, words)

        self.app.push_screen(Prompt(message.setting.title, f"names with blanks between; now: {message.setting.value or 'none'}"), given)

    def _set(self, setting: Setting, text: str) -> None:
        app = self.app
        try:
            app.preferences.change(setting.section, setting.key, value_of(app.preferences.config, setting.section, setting.key, text))
        except BondtopError as e:
            words = textwrap.shorten(str(e), 300)
            self.app.notify(words, title="Not changed", severity="error", markup=False)
            return
        app.adopt(app.preferences.config)
        self._fill()

    def _fill(self) -> None:
        preferences = self.app.preferences
        place = str(preferences.path) if preferences.path else "for this run only"
        self._list.give(settings_of(preferences.config), place)


def settings_of(config: Config) -> Sequence[Setting]:
    """The rows of the screen."""
    return [
        Setting(o.section, o.key, o.title, text_of(getattr(getattr(config, o.section), o.key)), o.note, o.options, o.later) for o in OFFERS
    ]


def text_of(value: Value) -> str:
    """A value as it is shown and typed."""
    if isinstance(value, bool):
        return YES_NO[not value]
    return " ".join(value) if isinstance(value, tuple) else str(value)


def value_of(config: Config, section: str, key: str, text: str) -> Value:
    """What was chosen or typed, of the type the setting has."""
    match getattr(getattr(config, section), key):
        case bool():
            return text == YES_NO[0]
        case tuple():
            return tuple(text.replace(",", " ").split())
        case float():
            return float(text)
    return text
