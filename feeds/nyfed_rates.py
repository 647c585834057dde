"""Reference rates of the New York Fed: SOFR and its averages, tri-party and broad GC, federal funds with their target range."""

from collections import defaultdict
from typing import Any

from .check import clean, iso_day, json_of
from .errors import OutOfRange
from .parse import amount, records_at, text_in
from .series import Answer

_PERCENTILES = ("percentPercentile1", "percentPercentile25", "percentPercentile75", "percentPercentile99")
_TARGET = ("targetRateFrom", "targetRateTo")
_FIELDS = ("percentRate", *_PERCENTILES, *_TARGET, "volumeInBillions", "average30day", "average90day", "average180day", "index")
_UNKNOWN = ("", "NA", "N/A")


def read_rates(answer: Answer) -> dict[str, list[tuple[int, float]]]:
    """Rows by "TYPE field" ("SOFR percentRate"). A revised rate stands beside the first one: the revised one counts."""
    by_day: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for record in records_at(json_of(answer), "refRates"):
        by_day[text_in(record, "type"), iso_day(text_in(record, "effectiveDate"))].append(record)
    rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for (kind, day), found in by_day.items():
        for record in [r for r in found if r.get("revisionIndicator")] or found:
            for field, value in _values(record, f"{clean(kind, 10)} {clean(text_in(record, 'effectiveDate'), 10)}").items():
                rows[f"{kind} {field}"].append((day, value))
    return rows


def _values(record: dict[str, Any], where: str) -> dict[str, float]:
    values = {f: v for f in _FIELDS if (v := amount(record.get(f), f"{where} {f}", _UNKNOWN)) is not None}
    spread = [values[p] for p in _PERCENTILES if p in values]
    if spread != sorted(spread):
        raise OutOfRange(f"{where}: percentiles {spread} do not ascend")
    if not all(t in values for t in _TARGET):  # before 2008-12-16 there was one target, no range
        for t in _TARGET:
            values.pop(t, None)
    return values
