"""Tables as files: CSV, which everything reads, or parquet, which needs pyarrow."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, BinaryIO

from ...feeds.series import from_day
from ..cli import UsageError
from .tables import Batch, Kind, Table

ROWS_AT_ONCE = 200_000  # of a parquet file's group
Write = Callable[[Table, BinaryIO], None]


def writer_of(form: str) -> Write:
    """Who writes tables in a form: csv or parquet.

    Raises:
        UsageError: what it needs is not installed.
    """
    if form == "csv":
        return write_csv
    if find_spec("pyarrow") is None:
        raise UsageError("parquet needs pyarrow: pip install 'bondtop[parquet]', or take --format csv")
    return write_parquet


def write_csv(table: Table, file: BinaryIO) -> None:
    """UTF-8, a header, \\n; ISO dates and instants, numbers that read back exactly, nothing for unknown."""
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=False)
    out = csv.writer(text, lineterminator="\n")
    out.writerow([name for name, _ in table.columns])
    kinds = [kind for _, kind in table.columns]
    for batch in table.batches:
        out.writerows(zip(*(_plain(column, kind) for column, kind in zip(batch, kinds, strict=True)), strict=True))
    text.detach()


def _plain(column: Sequence[Any], kind: Kind) -> Iterable[object]:
    match kind:
        case Kind.DAY:
            return map(_iso_day, column)
        case Kind.INSTANT:
            return map(_iso_instant, column)
        case Kind.FLAG:
            return ("true" if value else "false" for value in column)
    return column


@lru_cache(maxsize=65536)
def _iso_day(day: int | None) -> str:
    return "" if day is None else from_day(day).isoformat()


@lru_cache(maxsize=65536)
def _iso_instant(seconds: int | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_parquet(table: Table, file: BinaryIO) -> None:
    """Days as dates, instants as UTC timestamps, names that repeat as dictionaries."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types: dict[Kind, Any] = {
        Kind.TEXT: pa.string(), Kind.NUMBER: pa.float64(), Kind.COUNT: pa.int64(), Kind.FLAG: pa.bool_(), Kind.DAY: pa.date32(),
        Kind.INSTANT: pa.timestamp("s", tz="UTC"),
    }  # fmt: skip
    schema = pa.schema([(name, types[kind]) for name, kind in table.columns])
    with pq.ParquetWriter(file, schema, compression="zstd") as out:
        for batch in _gathered(table.batches):
            out.write_table(pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(batch, schema, strict=True)], schema=schema))


def _gathered(batches: Iterable[Batch]) -> Iterator[list[list[object]]]:
    """Batches of many rows from batches of few."""
    held: list[list[object]] = []
    for batch in batches:
        if not held:
            held = [[] for _ in batch]
        for column, more in zip(held, batch, strict=True):
            column.extend(more)
        if len(held[0]) >= ROWS_AT_ONCE:
            yield held
            held = []
    if held:
        yield held
