"""The states of the gates of both loops on every day, from watch-list states, the stress gate, yields, repo and hedging cost."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from . import watchspec as spec
from .operators import not_rising
from .persistence import Codes
from .states import APPROACHING, MET, NOT, REVERSED, STALE, UNKNOWN
from .stats import Days, Floats, changes, row_medians
from .watch import WatchHistory
from .watchinput import Inputs, Native, measured, month_turns
from .watchtrack import mark_codes
from .windows import Flags, ahead, windows

PICKUP_SERIES = ("us.10y", "us.3m", "jp.call", "jp.10y")
_NO_DAYS: Days = np.zeros(0, np.int32)


class GateParams(msgspec.Struct, frozen=True):
    """Thresholds of the gates; windows are in sequence.py."""

    srf_hint_bn: float = 10.0
    repo_short: int = 5
    repo_long: int = 20
    rising_k: int = 20
    pickup_steps: int = 21
    pickup_bp: float = 10.0


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(GateParams.__struct_fields__, "proposal"))
_DEFAULT = GateParams()


def gate_codes(
    watch: WatchHistory,
    stress_on: Floats,
    pickup_bp: Floats,
    stale: Mapping[str, Flags] | None = None,
    holidays: Days = _NO_DAYS,
    params: GateParams = _DEFAULT,
) -> dict[str, Codes]:
    """State codes of A1 … A4 and B1' … B3' on each day of the watch list's history (B1' without the starter, which `run_loop` adds).

    Args:
        stress_on: 1 while the stress gate is on, 0 while it is off, NaN unknown.
        pickup_bp: hedged pickup of a yen investor in bp on each day.
        stale: as given to the watch list.
    """
    board = _Board(watch, stale or {})
    return {
        "A1": stress_dominates(condition_codes(watch, "F1"), stress_on),
        "A2": _fed_acts(board, holidays, params),
        "A3": _repo_eases(board, params),
        "A4": _basis_returns(board),
        "B1'": _yields_stop_rising(board, params),
        "B2'": _hedging_cost_compresses(board, pickup_bp, params),
        "B3'": _foreign_buyer_returns(board),
    }


class _Board(msgspec.Struct, frozen=True):
    """The watch list's history and staleness, with short ways to ask."""

    watch: WatchHistory
    stale: Mapping[str, Flags]

    @property
    def days(self) -> Days:
        return self.watch.days

    @property
    def inputs(self) -> Inputs:
        return self.watch.inputs

    def condition(self, name: str) -> Codes:
        return condition_codes(self.watch, name)

    def any_stale(self, *names: str) -> Flags:
        flags = np.zeros(len(self.days), np.bool_)
        for name in names:
            flags |= self.stale.get(name, False)
        return flags

    def on_days(self, series: Native, values: Floats) -> Floats:
        """Values of the newest observation known on each day; NaN before the first."""
        rows = series.rows_known(self.days)
        return np.where(rows >= 0, values[rows], np.nan) if len(values) else np.full(len(self.days), np.nan)


def _pick(*rules: tuple[Flags, int]) -> Codes:
    """The code of the first rule that holds, else NOT."""
    codes = np.full(len(rules[0][0]), NOT, np.int8)
    for flags, code in reversed(rules):
        codes[flags] = code
    return codes


def condition_codes(watch: WatchHistory, name: str) -> Codes:
    """States of a condition for the sequence; UNKNOWN for one that is switched off."""
    track = watch.conditions.get(name)
    return np.full(len(watch.days), UNKNOWN, np.int8) if track is None else track.for_sequence


def stress_dominates(f1: Codes, stress_on: Floats) -> Codes:
    """State codes of A1 on some days: `f1` of the condition, `stress_on` as for `gate_codes`."""
    return _pick(
        ((f1 == MET) | (stress_on == 1), MET),
        ((f1 == UNKNOWN) | np.isnan(stress_on), UNKNOWN),
        (f1 == STALE, STALE),
    )


def _fed_acts(board: _Board, holidays: Days, params: GateParams) -> Codes:
    """A mark decides; large use of the standing repo facility outside month turns is a hint."""
    value, expired = mark_codes([mark for mark in board.watch.marks if mark.condition == "A2"], board.days)
    hinted = np.zeros(len(board.days), np.bool_)
    srf = board.inputs.get("us.srf.accepted")
    if srf is not None and len(srf):
        large = (srf.values >= params.srf_hint_bn) & ~month_turns(srf.days, holidays)
        hinted = (board.on_days(srf, large.astype(np.float64)) == 1) & ~board.any_stale("us.srf.accepted")
    return np.where(value == UNKNOWN, np.where(hinted, APPROACHING, UNKNOWN), np.where(expired, STALE, value)).astype(np.int8)


def _repo_eases(board: _Board, params: GateParams) -> Codes:
    """F3 neither met nor approaching, and SOFR − IORB no wider lately than over the month."""
    f3 = board.condition("F3")
    eased = _repo_spread_eased(board, params)
    calm = (f3 == NOT) | (f3 == REVERSED)
    return _pick(
        (f3 == MET, REVERSED),
        ((f3 == UNKNOWN) | np.isnan(eased), UNKNOWN),
        ((f3 == STALE) | board.any_stale("us.sofr", "us.iorb"), STALE),
        (calm & (eased == 1), MET),
        (calm | (eased == 1), APPROACHING),
    )


def _repo_spread_eased(board: _Board, params: GateParams) -> Floats:
    """1 where the short median of SOFR − IORB is no higher than the long one, 0 where it is, NaN unknown."""
    measure = spec.Measure(operator=spec.Growing(k=params.repo_long), series=("us.sofr", "us.iorb"), input="spread_bp")
    spread = measured(measure, board.inputs, 0, _NO_DAYS)
    if spread is None:
        return np.full(len(board.days), np.nan)
    x = spread.values
    short = ahead(row_medians(windows(x, params.repo_short)), len(x))
    long = ahead(row_medians(windows(x, params.repo_long)), len(x))
    return board.on_days(spread, np.where(np.isnan(long), np.nan, (short <= long).astype(np.float64)))


def _basis_returns(board: _Board) -> Codes:
    r1, r2 = board.condition("R1"), board.condition("R2")
    return _pick(
        ((r1 == REVERSED) | (r2 == REVERSED), REVERSED),
        ((r1 == UNKNOWN) | (r2 == UNKNOWN), UNKNOWN),
        ((r1 == STALE) | (r2 == STALE), STALE),
        ((r1 == MET) & (r2 == MET), MET),
        ((r1 == MET) | (r2 == MET), APPROACHING),
    )


def _yields_stop_rising(board: _Board, params: GateParams) -> Codes:
    """No upward drift in US and Japanese 10-year yields; broken by z > +1 in either."""
    met, rising = np.full((2, len(board.days)), np.nan), np.zeros((2, len(board.days)), np.bool_)
    stale = np.zeros((2, len(board.days)), np.bool_)
    for place, name in enumerate(("us.10y", "jp.10y")):
        stale[place] = board.any_stale(name)
        series = board.inputs.get(name)
        if series is None or not len(series):
            continue
        trial = not_rising(series.values, params.rising_k)
        met[place] = board.on_days(series, np.where(trial.known, trial.met.astype(np.float64), np.nan))
        rising[place] = (board.on_days(series, trial.opposite.astype(np.float64)) == 1) & ~stale[place]
    return _pick(
        (rising[0] | rising[1], REVERSED),
        (np.isnan(met[0] + met[1]), UNKNOWN),
        (stale[0] | stale[1], STALE),
        (met[0] + met[1] == 2, MET),
        (met[0] + met[1] == 1, APPROACHING),
    )


def _hedging_cost_compresses(board: _Board, pickup_bp: Floats, params: GateParams) -> Codes:
    change = changes(pickup_bp, params.pickup_steps)
    with np.errstate(invalid="ignore"):
        met = np.asarray((change >= params.pickup_bp) | (pickup_bp > 0))
        back = np.asarray(change <= -params.pickup_bp)
    return _pick(
        (np.isnan(pickup_bp), UNKNOWN),
        (board.any_stale(*PICKUP_SERIES), STALE),
        (met, MET),
        (np.isnan(change), UNKNOWN),
        (back, REVERSED),
    )


def _foreign_buyer_returns(board: _Board) -> Codes:
    b1 = board.condition("B1")
    return np.where(b1 == APPROACHING, NOT, b1).astype(np.int8)
