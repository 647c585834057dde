"""Bad prints: observations that jump and come straight back, or that a second source denies."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .rows import Flags
from .stats import BP_PER_PERCENT, Floats


class Print(IntEnum):
    """What we think of an observation."""

    PLAIN = 0
    CONFIRMED = 1
    UNCONFIRMED = 2
    SUSPECT = 3


class BadPrintParams(msgspec.Struct, frozen=True):
    """A candidate's |z|, the share of its move left after a reversal, and when a second source denies or agrees (bp)."""

    candidate_z: float = 6.0
    left_after_reversal: float = 0.3
    within_observations: int = 2
    denied_bp: float = 10.0
    agreed_bp: float = 3.0
    guard_z: float = 3.0


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(BadPrintParams.__struct_fields__, "proposal"))


def judge_prints(
    values: Floats,
    z: Floats,
    guard: Flags | None = None,
    second: Floats | None = None,
    params: BadPrintParams = BadPrintParams(),
) -> NDArray[np.int8]:
    """A `Print` code for each of a series' own observations (`values` in %, none missing).

    `z` is that of the idiosyncratic residual where it exists, otherwise of the plain change. Where `guard` is true the reversal test is
    off. `second` is another source's value for the same dates (NaN where it has none). A candidate that still waits for its next two
    observations is unconfirmed. The move back from a suspect observation is no candidate: it is measured from a value we do not believe.
    """
    codes = np.full(len(values), Print.PLAIN, dtype=np.int8)
    with np.errstate(invalid="ignore"):
        candidates = np.flatnonzero(np.abs(z) >= params.candidate_z)
    for at in candidates.tolist():
        if at == 0 or codes[at] == Print.SUSPECT or codes[at - 1] == Print.SUSPECT:
            continue
        apart_bp = np.nan if second is None else BP_PER_PERCENT * abs(second[at] - values[at])
        if apart_bp > params.denied_bp:
            codes[at] = Print.SUSPECT
            continue
        back_after = 0 if apart_bp <= params.agreed_bp or (guard is not None and guard[at]) else _back_after(values, at, params)
        if back_after:
            codes[at : at + back_after] = Print.SUSPECT
        else:
            waiting = at + params.within_observations >= len(values) and not apart_bp <= params.agreed_bp
            codes[at] = Print.UNCONFIRMED if waiting else Print.CONFIRMED
    return codes


def guard_rows(gate_on: Flags, z: Floats, params: BadPrintParams = BadPrintParams()) -> Flags:
    """Where a jump is believable, shape (rows, markets): the stress gate is on, or another market moved on that row or the next.

    `gate_on` has shape (rows,), `z` (rows, markets).
    """
    with np.errstate(invalid="ignore"):
        large = np.abs(z) >= params.guard_z
    large[:-1] |= large[1:].copy()
    elsewhere = large.sum(axis=1, keepdims=True) - large > 0
    return np.asarray(elsewhere | gate_on[:, None], dtype=np.bool_)


def _back_after(values: Floats, at: int, params: BadPrintParams) -> int:
    """After how many observations the move at `at` was reversed; 0 if it was not, or not yet."""
    before = values[at - 1]
    allowed = params.left_after_reversal * abs(values[at] - before)
    for ahead in range(1, params.within_observations + 1):
        if at + ahead < len(values) and abs(values[at + ahead] - before) <= allowed:
            return ahead
    return 0
