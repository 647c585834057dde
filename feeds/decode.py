"""Bytes into rows, numbers, dates and archive members. Whatever is wrong with them becomes a BadAnswer."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO, StringIO
from types import MappingProxyType
from typing import NoReturn

from .check import clean, number
from .errors import BadDates, CutShort, OutOfRange, TooLarge, WrongFormat
from .series import from_day, to_day

MONTHS: Mapping[str, int] = MappingProxyType(
    {m: i for i, m in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)}
)
_BLANK = frozenset({""})
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def rows_of(text: str, delimiter: str = ",", keep_empty: bool = False) -> list[list[str]]:
    """The rows of a delimited text, empty lines left out unless they mean something; at least one.

    Raises:
        WrongFormat: quotes or control characters out of place.
        CutShort: no row at all, or an open quote at the end.
    """
    try:
        rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True) if row or keep_empty]
    except csv.Error as e:
        if "end of data" in str(e):
            raise CutShort("ends inside a quoted cell") from None
        raise WrongFormat(f"not a table of cells separated by {delimiter!r}: {clean(str(e), 80)}") from None
    if not rows:
        raise CutShort("no row in the answer")
    return rows


def whole(text: str) -> str:
    """The text itself, of a provider whose files end with a line break.

    Raises:
        CutShort: it does not end with one.
    """
    if not text.endswith("\n"):
        raise CutShort(f"ends in the middle of a line: {clean(text[-40:].rpartition(chr(10))[2], 40)!r}")
    return text


def uniform(rows: Sequence[Sequence[str]], width: int) -> None:
    """Every row has that many cells.

    Raises:
        CutShort: only the last one has fewer.
        WrongFormat: any other has more or fewer.
    """
    for i, row in enumerate(rows):
        if len(row) != width:
            where = f"row of {clean(row[0], 20)!r} has {len(row)} cells instead of {width}"
            if len(row) < width and i == len(rows) - 1:
                raise CutShort(f"ends in the middle of a row: {where}")
            raise WrongFormat(where)


def positions(header: Sequence[str]) -> dict[str, int]:
    """Where each column stands, by its name.

    Raises:
        WrongFormat: a name occurs twice.
    """
    if len(set(header)) != len(header):
        twice = next(h for h in header if header.count(h) > 1)
        raise WrongFormat(f"two columns are called {clean(twice, 40)!r}")
    return {name: i for i, name in enumerate(header)}


def pairs(days: Sequence[int], cells: Sequence[str], name: str, missing: frozenset[str] = _BLANK) -> Iterator[tuple[int, float]]:
    """(day, value) of one column, without the cells that say there is none; to be read once.

    Raises:
        OutOfRange: a cell is neither a number nor a sign for a missing one.
    """
    if any(mark in cells for mark in missing):
        days = [day for day, cell in zip(days, cells, strict=True) if cell not in missing]
        cells = [cell for cell in cells if cell not in missing]
    try:
        return zip(days, list(map(float, cells)), strict=True)
    except ValueError:
        for day, cell in zip(days, cells, strict=True):
            number(cell, f"{name} {from_day(day)}")
        raise


def day_of(year: int, month: int, day: int) -> int:
    """Day number of a date in parts.

    Raises:
        BadDates: there is no such date.
    """
    try:
        return to_day(date(year, month, day))
    except ValueError:
        raise BadDates(f"{year}-{month}-{day} is not a date") from None


def iso_days(cells: Iterable[str]) -> list[int]:
    """Day numbers of dates like 2026-06-30.

    Raises:
        BadDates: one is not like that.
    """
    return [day_of(int(c[:4]), int(c[5:7]), int(c[8:])) if _ISO.fullmatch(c) else _no_date(c) for c in cells]


def is_iso(cell: str) -> bool:
    """Whether a cell looks like 2026-06-30."""
    return _ISO.fullmatch(cell) is not None


def _no_date(cell: str) -> NoReturn:
    raise BadDates(f"{clean(cell, 40)!r} is not a date")


def json_number(value: object, where: str) -> float:
    """A number that JSON holds as such.

    Raises:
        OutOfRange: text, true, a list, or a number beyond all bounds.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise OutOfRange(f"{where}: {clean(repr(value), 40)} is not a number")
    try:
        return float(value)
    except OverflowError:
        raise OutOfRange(f"{where}: a number beyond all bounds") from None


def members(body: bytes, wanted: Callable[[str], bool], max_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the wanted members of a zip archive, in its order, each checked against its checksum.

    Args:
        max_bytes: of all wanted members together, unpacked.

    Raises:
        CutShort, WrongFormat: no archive, a cut or damaged one, or one without such a member.
        TooLarge: the members unfold to more.
    """
    import zipfile
    import zlib

    head = body[:512].lstrip()
    if not head:
        raise CutShort("empty answer")
    if not body.startswith(b"PK"):
        raise WrongFormat("HTML instead of a ZIP archive" if head[:1] == b"<" else "not a ZIP archive")
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            infos = [info for info in archive.infolist() if wanted(info.filename)]
            if sum(info.file_size for info in infos) > max_bytes:
                raise TooLarge(f"an archive of more than {max_bytes / 1e6:.0f} MB, which this answer never has")
            if not infos:
                raise WrongFormat("the archive does not hold the file we want")
            for info in infos:
                yield info.filename, archive.read(info)
    except (zipfile.BadZipFile, EOFError) as e:
        raise CutShort(f"the archive is cut or damaged: {clean(str(e), 60)}") from None
    except (zlib.error, NotImplementedError, RuntimeError, OSError, ValueError, OverflowError) as e:
        raise WrongFormat(f"the archive cannot be unpacked: {clean(str(e), 60)}") from None
