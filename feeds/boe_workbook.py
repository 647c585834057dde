"""The Bank of England's yield-curve workbooks: the nominal spot curve, in an archive of one workbook or of several."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from .check import clean
from .decode import members
from .errors import BadDates, CutShort, OutOfRange, TooLarge, WrongFormat
from .series import from_day, to_day
from .workbook import sheet_of

_WORKBOOK = re.compile(r".*nominal daily data.*\.xlsx", re.IGNORECASE | re.DOTALL)
_ARCHIVE_BYTES = 200_000_000  # all workbooks, still packed
_SHEETS_BYTES = 400_000_000  # one workbook, unpacked
_HEAD_ROWS = 8
_SERIAL_ZERO = to_day(date(1899, 12, 30))

Rows = dict[str, list[tuple[int, float]]]


def spot_curve(body: bytes, maturities: Mapping[float, str]) -> Rows:
    """(day, percent, continuously compounded) by series id, for the maturities in years that are wanted.

    Raises:
        CutShort, WrongFormat, TooLarge: no archive of nominal workbooks.
        BadDates, OutOfRange: a row without a date, a cell that is no number.
    """
    out: Rows = {series_id: [] for series_id in maturities.values()}
    for name, workbook in members(body, lambda name: _WORKBOOK.fullmatch(name) is not None, _ARCHIVE_BYTES):
        for series_id, rows in _of_sheet(_spot_sheet(workbook), maturities, clean(name.rpartition("/")[2], 60)):
            out[series_id] += rows
    return out


def _spot_sheet(workbook: bytes) -> list[list[Any]]:
    """The cells of the sheet "4. spot curve", however this generation of workbooks spells it."""
    _check_workbook(workbook)
    return sheet_of(workbook, lambda name: "spot curve" in name.lower() and "short" not in name.lower(), "spot curve")


def _check_workbook(workbook: bytes) -> None:
    """Its own members unfold to what they announce and have their checksums, before a library trusts them."""
    try:
        with ZipFile(BytesIO(workbook)) as parts:
            if sum(info.file_size for info in parts.infolist()) > _SHEETS_BYTES:
                raise TooLarge(f"a workbook of more than {_SHEETS_BYTES / 1e6:.0f} MB, which this one never is")
            damaged = parts.testzip()
    except (BadZipFile, EOFError) as e:
        raise CutShort(f"the workbook is cut or damaged: {clean(str(e), 60)}") from None
    except (NotImplementedError, RuntimeError, OSError, ValueError) as e:
        raise WrongFormat(f"the workbook cannot be unpacked: {clean(str(e), 60)}") from None
    if damaged:
        raise CutShort(f"the workbook is damaged in {clean(damaged, 60)}")


def _of_sheet(rows: Sequence[Sequence[Any]], maturities: Mapping[float, str], name: str) -> Iterable[tuple[str, list[tuple[int, float]]]]:
    head = next((i for i, row in enumerate(rows[:_HEAD_ROWS]) if row and row[0] == "years:"), None)
    if head is None:
        raise WrongFormat(f"no row of maturities that begins with years: in {name}")
    columns = {cell: i for i, cell in enumerate(rows[head]) if isinstance(cell, int | float) and cell in maturities}
    if not columns:
        raise WrongFormat(f"none of the maturities we want in {name}")
    dated = [(_day(row[0], name), row) for row in rows[head + 1 :] if any(cell != "" for cell in row)]
    for maturity, at in columns.items():
        cells = ((day, row[at]) for day, row in dated)
        yield maturities[maturity], [(day, _number(cell, day, maturity)) for day, cell in cells if not _missing(cell)]


def _missing(cell: object) -> bool:
    """A holiday, or a maturity no bond reached that day: empty, or an error of the spreadsheet."""
    return cell == "" or (isinstance(cell, str) and cell.startswith("#"))


def _number(cell: object, day: int, maturity: float) -> float:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise OutOfRange(f"{maturity:g}-year spot {from_day(day)}: {clean(str(cell), 40)!r} is not a number")
    return float(cell)


def _day(cell: object, name: str) -> int:
    match cell:
        case datetime():
            return to_day(cell.date())
        case date():
            return to_day(cell)
        case float() | int() if not isinstance(cell, bool) and 20000 < cell < 80000:  # the date format got lost
            return _SERIAL_ZERO + int(cell)
        case _:
            raise BadDates(f"{clean(str(cell), 40)!r} is not a date in {name}")
