"""Fields by name, out of CSV tables and JSON records."""

import csv
import math
from collections.abc import Collection, Iterator, Sequence
from io import StringIO
from operator import itemgetter
from typing import Any

from .check import clean, number, records
from .decode import positions, whole
from .errors import OutOfRange, WrongFormat


def table(text: str, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The rows of a CSV table under a header line, one at a time: the cells of two or more `columns`, wherever those stand.

    Raises:
        CutShort: the last line has no end.
        WrongFormat: a column is missing or there twice, a row has more or fewer cells than the header, or it is no CSV.
    """
    lines = csv.reader(StringIO(whole(text), newline=""), strict=True)
    try:
        header = next(lines, [])
        at = positions(header)
        if absent := [c for c in columns if c not in at]:
            raise WrongFormat(f"no column {absent[0]!r} among {clean(', '.join(header), 120)}")
        chosen, width = itemgetter(*(at[c] for c in columns)), len(header)
        for row in filter(None, lines):
            if len(row) != width:
                raise WrongFormat(f"line {lines.line_num} has {len(row)} cells instead of {width}")
            yield chosen(row)
    except csv.Error as e:
        raise WrongFormat(f"not CSV: {clean(str(e), 80)} at line {lines.line_num}") from None


def records_at(document: Any, *path: str) -> list[dict[str, Any]]:
    """The list of objects at `path` of a JSON document.

    Raises:
        WrongFormat: there is none.
    """
    found = document
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return records(found, ".".join(path))


def text_in(record: dict[str, Any], key: str) -> str:
    """A text field that must be there.

    Raises:
        WrongFormat: it is not, or is no text.
    """
    value = record.get(key)
    if not isinstance(value, str):
        raise WrongFormat(f"no text {key!r} in a record of the JSON answer")
    return value


def amount(value: Any, where: str, missing: Collection[str] = ()) -> float | None:
    """A number from a JSON value that may be a number or its text; None for null and for the provider's marks of a missing value.

    Raises:
        OutOfRange: anything else.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return None if value in missing else number(value, where)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300 and math.isfinite(value):
        return float(value)
    raise OutOfRange(f"{where}: {type(value).__name__} instead of a number")
