"""What the sections of the brief are built from."""

from collections.abc import Iterable, Sequence
from datetime import date

from ...signals.board import Reading, Word
from ...signals.wording import with_unit
from ...widgets.glyphs import UNICODE, number
from ...widgets.look import is_late
from .markup import Child, Element, tag

Cell = Child | tuple[Child, str]
"""What stands in a cell of a table, perhaps with its classes."""

STATES = {"NOT": "not met", "": "unknown"}


def section(title: str, *children: Child, beside: Child = "", **attributes: str) -> Element:
    """A part of the page under its title."""
    return tag("section", tag("h2", title, tag("span", " ", beside) if beside else None), *children, **attributes)


def two(left: Element, right: Element) -> Element:
    """Two parts side by side, or below one another where there is no room."""
    return tag("div", left, right, class_="two")


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Element:
    """A table that scrolls by itself where it is too wide. A column named "<x" stands left; "<<x" left, and its words may wrap."""
    head = [tag("th", name.lstrip("<"), class_="l" if name.startswith("<") else None) for name in columns]
    sides = ["w" if name.startswith("<<") else "l" if name.startswith("<") else "" for name in columns]
    body = [tag("tr", *(_cell(cell, side) for cell, side in zip(row, sides, strict=True))) for row in rows]
    return tag("div", tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body)), class_="wide")


def _cell(cell: Cell, side: str) -> Element:
    content, classes = cell if isinstance(cell, tuple) else (cell, "")
    return tag("td", content, class_=f"{side} {classes}".strip() or None)


def figure(reading: Reading | None, decimals: int, *, signed: bool = False, scale: float = 1.0, unit: str = "") -> Cell:
    """A Reading: "?" when unknown, with its day when late, "!" before a suspect print."""
    if reading is None or reading.value is None:
        return "?", "unknown"
    text = with_unit(number(reading.value * scale, decimals, UNICODE, signed=signed), unit)
    if is_late(reading):
        return f"{text} ({day_text(reading.as_of)})", "late"
    return ("!" if reading.status == "suspect" else "") + text


def word(found: Word) -> Cell:
    """A Word: "unknown" when it is none, with its day when late."""
    if not found.word:
        return "unknown", "unknown"
    return (f"{found.word} ({day_text(found.as_of)})", "late") if is_late(found) else found.word


def plain(cell: Cell) -> Child:
    """A cell outside a table."""
    return tag("span", cell[0], class_=cell[1]) if isinstance(cell, tuple) else cell


def state(name: str) -> Element:
    """A state as sign, word and colour."""
    return tag("span", f"{UNICODE.state(name)} {STATES.get(name, name.lower())}", class_=(name or "unknown").lower())


def day_text(day: date | None) -> str:
    """A day of the year."""
    return "?" if day is None else f"{day.day} {day:%b}"


def since_text(day: date | None, now: date) -> str:
    """A day of late, or a month of longer ago."""
    return "" if day is None else f"{day.day} {day:%b}" if (now - day).days < 300 else f"{day:%b %Y}"


def count(n: int, noun: str) -> str:
    """1 session, 2 sessions."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
