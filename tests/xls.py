"""A workbook of the old Excel format, written by hand: one stream of records in a compound file. Small sheets only."""

import struct
from collections.abc import Sequence

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
Cell = str | float


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _bof(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 0))


def _sheet(rows: Sequence[Sequence[Cell]]) -> bytes:
    out = [_bof(0x10)]
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, str):
                out.append(_record(0x204, struct.pack("<HHHHB", r, c, 0, len(cell), 0) + cell.encode("latin-1")))
            else:
                out.append(_record(0x203, struct.pack("<HHHd", r, c, 0, cell)))
    return b"".join(out) + _record(0x0A, b"")


def xls(sheets: dict[str, Sequence[Sequence[Cell]]]) -> bytes:
    """The bytes of a workbook; less than 60 kB."""
    bodies = [_sheet(rows) for rows in sheets.values()]
    names = [name.encode("latin-1") for name in sheets]
    head = _bof(5) + _record(0x42, struct.pack("<H", 1200))
    at = len(head) + sum(12 + len(n) for n in names) + 4
    listed = b""
    for name, body in zip(names, bodies, strict=True):
        listed += _record(0x85, struct.pack("<IBBBB", at, 0, 0, len(name), 0) + name)
        at += len(body)
    stream = head + listed + _record(0x0A, b"") + b"".join(bodies)
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    assert sectors <= 126
    fat = [_FAT, _END, *range(3, sectors + 2), _END]  # the table itself, the directory, then the stream
    fat += [_FREE] * (128 - len(fat))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = (name + "\0").encode("utf-16-le")
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(raw), kind, 1, _FREE, _FREE, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    directory = (entry("Root Entry", 5, 1, _END, 0) + entry("Workbook", 2, _FREE, 2, len(stream))).ljust(512, b"\0")
    top = MAGIC + bytes(16) + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    return top + struct.pack("<109I", 0, *[_FREE] * 108) + struct.pack("<128I", *fat) + directory + stream
