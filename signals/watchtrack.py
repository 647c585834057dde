"""One condition or level over a history: tried once per own observation, then staleness and marks laid over, one state code a day."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
import numpy as np

from ..feeds.series import to_day
from .persistence import Codes, Trial, Verdict, states, verdict
from .states import APPROACHING, MANUAL, MET, NOT, REVERSED, STALE, UNKNOWN
from .stats import Days
from .watchinput import Inputs, Native, measured
from .watchspec import Condition, Drawdown, Judgement, Level, Measure
from .watchtrial import level_trial, trial_of
from .watchview import Mark
from .windows import Flags, spells

LEVEL_HOLD = 20
MARK_CODES: Mapping[str, int] = MappingProxyType(
    {"met": MET, "approaching": APPROACHING, "not": NOT, "withdrawn": REVERSED, "cleared": UNKNOWN}
)


class Setting(msgspec.Struct, frozen=True):
    """What all tracks of one evaluation share. `stale`: per series id, on which of `days` its newest observation is too old."""

    inputs: Inputs
    days: Days
    stale: Mapping[str, Flags]
    holidays: Days

    @property
    def last_day(self) -> int:
        """The newest day of the history."""
        return int(self.days[-1]) if len(self.days) else 0

    def any_stale(self, names: Sequence[str]) -> Flags:
        """On which days one of these series is stale."""
        flags = np.zeros(len(self.days), np.bool_)
        for name in names:
            flags |= self.stale.get(name, False)
        return flags


class Track(msgspec.Struct, frozen=True):
    """One condition or level over the history, one code a day.

    `state` is what is shown; `counted` replaces MANUAL by its value and STALE by the last real state.
    """

    state: Codes
    counted: Codes
    measure: Measure | None = None
    observed: Native | None = None
    trial: Trial | None = None
    codes: Codes | None = None  # one per observation
    began: Sequence[int] = ()  # the days on which it came into another `state`, by their rows

    @property
    def for_sequence(self) -> Codes:
        """MANUAL by its value, STALE as it is."""
        return np.where(self.state == STALE, STALE, self.counted).astype(np.int8)

    def row_on(self, day: int) -> int:
        """The newest observation known on that day; −1 without one."""
        return -1 if self.observed is None else self.observed.row_known(day)

    def verdict_at(self, row: int) -> Verdict | None:
        """The verdict at an observation; None at −1."""
        return verdict(self.trial, self.codes, row) if row >= 0 and self.trial is not None and self.codes is not None else None


def condition_track(condition: Condition, setting: Setting, marks: Sequence[Mark]) -> Track:
    """The states of one condition; `marks` are its own."""
    if isinstance(condition.operator, Judgement):
        return _with_spells(_judged_track(condition, setting, marks))
    plain = _measured_track(condition, setting)
    if plain.trial is None and condition.instead is not None:
        plain = _measured_track(condition.instead, setting)
    value, expired = mark_codes(marks, setting.days)
    by_mark = (value != UNKNOWN) & ~expired & (plain.state != UNKNOWN) & (plain.state != STALE)
    marked = msgspec.structs.replace(
        plain,
        state=np.where(by_mark, MANUAL, plain.state).astype(np.int8),
        counted=np.where(by_mark, value, plain.counted).astype(np.int8),
    )
    return _with_spells(marked)


def level_track(level: Level, setting: Setting) -> Track:
    """The states of one level watch."""
    x = setting.inputs.get(level.series)
    return _with_spells(_track(setting, (level.series,), x, level_trial(level, x) if x is not None and len(x) else None, LEVEL_HOLD))


def mark_codes(marks: Sequence[Mark], days: Days) -> tuple[Codes, Flags]:
    """The value of the newest mark on each day (UNKNOWN before the first), and whether it has expired."""
    value, expired = np.full(len(days), UNKNOWN, np.int8), np.zeros(len(days), np.bool_)
    for mark in sorted(marks, key=lambda each: each.at):
        since = days >= to_day(mark.at)
        value[since] = MARK_CODES[mark.value]
        expired[since] = days[since] > to_day(mark.until)
    return value, expired


def mark_on(marks: Sequence[Mark], condition: str, day: int) -> Mark | None:
    """The newest mark of a condition on that day, expired or not; None when it was taken back."""
    if not marks:
        return None
    own = [mark for mark in marks if mark.condition == condition and to_day(mark.at) <= day]
    newest = max(reversed(own), key=lambda each: each.at, default=None)  # of two on one day, the one entered last
    return None if newest is None or newest.value == "cleared" else newest


def _measured_track(measure: Measure, setting: Setting) -> Track:
    x = measured(measure, setting.inputs, setting.last_day, setting.holidays)
    second = setting.inputs.get(measure.series[1]) if isinstance(measure.operator, Drawdown) else None
    trial = trial_of(measure, x, second) if x is not None and len(x) else None
    return msgspec.structs.replace(_track(setting, measure.series, x, trial, measure.hold), measure=measure)


def _track(setting: Setting, series: Sequence[str], x: Native | None, trial: Trial | None, hold: int) -> Track:
    """The state of the newest observation known on each day, and STALE where a series is."""
    if x is None or trial is None:
        unknown = np.full(len(setting.days), UNKNOWN, np.int8)
        return Track(unknown, unknown)
    codes = states(trial, hold)
    rows = x.rows_known(setting.days)
    counted = np.where(rows >= 0, codes[rows], UNKNOWN).astype(np.int8)
    state = np.where((counted != UNKNOWN) & setting.any_stale(series), STALE, counted).astype(np.int8)
    return Track(state, counted, observed=x, trial=trial, codes=codes)


def _with_spells(track: Track) -> Track:
    return msgspec.structs.replace(track, began=spells(track.state))


def _judged_track(condition: Condition, setting: Setting, marks: Sequence[Mark]) -> Track:
    """The newest mark's value; STALE once it has expired; before any mark, APPROACHING while the hint says so, else UNKNOWN."""
    value, expired = mark_codes(marks, setting.days)
    hint = _measured_track(condition.hint, setting) if condition.hint else None
    hinted = hint.state == MET if hint else np.zeros(len(setting.days), np.bool_)
    marked = value != UNKNOWN
    counted = np.where(marked, value, np.where(hinted, APPROACHING, UNKNOWN)).astype(np.int8)
    state = np.where(marked, np.where(expired, STALE, MANUAL), counted).astype(np.int8)
    return msgspec.structs.replace(hint, state=state, counted=counted) if hint else Track(state, counted)
