"""Charts as inline SVG, for paper and screens: each line has its own dash, and its name at its end, so that no colour is needed."""

import math
from collections.abc import Sequence
from datetime import date

import msgspec

from ...feeds.series import from_day, to_day
from ...signals.wording import worded
from .markup import Element, tag, together

LABEL_HEIGHT = 10.0  # of a line's name
FONT = 9.0
LEFT = 30.0  # for the numbers of the axis


class Line(msgspec.Struct, frozen=True):
    """One line: days since 1970, oldest first, and as many values. `style` 1… is its dash and colour."""

    name: str
    days: Sequence[int]
    values: Sequence[float]
    style: int = 1


class Level(msgspec.Struct, frozen=True):
    """A horizontal line with words at its left end."""

    value: float
    words: str = ""


class Stretch(msgspec.Struct, frozen=True):
    """A stretch of days that has a name, and the class it is drawn with."""

    first: int
    last: int
    name: str
    class_: str


class Frame(msgspec.Struct, frozen=True):
    """The plane of a chart of days: where it stands in the picture, and what it reaches over."""

    left: float
    top: float
    right: float
    bottom: float
    first: int
    last: int
    low: float
    high: float

    def x(self, day: float) -> float:
        """Where a day stands."""
        return self.left + (day - self.first) / max(self.last - self.first, 1) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Where a value stands."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


def time_chart(
    title: str,
    lines: Sequence[Line],
    span: tuple[int, int],
    *,
    width: float = 340,
    height: float = 150,
    decimals: int = 0,
    levels: Sequence[Level] = (),
    stretches: Sequence[Stretch] = (),
    names: float = 62,
) -> Element:
    """Lines over time with their names and last values at the right.

    Args:
        span: first and last day shown.
        stretches: named stretches of days in a strip beneath.
        names: room for names at the right.
    """
    shown = [cut for line in lines if len((cut := _within(line, span)).days) > 1]
    strip = 13.0 if stretches else 0.0
    if not shown:
        return _nothing(title, width, 24, "nothing is known of that year")
    low, high = _reach([value for line in shown for value in line.values], [level.value for level in levels])
    frame = Frame(LEFT, 6, width - names, height - 16 - strip, *span, low, high)
    seen = [level for level in levels if low <= level.value <= high]
    parts = [*_grid(frame), *_months(frame, strip)]
    parts += [tag("line", x1=frame.left, x2=frame.right, y1=frame.y(each.value), y2=frame.y(each.value), class_="level") for each in seen]
    parts += [_path(frame, line) for line in shown]
    parts += [tag("text", each.words, x=frame.left + 3, y=frame.y(each.value) - 2, class_="tick halo") for each in seen if each.words]
    parts += _ends(frame, shown, decimals)
    parts += [part for each in stretches for part in _stretch(frame, each)]
    last = "; ".join(f"{line.name} {line.values[-1]:.{decimals}f}" for line in shown)
    return _picture(f"{title}: {last}", width, height, *parts)


def small_chart(line: Line, span: tuple[int, int], *, width: float = 112, height: float = 56, decimals: int = 2) -> Element:
    """One line without axes: its highest, lowest and last value are written in it."""
    cut = _within(line, span)
    if len(cut.days) < 2:
        return _nothing(line.name, width, height, "unknown")
    low, high = _reach(cut.values, ())
    frame = Frame(2, 11, width - 32, height - 11, *span, low, high)
    parts = [tag("line", x1=frame.left, x2=frame.right, y1=frame.bottom + 2, y2=frame.bottom + 2, class_="grid"), _path(frame, cut)]
    for place, dy in ((cut.values.index(max(cut.values)), -3.0), (cut.values.index(min(cut.values)), 9.0)):
        x, y = frame.x(cut.days[place]), frame.y(cut.values[place])
        anchor = "start" if x < frame.left + 14 else "end" if x > frame.right - 14 else "middle"
        parts.append(tag("text", worded(cut.values[place], f".{decimals}f"), x=x, y=y + dy, class_="tick", text_anchor=anchor))
    x, y = frame.x(cut.days[-1]), frame.y(cut.values[-1])
    parts.append(tag("circle", cx=x, cy=y, r=2, class_="dot"))
    parts.append(tag("text", worded(cut.values[-1], f".{decimals}f"), x=x + 5, y=y + 3, class_="last"))
    return _picture(f"{line.name}, a year: last {cut.values[-1]:.{decimals}f}", width, height, *parts)


def sparkline(name: str, values: Sequence[float], *, width: float = 64, height: float = 14) -> Element:
    """A row of values as a line as high as the text beside it."""
    known = [(i, value) for i, value in enumerate(values) if math.isfinite(value)]
    if len(known) < 2:
        return together("")
    low, high = _reach([value for _, value in known], ())
    frame = Frame(1, 1.5, width - 3, height - 1.5, 0, len(values) - 1, low, high)
    points = _points(frame, known)
    dot = tag("circle", cx=frame.x(known[-1][0]), cy=frame.y(known[-1][1]), r=1.6, class_="dot")
    return _picture(f"{name}, {len(values)} sessions", width, height, tag("path", d=f"M{points}", class_="line spark"), dot)


def diverging_bars(rows: Sequence[tuple[str, float | None, str]], *, width: float = 330, row: float = 15) -> Element:
    """Bars to both sides of nought: (name, value, words at the end of the row)."""
    top = max([abs(value) for _, value, _ in rows if value is not None] or [1.0]) or 1.0
    left, right = 74.0, width - 58
    middle, half = (left + right) / 2, (right - left) / 2 - 26
    parts = []
    for i, (name, value, words) in enumerate(rows):
        y = i * row
        parts.append(tag("text", name, x=0, y=y + 10.5, class_="name"))
        parts.append(tag("text", words, x=width, y=y + 10.5, class_="tick", text_anchor="end"))
        size = 0.0 if value is None else value / top * half
        class_ = "bar falls" if size < 0 else "bar"
        parts.append(tag("rect", x=min(middle, middle + size), y=y + 3, width=abs(size), height=row - 6, class_=class_))
        shown = "?" if value is None else worded(value, "+.1f")
        anchor, dx = ("end", -3) if size < 0 else ("start", 3)
        parts.append(tag("text", shown, x=middle + size + dx, y=y + 10.5, class_="last", text_anchor=anchor))
    parts.append(tag("line", x1=middle, x2=middle, y1=0, y2=len(rows) * row, class_="axis"))
    return _picture("; ".join(f"{name} {value}" for name, value, _ in rows), width, len(rows) * row, *parts)


# ------------------------------------------------------------------------------------------------------------------ parts
def _within(line: Line, span: tuple[int, int]) -> Line:
    kept = [(day, value) for day, value in zip(line.days, line.values, strict=True) if span[0] <= day <= span[1] and math.isfinite(value)]
    return Line(line.name, [day for day, _ in kept], [value for _, value in kept], line.style)


def _reach(values: Sequence[float], levels: Sequence[float]) -> tuple[float, float]:
    """From the lowest to the highest value with a little air; a level is taken in when it is near."""
    low, high = min(values), max(values)
    span = (high - low) or abs(high) or 1.0
    near = [level for level in levels if low - span / 2 <= level <= high + span / 2]
    low, high = min([low, *near]), max([high, *near])
    air = 0.06 * span
    return low - air, high + air


def _steps(low: float, high: float, count: int) -> list[float]:
    """Round numbers within the reach, about so many."""
    raw = (high - low) / count
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw * 0.999)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _grid(frame: Frame) -> list[Element]:
    out, steps = [], _steps(frame.low, frame.high, 5)
    decimals = next((n for n in range(4) if all(math.isclose(round(value, n), value, abs_tol=1e-9) for value in steps)), 4)
    for value in steps:
        y = frame.y(value)
        out.append(tag("line", x1=frame.left, x2=frame.right, y1=y, y2=y, class_="axis" if value == 0 else "grid"))
        out.append(tag("text", worded(value, f".{decimals}f"), x=frame.left - 4, y=y + 3, class_="tick", text_anchor="end"))
    return out


def _months(frame: Frame, strip: float) -> list[Element]:
    """The first of every second month; the year where it changes."""
    out = [tag("line", x1=frame.left, x2=frame.right, y1=frame.bottom, y2=frame.bottom, class_="axis")]
    first, last = from_day(frame.first), from_day(frame.last)
    for index in range(first.year * 12 + first.month, last.year * 12 + last.month):
        month = date(index // 12, index % 12 + 1, 1)
        x = frame.x(to_day(month))
        named = month.month % 2 == 1
        out.append(tag("line", x1=x, x2=x, y1=frame.bottom, y2=frame.bottom + (4 if named else 2), class_="axis"))
        if named and x < frame.right - 8:
            text = f"{month:%b}" if month.month != 1 else f"{month:%b %Y}"
            out.append(tag("text", text, x=x, y=frame.bottom + strip + 13, class_="tick", text_anchor="middle"))
    return out


def _points(frame: Frame, points: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{frame.x(x):.1f} {frame.y(y):.1f}" for x, y in points)


def _path(frame: Frame, line: Line) -> Element:
    return tag("path", d=f"M{_points(frame, list(zip(line.days, line.values, strict=True)))}", class_=f"line l{line.style}")


def _ends(frame: Frame, lines: Sequence[Line], decimals: int) -> list[Element]:
    """Name and last value of each line beside its end, moved apart where they would meet."""
    wanted = sorted((frame.y(line.values[-1]), i) for i, line in enumerate(lines))
    places: list[float] = []
    for y, _ in wanted:
        places.append(max(y, places[-1] + LABEL_HEIGHT) if places else y)
    over = max(places[-1] - frame.bottom, 0.0)
    places = [y - over for y in places]
    for i in range(len(places) - 2, -1, -1):
        places[i] = min(places[i], places[i + 1] - LABEL_HEIGHT)
    out = []
    for y, (end, i) in zip(places, wanted, strict=True):
        line = lines[i]
        x = frame.x(line.days[-1])
        out.append(tag("path", d=f"M{x + 1:.1f} {end:.1f}L{frame.right + 5:.1f} {y:.1f}", class_="lead"))
        name = tag("tspan", f"{line.name} " if line.name else "", class_=f"t{line.style}")
        last = tag("tspan", worded(line.values[-1], f".{decimals}f"), class_="last")
        out.append(tag("text", name, last, x=frame.right + 7, y=y + 3, class_="end"))
    return out


def _stretch(frame: Frame, each: Stretch) -> list[Element]:
    first, last = max(each.first, frame.first), min(each.last, frame.last)
    if last < first:
        return []
    x, width = frame.x(first), frame.x(last) - frame.x(first)
    out = [tag("rect", x=x, y=frame.bottom + 4, width=max(width, 1), height=9, class_=f"stretch {each.class_}")]
    if width > 4.6 * len(each.name) + 4:
        out.append(tag("text", each.name, x=x + width / 2, y=frame.bottom + 11, class_="stretch-name", text_anchor="middle"))
    elif width > 7:
        out.append(tag("text", each.name[:1], x=x + width / 2, y=frame.bottom + 11, class_="stretch-name", text_anchor="middle"))
    return out


def _nothing(title: str, width: float, height: float, words: str) -> Element:
    return _picture(f"{title}: {words}", width, height, tag("text", words, x=2, y=14, class_="tick"))


def _picture(title: str, width: float, height: float, *parts: Element) -> Element:
    """`title` is what a screen reader says."""
    box = f"0 0 {width:g} {height:g}"
    return tag("svg", *parts, viewBox=box, width=width, height=height, font_size=FONT, role="img", aria_label=title)
