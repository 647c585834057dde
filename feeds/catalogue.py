"""The catalogue: every series bondtop knows, loaded strictly from catalogue.toml (its head explains the grammar)."""

import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from .errors import CatalogueError
from .series import Frequency, Publication, Series, Source

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CALENDARS = ("us", "nyse", "uk", "jp", "ea", "se", "ca", "weekdays", "always")
_REQUIRED = {"id", "title", "unit", "frequency", "sources", "calendar", "published", "tolerance", "range"}
_KEYS = _REQUIRED | {"fallback", "start", "revised"}
_PUBLISHED = re.compile(r"\+(\d+) (?:(" + "|".join(WEEKDAYS) + r") )?(\d\d):(\d\d) (\S+)")
_SOURCE = re.compile(r"([a-z_]+):(.+?)(?:\*([0-9.e+-]+))?")
_BRACES = re.compile(r"\{([^{}]*)\}")


class Catalogue(msgspec.Struct, frozen=True):
    """Series by id, in the order of the file."""

    series: Mapping[str, Series]

    def __getitem__(self, series_id: str) -> Series:
        """The series of that id.

        Raises:
            CatalogueError: there is none; the message offers the nearest ids.
        """
        if found := self.series.get(series_id):
            return found
        from difflib import get_close_matches

        near = get_close_matches(series_id, self.series, 3)
        raise CatalogueError(f"no series {series_id!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))

    def __iter__(self) -> Iterator[Series]:
        return iter(self.series.values())

    def __len__(self) -> int:
        return len(self.series)

    def of_feed(self, feed: str) -> list[Series]:
        """The series that `feed` supplies, as first choice or as fallback, each with the publication rule that holds there."""
        supplied = (s for s in self if s.source(feed))
        replace = msgspec.structs.replace
        return [s if s.fallback is None or s.sources[0].feed == feed else replace(s, publication=s.fallback) for s in supplied]

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of all feeds, in order of first appearance."""
        return tuple(dict.fromkeys(source.feed for s in self for source in s.sources))


@cache
def default_catalogue() -> Catalogue:
    """The catalogue that ships with bondtop."""
    return parse_catalogue(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"), "catalogue.toml")


def parse_catalogue(text: str, name: str) -> Catalogue:
    """A catalogue from TOML.

    Args:
        name: what to call the file in messages.

    Raises:
        CatalogueError: naming the file, the line of the entry, and what is wrong with it.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise CatalogueError(f"{name}: {e}") from None
    if unknown := set(document) - {"series"}:
        raise CatalogueError(f"{name}: unknown key {_quoted(unknown)}; only [[series]] is known")
    lines = [i for i, line in enumerate(text.splitlines(), 1) if line.strip() == "[[series]]"]
    out: dict[str, Series] = {}
    for line, entry in zip(lines, document.get("series", []), strict=True):
        where = f"{name} line {line} ({entry.get('id', 'no id')})"
        for series in _family(entry, where):
            if series.id in out:
                raise CatalogueError(f"{where}: {series.id} is declared twice")
            out[series.id] = series
    return Catalogue(MappingProxyType(out))


def extended(base: Catalogue, entries: Iterable[tuple[str, Mapping[str, Any]]]) -> Catalogue:
    """A catalogue with a user's series behind its own, each checked as strictly.

    Args:
        entries: (where to say a mistake is, the entry as a [[series]] table).

    Raises:
        CatalogueError: as `parse_catalogue`; or an id, or a provider's code, that the catalogue has already.
    """
    out = dict(base.series)
    taken = {(source.feed, source.code): series.id for series in base for source in series.sources}
    for where, entry in entries:
        for series in _family(entry, where):
            if series.id in out:
                raise CatalogueError(f"{where}: {series.id} is in the catalogue already")
            for source in series.sources:
                if (known := taken.setdefault((source.feed, source.code), series.id)) != series.id:
                    raise CatalogueError(f"{where}: {source.feed}:{source.code} is {known} already")
            out[series.id] = msgspec.structs.replace(series, own=True)
    return Catalogue(MappingProxyType(out))


def _family(entry: Mapping[str, Any], where: str) -> Iterator[Series]:
    if unknown := set(entry) - _KEYS:
        from difflib import get_close_matches

        key = sorted(unknown)[0]
        near = get_close_matches(key, _KEYS, 1)
        raise CatalogueError(f"{where}: unknown key {key!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    if missing := _REQUIRED - set(entry):
        raise CatalogueError(f"{where}: {_quoted(missing)} missing")
    try:
        frequency = Frequency(entry["frequency"])
    except ValueError:
        raise CatalogueError(f"{where}: frequency {entry['frequency']!r}; one of {', '.join(Frequency)}") from None
    if entry["calendar"] not in CALENDARS:
        raise CatalogueError(f"{where}: calendar {entry['calendar']!r}; one of {', '.join(CALENDARS)}")
    if not (isinstance(entry["tolerance"], int) and entry["tolerance"] > 0):
        raise CatalogueError(f"{where}: tolerance must be a whole number of business days")
    match entry["range"]:
        case [float() | int() as low, float() | int() as high] if low < high:
            pass
        case _:
            raise CatalogueError(f"{where}: range must be two numbers, the lower first")
    start = entry.get("start")
    if start is not None and not isinstance(start, date):
        raise CatalogueError(f"{where}: start must be a date")
    if not isinstance(entry.get("revised", False), bool):
        raise CatalogueError(f"{where}: revised must be true or false")
    publication = _publication(entry["published"], where)
    ids = _expand(entry["id"])
    sources = [_sources(text, [parts for _, parts in ids], where) for text in entry["sources"]]
    for i, (series_id, parts) in enumerate(ids):
        if not any(each[i] for each in sources):
            raise CatalogueError(f"{where}: {series_id}: no source")
        yield Series(
            id=series_id,
            title=entry["title"].replace("{}", " ".join(parts)),
            unit=entry["unit"],
            frequency=frequency,
            sources=tuple(found for each in sources if (found := each[i])),
            calendar=entry["calendar"],
            publication=publication,
            fallback=_publication(entry["fallback"], where) if "fallback" in entry else None,
            tolerance=entry["tolerance"],
            low=float(low),
            high=float(high),
            start=start,
            revised=entry.get("revised", False),
        )


def _publication(text: str, where: str) -> Publication:
    if not (m := _PUBLISHED.fullmatch(text)):
        raise CatalogueError(f"{where}: published {text!r} is not like '+1 16:30 America/New_York' or '+1 Thu 16:30 America/New_York'")
    lag, weekday, hour, minute, zone = m.groups()
    try:
        at = time(int(hour), int(minute), tzinfo=ZoneInfo(zone)).replace(tzinfo=None)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise CatalogueError(f"{where}: published {text!r} names no time, or no time zone") from None
    return Publication(int(lag), at, zone, WEEKDAYS.index(weekday) if weekday else None)


def _sources(text: str, parts: list[tuple[str, ...]], where: str) -> list[Source | None]:
    """One source per member of the family; None where the code says "-"."""
    codes = _expand(text)
    if len(codes) != len(parts):
        raise CatalogueError(f"{where}: source {text!r} gives {len(codes)} codes for {len(parts)} ids")
    out: list[Source | None] = []
    for code, chosen in codes:
        if "-" in chosen:
            out.append(None)
            continue
        if not (m := _SOURCE.fullmatch(code)):
            raise CatalogueError(f"{where}: source {code!r} is not like 'feed:code' or 'feed:code*0.001'")
        out.append(Source(m[1], m[2], float(m[3] or 1)))
    return out


def _expand(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """All members of "a.{b,c}" with the alternatives chosen; "\\," is a comma inside an alternative."""
    choices = [tuple(a.replace("\0", ",") for a in group.replace("\\,", "\0").split(",")) for group in _BRACES.findall(text)]
    template = _BRACES.split(text)[::2]
    return [
        ("".join(itertools.chain.from_iterable(itertools.zip_longest(template, chosen, fillvalue=""))), chosen)
        for chosen in itertools.product(*choices)
    ]


def _quoted(names: set[str]) -> str:
    return ", ".join(repr(n) for n in sorted(names))
