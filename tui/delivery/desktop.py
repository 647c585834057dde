"""A desktop notification that the terminal shows for us: OSC 9 (iTerm2, WezTerm, Windows Terminal) or OSC 777 (foot, Ghostty, urxvt)."""

from collections.abc import Mapping

from .message import Message


def notification(message: Message, sequence: str, environment: Mapping[str, str]) -> str:
    """The sequence that shows it.

    Args:
        sequence: osc9 or osc777.
        environment: tells whether tmux is in between; it passes on what is wrapped for it (`set -g allow-passthrough on`).
    """
    if sequence == "osc777":
        inner = f"\x1b]777;notify;{_field(message.title)};{_field(message.text)}\x1b\\"
    else:
        inner = f"\x1b]9;{message.title}: {message.text}\x1b\\"
    return "\x1bPtmux;" + inner.replace("\x1b", "\x1b\x1b") + "\x1b\\" if environment.get("TMUX") else inner


def _field(text: str) -> str:
    return text.replace(";", ",")
