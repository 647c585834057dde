"""Settings as rows: what they are, what they are set to, what they mean."""

from collections.abc import Sequence

import msgspec
from textual.binding import Binding
from textual.message import Message

from .look import Look
from .pane import Pane, Pieces
from .sheet import Sheet
from .tones import Tone

NAME, VALUE = 22, 20  # cells


class Setting(msgspec.Struct, frozen=True):
    """One row. `options` are what it can be set to, in order; with none it is typed. `later`: takes effect at the next start."""

    section: str
    key: str
    title: str
    value: str
    note: str
    options: tuple[str, ...] = ()
    later: bool = False

    @property
    def path(self) -> str:
        """Its name in the file."""
        return f"{self.section}.{self.key}"


class SettingList(Pane):
    """Arrows up and down choose a setting, left and right its next value; Enter does the same, or asks for what is typed."""

    BINDINGS = [
        Binding("left", "turn(-1)", "value before", show=False),
        Binding("right,space", "turn(1)", "next value", show=False),
    ]
    title = "Settings"

    class Chosen(Message):
        """The user set a value."""

        def __init__(self, setting: Setting, value: str) -> None:
            super().__init__()
            self.setting, self.value = setting, value

    class Typed(Message):
        """The user wants to type a value."""

        def __init__(self, setting: Setting) -> None:
            super().__init__()
            self.setting = setting

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.settings: Sequence[Setting] = ()
        self._file = ""

    def give(self, settings: Sequence[Setting], file: str) -> None:
        """Show these; `file` says where they are kept."""
        self.settings, self._file = tuple(settings), file
        self.cursor = self.cursor or next((s.path for s in settings), "")
        self.redraw()

    def foot(self) -> Pieces:
        """Where they are kept."""
        return ((self._file, Tone.DIM),)

    def draw(self, sheet: Sheet, board: object, rows: int | None) -> None:
        """Settings do not need the Board."""
        self.draw_nothing(sheet, rows)

    def draw_nothing(self, sheet: Sheet, rows: int | None) -> None:
        """One setting a row, by section; the meaning under it where there is no room behind it."""
        g, section = self.look.glyphs, ""
        for setting in self.settings:
            if setting.section != section:
                if section:
                    sheet.row()
                section = setting.section
                sheet.put(sheet.row(), 0, section, Tone.TITLE)
            y, here = sheet.row(), setting.path == self.cursor
            x = sheet.put(y, 0, f"{g.pointer} " if here else "  ", Tone.KEY)
            x = sheet.put(y, x, setting.title, Tone.TEXT, width=NAME) + 1
            x = sheet.put(y, x, setting.value or "none", Tone.STRONG, width=min(VALUE, max(sheet.width - x - 2, 4)), path=setting.path) + 2
            note = f"{setting.note}{' (from the next start)' if setting.later else ''}"
            if x + len(note) <= sheet.width:
                sheet.put(y, x, note, Tone.DIM)
            elif here:
                sheet.words(note, Tone.DIM, indent=4)

    def action_turn(self, step: int) -> None:
        """The next value of the chosen setting, or typing."""
        setting = next((s for s in self.settings if s.path == self.cursor), None)
        if setting is None:
            self.action_move(0, 1)
        elif setting.options:
            place = setting.options.index(setting.value) if setting.value in setting.options else -1
            self.post_message(self.Chosen(setting, setting.options[(place + step) % len(setting.options)]))
        else:
            self.post_message(self.Typed(setting))

    def action_ask(self) -> None:
        """As an arrow to the right."""
        self.action_turn(1)

    def action_move(self, dx: int, dy: int) -> None:
        """Another setting; its meaning is shown."""
        super().action_move(dx, dy)
        self.redraw()
