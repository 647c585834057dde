"""The watch list on the Board: conditions, groups and levels. States step on weekdays, at their end."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

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
from ..windows import Flags
from .asknown import row_on, session
from .auctions import AuctionsPart
from .kept import Kept
from .positioning import PositioningPart
from .supply import SupplyPart
from .watchinputs import WatchInputs, catalogue_ids, holidays_around, named, stale_flags, watch_inputs

NO_LEVEL = "this test measures no distance to a level"
_NO_DAYS: Days = np.zeros(0, np.int32)


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
        self._noted = {each.id: _noted(each) for each in self.watchlist.conditions}
        self._kept: Kept[board.Condition] = Kept(inputs)
        self._seen: tuple[int, WatchHistory, Mapping[str, Flags], int] | None = None

    def history(self, moment: Moment) -> tuple[WatchHistory, Mapping[str, Flags], int]:
        """The list as it was known at a moment, on which of its days each series was stale, and the row of its newest weekday."""
        if self._seen is None or self._seen[0] != moment.at:
            self._seen = moment.at, *self._as_known(moment)
        return self._seen[1:]

    def at(self, moment: Moment) -> tuple[dict[str, board.Condition], dict[str, board.Group], dict[str, board.Condition]]:
        """Conditions, groups and levels at a moment."""
        history, _, row = self.history(moment)
        conditions = {spec.id: self._shown(spec, history, row, moment) for spec in self.watchlist.conditions}
        levels = {spec.id: self._shown(spec, history, row, moment) for spec in self.watchlist.levels}
        groups = {group.id: self._group(history.group_item(group, row)) for group in self.watchlist.groups}
        return conditions, groups, levels

    def _shown(self, spec: Condition | Level, history: WatchHistory, row: int, moment: Moment) -> board.Condition:
        """A condition or level on a row; where it is of the whole history and unmarked, the one shown before while it says the same."""
        is_level = isinstance(spec, Level)
        track = history.levels[spec.id] if is_level else history.conditions[spec.id]
        make = partial(self._condition, spec, track, history, row, moment)
        if history is not self.whole or spec.id in self._marked:
            return make()
        day = int(history.days[row])
        notes = () if is_level else tuple(history.row_of(name, day) for name in self._noted[spec.id])
        observed = track.row_on(day)
        has_numbers = track.codes is not None and observed >= 0 and track.codes[observed] != UNKNOWN
        series = _measured(spec, track)[0] if has_numbers else ()
        said = observed, int(track.state[row]), int(track.counted[row]), *notes
        return self._kept(f"level {spec.id}" if is_level else spec.id, series, moment, make, *said)

    def _group(self, group: GroupItem) -> board.Group:
        members = tuple(each.id for each in self.watchlist.members(group.id))
        return board.Group(group.id, group.title, group.state.value, group.met, members, from_day(group.since))

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

    def _condition(self, spec: Condition | Level, track: Track, history: WatchHistory, row: int, moment: Moment) -> board.Condition:
        item = history.level_item(spec, row) if isinstance(spec, Level) else history.condition_item(spec, row)
        numbers = item.numbers
        used, operator = _measured(spec, track)
        in_bp = isinstance(spec, Level) and spec.unit == "bp"
        unit = "%" if in_bp else item.unit
        level = spec.level if isinstance(spec, Level) else operator.level if isinstance(operator, Sustained) else None
        level = operator.floor if isinstance(operator, Stabilising) else level
        distance, sigma = numbers.get("distance"), numbers.get("sigma")
        scaled = BP_PER_PERCENT * distance if in_bp and distance is not None else distance
        in_sigmas = distance / sigma if distance is not None and sigma else None
        met = track.counted[: row + 1] == MET
        first_met = int(met.argmax())
        days = self.whole.days

        def number(value: float | None, of: str, formula: str) -> board.Reading:
            if value is None:
                return self._inputs.unknown(NO_LEVEL if formula != "watch_value" else item.evidence, of, formula, used)
            return self._inputs.computed(value, of, formula, used, moment, day=item.as_of)

        return board.Condition(
            id=item.id,
            title=item.title,
            group=item.group,
            key=item.key,
            state=item.state.value,
            last_state=item.counts_as.value if item.state is State.STALE else "",
            progress=None if item.state is State.UNKNOWN else item.progress,
            progress_text=_progress_text(item, operator, numbers),
            run=item.run if numbers else None,
            since=from_day(item.since),
            first_met=from_day(int(days[first_met])) if met[first_met] and len(days) else None,
            value=number(item.value, unit, "watch_value"),
            threshold=self._threshold(level, unit, moment),
            distance=number(scaled, item.unit, "watch_distance"),
            distance_sigma=number(in_sigmas, "σ", "watch_distance_sigma"),
            evidence=item.evidence,
            proxy=item.proxy,
            reference=item.reference,
            mark=_mark_words(item.mark),
        )

    def _threshold(self, level: float | None, unit: str, moment: Moment) -> board.Reading:
        if level is None:
            return self._inputs.unknown(NO_LEVEL, unit, "watch_threshold")
        return self._inputs.computed(level, unit, "watch_threshold", (), moment)


def _measured(spec: Condition | Level, track: Track) -> tuple[tuple[str, ...], Operator | None]:
    """Series behind a condition, and the test that was made of them."""
    if isinstance(spec, Level):
        return (spec.series,), None
    measure: Measure = track.measure or spec
    return catalogue_ids(measure.series), measure.operator


def _noted(condition: Condition) -> tuple[str, ...]:
    """Series that its notes look at."""
    return tuple(name for note in condition.note for name in (note.series, note.against) if name)


def _progress_text(item: WatchItem, operator: Operator | None, numbers: Mapping[str, float]) -> str:
    if item.state is State.UNKNOWN:
        return ""
    if isinstance(operator, Sustained) and "count" in numbers:
        need = operator.n - operator.grace
        return f"{min(int(numbers['count']), need)} of {need}"
    return f"{100 * item.progress:.0f}%"


def _mark_words(mark: Mark | None) -> str:
    return f"{mark.value} by {mark.author} on {mark.at}, until {mark.until}" if mark else ""
