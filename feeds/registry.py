"""Every feed by name. Modules are imported only when their feed is made: a command that fetches nothing loads none."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .errors import CatalogueError

if TYPE_CHECKING:
    from .catalogue import Catalogue
    from .feed import Feed

CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "treasury": "Treasury",
        "fred": "Fred",
        "mof": "Mof",
        "mof_flows": "MofFlows",
        "boe": "Boe",
        "riksbank": "Riksbank",
        "banque_de_france": "BanqueDeFrance",
        "bundesbank": "Bundesbank",
        "ecb": "Ecb",
        "boc": "Boc",
        "bis": "Bis",
        "boj": "Boj",
        "nyfed": "Nyfed",
        "fiscaldata": "Fiscaldata",
        "cftc": "Cftc",
        "tic": "Tic",
        "fedinvest": "Fedinvest",
        "ofr": "Ofr",
        "defillama": "Defillama",
        "govinfo": "Govinfo",
        "macro": "Macro",
        "yahoo": "Yahoo",
        "cnbc": "Cnbc",
    }
)
OPT_IN = frozenset({"cnbc"})  # unofficial: only when the user asks for them


def feed_class(name: str) -> "type[Feed]":
    """The class of a feed.

    Raises:
        CatalogueError: no such feed.
    """
    if name not in CLASSES:
        raise CatalogueError(f"no feed {name!r}; there are {', '.join(sorted(CLASSES))}")
    found: type[Feed] = getattr(import_module(f".{name}", __package__), CLASSES[name])
    return found


def make_feed(name: str, catalogue: "Catalogue", **settings: Any) -> "Feed":
    """A feed, ready to ask for everything the catalogue wants of it."""
    return feed_class(name)(catalogue.of_feed(name), **settings)
