"""What a user adds: series (a FRED id, a Yahoo symbol, a spread of two known ones) and watch lists, merged strictly into ours."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ..feeds.errors import CatalogueError

if TYPE_CHECKING:
    from ..feeds.catalogue import Catalogue
    from ..feeds.series import Series

WAYS = ("fred", "yahoo", "spread")
_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_CODES = {"fred": re.compile(r"[A-Z0-9_]{1,40}"), "yahoo": re.compile(r"[A-Z0-9^=.\-]{1,24}")}
_TOLERANCE = {"daily": 4, "calendar": 4, "weekly": 9, "monthly": 45, "quarterly": 130, "annual": 400, "event": 400}
_RULES = {"fred": ("us", "+1 20:00 America/New_York"), "yahoo": ("weekdays", "+0 18:00 America/New_York")}  # calendar, published
_LONGEST = 120  # characters of a title
_NO_BOUNDS = (-1e12, 1e12)
Frequency = Literal["daily", "calendar", "weekly", "monthly", "quarterly", "annual", "event"]


class OwnSeries(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One series of your own: [series.my.copper] with `fred`, `yahoo` or `spread`."""

    fred: str = ""
    yahoo: str = ""
    spread: tuple[str, str] | None = None
    title: str = ""
    unit: str = ""
    frequency: Frequency = "daily"
    calendar: str = ""
    published: str = ""
    tolerance: int | None = None
    range: tuple[float, float] | None = None
    start: date | None = None


class WatchFiles(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Conditions, groups and levels of your own: in files, or here as [[watch.condition]], [[watch.group]], [[watch.level]]."""

    files: tuple[str, ...] = ()
    """Watch lists laid over the shipped one, in order; names without a folder are looked for beside this file."""
    condition: tuple[dict[str, Any], ...] = ()
    group: tuple[dict[str, Any], ...] = ()
    level: tuple[dict[str, Any], ...] = ()


INLINE = ("condition", "group", "level")


def flattened(tables: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """(id, table) of each series, however the dots of its id were written."""
    for name, value in tables.items():
        path = f"{above}.{name}" if above else name
        if isinstance(value, dict) and value and all(isinstance(each, dict) for each in value.values()):
            yield from flattened(value, path)
        else:
            yield path, value


def mistakes_in(name: str, table: Any) -> Iterator[tuple[str, str]]:
    """(key or "", what is wrong) of one series by itself."""
    if not _ID.fullmatch(name):
        yield "", f"series {name!r}: an id is like 'my.copper': small letters, digits, and at least one dot"
    if not isinstance(table, dict):
        yield "", f"series {name}: must be a table such as [series.{name}]"
        return
    from ..feeds.check import clean

    fields = {field.name: field.type for field in msgspec.structs.fields(OwnSeries)}
    for key, value in table.items():
        if key not in fields:
            from difflib import get_close_matches

            near = get_close_matches(key, fields, 1)
            yield key, f"unknown key {key!r} of series {name}; " + (f"did you mean {near[0]!r}?" if near else f"known: {', '.join(fields)}")
            continue
        try:
            msgspec.convert(value, fields[key])
        except msgspec.ValidationError as e:
            yield key, f"series {name}: {key} = {value!r}: {e}"
        if isinstance(value, str) and clean(value, _LONGEST) != value:
            yield key, f"series {name}: {key} is longer than {_LONGEST} characters or holds some that a terminal would obey"
    ways = [way for way in WAYS if table.get(way)]
    if len(ways) != 1:
        yield "", f"series {name}: needs one of fred, yahoo and spread" + (f", has {' and '.join(ways)}" if ways else "")
    elif (form := _CODES.get(ways[0])) and not form.fullmatch(str(table[ways[0]])):
        yield ways[0], f"series {name}: {table[ways[0]]!r} is no {'FRED id' if ways[0] == 'fred' else 'Yahoo symbol'}"


def catalogue_of(own: Mapping[str, OwnSeries], where: Callable[[str], str] = "series {}".format) -> "Catalogue":
    """The catalogue with the user's series. A spread may be of any series but another spread.

    Args:
        where: the place of a series, for messages.

    Raises:
        CatalogueError: every mistake on a line of its own.
    """
    from ..feeds.catalogue import default_catalogue, extended

    known, mistakes, bad = default_catalogue(), list[str](), set[str]()
    for spreads in (False, True):
        legs = known  # a spread has no spread for a leg
        for name, one in own.items():
            if (one.spread is not None) is not spreads or bad.intersection(one.spread or ()):
                continue
            try:
                table = _spread(name, one, legs, where(name)) if spreads else _entry(name, one)
                known = extended(known, [(where(name), table)])
            except CatalogueError as e:
                mistakes.append(str(e))
                bad.add(name)
    if mistakes:
        raise CatalogueError("\n".join(mistakes))
    return known


def _entry(name: str, one: OwnSeries) -> dict[str, Any]:
    feed, code = ("fred", one.fred) if one.fred else ("yahoo", one.yahoo)
    calendar, published = _RULES[feed]
    return _table(name, one, f"{feed}:{code}", code, one.unit, calendar, published)


def _spread(name: str, one: OwnSeries, known: "Catalogue", where: str) -> dict[str, Any]:
    """In bp where both legs are in %; published when the later of them is."""
    assert one.spread is not None
    legs = [_leg(each, known, where) for each in one.spread]
    if legs[0].unit != legs[1].unit:
        raise CatalogueError(f"{where}: {legs[0].id} is in {legs[0].unit or 'no unit'}, {legs[1].id} in {legs[1].unit or 'no unit'}")
    in_bp = legs[0].unit == "%" and one.unit in ("", "bp")
    slow = max(legs, key=lambda leg: (_TOLERANCE[leg.frequency], leg.publication.lag, leg.publication.at))
    p = slow.publication
    weekday = "" if p.weekday is None else ("Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun ")[p.weekday]
    source = f"spread:{legs[0].id} - {legs[1].id}" + ("*100" if in_bp else "")
    title, published = f"{legs[0].title} less {legs[1].title}", f"+{p.lag} {weekday}{p.at:%H:%M} {p.zone}"
    table = _table(name, one, source, title, "bp" if in_bp else one.unit or legs[0].unit, slow.calendar, published)
    return table | {"frequency": str(slow.frequency), "tolerance": one.tolerance or slow.tolerance, "revised": True}


def _leg(name: str, known: "Catalogue", where: str) -> "Series":
    try:
        return known[name]
    except CatalogueError as e:
        raise CatalogueError(f"{where}: {e}") from None


def _table(name: str, one: OwnSeries, source: str, title: str, unit: str, calendar: str, published: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": name,
        "title": one.title or title,
        "unit": unit,
        "frequency": one.frequency,
        "sources": [source],
        "calendar": one.calendar or calendar,
        "published": one.published or published,
        "tolerance": one.tolerance or _TOLERANCE[one.frequency],
        "range": list(one.range or _NO_BOUNDS),
    }
    return found | ({"start": one.start} if one.start else {})


def place_of(text: str, name: str, key: str = "") -> str:
    """ " line N" of a series, or of one of its keys, in the text of a settings file; "" where it cannot be found."""
    wanted, inside, first = f"series.{name}", False, 0
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.partition("#")[0].strip()
        if stripped.startswith("["):
            inside = stripped.strip("[]").replace('"', "").replace("'", "").replace(" ", "") == wanted
            first = number if inside and not first else first
        elif inside and key and stripped.partition("=")[0].strip() == key:
            return f" line {number}"
    return f" line {first}" if first else ""


def inline_watchlist(text: str) -> str:
    """The [[watch.…]] tables of a settings file as a watch list of their own; all other lines are blank, so that line numbers stay."""
    out, inside = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            inside = bool(re.match(r"\s*\[\[?\s*watch\s*\.\s*(condition|group|level)\b", line))
        out.append(re.sub(r"^(\s*\[\[?\s*)watch\s*\.\s*", r"\1", line) if inside else "")
    return "\n".join(out)
