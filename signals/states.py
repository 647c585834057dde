"""The states of a condition. Without numpy, so that a stored Board can be read before numpy is."""

from enum import StrEnum


class State(StrEnum):
    """What a condition is in. Arrays hold a state's `code`."""

    UNKNOWN = "UNKNOWN"
    STALE = "STALE"
    MANUAL = "MANUAL"
    MET = "MET"
    REVERSED = "REVERSED"
    APPROACHING = "APPROACHING"
    NOT = "NOT"

    @property
    def code(self) -> int:
        """Position in the order of precedence, as stored in arrays of int8."""
        return STATES.index(self)


STATES: tuple[State, ...] = tuple(State)
UNKNOWN, STALE, MANUAL, MET, REVERSED, APPROACHING, NOT = range(len(STATES))
