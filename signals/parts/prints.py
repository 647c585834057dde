"""Which observations of which yields are bad prints (§1.6), and every yield without them."""

from collections.abc import Sequence
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..badprints import Print, guard_rows, judge_prints
from ..gate import Stress, gate_history, stress_history
from ..inputs import Inputs
from ..markets import MARKETS
from ..moves import Moves, MovesParams, sigma_moves
from ..residual import residual_history
from ..rows import Flags, Rows, build_rows, on_rows
from ..stats import Days, Floats

WAIT = 2  # observations after a jump
NO_DAY = 2**31 - 1  # later than any
STRESS = {"vix": "vix", "move": "move", "fsi": "ofr.fsi"}


class Suspects(msgspec.Struct, frozen=True):
    """Own observations `start` to `stop`, its end excluded, are suspect; the observation at `stop` is what shows it."""

    start: int
    stop: int


class Yields(msgspec.Struct, frozen=True):
    """One series of yields: `values` as printed, `clean` with suspect ones missing; in %."""

    days: Days
    values: Floats
    clean: Floats
    suspects: tuple[Suspects, ...]
    moves: Moves

    def is_settled(self, n: int) -> bool:
        """Whether nothing after the first n observations changed what was thought of them."""
        return not self.suspects or not any(block.start < n <= block.stop for block in self.suspects)

    def agrees_before(self, n: int) -> int:
        """The day from which on the first n observations told something else than all of them do."""
        doubtful = [block.start for block in self.suspects if block.start < n <= block.stop]
        first = min((n, *doubtful))
        return int(self.days[first]) if first < len(self.days) else NO_DAY

    def is_waiting(self, n: int, candidate_z: float) -> bool:
        """Whether one of the last two of the first n observations is a jump that nothing has confirmed yet."""
        return bool((np.abs(self.moves.z[max(n - WAIT, 0) : n]) >= candidate_z).any())

    def clean_upto(self, n: int) -> Floats:
        """The first n values, without those known to be suspect by then."""
        if self.is_settled(n):
            return self.clean[:n]
        return _without(self.values[:n], [block for block in self.suspects if block.stop < n])


class PrintsPart:
    """Judges the yields of all markets. The jump of a 10-year yield of the panel is measured in its residual, any other in its change."""

    def __init__(self, inputs: Inputs) -> None:
        settings = inputs.settings
        self._settings = settings
        panel = {market: inputs.native(MARKETS[market].ten_year) for market in settings.panel}
        self._raw = build_rows(panel, {name: inputs.native(each) for name, each in STRESS.items()}, params=settings.rows)
        self._residual_z = residual_history(self._raw.yields, self._raw.own, settings.residual).z
        self._panel_moves = {market: sigma_moves(*native, params=settings.moves) for market, native in panel.items()}
        owner = {each: market for market in settings.markets for each in _series_of(market)}
        owner |= {each: each.split(".")[0] for each in settings.long_panel}
        self._yields = {each: self._judged(each, market, *inputs.native(each)) for each, market in owner.items()}

    def __getitem__(self, series_id: str) -> Yields:
        return self._yields[series_id]

    def __contains__(self, series_id: object) -> bool:
        return series_id in self._yields

    def ranked_on(self, rows: Rows) -> Stress | None:
        """The gate's components on these very rows, where they were needed here: only those made of yields may differ."""
        return self._raw_stress if "_raw_stress" in self.__dict__ and np.array_equal(rows.days, self._raw.days) else None

    def known(self, series_id: str, n: int) -> Yields:
        """A series as its first n observations showed it then."""
        whole = self._yields[series_id]
        if whole.is_settled(n):
            return whole
        then = tuple(block for block in whole.suspects if block.stop < n)
        return _yields(whole.days[:n], whole.values[:n], then, self._settings.moves)

    def _judged(self, series_id: str, market: str, days: Days, values: Floats) -> Yields:
        params = self._settings.bad_prints
        is_panel = series_id == MARKETS[market].ten_year and market in self._settings.panel
        moves = self._panel_moves[market] if is_panel else sigma_moves(days, values, params=self._settings.moves)
        z = moves.z
        if is_panel:
            residual, found = self._on_rows(days, self._residual_z[:, self._raw.markets.index(market)])
            z = np.where(found & ~np.isnan(residual), residual, z)
        codes = judge_prints(values, z, params=params)
        if (codes == Print.SUSPECT).any():
            codes = judge_prints(values, z, self._believable(market, days), params=params)
        blocks = _blocks(codes, values, WAIT)
        return _yields(days, values, blocks, self._settings.moves) if blocks else Yields(days, values, values, (), moves)

    def _believable(self, market: str, days: Days) -> Flags:
        guard = self._guard
        own = guard[:, self._raw.markets.index(market)] if market in self._raw.markets else np.asarray(guard.any(axis=1))
        flags, found = self._on_rows(days, own.astype(np.float64))
        return np.asarray((flags == 1.0) & found, dtype=np.bool_)

    @cached_property
    def _guard(self) -> Flags:
        """Where a jump of each panel market is believable, on raw rows. It needs the gate: made only when something jumped back.

        Another market has moved when its own change is large: its residual would show the very print that is in doubt.
        """
        on = gate_history(self._raw_stress.H, self._settings.regime.gate).on
        moved = [on_rows((each.days, each.z), self._raw.days) for each in self._panel_moves.values()]
        return guard_rows(on, np.column_stack(moved), self._settings.bad_prints)

    @cached_property
    def _raw_stress(self) -> Stress:
        """The gate's components with bad prints left in."""
        vix, move, fsi = (self._raw.others[name] for name in STRESS)
        return stress_history(self._raw.yields, vix, move, fsi, self._settings.regime.gate)

    def _on_rows(self, days: Days, x: Floats) -> tuple[Floats, Flags]:
        """A column of the raw rows on the dates of a series, and where there is such a row; a weekend date counts for the next row."""
        weekday = (days + 3) % 7
        wanted = np.where(weekday > 4, days + 7 - weekday, days)
        row = np.minimum(np.searchsorted(self._raw.days, wanted), max(len(self._raw.days) - 1, 0))
        if not len(self._raw.days):
            return np.full(len(days), np.nan), np.zeros(len(days), dtype=np.bool_)
        return np.asarray(x[row]), np.asarray(self._raw.days[row] == wanted, dtype=np.bool_)


def _series_of(market: str) -> tuple[str, ...]:
    spec = MARKETS[market]
    return tuple(dict.fromkeys((*spec.tenors.values(), *spec.curve.values())))


def _yields(days: Days, values: Floats, blocks: tuple[Suspects, ...], params: MovesParams) -> Yields:
    bad = np.zeros(len(values), dtype=np.bool_)
    for block in blocks:
        bad[block.start : block.stop] = True
    moves = sigma_moves(days, values, bad, params=params)
    return Yields(days, values, _without(values, blocks), blocks, moves)


def _blocks(codes: NDArray[np.int8], values: Floats, within: int) -> tuple[Suspects, ...]:
    """Runs of suspect observations, each at most as long as a reversal may take."""
    blocks: list[Suspects] = []
    for at in np.flatnonzero(codes == Print.SUSPECT).tolist():
        if blocks and at < blocks[-1].stop:
            continue
        stop = at + 1
        while stop < at + within and stop < len(values) and codes[stop] == Print.SUSPECT:
            stop += 1
        blocks.append(Suspects(at, stop))
    return tuple(blocks)


def _without(values: Floats, blocks: Sequence[Suspects]) -> Floats:
    if not blocks:
        return values
    out = values.copy()
    for block in blocks:
        out[block.start : block.stop] = np.nan
    return out
