"""The themes. Each gives every tone its colour; threshold states differ by glyph and word in all of them."""

from collections.abc import Mapping

from textual.theme import BUILTIN_THEMES, Theme

from ..widgets.tones import PREFIX, Tone

DEFAULT = "dark"

_DARK = {
    Tone.TEXT: "#c6ced6", Tone.STRONG: "#f2f5f8", Tone.DIM: "#7d8995", Tone.FRAME: "#3b4651", Tone.FOCUS: "#6ea8dc", Tone.TITLE: "#a9bccd",
    Tone.KEY: "#d9b36a", Tone.CALM: "#86b8a4", Tone.WATCH: "#e3b64c", Tone.ALARM: "#ff6f61", Tone.MET: "#5fcf8f", Tone.MANUAL: "#c39ad8",
    Tone.STALE: "#6d7781", Tone.UP: "#f08a78", Tone.DOWN: "#74c4a2", Tone.LINE: "#6ea8dc", Tone.LINE2: "#8e99a4", Tone.LINE3: "#d9b36a",
    Tone.LINE4: "#c39ad8",
}  # fmt: skip
_LIGHT = {
    Tone.TEXT: "#2b3138", Tone.STRONG: "#0b0e11", Tone.DIM: "#68727c", Tone.FRAME: "#b9c1c9", Tone.FOCUS: "#1f6fb5", Tone.TITLE: "#3d5a73",
    Tone.KEY: "#8a5a00", Tone.CALM: "#2f7a5f", Tone.WATCH: "#9a6700", Tone.ALARM: "#c62828", Tone.MET: "#11753f", Tone.MANUAL: "#7b3fa0",
    Tone.STALE: "#8d959d", Tone.UP: "#b83a26", Tone.DOWN: "#1e7a56", Tone.LINE: "#1f6fb5", Tone.LINE2: "#7b8590", Tone.LINE3: "#8a5a00",
    Tone.LINE4: "#7b3fa0",
}  # fmt: skip
_CONTRAST = {
    Tone.TEXT: "#ffffff", Tone.STRONG: "#ffffff", Tone.DIM: "#c8c8c8", Tone.FRAME: "#8a8a8a", Tone.FOCUS: "#00e5ff", Tone.TITLE: "#ffffff",
    Tone.KEY: "#ffff00", Tone.CALM: "#7dffc0", Tone.WATCH: "#ffd400", Tone.ALARM: "#ff5c5c", Tone.MET: "#00ff7f", Tone.MANUAL: "#ff9cff",
    Tone.STALE: "#b0b0b0", Tone.UP: "#ff8f8f", Tone.DOWN: "#7dffc0", Tone.LINE: "#00e5ff", Tone.LINE2: "#c8c8c8", Tone.LINE3: "#ffff00",
    Tone.LINE4: "#ff9cff",
}  # fmt: skip
# Blue against orange, and lightness beside hue (after Okabe and Ito 2008).
_BLUE_ORANGE = _DARK | {
    Tone.CALM: "#9ecae9", Tone.WATCH: "#f2b84b", Tone.ALARM: "#ff8c1a", Tone.MET: "#56b4e9", Tone.MANUAL: "#cc9fbf", Tone.UP: "#f59a4a",
    Tone.DOWN: "#6fb7ea", Tone.LINE: "#56b4e9", Tone.LINE3: "#f2b84b", Tone.LINE4: "#cc9fbf",
}  # fmt: skip
_ANSI = {
    Tone.TEXT: "ansi_default", Tone.STRONG: "ansi_default", Tone.DIM: "ansi_bright_black", Tone.FRAME: "ansi_bright_black",
    Tone.FOCUS: "ansi_bright_blue", Tone.TITLE: "ansi_cyan", Tone.KEY: "ansi_yellow", Tone.CALM: "ansi_green", Tone.WATCH: "ansi_yellow",
    Tone.ALARM: "ansi_bright_red", Tone.MET: "ansi_bright_green", Tone.MANUAL: "ansi_magenta", Tone.STALE: "ansi_bright_black",
    Tone.UP: "ansi_red", Tone.DOWN: "ansi_green", Tone.LINE: "ansi_bright_blue", Tone.LINE2: "ansi_bright_black", Tone.LINE3: "ansi_yellow",
    Tone.LINE4: "ansi_magenta",
}  # fmt: skip


def themes() -> tuple[Theme, ...]:
    """Every theme, the default one first."""
    return (
        _theme("dark", _DARK, "#0e1216", "#161c22", "#22313f"),
        _theme("light", _LIGHT, "#fbfbfa", "#f0f1f2", "#fff0c2", dark=False),
        _theme("contrast", _CONTRAST, "#000000", "#000000", "#333300"),
        _theme("blue-orange", _BLUE_ORANGE, "#0e1216", "#161c22", "#22313f"),
        Theme(
            "ansi",
            primary="ansi_blue",
            secondary="ansi_cyan",
            warning="ansi_yellow",
            error="ansi_red",
            success="ansi_green",
            accent="ansi_cyan",
            foreground="ansi_default",
            background="ansi_default",
            surface="ansi_default",
            panel="ansi_default",
            boost="ansi_default",
            ansi=True,
            variables=dict(BUILTIN_THEMES["ansi-dark"].variables) | _variables(_ANSI),
        ),
    )


def theme_names() -> tuple[str, ...]:
    """The names that `--theme` takes."""
    return tuple(t.name for t in themes())


def _theme(name: str, colours: Mapping[Tone, str], background: str, surface: str, mark: str, *, dark: bool = True) -> Theme:
    return Theme(
        name,
        primary=colours[Tone.FOCUS],
        secondary=colours[Tone.TITLE],
        warning=colours[Tone.WATCH],
        error=colours[Tone.ALARM],
        success=colours[Tone.MET],
        accent=colours[Tone.KEY],
        foreground=colours[Tone.TEXT],
        background=background,
        surface=surface,
        panel=surface,
        dark=dark,
        variables=_variables(colours) | {PREFIX + "mark": mark},
    )


def _variables(colours: Mapping[Tone, str]) -> dict[str, str]:
    return {PREFIX + tone: colour for tone, colour in colours.items()}
