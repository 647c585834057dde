"""The watch list over a whole history: the state of every condition, group and level on each day, and the full verdict of any day."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from ..feeds.series import to_day
from .operators import said
from .persistence import Codes, Verdict
from .states import APPROACHING, MET, NOT, STATES, UNKNOWN, State
from .stats import Days
from .watchinput import Inputs, beside
from .watchspec import Condition, Group, Judgement, Level, Measure, Note, Watchlist
from .watchtrack import Setting, Track, condition_track, level_track, mark_on
from .watchview import GroupItem, Mark, WatchItem, WatchView
from .windows import Flags, spell_at, spells

_NO_DAYS: Days = np.zeros(0, np.int32)


class WatchHistory(msgspec.Struct, frozen=True):
    """The watch list on every day of `days`."""

    days: Days
    watchlist: Watchlist
    conditions: Mapping[str, Track]
    levels: Mapping[str, Track]
    groups: Mapping[str, Codes]
    began: Mapping[str, Sequence[int]]  # the rows on which each group came into another state
    marks: tuple[Mark, ...]
    inputs: Inputs

    def at(self, row: int = -1) -> WatchView:
        """Everything on the day of that row."""
        row %= len(self.days)
        items = tuple(self.condition_item(condition, row) for condition in self.watchlist.conditions)
        levels = tuple(self.level_item(level, row) for level in self.watchlist.levels)
        counted = [item.counts_as for item in items]
        return WatchView(
            items,
            tuple(self.group_item(group, row) for group in self.watchlist.groups),
            levels,
            met=counted.count(State.MET),
            approaching=counted.count(State.APPROACHING),
            manual=sum(item.state is State.MANUAL for item in items),
        )

    def condition_item(self, condition: Condition, row: int) -> WatchItem:
        """A condition on the day of that row, with its mark and its notes."""
        track, day = self.conditions[condition.id], int(self.days[row])
        judged = isinstance(condition.operator, Judgement)
        mark = mark_on(self.marks, condition.id, day)
        if mark is not None and not judged and to_day(mark.until) < day:
            mark = None  # the data speak again
        observed = track.row_on(day)
        found = track.verdict_at(observed)
        unread = "" if judged and mark is not None else "no mark was set" if judged else "no source"
        evidence = found.evidence if found else ""
        sentences = [evidence or unread]
        if judged and condition.hint and evidence:
            sentences = [f"{condition.hint.text}: {evidence}"]
        if mark is not None:
            if found is not None and not judged:  # a mark never hides what was measured
                sentences[0] = f"measured {found.state}: {sentences[0]}"
            sentences.insert(0, _mark_words(mark, day))
        sentences += [words for note in condition.note if (words := self._note_words(note, track, day))]
        return self._item(condition, track, row, observed, found, "; ".join(filter(None, sentences)), track.measure or condition, mark)

    def level_item(self, level: Level, row: int) -> WatchItem:
        """A level on the day of that row."""
        track = self.levels[level.id]
        observed = track.row_on(int(self.days[row]))
        found = track.verdict_at(observed)
        return self._item(level, track, row, observed, found, (found.evidence if found else "") or "no source", level)

    def _item(
        self,
        spec: Condition | Level,
        track: Track,
        row: int,
        observed: int,
        found: Verdict | None,
        evidence: str,
        measure: Measure | Level,
        mark: Mark | None = None,
    ) -> WatchItem:
        """What conditions and levels have in common."""
        state, counts_as = STATES[track.state[row]], STATES[track.counted[row]]
        condition = spec if isinstance(spec, Condition) else None
        judged = state is State.MANUAL or (condition is not None and isinstance(condition.operator, Judgement))
        by_value = 1.0 if counts_as is State.MET else 0.5 if counts_as is State.APPROACHING else 0.0
        return WatchItem(
            id=spec.id,
            title=spec.title,
            state=state,
            counts_as=counts_as,
            progress=by_value if judged or found is None else found.progress,
            run=found.run if found else 0,
            evidence=evidence,
            since=int(self.days[spell_at(track.began, row)]),
            as_of=int(track.observed.days[observed]) if found and track.observed else None,
            value=found.numbers.get("value") if found else None,
            unit=measure.unit,
            standing=spec.standing,
            group=condition.group if condition else "",
            key=condition.key if condition else False,
            proxy="" if isinstance(measure, Level) else measure.proxy,
            reference=condition.reference if condition else "",
            mark=mark,
            numbers={name: number for name, number in found.numbers.items() if number == number} if found else {},
        )

    def group_item(self, group: Group, row: int) -> GroupItem:
        """A group on the day of that row."""
        codes = self.groups[group.id]
        members = [self.conditions[member.id].counted[row] for member in self.watchlist.members(group.id)]
        since = int(self.days[spell_at(self.began[group.id], row)])
        return GroupItem(group.id, group.title, STATES[codes[row]], members.count(MET), len(members), since)

    def _note_words(self, note: Note, track: Track, day: int) -> str:
        """What a note adds on that day; nothing where its series say nothing."""
        value = self._value_on(note.series, day)
        if value is None:
            return ""
        if note.kind == "value":
            return f"{note.text} {said(value)}"
        if note.against is not None:
            other = self._value_on(note.against, day)
            return note.text if other is not None and value > other else ""
        return note.text if self._rotated(note, track, day) else ""

    def row_of(self, name: str, day: int) -> int:
        """The newest observation of a series known on a day; −1 without one."""
        series = self.inputs.get(name)
        return -1 if series is None else series.row_known(day)

    def _value_on(self, name: str, day: int) -> float | None:
        row = self.row_of(name, day)
        return float(self.inputs[name].values[row]) if row >= 0 else None

    def _rotated(self, note: Note, track: Track, day: int) -> bool:
        """The condition's own series fell over the steps, and the note's rose between the same dates."""
        own, other = track.observed, self.inputs[note.series]
        row = track.row_on(day)
        if own is None or row < note.steps or own.values[row] >= own.values[row - note.steps]:
            return False
        before, now = beside(other, own.only(np.isin(np.arange(len(own)), (row - note.steps, row))))
        return bool(now > before)


def evaluate_watchlist(
    watchlist: Watchlist,
    inputs: Inputs,
    days: Days,
    marks: Sequence[Mark] = (),
    stale: Mapping[str, Flags] | None = None,
    holidays: Days = _NO_DAYS,
) -> WatchHistory:
    """The state of everything on the list on each of `days` (ascending).

    Args:
        inputs: native series by id, the computed ones of `watchspec.COMPUTED` among them; a missing id is UNKNOWN, never an error.
        marks: all marks ever set; on each day the newest counts.
        stale: per series id, on which of `days` its newest observation is too old; a series that is not named is never stale.
        holidays: US holidays, to tell the last business day of the month that has not ended.
    """
    setting = Setting(inputs, days, stale or {}, holidays)
    conditions = {
        condition.id: condition_track(condition, setting, [mark for mark in marks if mark.condition == condition.id])
        for condition in watchlist.conditions
    }
    levels = {level.id: level_track(level, setting) for level in watchlist.levels}
    counted = {name: track.counted for name, track in conditions.items()}
    groups = {group.id: group_codes(group, watchlist.members(group.id), counted, len(days)) for group in watchlist.groups}
    began = {name: spells(codes) for name, codes in groups.items()}
    return WatchHistory(days, watchlist, conditions, levels, groups, began, tuple(marks), inputs)


def group_codes(group: Group, members: Sequence[Condition], counted: Mapping[str, Codes], n_days: int) -> Codes:
    """MET by the group's expression, else APPROACHING by any member MET or APPROACHING, else UNKNOWN if all are, else NOT."""
    nobody = np.zeros(n_days, np.bool_)
    met, near, unknown = nobody.copy(), nobody.copy(), np.ones(n_days, np.bool_)
    for together in group.met_when:
        if all(name in counted for name in together):
            met |= np.all([counted[name] == MET for name in together], axis=0)
    for member in members:
        near |= np.isin(counted[member.id], (MET, APPROACHING))
        unknown &= counted[member.id] == UNKNOWN
    return np.select([met, near, unknown], [MET, APPROACHING, UNKNOWN], NOT).astype(np.int8)


def _mark_words(mark: Mark, day: int) -> str:
    expiry = f"until {mark.until}" if day <= to_day(mark.until) else f"expired {mark.until}"
    return f"{mark.value} by {mark.author} on {mark.at}, {expiry}" + (f": {mark.note}" if mark.note else "")
