"""Three-valued clauses: true, false or unknown, each with its numbers as evidence.

A threshold rule is a list of clauses. `None` is unknown; a NaN that slipped in from an array counts as unknown too, never as false.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeGuard

Truth = bool | None

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"≥": operator.ge, "≤": operator.le, ">": operator.gt, "<": operator.lt}
)
_OPPOSITE: Mapping[str, str] = MappingProxyType({"≥": "<", "<": "≥", "≤": ">", ">": "≤"})


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a rule. `evidence` is a short text with the numbers, such as `s1m +1.9 ≥ +1`."""

    truth: Truth
    evidence: str


def is_known(value: float | None) -> TypeGuard[float]:
    """Neither None nor NaN (which differs from itself)."""
    return value is not None and value == value


def compare(
    name: str, value: float | None, sign: str, limit: float | None, unit: str = "", *, signed: bool = True, digits: int = 1
) -> Clause:
    """`value sign limit`, sign one of ≥ ≤ > <. Evidence names the relation that does hold, so that it is true to read either way."""
    if not is_known(value):
        return Clause(None, f"{name} unknown")
    if not is_known(limit):
        return Clause(None, f"{name} {_number(value, signed, digits)}{unit}, limit unknown")
    truth = _OPERATORS[sign](value, limit)
    holds = sign if truth else _OPPOSITE[sign]
    shown_limit = f"{limit:{'+' if signed else ''}.6g}" if limit == round(limit, 3) else _number(limit, signed, digits + 1)
    shown = _number(value, signed, digits)
    while not _OPERATORS[holds](float(shown.replace("−", "-")), float(shown_limit.replace("−", "-"))) and digits < 4:
        digits += 1  # +0.97 must not read "+1.0 < +1"
        shown = _number(value, signed, digits)
    return Clause(truth, f"{name} {shown}{unit} {holds} {shown_limit.replace('-', '−')}{unit}")


def any_of(parts: Sequence[Clause]) -> Clause:
    """True if one part is, false if all are, unknown otherwise."""
    return at_least_of(1, parts)


def at_least_of(needed: int, parts: Sequence[Clause]) -> Clause:
    """True with `needed` true parts, false when true and unknown parts together are fewer, unknown otherwise."""
    true = sum(part.truth is True for part in parts)
    unknown = sum(part.truth is None for part in parts)
    truth: Truth = True if true >= needed else None if true + unknown >= needed else False
    shown = [part.evidence for part in parts if part.truth or not truth]  # a true bracket shows what made it true
    counted = f"{true} of {len(parts)}: " if needed > 1 else ""
    return Clause(truth, counted + "; ".join(shown))


def _number(value: float, signed: bool, digits: int) -> str:
    return f"{value:{'+' if signed else ''}.{digits}f}".replace("-", "−")
