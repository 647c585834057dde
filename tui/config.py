"""The user's settings: one TOML file, decoded strictly, every mistake named with its line and the nearest valid key."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from ..feeds.errors import BondtopError, CatalogueError
from ..feeds.registry import CLASSES, OPT_IN
from .alertrules import KINDS, AlertSettings, alert_mistakes
from .own import INLINE, OwnSeries, WatchFiles, catalogue_of, flattened, inline_watchlist, mistakes_in, place_of

if TYPE_CHECKING:
    from ..feeds.catalogue import Catalogue


class ConfigError(BondtopError):
    """The configuration is wrong; one line per mistake."""


class Network(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How providers are reached."""

    mirror: str = ""
    """Address of a gateway that answers for every host, http://host:port; https://HOST/PATH is asked there as /HOST/PATH. Empty: none."""
    connect_s: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 10.0
    """Seconds to wait for a connection."""
    read_s: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 30.0
    """Seconds of silence after which an answer is given up."""
    answer_s: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 90.0
    """Seconds that one whole answer may take."""


class Keys(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Optional keys of providers; every feed works without. The environment (BONDTOP_KEY_FRED, BONDTOP_KEY_RIKSBANK) goes first."""

    fred: str = ""
    """Key of the FRED web service: its JSON interface is then used instead of the chart download."""
    riksbank: str = ""
    """Key of the Riksbank's web service: 200 questions a minute instead of 5."""


class Feeds(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Whom to ask."""

    off: tuple[str, ...] = ()
    """Names of feeds that are never asked (`bondtop feeds` lists them)."""
    opt_in: tuple[str, ...] = ()
    """Unofficial feeds to use all the same: "cnbc" (Italy's daily yields). Their terms are for you to judge."""
    quote_interval_s: Annotated[float, msgspec.Meta(ge=15, le=86400)] = 60.0
    """Seconds between two looks at quotes while the monitor is open, at least 15."""


class CacheSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is kept on this machine."""

    raw_answers_mb: Annotated[float, msgspec.Meta(ge=0, le=4096)] = 64.0
    """Megabytes of providers' own answers kept for a second look; the oldest go first."""


class Markets(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is watched."""

    panel: Annotated[tuple[str, ...], msgspec.Meta(min_length=3, max_length=8)] = ("us", "uk", "fr", "jp")
    """The markets whose 10-year yields make the regime map: three to eight of us, uk, fr, jp, de, it, ca."""
    shown: tuple[str, ...] = ("us", "uk", "fr", "jp", "de")
    """The rows of the state vector, in order."""


class MonitorSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How the monitor looks."""

    theme: Literal["dark", "light", "contrast", "blue-orange", "ansi"] = "dark"
    """Colours: dark, light, contrast, blue-orange (safe for the colour-blind), ansi (the terminal's own sixteen)."""
    ascii: bool = False
    """Whether plain ASCII stands in place of symbols; a terminal without Unicode gets it anyway."""
    mouse: bool = True
    """Whether the mouse works."""
    yield_up: Literal["bad", "good"] = "bad"
    """How a rising yield is coloured: "bad" as the falling price it is, "good" as a rising number."""
    changed_seconds: Annotated[float, msgspec.Meta(ge=0, le=60)] = 4.0
    """Seconds for which a cell that changed is marked; 0 marks none."""
    hidden_columns: tuple[str, ...] = ()
    """Columns of the state vector that are not shown."""


class Config(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """All settings with their defaults."""

    network: Network = Network()
    keys: Keys = Keys()
    feeds: Feeds = Feeds()
    cache: CacheSettings = CacheSettings()
    markets: Markets = Markets()
    monitor: MonitorSettings = MonitorSettings()
    alerts: AlertSettings = AlertSettings()
    watch: WatchFiles = WatchFiles()
    series: dict[str, OwnSeries] = {}
    watchlists: tuple[tuple[str, str], ...] = ()
    """No setting: the user's watch lists as they were read (name for messages, text)."""

    @property
    def catalogue(self) -> "Catalogue":
        """Every series known, the user's among them."""
        return catalogue_of(self.series)


MARKETS = ("us", "uk", "fr", "jp", "de", "it", "ca")
_SECTIONS: Mapping[str, type[msgspec.Struct]] = {
    "network": Network,
    "keys": Keys,
    "feeds": Feeds,
    "cache": CacheSettings,
    "markets": Markets,
    "monitor": MonitorSettings,
    "alerts": AlertSettings,
    "watch": WatchFiles,
}
COLUMNS = (
    "d1",
    "w1",
    "m1",
    "ytd",
    "z1",
    "s1m",
    "idio",
    "pct",
    "slope",
    "shape",
    "us",
    "trend",
    "label",
    "de",
    "vol",
    "real",
    "be",
    "demand",
    "supply",
    "hedged",
)  # fmt: skip  (of the state vector; the market and its level always stand)


def load_config(path: Path) -> Config:
    """The configuration in that file; the defaults when there is none.

    Raises:
        ConfigError: unreadable, no TOML, an unknown key, a bad value; every mistake on a line of its own.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as e:
        raise ConfigError(f"{path}: cannot be read: {e}") from None
    config = parse_config(text, str(path))
    _private(config, path)
    return _with_watchlists(config, text, path)


def parse_config(text: str, name: str) -> Config:
    """The configuration in a TOML text; `name` stands for the file in messages.

    Raises:
        ConfigError: as `load_config`.
    """
    import tomllib  # most people have no settings file

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise ConfigError(f"{name}: {e}") from None
    mistakes = [f"{name}{_line(text, *where)}: {what}" for where, what in _mistakes(document)]
    mistakes += _own_mistakes(document, text, name)
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    config = msgspec.convert(document | {"series": dict(flattened(document.get("series", {})))}, Config)
    if config.series:
        try:
            catalogue_of(config.series, lambda series: f"{name}{place_of(text, series)}")
        except CatalogueError as e:
            raise ConfigError(str(e)) from None
    return config


def _own_mistakes(document: Mapping[str, Any], text: str, name: str) -> list[str]:
    tables = document.get("series", {})
    if not isinstance(tables, dict):
        return [f"{name}{_line(text, 'series')}: series must be tables such as [series.my.copper]"]
    return [f"{name}{place_of(text, each, key)}: {what}" for each, table in flattened(tables) for key, what in mistakes_in(each, table)]


def _with_watchlists(config: Config, text: str, path: Path) -> Config:
    """The settings with the user's watch lists read and checked.

    Raises:
        ConfigError: a file cannot be read, or has a mistake.
    """
    watch, lists = config.watch, list[tuple[str, str]]()
    for each in watch.files:
        file = path.parent / Path(each).expanduser()
        try:
            lists.append((str(file), file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as e:
            why = getattr(e, "strerror", None) or e
            raise ConfigError(f"{path}{_line(text, 'watch', 'files')}: {file} cannot be read: {why}") from None
    if any(getattr(watch, kind) for kind in INLINE):
        lists.append((str(path), inline_watchlist(text)))
    if not lists:
        return config
    from ..signals.watchfile import WatchlistError, load_watchlist

    try:
        load_watchlist(config.catalogue.series, *lists)
    except WatchlistError as e:
        raise ConfigError(str(e)) from None
    return msgspec.structs.replace(config, watchlists=tuple(lists))


def _private(config: Config, path: Path) -> None:
    """Secrets stand only in a file that its user alone can read.

    Raises:
        ConfigError: others can read it.
    """
    secrets = [name for name in msgspec.structs.asdict(config.keys) if getattr(config.keys, name)]
    secrets += ["webhook"] if config.alerts.webhook else []
    if secrets and path.stat().st_mode & 0o077:
        raise ConfigError(f"{path}: holds a secret ({', '.join(secrets)}) and others may read it: chmod 600 {path}")


def _mistakes(document: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    """Every mistake with the keys that lead to it."""
    found: list[tuple[tuple[str, ...], str]] = []
    for section, values in document.items():
        if section == "series":
            continue  # a table a series: `_own_mistakes`
        if section not in _SECTIONS:
            found.append(((section,), _unknown(f"section [{section}]", section, [*_SECTIONS, "series"])))
        elif not isinstance(values, dict):
            found.append(((section,), f"[{section}] must be a table"))
        else:
            known = {f.name: f for f in msgspec.structs.fields(_SECTIONS[section])}
            for key, value in values.items():
                if key not in known:
                    found.append(((section, key), _unknown(f"key {section}.{key}", key, list(known))))
                    continue
                try:
                    msgspec.convert(value, known[key].type)
                except msgspec.ValidationError as e:
                    found.append(((section, key), f"{section}.{key} = {value!r}: {e}"))
    return found or _bad_names(document)


def _bad_names(document: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    """Lists whose words must be names we know."""
    lists: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
        ("feeds", "off", "feed", tuple(sorted(CLASSES))),
        ("feeds", "opt_in", "unofficial feed", tuple(sorted(OPT_IN))),
        ("markets", "panel", "market", MARKETS),
        ("markets", "shown", "market", MARKETS),
        ("monitor", "hidden_columns", "column", COLUMNS),
        ("alerts", "kinds", "kind of change", KINDS),
    )
    found: list[tuple[tuple[str, ...], str]] = [(("alerts", key), what) for key, what in alert_mistakes(document.get("alerts", {}))]
    for section, key, noun, known in lists:
        words = document.get(section, {}).get(key, ())
        found += [((section, key), _unknown(f"{noun} {w!r} in {section}.{key}", w, known)) for w in words if w not in known]
        if len(set(words)) < len(words):
            found.append(((section, key), f"{section}.{key} names something twice"))
    return found


def _unknown(what: str, word: str, known: list[str] | tuple[str, ...]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1)
    return f"unknown {what}; " + (f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}")


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


_SERIES_EXAMPLE = """
# Series of your own, by a FRED id, a Yahoo symbol, or as the spread of two known series; conditions and levels may then name them.
# [series.my.copper]
# yahoo = "HG=F"
# unit = "USD"
# [series.my.btp]
# spread = ["it.10y", "de.10y"]
#
# [[watch.level]]
# id = "btp"
# title = "BTP over Bund 200 bp"
# series = "my.btp"
# level = 200
"""


def template() -> str:
    """A configuration file with every setting at its default, each under its explanation."""
    import ast
    import inspect

    parts = ["# bondtop: settings. Every line here is the default; `bondtop config check` explains mistakes.\n"]
    for section, struct in _SECTIONS.items():
        notes = _notes(ast.parse(inspect.getsource(struct)))
        parts.append(f"\n# {(struct.__doc__ or '').strip()}\n[{section}]\n")
        parts += [f"# {notes[f.name]}\n{f.name} = {_toml(f.default)}\n" for f in msgspec.structs.fields(struct) if f.name in notes]
    parts.append(_SERIES_EXAMPLE)
    return "".join(parts)


def _notes(tree: Any) -> dict[str, str]:
    """The string under each field of a class."""
    import ast

    body = tree.body[0].body
    return {
        a.target.id: str(b.value.value)
        for a, b in pairwise(body)
        if isinstance(a, ast.AnnAssign) and isinstance(a.target, ast.Name) and isinstance(b, ast.Expr) and isinstance(b.value, ast.Constant)
    }


def _toml(value: Any) -> str:
    match value:
        case tuple() | list():
            return "[" + ", ".join(_toml(v) for v in value) + "]"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def schema() -> str:
    """The JSON Schema of the configuration."""
    found = msgspec.json.schema(Config)
    del found["$defs"]["Config"]["properties"]["watchlists"]
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def keys_of(config: Config, environment: Mapping[str, str]) -> dict[str, str]:
    """Providers' keys in force, by feed name; the environment goes first."""
    return {
        name: found
        for name in msgspec.structs.asdict(config.keys)
        if (found := environment.get(f"BONDTOP_KEY_{name.upper()}") or getattr(config.keys, name))
    }
