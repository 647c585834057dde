"""Reads a settings file strictly: every mistake is named with its line and the nearest valid name, and none hides another."""

import errno
import os
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from ..feeds.errors import CatalogueError
from ..feeds.registry import CLASSES, OPT_IN
from .alertrules import KINDS, alert_mistakes
from .config import SECTIONS, Config, ConfigError, secrets_of
from .own import INLINE, catalogue_of, flattened, inline_watchlist, mistakes_in, place_of

MARKETS = ("us", "uk", "fr", "jp", "de", "it", "ca")
COLUMNS = (
    *("d1", "w1", "m1", "ytd", "z1", "s1m", "idio", "pct", "slope", "shape"),
    *("us", "trend", "label", "de", "vol", "real", "be", "demand", "supply", "hedged"),
)
"""Of the state vector; the market and its level always stand."""
_LISTS: tuple[tuple[str, str, str, Sequence[str]], ...] = (
    ("feeds", "off", "feed", sorted(CLASSES)),
    ("feeds", "opt_in", "unofficial feed", sorted(OPT_IN)),
    ("markets", "panel", "market", MARKETS),
    ("markets", "shown", "market", MARKETS),
    ("monitor", "hidden_columns", "column", COLUMNS),
    ("alerts", "kinds", "kind of change", KINDS),
)
_SECRET = ("keys", "webhook")  # a section, a key
_LARGEST = 1_000_000  # bytes; nobody writes that much by hand
_LONGEST = 80  # characters of a wrong value that are repeated
Where = tuple[str, ...]


def read_config(path: Path) -> Config:
    """What stands in that file and in the watch lists it names.

    Raises:
        ConfigError: every mistake on a line of its own.
    """
    try:
        text = _text_of(path)
    except OSError as e:
        raise ConfigError(f"{path}: cannot be read: {e.strerror or e}") from None
    config, mistakes, blamed = _decoded(text, str(path))
    if not blamed & {"series", "watch"}:
        config, more = _with_watchlists(config, text, path)
        mistakes += more
    if secrets_of(config) and path.stat().st_mode & 0o077:
        names = ", ".join(key for _, key in secrets_of(config))
        mistakes.append(f"{path}: holds a secret ({names}) and others may read it: chmod 600 {path}")
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return config


def parsed(text: str, name: str) -> Config:
    """What a text means without the watch lists it names; `name` stands for the file in messages.

    Raises:
        ConfigError: as `read_config`.
    """
    config, mistakes, _ = _decoded(text, name)
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return config


def _text_of(file: Path) -> str:
    """Raises: OSError: it cannot be read, is far too large, or is no text."""
    with file.open("rb") as opened:
        body = opened.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise OSError(errno.EILSEQ, f"byte {e.start + 1} is no UTF-8 text") from None


def _decoded(text: str, name: str) -> tuple[Config, list[str], set[str]]:
    """The sections without mistakes, the mistakes, and the sections that have some."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        return Config(), [f"{name}: {e}"], set(SECTIONS) | {"series"}
    except RecursionError:
        return Config(), [f"{name}: nested too deeply"], set(SECTIONS) | {"series"}
    found = [*_mistakes(document)]
    blamed = {where[0] for where, _ in found}
    found += _bad_names({section: values for section, values in document.items() if section not in blamed})
    blamed |= {where[0] for where, _ in found}
    mistakes = [f"{name}{_line(text, *where)}: {what}" for where, what in found]
    if series := _series_mistakes(document.get("series", {}), text, name):
        mistakes += series
        blamed.add("series")
    rest = {section: values for section, values in document.items() if section not in blamed}
    if "series" in rest:
        rest["series"] = dict(flattened(rest["series"]))
    config = msgspec.convert(rest, Config)
    if config.series:
        try:
            catalogue_of(config.series, lambda series: f"{name}{place_of(text, series)}")
        except CatalogueError as e:
            mistakes += str(e).splitlines()
            blamed.add("series")
    return config, mistakes, blamed


def _mistakes(document: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    """What is wrong with names and types, with the keys that lead there."""
    for section, values in document.items():
        if section == "series":
            continue  # a table a series: `_series_mistakes`
        if section not in SECTIONS:
            yield (section,), _unknown(f"section [{section}]", section, [*SECTIONS, "series"])
        elif not isinstance(values, dict):
            yield (section,), f"[{section}] must be a table"
        else:
            known = {f.name: f for f in msgspec.structs.fields(SECTIONS[section])}
            for key, value in values.items():
                if key not in known:
                    yield (section, key), _unknown(f"key {section}.{key}", key, list(known))
                elif what := _refusal(value, known[key].type):
                    shown = "…" if section in _SECRET or key in _SECRET else _short(value)
                    yield (section, key), f"{section}.{key} = {shown}: {what}"


def _refusal(value: Any, kind: Any) -> str:
    if isinstance(value, float) and value != value:
        return "is no number"  # it would pass every bound
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as e:
        return str(e)
    return ""


def _bad_names(document: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    """Lists whose words must be names we know, and alerts that cannot be told."""
    for key, what in alert_mistakes(document.get("alerts", {})):
        yield ("alerts", key), what
    for section, key, noun, known in _LISTS:
        words = document.get(section, {}).get(key, ())
        for word in words:
            if word not in known:
                yield (section, key), _unknown(f"{noun} {_short(word)} in {section}.{key}", word, known)
        if len(set(words)) < len(words):
            yield (section, key), f"{section}.{key} names something twice"


def _series_mistakes(tables: Any, text: str, name: str) -> list[str]:
    if not isinstance(tables, dict):
        return [f"{name}{_line(text, 'series')}: series must be tables such as [series.my.copper]"]
    return [f"{name}{place_of(text, each, key)}: {what}" for each, table in flattened(tables) for key, what in mistakes_in(each, table)]


def _with_watchlists(config: Config, text: str, path: Path) -> tuple[Config, list[str]]:
    """The settings with the user's watch lists read and checked, and what is wrong with them."""
    lists, mistakes = list[tuple[str, str]](), list[str]()
    for each in config.watch.files:
        try:
            file = path.parent / Path(each).expanduser()
            lists.append((str(file), _text_of(file)))
        except (OSError, ValueError, RuntimeError) as e:
            why = getattr(e, "strerror", None) or e
            mistakes.append(f"{path}{_line(text, 'watch', 'files')}: {path.parent / each} cannot be read: {why}")
    if any(getattr(config.watch, kind) for kind in INLINE):
        inline = inline_watchlist(text)
        for kind in _lost(config, inline):
            mistakes.append(f"{path}{_line(text, 'watch', kind)}: each {kind} needs a header line of its own, [[watch.{kind}]]")
        lists.append((str(path), inline))
    if not lists:
        return config, mistakes
    from ..signals.watchfile import WatchlistError, load_watchlist

    try:
        load_watchlist(config.catalogue.series, *lists)
    except WatchlistError as e:
        mistakes += str(e).splitlines()
    return msgspec.structs.replace(config, watchlists=tuple(lists)), mistakes


def _lost(config: Config, inline: str) -> list[str]:
    """Kinds of which the text on its own does not hold as many as the settings."""
    try:
        found = Counter({kind: len(tables) for kind, tables in tomllib.loads(inline).items()})
    except tomllib.TOMLDecodeError:
        return []  # said with its line when it is read as a watch list
    return [kind for kind in INLINE if found[kind] != len(getattr(config.watch, kind))]


def _unknown(what: str, word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word[:_LONGEST], known, 1)
    return f"unknown {what}; " + (f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _line(text: str, section: str, key: str | None = None) -> str:
    """ " line N" of a section or a key in it; "" when it cannot be found (inline tables)."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            inside = stripped.strip("[]").strip() == section
            if inside and key is None:
                return f" line {number}"
        elif (inside or key is None) and stripped.split("=")[0].strip().strip("\"'") == (key or section):
            return f" line {number}"
    return ""
