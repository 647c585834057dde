"""Signs, words and numbers as they stand on screen: one set for terminals with Unicode, one for those without."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
from rich.cells import cell_len, set_cell_size

UNKNOWN_TEXT = "?"


class Glyphs(msgspec.Struct, frozen=True):
    """One set of signs. Every sign is one cell wide."""

    met: str
    approaching: str
    not_met: str
    reversed: str
    manual: str
    unknown: str
    up: str
    down: str
    flat: str
    minus: str
    dash: str
    separator: str
    pointer: str
    failed: str
    latched: str
    ellipsis: str
    horizontal: str
    vertical: str
    corners: str  # top left, top right, bottom left, bottom right
    ticks: str  # left axis tick, bottom axis tick, origin
    thumb: str
    threshold: str
    boundary: str  # of regions: level, upright, oblique
    past: str  # an older point of a trail
    recent: str
    now: str
    sparks: str  # lowest to highest
    gauge: str  # empty, full
    braille: bool
    swap: Mapping[int, str]  # what cannot be shown, and what stands for it

    def state(self, state: str) -> str:
        """The sign of a condition's state."""
        return {
            "MET": self.met,
            "APPROACHING": self.approaching,
            "NOT": self.not_met,
            "REVERSED": self.reversed,
            "MANUAL": self.manual,
        }.get(state, self.unknown)

    def shown(self, text: str) -> str:
        """The text on one line, in signs this set has. Control characters never reach the terminal."""
        if text.isascii() and text.isprintable():
            return text
        if self.swap:
            text = text.translate(self.swap).encode("ascii", "replace").decode("ascii")
        return text if text.isprintable() else "".join(c if c.isprintable() or c in _JOINING else " " for c in text)


_JOINING = "\u200d\ufe0f\u200c"  # invisible parts of emoji and of some scripts; harmless, and cell_len knows them

UNICODE = Glyphs(
    met="●",
    approaching="◐",
    not_met="○",
    reversed="↩",
    manual="◇",
    unknown="?",
    up="▲",
    down="▼",
    flat="▪",
    minus="−",
    dash="–",
    separator="▪",
    pointer="▸",
    failed="✗",
    latched="●",
    ellipsis="…",
    horizontal="─",
    vertical="│",
    corners="┌┐└┘",
    ticks="┤┬└",
    thumb="┃",
    threshold="·",
    boundary="╌╎·",
    past="∙",
    recent="•",
    now="●",
    sparks="▁▂▃▄▅▆▇█",
    gauge="░█",
    braille=True,
    swap=MappingProxyType({}),
)

_ASCII_SIGNS = (
    "●#", "◐+", "○.", "↩<", "◇@", "▲^", "▼v", "▪-", "−-", "–-", "—-", "‐-", "‑-", "…~", "·.", "•*", "∙o", "↑^", "↓v", "×x", "▸>", "✗x",
    "│|", "─-", "╌-", "╎|", "’'", "‘'", "“\"", "”\"", "′'", "█#", "░.", "²2", "₀0",
)  # fmt: skip
_ASCII_WORDS = {
    "σ": "sd", "Δ": "d", "ρ": "rho", "κ": "kappa", "β": "beta", "λ": "lambda", "≥": ">=", "≤": "<=", "⇒": "=>", "→": "->", "←": "<-",
    "±": "+/-", "€": "EUR ", "£": "GBP ", "¥": "JPY ", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
}  # fmt: skip

ASCII = Glyphs(
    met="#",
    approaching="+",
    not_met=".",
    reversed="<",
    manual="@",
    unknown="?",
    up="^",
    down="v",
    flat="-",
    minus="-",
    dash="-",
    separator="|",
    pointer=">",
    failed="x",
    latched="#",
    ellipsis="~",
    horizontal="-",
    vertical="|",
    corners="++++",
    ticks="+++",
    thumb="#",
    threshold=".",
    boundary="-|.",
    past="o",
    recent="O",
    now="#",
    sparks="_.-=*#",
    gauge=".#",
    braille=False,
    swap=MappingProxyType({ord(pair[0]): pair[1] for pair in _ASCII_SIGNS} | {ord(c): w for c, w in _ASCII_WORDS.items()}),
)


def clip(text: str, width: int, glyphs: Glyphs) -> str:
    """The text in at most `width` cells, its end replaced by an ellipsis where it is longer. Wide characters are never halved."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + glyphs.ellipsis if width > 0 else ""


def fit(text: str, width: int, glyphs: Glyphs, *, right: bool = False) -> str:
    """The text in exactly `width` cells."""
    cut = clip(text, width, glyphs)
    room = " " * (width - cell_len(cut))
    return room + cut if right else cut + room


def number(value: float | None, decimals: int, glyphs: Glyphs, *, signed: bool = False) -> str:
    """A number with a true minus sign and thousands apart; "?" when unknown. What rounds to nought carries no sign."""
    if value is None or not math.isfinite(value):
        return glyphs.unknown
    text = f"{abs(value):,.{decimals}f}"
    if not text.strip("0.,"):
        return text
    return (glyphs.minus if value < 0 else "+" if signed else "") + text


def count_short(value: float | None, glyphs: Glyphs) -> str:
    """A big number in few cells: 954bn, 1.2M, 18k."""
    if value is None or not math.isfinite(value):
        return glyphs.unknown
    for size, unit in ((1e12, "T"), (1e9, "bn"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            scaled = value / (1e3 if unit == "k" else size)
            return number(scaled, 1 if abs(scaled) < 10 else 0, glyphs) + unit
    return number(value, 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2, glyphs)


def level_text(value: float | None, glyphs: Glyphs) -> str:
    """A price or an index in as many digits as its size needs: 5,612 · 104.2 · 28.1 · 3.61."""
    if value is None or not math.isfinite(value):
        return glyphs.unknown
    size = abs(value)
    return number(value, 0 if size >= 1000 else 1 if size >= 10 else 2, glyphs)


def sparkline(values: Sequence[float], width: int, glyphs: Glyphs) -> str:
    """The last values as bars, one cell each; a longer series is sampled so that its first and last stay. Gaps are blanks."""
    kept = _sampled(list(values), width)
    known = [v for v in kept if math.isfinite(v)]
    if not known:
        return " " * width
    low, high = min(known) / 2, max(known) / 2  # the difference of two halves is a number, however far they lie apart
    top = len(glyphs.sparks) - 1
    span = (high - low) or 1.0
    bars = "".join([glyphs.sparks[round((v / 2 - low) / span * top)] if math.isfinite(v) else " " for v in kept])
    return bars.rjust(width)


def _sampled(values: list[float], width: int) -> list[float]:
    if len(values) <= width or width < 2:
        return values[-max(width, 0) :] if width else []
    step = (len(values) - 1) / (width - 1)
    return [values[round(i * step)] for i in range(width)]


def gauge(share: float | None, width: int, glyphs: Glyphs) -> str:
    """A horizontal bar of a share 0…1; blank when unknown."""
    if share is None or not math.isfinite(share):
        return " " * width
    full = round(min(max(share, 0.0), 1.0) * width)
    return glyphs.gauge[1] * full + glyphs.gauge[0] * (width - full)


def ago(seconds: float) -> str:
    """An age in one unit: now, 5m, 3h, 2d."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return "now"
