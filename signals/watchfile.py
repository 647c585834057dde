"""Reads watch lists strictly from TOML: the shipped one, then a user's, whose entries add, change (by id) or switch off.

A mistake is an error that names the file, the line and the nearest valid name.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from importlib.resources import files
from typing import Any, NoReturn, TypeVar, get_args

import msgspec

from ..feeds.check import clean
from ..feeds.errors import BondtopError
from .watchspec import COMPUTED, AnyOperator, Condition, Group, Hint, Level, Measure, Note, Operator, Watchlist

T = TypeVar("T", Group, Condition, Level)

_LONGEST = 500  # characters of any text
_TABLES: Mapping[str, type[Group] | type[Condition] | type[Level]] = {"group": Group, "condition": Condition, "level": Level}
_HEADER = re.compile(r"^\s*\[\[\s*(group|condition|level)\s*\]\]")
_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_OPERATORS: Mapping[str, type[Operator]] = {str(each.__struct_config__.tag): each for each in get_args(AnyOperator)}


class WatchlistError(BondtopError):
    """The watch list is wrong; the message names file, line, entry and the nearest valid name."""


class _Entry(msgspec.Struct, frozen=True):
    """One table of a file, as written, merged over an earlier one of the same id."""

    kind: str
    raw: Mapping[str, Any]
    file: str
    first_line: int
    lines: tuple[str, ...]

    def fail(self, what: str, *trail: str) -> NoReturn:
        """Raise at the line where the last of `trail` (keys, outermost first) stands, as far as they can be followed."""
        place = 0
        for key in trail:
            pattern = re.compile(rf'(?:^|[\s{{,."\[]){re.escape(key)}(?:\s*=|\]\]|\]|")')
            place = next((i for i in range(max(place, 1), len(self.lines)) if pattern.search(self.lines[i])), place)
        name = f"{self.kind} {self.raw['id']}" if isinstance(self.raw.get("id"), str) else self.kind
        raise WatchlistError(f"{self.file}:{self.first_line + place}: {name}: {what}")


def load_watchlist(known_series: Collection[str], *user_files: tuple[str, str]) -> Watchlist:
    """The shipped list with the user's files laid over it, in order.

    Args:
        known_series: the ids of the catalogue.
        user_files: (name for messages, TOML text).

    Raises:
        WatchlistError: every mistake on a line of its own, the first of each entry.
    """
    shipped = ("watchlist.toml", files(__package__).joinpath("watchlist.toml").read_text(encoding="utf-8"))
    return parse_watchlist(known_series, shipped, *user_files)


def parse_watchlist(known_series: Collection[str], *named_texts: tuple[str, str]) -> Watchlist:
    """A watch list from these TOML texts alone; arguments and errors as `load_watchlist`."""
    merged: dict[tuple[str, str], _Entry] = {}
    mistakes: list[str] = []
    for name, text in named_texts:
        with _noting(mistakes):
            for key, entry in _entries(name, text).items():
                earlier = merged.get(key)
                merged[key] = entry if earlier is None else _laid_over(earlier, entry)
    unread, entries = bool(mistakes), list(merged.values())
    groups, conditions = _of_kind(entries, Group, mistakes), _of_kind(entries, Condition, mistakes)
    levels = _of_kind(entries, Level, mistakes)
    if not unread:  # else names are missing only because their file was not understood
        _check_names(groups, conditions, levels, {*known_series, *COMPUTED}, merged, mistakes)
    if mistakes:
        raise WatchlistError("\n".join(mistakes))
    return Watchlist(_in_force(groups), _in_force(conditions), _in_force(levels))


@contextmanager
def _noting(mistakes: list[str]) -> Iterator[None]:
    """Put the mistake that ends the block with the others."""
    try:
        yield
    except WatchlistError as e:
        mistakes.append(str(e))


def _entries(name: str, text: str) -> dict[tuple[str, str], _Entry]:
    """The tables of one file by (kind, id)."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WatchlistError(f"{name}: {error}") from None
    lines = text.splitlines()
    for key, value in document.items():
        if key not in _TABLES or not isinstance(value, list):
            line = next((i for i, each in enumerate(lines, 1) if re.search(rf"\b{re.escape(key)}\b", each)), 1)
            raise WatchlistError(
                f"{name}:{line}: only [[group]], [[condition]] and [[level]] stand here, not {key!r}{_nearest(key, _TABLES)}"
            )
    starts = [(i, found[1]) for i, each in enumerate(lines) if (found := _HEADER.match(each))]
    if Counter(kind for _, kind in starts) != {kind: len(tables) for kind, tables in document.items()}:
        raise WatchlistError(f"{name}: every entry needs a header line of its own, such as [[condition]]")
    ends = [*(i for i, _ in starts[1:]), len(lines)][: len(starts)]
    waiting = {kind: iter(document.get(kind, [])) for kind in _TABLES}
    out: dict[tuple[str, str], _Entry] = {}
    for (start, kind), end in zip(starts, ends, strict=True):
        entry = _Entry(kind, next(waiting[kind]), name, start + 1, tuple(lines[start:end]))
        entry_id = entry.raw.get("id")
        if not isinstance(entry_id, str):
            entry.fail("needs an id")
        if (kind, entry_id) in out:
            entry.fail("stands twice in this file", "id")
        _check_characters(entry, entry.raw)
        out[kind, entry_id] = entry
    return out


def _check_characters(entry: _Entry, table: Mapping[str, Any]) -> None:
    """Titles and the like stand on the screen: they hold nothing that a terminal would obey."""
    for key, value in table.items():
        if isinstance(value, dict):
            _check_characters(entry, value)
        elif isinstance(value, str) and clean(value, _LONGEST) != value:
            entry.fail(f"{key} is longer than {_LONGEST} characters or holds some that a terminal would obey", key)


def _laid_over(earlier: _Entry, later: _Entry) -> _Entry:
    """The later entry's keys over the earlier ones; an operator of the same kind keeps the parameters that are not named again."""
    raw = {**earlier.raw, **later.raw}
    old, new = earlier.raw.get("operator"), later.raw.get("operator")
    if isinstance(old, dict) and isinstance(new, dict) and new.get("kind", old.get("kind")) == old.get("kind"):
        raw["operator"] = {**old, **new}
    return _Entry(later.kind, raw, later.file, later.first_line, later.lines)


def _of_kind(entries: Iterable[_Entry], shape: type[T], mistakes: list[str]) -> list[tuple[_Entry, T]]:
    found: list[tuple[_Entry, T]] = []
    for entry in entries:
        if _TABLES[entry.kind] is shape:
            with _noting(mistakes):
                found.append((entry, _convert(entry, shape)))
    return found


def _convert(entry: _Entry, shape: type[T]) -> T:
    try:
        return msgspec.convert(entry.raw, shape)
    except msgspec.ValidationError as error:
        found = _PLACE.match(str(error))
        assert found is not None  # the pattern matches any text
        trail = re.findall(r"[A-Za-z_]+", found["path"] or "")
        _explain(entry, found["what"], trail)


def _explain(entry: _Entry, what: str, trail: list[str]) -> NoReturn:
    """Say what msgspec found in the words of the file."""
    if unknown := re.match(r"Object contains unknown field `(.*)`$", what):
        entry.fail(f"unknown key {unknown[1]!r}{_nearest(unknown[1], _keys_at(entry, trail))}", *trail, unknown[1])
    if (unknown := re.match(r"Invalid value '(.*)'$", what)) and trail[-2:] == ["operator", "kind"]:
        entry.fail(f"unknown operator {unknown[1]!r}{_nearest(unknown[1], _OPERATORS)}", *trail)
    if unknown := re.match(r"Invalid enum value '(.*)'$", what):
        entry.fail(f"{trail[-1]} cannot be {unknown[1]!r}{_nearest(unknown[1], _choices_at(entry, trail))}", *trail)
    what = what.removeprefix("Object ")
    blamed = what.split()[0]  # our own checks begin with the key they blame
    entry.fail(f"{'.'.join(trail)}: {what}" if trail else what, *trail, *((blamed,) if blamed in _keys_at(entry, trail) else ()))


def _shape_at(entry: _Entry, trail: list[str]) -> type[msgspec.Struct]:
    """The Struct that describes the table at this path."""
    shape: type[msgspec.Struct] = _TABLES[entry.kind]
    table: Any = entry.raw
    for key in trail:
        table = table.get(key) if isinstance(table, dict) else None
        inner: Mapping[str, type[msgspec.Struct]] = {"note": Note, "instead": Measure, "hint": Hint}
        if key == "operator" and isinstance(table, dict):
            shape = _OPERATORS.get(str(table.get("kind")), Operator)
        else:
            shape = inner.get(key, shape)
    return shape


def _keys_at(entry: _Entry, trail: list[str]) -> Collection[str]:
    return _shape_at(entry, trail).__struct_fields__


def _choices_at(entry: _Entry, trail: list[str]) -> Collection[str]:
    """The words that the key at the end of this path can take."""
    fields = {field.name: field.type for field in msgspec.structs.fields(_shape_at(entry, trail[:-1]))}
    return get_args(fields.get(trail[-1])) if trail else ()


def _check_names(
    groups: Iterable[tuple[_Entry, Group]],
    conditions: Iterable[tuple[_Entry, Condition]],
    levels: Iterable[tuple[_Entry, Level]],
    series: Collection[str],
    entries: Iterable[tuple[str, str]],
    mistakes: list[str],
) -> None:
    """Note every name that one entry uses of another and that does not exist; `entries` are (kind, id), the mistaken ones among them."""
    ids = list(entries)
    group_ids, condition_ids = ([name for kind, name in ids if kind == wanted] for wanted in ("group", "condition"))
    for entry, group in groups:
        with _noting(mistakes):
            for member in (each for together in group.met_when for each in together):
                if member not in condition_ids:
                    entry.fail(f"no condition {member!r}{_nearest(member, condition_ids)}", member)
    for entry, condition in conditions:
        with _noting(mistakes):
            if condition.group not in group_ids:
                entry.fail(f"no group {condition.group!r}{_nearest(condition.group, group_ids)}", "group")
            for name in sorted(condition.series_named() - set(series)):
                entry.fail(f"no series {name!r}{_nearest(name, series)}", name)
    for entry, level in levels:
        with _noting(mistakes):
            if level.series not in series:
                entry.fail(f"no series {level.series!r}{_nearest(level.series, series)}", level.series)


def _in_force(entries: Iterable[tuple[_Entry, T]]) -> tuple[T, ...]:
    return tuple(item for _, item in entries if not item.off)


def _nearest(word: str, valid: Iterable[str]) -> str:
    """The valid name that looks most like it; where none does, all of them if they are few."""
    names = [str(each) for each in valid]
    if near := get_close_matches(word, names, 1):
        return f"; did you mean {near[0]!r}?"
    return f"; one of {', '.join(names)}" if 0 < len(names) <= 20 else ""
