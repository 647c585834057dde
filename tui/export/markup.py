"""Elements of HTML and SVG. Text is escaped by construction: only an `Element` goes in as it is."""

from collections.abc import Iterable
from html import escape

import msgspec

VOID = frozenset({"br", "meta", "wbr"})


class Element(msgspec.Struct, frozen=True):
    """Finished markup."""

    markup: str


Child = Element | str | None


def tag(name: str, /, *children: Child, **attributes: str | float | None) -> Element:
    """One element. Attributes: `class_` for class, `font_size` for font-size; None leaves one out; numbers to a tenth."""
    words = "".join(f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"' for key, value in attributes.items() if value is not None)
    inside = "".join(_markup(child) for child in children)
    return Element(f"<{name}{words}>" if name in VOID else f"<{name}{words}>{inside}</{name}>")


def together(*children: Child) -> Element:
    """Elements one after the other."""
    return Element("".join(_markup(child) for child in children))


def joined(between: str, children: Iterable[Child]) -> Element:
    """Elements or texts with a text between them."""
    return Element(escape(between).join(_markup(child) for child in children))


def _markup(child: Child) -> str:
    if child is None:
        return ""
    return child.markup if isinstance(child, Element) else escape(child)


def _attribute(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
