"""The second page of the brief: the watch list, the order in which it must come, a year in charts, and how good the data are."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import msgspec

from ...signals.board import Board, Condition, Gate, Group, Input, Loop
from ...signals.wording import with_unit, worded
from ...widgets.glyphs import UNICODE, count_short
from .briefparts import Cell, count, day_text, section, since_text, state, table, two
from .charts import Level, Line, small_chart, time_chart
from .markup import Element, joined, tag, together
from .subject import Year

MOST_LINES = 6  # of a chart whose lines can be told apart without colour
LATE = ("stale", "dead", "suspect")
COLUMNS = ("<Condition", "<State", "value", "<since", "<<Evidence")


def conditions(board: Board) -> Element:
    """Five groups of three, and the levels."""
    counts = Counter(one.state for one in board.watch.values())
    words = ((counts["MET"], "met"), (counts["APPROACHING"], "approaching"), (counts["NOT"], "not met"), (counts["REVERSED"], "reversed"))
    others = sum(counts.values()) - sum(n for n, _ in words)
    beside = " · ".join(f"{n} {what}" for n, what in (*words, (others, "unknown, stale or manual")) if n)
    now = board.as_of.date()
    rows = [row for group in board.groups.values() for row in _group(board, group, now)]
    levels = joined(" · ", (together(state(one.state), f" {one.title}{_to_go(one)}") for one in board.levels.values()))
    last = tag("p", tag("span", "Levels ", class_="strong"), levels) if board.levels else None
    return section("Watch list", table(COLUMNS, rows), last, beside=beside)


def _group(board: Board, group: Group, now: date) -> Iterator[list[Cell]]:
    title = tag("span", group.title, class_="strong")
    yield [title, together(state(group.state), f" {group.met} of {len(group.members)}"), "", since_text(group.since, now), ""]
    for name in group.members:
        if (one := board.watch.get(name)) is not None:
            yield _condition(one, now)


def _condition(one: Condition, now: date) -> list[Cell]:
    value = "" if one.value.value is None else ("≈" if one.proxy else "") + with_unit(count_short(one.value.value, UNICODE), _unit(one))
    evidence = [one.evidence, f"proxy: {one.proxy}" if one.proxy else ""]
    mark = tag("span", f"◇ {one.mark}  ", class_="manual") if one.mark else None
    since = since_text(one.since, now) if one.state in ("MET", "REVERSED") else ""
    late = f" (last {one.last_state.lower()})" if one.state == "STALE" and one.last_state else ""
    words = together(mark, "; ".join(each for each in evidence if each))
    return [f"{one.id} {one.title}", together(state(one.state), late), value, since, words]


def _unit(one: Condition) -> str:
    return one.value.unit if one.value.unit in ("%", "bp", "σ", "bn", "z") else ""


def _to_go(one: Condition) -> str:
    value = one.distance.value
    if value is None or one.state == "MET" or abs(value) < 1:
        return ""
    return f", {worded(abs(value), ',.0f', one.distance.unit)} away"


def loops(board: Board) -> Element:
    """Both loops gate by gate, and the starter."""
    sequence = board.sequence
    starter = sequence.starter
    first = tag("p", "Starter ", tag("span", starter.title, class_="strong"), ": ", state(starter.state), " (the least bound to the order)")
    names = list(sequence.loops)
    both = [_loop(sequence.loops[name]) for name in names]
    inside = two(both[0], both[1]) if len(both) == 2 else together(*both)
    return section("Sequence", inside, first, beside="gates latch in order, each within its window of sessions")


def _loop(loop: Loop) -> Element:
    title = tag("h3", f"Loop {loop.name}: {loop.status}", class_="alarm" if loop.late else None)
    late = tag("p", "out of order: " + ", ".join(loop.out_of_order), class_="watch") if loop.out_of_order else None
    sentence = tag("p", loop.sentence) if loop.sentence and loop.sentence != loop.status else None
    return tag("div", title, table(("<Gate", "<", "<state", "<latched", "elapsed"), [_gate(gate) for gate in loop.gates]), sentence, late)


def _gate(gate: Gate) -> list[Cell]:
    latched = "skipped" if gate.skipped else gate.latched_on.isoformat() if gate.latched_on else "–"
    return [gate.id, gate.title, state(gate.state), latched, f"{gate.elapsed}/{gate.window}" if gate.elapsed is not None else ""]


# ---------------------------------------------------------------------------------------------------------- a year in charts
def yields(year: Year) -> Element:
    """The 10-year yields one by one."""
    small = [tag("figure", tag("figcaption", line.name), small_chart(line, year.span)) for line in year.yields.values() if line.days]
    return section("10-year yields", tag("div", *small, class_="small"), beside="a year: highest, lowest and last, %")


def charts(year: Year) -> Element:
    """Spreads together, and what volatility did."""
    base = year.yields.get("us")
    spreads = [_spread(line, base) for name, line in year.yields.items() if name != "us" and line.days] if base else []
    spreads = [msgspec.structs.replace(line, style=i + 1) for i, line in enumerate(spreads[:MOST_LINES])]
    return two(
        section("10-year spreads against the US", time_chart("Spreads", spreads, year.span, height=176), beside="a year, bp"),
        section(
            "MOVE and VIX",
            *(
                time_chart(line.name, [line], year.span, decimals=1, height=88, levels=[Level(130, "130")] if name == "move" else ())
                for name, line in year.others.items()
            ),
            beside="a year",
        ),
    )


def _spread(line: Line, base: Line) -> Line:
    """Yield less that of the base in bp, on days on which both have a print."""
    other = dict(zip(base.days, base.values, strict=True))
    rows = [(day, 100 * (value - other[day])) for day, value in zip(line.days, line.values, strict=True) if day in other]
    return Line(line.name, [day for day, _ in rows], [value for _, value in rows])


# ------------------------------------------------------------------------------------------------------------------- health
def health(board: Board) -> Element:
    """How many series are what they should be, those that are not, and the newest session of each market."""
    today = board.as_of.date()
    counts = Counter(str(one.status) for one in board.inputs.values())
    words = ", ".join(f"{n} {status}" for status, n in sorted(counts.items(), key=lambda item: -item[1]))
    late = [f"{name} {_age(one, today)}" for name, one in board.inputs.items() if str(one.status) in LATE]
    unknown = [name for name, one in board.inputs.items() if str(one.status) == "unknown"]
    sessions = [
        f"{market.name} {day_text(ten.level.as_of)}{_days_ago(ten.level.as_of, today)}"
        for market in board.markets.values()
        if (ten := market.tenors.get("10y")) is not None and ten.level.as_of is not None
    ]
    return section(
        "Data",
        tag("p", "Newest 10-year yields: " + (", ".join(sessions) or "none")),
        tag("p", tag("span", "Late or suspect: ", class_="strong"), "; ".join(late)) if late else tag("p", "No series is late or suspect."),
        tag("p", "Unknown: " + ", ".join(unknown), class_="dim") if unknown else None,
        beside=f"{len(board.inputs)} series: {words}",
    )


def _age(one: Input, today: date) -> str:
    return f"({one.status}, {day_text(one.as_of)}{_days_ago(one.as_of, today)})"


def _days_ago(day: date | None, today: date) -> str:
    return "" if day is None or day >= today else f" ({count((today - day).days, 'day')} ago)"
