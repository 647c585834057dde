"""Typed mnemonics: `us`, `spreads`, `move`, `at 2026-01-20`, `watch F1`."""

from datetime import date
from difflib import get_close_matches
from typing import Literal

import msgspec

from ..signals.board import Board

SCREENS = {"spreads": "spreads", "carry": "carry", "spillover": "carry", "sequence": "sequence", "loops": "sequence", "journal": "journal",
           "changes": "journal", "feeds": "feeds", "help": "help", "settings": "settings"}  # fmt: skip


NOTHING_YET = "There are no data to go to yet: d shows what is being fetched."


class Target(msgspec.Struct, frozen=True):
    """Where to go; of kind "none" `name` says why not."""

    kind: Literal["screen", "market", "value", "mark", "date", "live", "none"]
    name: str = ""


def parse(words: str, board: Board | None) -> Target:
    """What was meant; without a Board there are only screens."""
    parts = words.strip().lstrip(":").split()
    if not parts:
        return Target("none", "Type a market, a screen, a condition or a date.")
    head = parts[0].lower()
    if board is None:
        return Target("screen", SCREENS[head]) if head in SCREENS else Target("none", NOTHING_YET)
    if head == "live":
        return Target("live")
    if head == "at" or head[:4].isdigit():
        return _date(parts[-1])
    if head == "watch" and len(parts) > 1:
        return _condition(parts[1], board)
    if head == "mark" and len(parts) > 1:
        found = _condition(parts[1], board)
        return Target("mark", parts[1].upper()) if found.kind == "value" or parts[1].upper() == "A2" else found
    names = {m.name.lower(): key for key, m in board.markets.items()}
    if head in board.markets or head in names:
        return Target("market", names.get(head, head))
    if head in SCREENS:
        return Target("screen", SCREENS[head])
    if head in board.confirmation.quotes:
        return Target("value", f"confirmation.quotes.{head}.level")
    if head == "dci":
        return Target("value", "composite.dci")
    if head == "regime":
        return Target("value", "regime.held")
    if parts[0].upper() in board.watch:
        return _condition(parts[0], board)
    near = get_close_matches(head, [*board.markets, *names, *SCREENS, *board.confirmation.quotes, "live", "dci", "regime"], 1)
    return Target("none", f"Nothing is called {parts[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))


def _date(text: str) -> Target:
    try:
        return Target("date", date.fromisoformat(text).isoformat())
    except ValueError:
        return Target("none", f"{text!r} is no date; one looks like 2026-01-20.")


def _condition(text: str, board: Board) -> Target:
    key = text.upper()
    if key in board.watch:
        return Target("value", f"watch.{key}")
    return Target("none", f"No condition {text!r}; there are {', '.join(board.watch)}.")
