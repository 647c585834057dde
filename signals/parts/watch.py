"""The watch list on the Board: conditions, groups and levels. States step on weekdays, at their end."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ...cache.status import Status
from ...feeds.series import from_day
from .. import board
from ..inputs import Inputs, Moment, moment_of
from ..rows import weekdays
from ..states import MET, UNKNOWN, State
from ..stats import BP_PER_PERCENT, Days
from ..watch import WatchHistory, evaluate_watchlist
from ..watchfile import load_watchlist
from ..watchspec import COMPUTED, Condition, Level, Measure, Operator, Stabilising, Sustained
from ..watchtrack import Track
from ..watchview import GroupItem, Mark, WatchItem
from ..windows import Flags, spell_at
from .asknown import row_on, session
from .auctions import AuctionsPart
from .positioning import PositioningPart
from .supply import SupplyPart
from .watchinputs import WatchInputs, catalogue_ids, holidays_around, named, stale_flags, watch_inputs

NO_LEVEL = "this test measures no distance to a level"
_NO_DAYS: Days = np.zeros(0, np.int32)


class _Line(NamedTuple):
    """What is the same of a condition or level on all days. `used` are the series behind it, `noted` those that its notes look at."""

    spec: Condition | Level
    name: str
    track: Track
    used: tuple[str, ...]
    noted: tuple[str, ...]
    operator: Operator | None
    unit: str
    threshold: board.Reading
    first_met: int  # row; after all of them when it never was


class WatchPart:
    """`whole` is the list on every weekday since the first observation of anything it looks at."""

    def __init__(
        self, inputs: Inputs, auctions: AuctionsPart, supply: SupplyPart, positioning: PositioningPart, marks: Sequence[Mark] = ()
    ) -> None:
        self._inputs, self._marks = inputs, tuple(marks)
        self.watchlist = load_watchlist(inputs.catalogue.series, *inputs.settings.watchlists)
        self._given = watch_inputs(inputs, self.watchlist, auctions, supply, positioning)
        self.whole, self.stale = self._evaluate(self._given, self._days(), moment_of(inputs.panel.as_of).at)
        self._marked = {mark.condition for mark in self._marks}
        self._lines = self._drawn(self.whole)
        self._members = {group.id: tuple(each.id for each in self.watchlist.members(group.id)) for group in self.watchlist.groups}
        self._held: dict[str, tuple[object, board.Condition]] = {}  # the last shown of each line, and what it said
        self._seen: tuple[int, WatchHistory, Mapping[str, Flags], int] | None = None

    def history(self, moment: Moment) -> tuple[WatchHistory, Mapping[str, Flags], int]:
        """The list as it was known at a moment, on which of its days each series was stale, and the row of its newest weekday."""
        if self._seen is None or self._seen[0] != moment.at:
            self._seen = moment.at, *self._as_known(moment)
        return self._seen[1:]

    def at(self, moment: Moment) -> tuple[dict[str, board.Condition], dict[str, board.Group], dict[str, board.Condition]]:
        """Conditions, groups and levels at a moment."""
        history, _, row = self.history(moment)
        conditions, levels = self._lines if history is self.whole else self._drawn(history)
        return (
            {line.spec.id: self._shown(line, history, row, moment) for line in conditions},
            {group.id: self._group(history.group_item(group, row)) for group in self.watchlist.groups},
            {line.spec.id: self._shown(line, history, row, moment) for line in levels},
        )

    def _drawn(self, history: WatchHistory) -> tuple[list[_Line], list[_Line]]:
        """The lines of all conditions and levels."""
        conditions = [self._line(each, each.id, history.conditions[each.id]) for each in self.watchlist.conditions]
        return conditions, [self._line(each, f"level {each.id}", history.levels[each.id]) for each in self.watchlist.levels]

    def _line(self, spec: Condition | Level, name: str, track: Track) -> _Line:
        """One of them."""
        measure: Measure | Level = spec if isinstance(spec, Level) else track.measure or spec
        operator = None if isinstance(measure, Level) else measure.operator
        used = (measure.series,) if isinstance(measure, Level) else catalogue_ids(measure.series)
        notes = () if isinstance(spec, Level) else spec.note
        level = measure.level if isinstance(measure, Level) else operator.level if isinstance(operator, Sustained) else None
        level = operator.floor if isinstance(operator, Stabilising) else level
        unit = "%" if isinstance(measure, Level) and measure.unit == "bp" else measure.unit
        met = track.counted == MET
        return _Line(
            spec=spec,
            name=name,
            track=track,
            used=used,
            noted=tuple(each for note in notes for each in (note.series, note.against) if each),
            operator=operator,
            unit=unit,
            threshold=_threshold(level, unit),
            first_met=int(met.argmax()) if met.any() else len(met),
        )

    def _shown(self, line: _Line, history: WatchHistory, row: int, moment: Moment) -> board.Condition:
        """A line on a row; where it is of the whole history and unmarked, the one shown before while it says the same."""
        if history is not self.whole or line.spec.id in self._marked:
            return self._condition(line, history, row, moment)
        track, day = line.track, int(history.days[row])
        observed = track.row_on(day)
        has_numbers = track.codes is not None and observed >= 0 and track.codes[observed] != UNKNOWN
        rests_on = self._inputs.numbers(line.used, moment) if has_numbers else None
        notes = [history.row_of(name, day) for name in line.noted]
        said = observed, spell_at(track.began, row), int(track.counted[row]), rests_on, notes
        held = self._held.get(line.name)
        if held is None or held[0] != said:
            held = self._held[line.name] = said, self._condition(line, history, row, moment)
        return held[1]

    def _group(self, group: GroupItem) -> board.Group:
        return board.Group(group.id, group.title, group.state.value, group.met, self._members[group.id], from_day(group.since))

    def _days(self) -> Days:
        """Weekdays since the first observation of any series of the list; computed series are younger than what they are made of."""
        names = [name for name in named(self.watchlist) if name not in COMPUTED]
        firsts = [int(days[0]) for name in names if len(days := self._inputs.native(name)[0])]
        last = (int(self._inputs.panel.as_of.timestamp()) - 1) // 86_400
        return weekdays(min(firsts), last) if firsts else _NO_DAYS

    def _evaluate(self, given: WatchInputs, days: Days, at: int) -> tuple[WatchHistory, Mapping[str, Flags]]:
        stale = stale_flags(self._inputs, given.natives, days, at)
        holidays = holidays_around(int(days[-1])) if len(days) else _NO_DAYS
        return evaluate_watchlist(self.watchlist, given.natives, days, self._marks, stale, holidays), stale

    def _as_known(self, moment: Moment) -> tuple[WatchHistory, Mapping[str, Flags], int]:
        day = session(moment)
        row = row_on(self.whole.days, day)
        if row < 0:
            return evaluate_watchlist(self.watchlist, {}, np.array([day], np.int32), self._marks), {}, 0
        if self._given.all_known(moment, int(self.whole.days[row])):
            return self.whole, self.stale, row
        return *self._evaluate(self._given.known(moment), self.whole.days[: row + 1], moment.at), row

    def _condition(self, line: _Line, history: WatchHistory, row: int, moment: Moment) -> board.Condition:
        spec, used = line.spec, line.used
        item = history.level_item(spec, row) if isinstance(spec, Level) else history.condition_item(spec, row)
        numbers = item.numbers
        in_bp = isinstance(spec, Level) and spec.unit == "bp"
        distance, sigma = numbers.get("distance"), numbers.get("sigma")
        scaled = BP_PER_PERCENT * distance if in_bp and distance is not None else distance
        in_sigmas = distance / sigma if distance is not None and sigma else None
        written = None if item.value is None else self._inputs.numbers(used, moment, day=item.as_of)
        days = self.whole.days

        def number(value: float | None, unit: str, formula: str, why: str) -> board.Reading:
            if value is None or written is None:
                return self._inputs.unknown(why, unit, formula, used)
            return written(value, unit, formula)

        return board.Condition(
            id=item.id,
            title=item.title,
            group=item.group,
            key=item.key,
            state=item.state.value,
            last_state=item.counts_as.value if item.state is State.STALE else "",
            progress=None if item.state is State.UNKNOWN else item.progress,
            progress_text=_progress_text(item, line.operator, numbers),
            run=item.run if numbers else None,
            since=from_day(item.since),
            first_met=from_day(int(days[line.first_met])) if line.first_met <= row and len(days) else None,
            value=number(item.value, line.unit, "watch_value", item.evidence),
            threshold=line.threshold,
            distance=number(scaled, item.unit, "watch_distance", NO_LEVEL),
            distance_sigma=number(in_sigmas, "σ", "watch_distance_sigma", NO_LEVEL),
            evidence=item.evidence,
            proxy=item.proxy,
            reference=item.reference,
            mark=_mark_words(item.mark),
        )


def _threshold(level: float | None, unit: str) -> board.Reading:
    """A level rests on no series: it is the same at all times."""
    if level is None:
        return board.Reading(unit=unit, formula="watch_threshold", note=NO_LEVEL)
    return board.Reading(level, unit, status=Status.FRESH, formula="watch_threshold")


def _progress_text(item: WatchItem, operator: Operator | None, numbers: Mapping[str, float]) -> str:
    if item.state is State.UNKNOWN:
        return ""
    if isinstance(operator, Sustained) and "count" in numbers:
        need = operator.n - operator.grace
        return f"{min(int(numbers['count']), need)} of {need}"
    return f"{100 * item.progress:.0f}%"


def _mark_words(mark: Mark | None) -> str:
    return f"{mark.value} by {mark.author} on {mark.at}, until {mark.until}" if mark else ""
