"""Colours by meaning. A theme gives each tone its colour; nothing else on screen names one."""

from collections.abc import Mapping
from enum import StrEnum

from rich.color import Color
from rich.style import Style

PREFIX = "tone-"  # of the theme's variables


class Tone(StrEnum):
    """What a piece of text means."""

    TEXT = "text"
    STRONG = "strong"
    DIM = "dim"
    FRAME = "frame"
    FOCUS = "focus"  # frame of the focused pane
    TITLE = "title"
    KEY = "key"
    CALM = "calm"
    WATCH = "watch"
    ALARM = "alarm"
    MET = "met"
    MANUAL = "manual"
    STALE = "stale"
    UP = "up"  # a yield rose
    DOWN = "down"
    LINE = "line"  # first line of a chart
    LINE2 = "line2"
    LINE3 = "line3"
    LINE4 = "line4"
    INVERSE = "inverse"  # the bar that says REPLAY or DEMO


_BOLD = frozenset({Tone.STRONG, Tone.ALARM, Tone.TITLE, Tone.KEY})
_DIM = frozenset({Tone.DIM, Tone.STALE})
_ITALIC = frozenset({Tone.STALE})


def styles(variables: Mapping[str, str]) -> dict[Tone, Style]:
    """The style of every tone under a theme, whose variables are given; a tone that the theme lacks keeps the text's colour."""
    return {tone: _style(tone, variables.get(PREFIX + tone, "")) for tone in Tone}


def _style(tone: Tone, colour: str) -> Style:
    native = colour.startswith("ansi_")
    return Style(
        color=_colour(colour),
        bold=tone in _BOLD or None,
        dim=(tone in _DIM and native and not colour.endswith("bright_black")) or None,  # other themes have a grey of their own
        italic=tone in _ITALIC or None,
        reverse=tone is Tone.INVERSE or None,
    )


def _colour(name: str) -> Color | None:
    if not name or name == "ansi_default":
        return None
    return Color.parse(name.removeprefix("ansi_"))


STATE_TONES: Mapping[str, Tone] = {
    "MET": Tone.MET,
    "APPROACHING": Tone.WATCH,
    "NOT": Tone.DIM,
    "REVERSED": Tone.ALARM,
    "MANUAL": Tone.MANUAL,
    "STALE": Tone.STALE,
    "UNKNOWN": Tone.DIM,
}


def state_word(state: str) -> str:
    """A condition's state as people say it."""
    return {"NOT": "not met", "": "unknown"}.get(state, state.lower())


def state_tone(state: str) -> Tone:
    """The tone of a condition's state."""
    return STATE_TONES.get(state, Tone.DIM)


def regime_tone(regime: str) -> Tone:
    """The tone of a regime's name."""
    match regime.upper():
        case "STRESS":
            return Tone.ALARM
        case "FRAGMENTATION" | "REPRICING":
            return Tone.WATCH
        case "STABLE" | "EXPANSION":
            return Tone.CALM
    return Tone.DIM


SHORT_REGIMES: Mapping[str, str] = {"Fragmentation": "Frag", "Repricing": "Repr", "Expansion": "Exp"}
"""Names of regimes where the whole ones have no room."""


def band_tone(band: str) -> Tone:
    """The tone of a band of the index."""
    match band:
        case "Supportive" | "Neutral":
            return Tone.CALM
        case "Defensive":
            return Tone.WATCH
        case "Stressed" | "Systemic":
            return Tone.ALARM
    return Tone.DIM


def label_tone(label: str) -> Tone:
    """The tone of a market's label."""
    match label.rstrip("?").strip():
        case "SUPPLY-DRIVEN STRESS" | "POSITIONING PRESSURE":
            return Tone.ALARM
        case "SAFE-HAVEN BID" | "INFLATION / POLICY REPRICING" | "IDIOSYNCRATIC REPRICING":
            return Tone.WATCH
        case "":
            return Tone.DIM
    return Tone.CALM
