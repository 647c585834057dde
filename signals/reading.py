"""What every value on the Board is: a Reading, or a Word."""

from datetime import date, datetime

import msgspec

from ..cache.status import Status


class Reading(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A number on screen. `value` None is unknown; `note` then says why.

    `as_of` is the session the number belongs to, `updated` when we fetched what it rests on. `formula` is an id of signals/formulas.toml
    ("observation" for what a provider printed); `inputs` are series ids or paths of other Readings of the same Board.
    """

    value: float | None = None
    unit: str = ""
    as_of: date | None = None
    updated: datetime | None = None
    source: str = ""
    status: Status = Status.UNKNOWN
    formula: str = "observation"
    inputs: tuple[str, ...] = ()
    note: str = ""


class Word(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A state in words. `word` "" is unknown; `evidence` holds the clauses with their numbers."""

    word: str = ""
    status: Status = Status.UNKNOWN
    as_of: date | None = None
    since: date | None = None  # in this state since
    confidence: float | None = None  # 0…1
    evidence: tuple[str, ...] = ()
    formula: str = ""
    inputs: tuple[str, ...] = ()
    note: str = ""
