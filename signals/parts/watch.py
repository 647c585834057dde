"""The watch list on the Board: conditions, groups and levels. States step on weekdays, at their end."""

from collections.abc import Mapping, Sequence
from datetime import date
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
from ..watchspec import COMPUTED, Condition, Group, Level, Measure, Operator, Stabilising, Sustained
from ..watchtrack import Track
from ..watchview import Mark, WatchItem
from ..windows import Flags, spell_at, spells
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
    first_met_on: date | None
    no_distance: tuple[board.Reading, board.Reading]  # in the unit and in σ, of a test that measures none


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
        self._group_began = {name: _rows_unlike(self.whole, members) for name, members in self._members.items()}
        self._groups: dict[str, tuple[int, board.Group]] = {}  # the last shown of each group, and the row since which it says so
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
            {group.id: self._group(group, history, row) for group in self.watchlist.groups},
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
        met, days = track.counted == MET, self.whole.days
        first_met = int(met.argmax()) if met.any() else len(met)
        return _Line(
            spec=spec,
            name=name,
            track=track,
            used=used,
            noted=tuple(each for note in notes for each in (note.series, note.against) if each),
            operator=operator,
            unit=unit,
            threshold=_threshold(level, unit),
            first_met=first_met,
            first_met_on=from_day(int(days[first_met])) if first_met < len(days) else None,
            no_distance=(
                self._inputs.unknown(NO_LEVEL, measure.unit, "watch_distance", used),
                self._inputs.unknown(NO_LEVEL, "σ", "watch_distance_sigma", used),
            ),
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

    def _group(self, group: Group, history: WatchHistory, row: int) -> board.Group:
        """A group on a row; where it is of the whole history, the one shown before while no member changes."""
        began = spell_at(self._group_began[group.id], row)
        held = self._groups.get(group.id) if history is self.whole else None
        if held is not None and held[0] == began:
            return held[1]
        item = history.group_item(group, row)
        shown = board.Group(item.id, item.title, item.state.value, item.met, self._members[item.id], from_day(item.since))
        if history is self.whole:
            self._groups[group.id] = began, shown
        return shown

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
        away, away_sigma = line.no_distance
        if written is not None and scaled is not None:
            away = written(scaled, item.unit, "watch_distance")
            away_sigma = away_sigma if in_sigmas is None else written(in_sigmas, "σ", "watch_distance_sigma")
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
            first_met=line.first_met_on if line.first_met <= row else None,
            value=self._inputs.unknown(item.evidence, line.unit, "watch_value", used)
            if written is None
            else written(item.value, line.unit, "watch_value"),
            threshold=line.threshold,
            distance=away,
            distance_sigma=away_sigma,
            evidence=item.evidence,
            proxy=item.proxy,
            reference=item.reference,
            mark=_mark_words(item.mark),
        )


def _rows_unlike(history: WatchHistory, members: Sequence[str]) -> list[int]:
    """The rows on which a member of a group comes into another state than the day before, the first row among them."""
    return sorted({row for name in members for row in spells(history.conditions[name].counted)} | {0})


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
