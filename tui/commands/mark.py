"""`bondtop mark ID VALUE`: a person's judgement of a condition; `--clear ID` takes it back; alone it lists what was judged."""

import json
import sys

from ...cache.errors import CacheError
from ...cache.marks import Marks, StoredMark
from ..cli import Call, UsageError
from ..desk import open_desk
from ..marking import MarkError, clearing, find_condition, make_mark


def run(call: Call) -> int:
    """0; a name or value that does not exist is wrong usage and offers the nearest."""
    o = call.options
    if o.clear and o.value:
        raise UsageError("--clear takes no value")
    if o.id and not o.clear and not o.value:
        raise UsageError(f"what of {o.id}? met, approaching or not")
    if o.clear and not o.id:
        raise UsageError("--clear which condition?")
    with open_desk(call) as desk:
        marks = Marks(desk.store.database)
        if o.id is None:
            _list(marks.all(), as_json=o.json)
            return 0
        if desk.store.read_only:
            raise CacheError(f"{desk.store.path} is read-only; nothing was stored")
        now = desk.clock.now()
        try:
            condition = find_condition(o.id, desk.latest())
            mark = clearing(condition, now) if o.clear else make_mark(
                condition, o.value, now, until=o.until or "", note=o.note or "", link=o.link or ""
            )  # fmt: skip
        except MarkError as e:
            raise UsageError(str(e)) from None
        marks.add(mark)
    sys.stdout.write(_words(mark) + "\n")
    return 0


def _words(mark: StoredMark) -> str:
    if mark.value == "cleared":
        return f"{mark.condition}: cleared by {mark.author} on {mark.at:%Y-%m-%d %H:%M}Z"
    more = "".join(f"; {text}" for text in (mark.note, mark.link) if text)
    return f"{mark.condition}: {mark.value} by {mark.author} on {mark.at:%Y-%m-%d %H:%M}Z, until {mark.until}{more}"


def _list(marks: tuple[StoredMark, ...], *, as_json: bool) -> None:
    for mark in marks:
        if as_json:
            plain = {name: str(getattr(mark, name)) for name in ("condition", "value", "author", "until", "note", "link")}
            sys.stdout.write(json.dumps(plain | {"at": f"{mark.at:%Y-%m-%dT%H:%M:%SZ}"}) + "\n")
        else:
            sys.stdout.write(_words(mark) + "\n")
    if not marks and not as_json:
        sys.stdout.write("no mark was ever entered\n")
