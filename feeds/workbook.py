"""Sheets of Excel workbooks. Questions whose answers are workbooks ask to be read apart (`Request.apart`): see there why."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from .check import clean
from .errors import WrongFormat

_DAMAGED = "the workbook is cut or damaged"


def sheet_of(body: bytes, wanted: Callable[[str], bool], name: str) -> list[list[Any]]:
    """All cells of the one sheet that is wanted, row by row; `name` is what people call it.

    Raises:
        WrongFormat: not a workbook, damaged, or without a single such sheet.
    """
    from python_calamine import CalamineError, load_workbook

    try:
        book = load_workbook(BytesIO(body))
        names = [n for n in book.sheet_names if wanted(n)]
        if len(names) != 1:
            raise WrongFormat(f"no single sheet {name!r} among {clean(', '.join(book.sheet_names), 120)}")
        return book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError) as e:
        raise WrongFormat(f"{_DAMAGED}: {clean(str(e), 80)}") from None
    except BaseException as e:
        if type(e).__name__ == "PanicException":  # the library's own kind, which has no other name in Python
            raise WrongFormat(_DAMAGED) from None
        raise


def columns_of(body: bytes, sheet: str, columns: Sequence[str]) -> list[list[Any]]:
    """The rows below the header of a sheet, cells in the order of `columns`: text, number, true, or a date.

    Raises:
        WrongFormat: not a workbook, damaged, or without that sheet or column.
    """
    found = [row for row in sheet_of(body, lambda name: name == sheet, sheet) if any(cell != "" for cell in row)]
    header, *rows = found or [[]]
    if absent := [c for c in columns if header.count(c) != 1]:
        raise WrongFormat(f"no column {absent[0]!r} in sheet {sheet!r}")
    at = [header.index(c) for c in columns]
    return [[row[i] for i in at] for row in rows]
