"""Which terminal driver fits the line, and the hint that there is a lighter way."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from textual.driver import Driver

    from ..widgets.look import Look

HINT = "You are here over SSH. On a slow line, bondtop --slim sends less: 16 colours, two frames a second. (Said once.)"
_SAID = "slim-suggested"


def is_remote(environment: Mapping[str, str]) -> bool:
    """Whether somebody came over SSH."""
    return bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))


def hint_once(environment: Mapping[str, str], state: Path) -> str:
    """The hint, the first time somebody comes over SSH; remembered in the state directory."""
    said = state / _SAID
    if not is_remote(environment) or said.exists():
        return ""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        said.touch()
    except OSError:
        return ""  # it could not be remembered, so that it would be said for ever
    return HINT


def lean(look: "Look") -> "Look":
    """Frames of one byte a sign instead of three: a seventh of a screen's bytes is their edges."""
    return msgspec.structs.replace(look, glyphs=msgspec.structs.replace(look.glyphs, horizontal="-"))


def driver(environment: Mapping[str, str], *, slim: bool, plain: bool, silence_s: float = 0.0) -> "type[Driver]":
    """The driver for `--slim`, for plain output (also by BONDTOP_PLAIN_OUTPUT), or for everybody else.

    `silence_s`: seconds after which a terminal over SSH that answers nothing is taken for gone; 0: never. No other goes without a word, and
    plain output asks nothing.
    """
    from .driver import PlainDriver, SlimDriver, ThriftyDriver

    if plain or environment.get("BONDTOP_PLAIN_OUTPUT", "0") not in ("", "0"):
        return PlainDriver
    fitting = SlimDriver if slim else ThriftyDriver
    if not silence_s or not is_remote(environment):
        return fitting
    return type(fitting.__name__, (fitting,), {"silence_s": silence_s})
