"""Three-valued clauses: true, false or unknown, each with its numbers as evidence.

A threshold rule is a list of clauses. `None` is unknown; a NaN that slipped in from an array counts as unknown too, never as false.
Evidence is written only when somebody reads it: history judges many more clauses than are ever shown.
"""

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeGuard

import msgspec

from .wording import with_unit, worded

Truth = bool | None

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"≥": operator.ge, "≤": operator.le, ">": operator.gt, "<": operator.lt}
)
_OPPOSITE: Mapping[str, str] = MappingProxyType({"≥": "<", "<": "≥", "≤": ">", ">": "≤"})
_MOST_DIGITS = 4


class Fact(msgspec.Struct, frozen=True, gc=False):
    """A clause that is a word, not a number."""

    truth: Truth
    evidence: str


class Comparison(msgspec.Struct, frozen=True, gc=False):
    """`value sign limit`, sign one of ≥ ≤ > <."""

    truth: Truth
    name: str
    value: float | None
    sign: str
    limit: float | None
    unit: str
    signed: bool
    digits: int

    @property
    def evidence(self) -> str:
        """Such as `s1m +1.9 ≥ +1`. It names the relation that does hold, so that it is true to read either way."""
        if not is_known(self.value):
            return f"{self.name} unknown"
        if not is_known(self.limit):
            return f"{self.name} {with_unit(self._shown(self.value, self.digits), self.unit)}, limit unknown"
        holds = self.sign if self.truth else _OPPOSITE[self.sign]
        value, limit = self._pair(self.value, holds, self.limit)
        return f"{self.name} {with_unit(value, self.unit)} {holds} {with_unit(limit, self.unit)}"

    def _pair(self, value: float, holds: str, limit: float) -> tuple[str, str]:
        """Value and limit with as many digits as the relation needs: 0.97 must not read `+1.0 < +1`."""
        short = worded(limit, f"{'+' if self.signed else ''}.6g") if limit == round(limit, 3) else None
        for digits in range(self.digits, _MOST_DIGITS + 1):
            shown, shown_limit = self._shown(value, digits), short or self._shown(limit, digits)
            if _OPERATORS[holds](_read(shown), _read(shown_limit)):
                break
        return shown, shown_limit

    def _shown(self, value: float, digits: int) -> str:
        return worded(value, f"{'+' if self.signed else ''}.{digits}f")


class Bracket(msgspec.Struct, frozen=True, gc=False):
    """`needed` of several parts."""

    truth: Truth
    needed: int
    parts: "tuple[Clause, ...]"

    @property
    def evidence(self) -> str:
        """The parts; of a true bracket those that made it true."""
        shown = "; ".join(part.evidence for part in self.parts if part.truth or not self.truth)
        if self.needed == 1:
            return shown
        return f"{sum(part.truth is True for part in self.parts)} of {len(self.parts)}: {shown}"


Clause = Fact | Comparison | Bracket


def is_known(value: float | None) -> TypeGuard[float]:
    """Neither None nor NaN (which differs from itself)."""
    return value is not None and value == value


def compare(
    name: str, value: float | None, sign: str, limit: float | None, unit: str = "", *, signed: bool = True, digits: int = 1
) -> Comparison:
    """`value sign limit`; unknown if either number is."""
    if value is None or limit is None or value != value or limit != limit:  # as `is_known` says: history asks very often
        return Comparison(None, name, value, sign, limit, unit, signed, digits)
    truth = _OPERATORS[sign](value, limit)
    return Comparison(truth, name, value, sign, limit, unit, signed, digits)


def any_of(*parts: Clause) -> Bracket:
    """True if one part is, false if all are, unknown otherwise."""
    return at_least_of(1, *parts)


def at_least_of(needed: int, *parts: Clause) -> Bracket:
    """True with `needed` true parts, false when true and unknown parts together are fewer, unknown otherwise."""
    truths = [part.truth for part in parts]
    true, unknown = truths.count(True), truths.count(None)
    truth = True if true >= needed else None if true + unknown >= needed else False
    return Bracket(truth, needed, parts)


def _read(shown: str) -> float:
    return float(shown.replace("−", "-"))
