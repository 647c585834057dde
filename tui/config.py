"""The user's settings, with their defaults. What stands in the file is read by `configfile`: most people have none."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from ..feeds.errors import BondtopError
from .alertrules import AlertSettings
from .own import OwnSeries, WatchFiles, catalogue_of

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
    output: Literal["economy", "plain"] = "economy"
    """What is sent to the terminal: "economy" only cells that differ, "plain" all that is drawn, for a terminal that gets it wrong."""
    silence_seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 4.5
    """Seconds after which a terminal over SSH that answers nothing counts as gone, and the session ends; 0: it may come back."""
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


SECTIONS: Mapping[str, type[msgspec.Struct]] = {
    "network": Network,
    "keys": Keys,
    "feeds": Feeds,
    "cache": CacheSettings,
    "markets": Markets,
    "monitor": MonitorSettings,
    "alerts": AlertSettings,
    "watch": WatchFiles,
}


def load_config(path: Path) -> Config:
    """The configuration in that file; the defaults when there is none.

    Raises:
        ConfigError: unreadable, no TOML, an unknown key, a bad value; every mistake on a line of its own.
    """
    try:
        path.stat()
    except FileNotFoundError:
        return Config()
    except OSError as e:
        raise ConfigError(f"{path}: cannot be read: {e.strerror}") from None
    from .configfile import read_config

    return read_config(path)


def parse_config(text: str, name: str) -> Config:
    """The configuration in a TOML text; `name` stands for the file in messages.

    Raises:
        ConfigError: as `load_config`.
    """
    from .configfile import parsed

    return parsed(text, name)


def keys_of(config: Config, environment: Mapping[str, str]) -> dict[str, str]:
    """Providers' keys in force, by feed name; the environment goes first."""
    return {
        name: found
        for name in msgspec.structs.asdict(config.keys)
        if (found := environment.get(f"BONDTOP_KEY_{name.upper()}") or getattr(config.keys, name))
    }


def secrets_of(config: Config) -> dict[tuple[str, str], str]:
    """What nobody else may read, by section and key."""
    found = {("keys", name): str(getattr(config.keys, name)) for name in msgspec.structs.asdict(config.keys)}
    return {place: secret for place, secret in (found | {("alerts", "webhook"): config.alerts.webhook}).items() if secret}
