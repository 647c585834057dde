"""Operations of the New York Fed: standing repo, overnight reverse repo, securities lending. Amounts are in dollars."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from .check import clean, iso_day, json_of
from .errors import OutOfRange, WrongFormat
from .parse import amount, records_at, text_in
from .series import Answer, to_day

FLOOR_DAYS = 60
_TEST = re.compile(r"small[\s-]+value", re.IGNORECASE)  # "Small Value Exercise (SVE)" in several wordings
_SRF_SINCE = to_day(date(2021, 7, 29))  # repo operations before it were something else
_HIGHEST_RATE = 10.0  # % a year: no lending fee ever came near
_UNKNOWN = ("", "N/A", "NA")


def read_operations(answer: Answer) -> dict[str, list[tuple[int, float]]]:
    """Day sums of overnight operations, tests left out: "repo accepted", "reverse repo accepted" (dollars), "reverse repo participants".

    A day of standing repo counts once the results of its afternoon operation are there: before, its sum is not known.
    """
    repo: dict[int, list[tuple[str, float]]] = defaultdict(list)  # day → (closing time, dollars)
    reverse: dict[int, list[float]] = defaultdict(list)  # day → dollars
    parties: dict[int, float] = {}
    for operation in _regular(answer):
        when = text_in(operation, "operationDate")
        day, kind = iso_day(when), text_in(operation, "operationType")
        accepted = _accepted(operation, "totalAmtAccepted", "amtAccepted")
        if kind == "Repo" and day >= _SRF_SINCE:
            repo[day].append((text_in(operation, "closeTime"), accepted))
        elif kind == "Reverse Repo":
            reverse[day].append(accepted)
            present = amount(operation.get("participatingCpty"), f"counterparties {clean(when, 10)}", _UNKNOWN)
            if present is not None:
                parties[day] = max(present, parties.get(day, 0.0))
    return {
        "repo accepted": [(day, sum(a for _, a in found)) for day, found in repo.items() if any(close >= "12" for close, _ in found)],
        "reverse repo accepted": [(day, sum(found)) for day, found in reverse.items()],
        "reverse repo participants": list(parties.items()),
    }


def _regular(answer: Answer) -> Iterable[dict[str, Any]]:
    """Overnight operations with results that are no exercise."""
    for operation in records_at(json_of(answer), "repo", "operations"):
        overnight = text_in(operation, "term") == "Overnight" and operation.get("auctionStatus") == "Results"
        note = operation.get("note")
        if overnight and not (isinstance(note, str) and _TEST.search(note)):
            yield operation


class _LendingDay(msgspec.Struct):
    """What was lent in a day: dollars, dollars with a known fee, dollars times fee, and the lowest fee, in percent."""

    accepted: float = 0.0
    priced: float = 0.0
    priced_times_fee: float = 0.0
    lowest_fee: float | None = None


def read_lending(answer: Answer) -> dict[str, list[tuple[int, float]]]:
    """Day sums: "seclend accepted" in dollars, "seclend fee" the amount-weighted fee over the programme's floor, in basis points.

    The floor is not published: the lowest fee accepted within the last `FLOOR_DAYS` calendar days stands for it. Days whose 60 days do
    not lie within the answer have no fee.
    """
    days: dict[int, _LendingDay] = defaultdict(_LendingDay)
    for operation in records_at(json_of(answer), "seclending", "operations"):
        if text_in(operation, "operationType") == "Securities Lending" and operation.get("auctionStatus") == "Results":
            _add(days[iso_day(text_in(operation, "operationDate"))], operation)
    known_from = min(days, default=0) + FLOOR_DAYS
    fees: list[tuple[int, float]] = []
    for day, lent in days.items():
        near = [x.lowest_fee for d, x in days.items() if day - FLOOR_DAYS < d <= day and x.lowest_fee is not None]
        if day >= known_from and lent.priced and near:
            fees.append((day, (lent.priced_times_fee / lent.priced - min(near)) * 100))
    return {"seclend accepted": [(day, lent.accepted) for day, lent in days.items()], "seclend fee": fees}


def _add(lent: _LendingDay, operation: dict[str, Any]) -> None:
    lent.accepted += _accepted(operation, "totalParAmtAccepted", "parAmtAccepted")
    for issue in _details(operation):
        where = f"lending {clean(text_in(operation, 'operationDate'), 10)}"
        dollars = amount(issue.get("parAmtAccepted"), where, _UNKNOWN)
        fee = amount(issue.get("weightedAverageRate"), where, _UNKNOWN)
        if not dollars or not fee:  # nothing accepted: the rate is 0 or "N/A" and means nothing
            continue
        if not 0 < fee <= _HIGHEST_RATE:
            raise OutOfRange(f"{where}: a fee of {fee:g} %")
        lent.priced += dollars
        lent.priced_times_fee += dollars * fee
        lent.lowest_fee = fee if lent.lowest_fee is None else min(lent.lowest_fee, fee)


def _accepted(operation: dict[str, Any], total_key: str, detail_key: str) -> float:
    """Dollars accepted: the operation's total, which is the sum of its details where those are given."""
    where = f"operation of {clean(text_in(operation, 'operationDate'), 10)}"
    total = amount(operation.get(total_key), where, _UNKNOWN)
    if total is None:
        raise WrongFormat(f"{where}: results without {total_key!r}")
    parts = [part for d in _details(operation) if (part := amount(d.get(detail_key), where, _UNKNOWN)) is not None]
    if parts and abs(sum(parts) - total) > 1:
        raise OutOfRange(f"{where}: details sum to ${sum(parts):,.0f}, the total says ${total:,.0f}")
    return total


def _details(operation: dict[str, Any]) -> list[dict[str, Any]]:
    return records_at(operation, "details") if operation.get("details") else []
