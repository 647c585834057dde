"""Columns of a sheet in an Excel workbook, read in a process of its own.

The library behind it panics on damaged files, writes its backtrace to the terminal, and asks for whatever memory a damaged cell
address implies. In a child process all of that stays harmless. The child runs this very file: it must import nothing of ours.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

_MEMORY_BYTES = 2 << 30  # address space of the child; a workbook of 20,000 rows needs a tenth
_TIMEOUT_S = 60.0


def columns_of(body: bytes, sheet: str, columns: Sequence[str]) -> list[list[Any]]:
    """The rows below the header of a sheet, cells in the order of `columns`: text, number, true, or an ISO date as text.

    Raises:
        WrongFormat: not a workbook, damaged, or without that sheet or column.
    """
    import subprocess

    from .errors import WrongFormat

    try:
        # -P: the folder of this file does not go on the child's path.
        done = subprocess.run([sys.executable, "-P", __file__, sheet, *columns], input=body, capture_output=True, timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise WrongFormat("a workbook that takes a minute to read") from None
    except OSError as e:
        raise WrongFormat(f"no process to read the workbook in: {e.strerror}") from None
    found = json.loads(done.stdout) if done.returncode == 0 else "the workbook is cut or damaged"
    if isinstance(found, str):
        raise WrongFormat(found)
    rows: list[list[Any]] = found
    return rows


def _main(sheet: str, *columns: str) -> list[list[Any]] | str:
    """The child's side: rows, or what is wrong in words."""
    import contextlib
    import io
    import resource

    from python_calamine import CalamineWorkbook

    with contextlib.suppress(ValueError, OSError):  # not every system lets a process bound itself
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    if sheet not in book.sheet_names:
        return f"no sheet {sheet!r} in the workbook"
    rows = book.get_sheet_by_name(sheet).to_python()
    header: list[Any] = rows[0] if rows else []
    if absent := [c for c in columns if header.count(c) != 1]:
        return f"no column {absent[0]!r} in sheet {sheet!r}"
    at = [header.index(c) for c in columns]
    return [[row[i] for i in at] for row in rows[1:]]


if __name__ == "__main__":
    json.dump(_main(*sys.argv[1:]), sys.stdout, default=lambda when: when.isoformat())
