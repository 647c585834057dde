"""States of a condition: what an operator's tests say (`Trial`), and the memory and precedence that make a state of it.

Precedence: UNKNOWN > STALE > MANUAL > MET > REVERSED > APPROACHING > NOT. Staleness and marks are laid over by the watch list.
"""

from collections.abc import Callable, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from .states import APPROACHING, MET, NOT, REVERSED, STATES, UNKNOWN, State
from .stats import Floats
from .windows import Flags, last_unlike, run_lengths

Codes = NDArray[np.int8]


class Verdict(msgspec.Struct, frozen=True):
    """The outcome at one observation: `progress` 0…1, `run` in observations, `evidence` one line with the numbers."""

    state: State
    progress: float
    run: int
    evidence: str
    numbers: Mapping[str, float]


class Trial(msgspec.Struct, frozen=True):
    """What an operator's tests say, one row per observation. `numbers` are the test's own results; `words(row)` is the evidence."""

    known: Flags
    met: Flags
    approaching: Flags
    opposite: Flags
    progress: Floats
    numbers: Mapping[str, Floats]
    words: Callable[[int], str]
    run: NDArray[np.int64] | None = None  # None: observations in the present state

    def __len__(self) -> int:
        return len(self.known)


def states(trial: Trial, hold: int) -> Codes:
    """State code per observation. REVERSED: MET at one of the `hold` observations before, and the opposite test passes now."""
    rows = np.arange(len(trial))
    met = trial.met & trial.known
    last_met = np.maximum.accumulate(np.where(met, rows, -hold - 1)) if len(rows) else rows
    reversed_now = trial.opposite & (rows - last_met <= hold)
    codes = np.select([~trial.known, met, reversed_now, trial.approaching], [UNKNOWN, MET, REVERSED, APPROACHING], NOT)
    return codes.astype(np.int8)


def verdict(trial: Trial, codes: Codes, row: int = -1) -> Verdict:
    """The verdict at one observation (default: the newest)."""
    if len(trial) == 0:
        return Verdict(State.UNKNOWN, 0.0, 0, "no observations", {})
    row %= len(trial)
    state = STATES[codes[row]]
    if state is State.UNKNOWN:
        return Verdict(state, 0.0, 0, f"too few observations ({row + 1})", {})
    run = row - last_unlike(codes, row) if trial.run is None else int(trial.run[row])
    numbers = {name: float(values[row]) for name, values in trial.numbers.items()}
    return Verdict(state, float(trial.progress[row]), run, trial.words(row), numbers)


def held(met: Flags, h: int) -> Flags:
    """MET now and at each of the last h evaluations."""
    return run_lengths(met) > h
