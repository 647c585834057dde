"""What every formula says in words, from formulas.toml, and where its parameters come from and how well they are founded."""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import msgspec

from ..feeds.errors import BondtopError
from .settings import Settings

STANDINGS: Mapping[str, str] = MappingProxyType(
    {"published": "published", "validated": "scored on history", "proposal": "rule of thumb", "definition": "definition"}
)
_PLACE = re.compile(r"\{([^{}]+)\}")


class FormulaError(BondtopError):
    """formulas.toml contradicts the program."""


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A level at which a value changes its meaning: a setting, or a path of the Board."""

    name: str
    setting: str = ""
    path: str = ""


class Formula(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry. `words` has places in braces: {value}, {inputs}, {.sibling}, {path.on.the.board}, {p:parameter}.

    `parameters`: name → setting. `parts`: paths of Readings that enter, ".name" beside the value. `standing`: of the formula itself.
    """

    id: str
    title: str
    words: str
    reference: str = ""
    standing: str = "definition"
    parameters: Mapping[str, str] = msgspec.field(default_factory=dict)
    parts: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    formula: tuple[Formula, ...]


class Setting(msgspec.Struct, frozen=True):
    """A parameter in force: its value as text and its standing in words."""

    value: object
    standing: str
    number: float | None = msgspec.field(default=None)


@cache
def formulas() -> Mapping[str, Formula]:
    """Every formula by id."""
    text = files(__package__).joinpath("formulas.toml").read_text(encoding="utf-8")
    try:
        found = msgspec.convert(tomllib.loads(text), _File).formula
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as e:
        raise FormulaError(f"formulas.toml: {e}") from None
    out = {one.id: one for one in found}
    if len(out) < len(found) or any(one.standing not in STANDINGS for one in found):
        raise FormulaError("formulas.toml: an id twice, or a standing nobody knows")
    return MappingProxyType(out)


def formula_of(formula_id: str) -> Formula | None:
    """The formula of that id, or of the family it belongs to: `composite.indicator.vix` is a `composite.indicator`."""
    while formula_id:
        if found := formulas().get(formula_id):
            return found
        formula_id = formula_id.rpartition(".")[0]
    return None


def setting(settings: Settings, path: str) -> Setting:
    """The setting of that path, such as `regime.gate.h_on` or `composite.edges.0`, and its standing.

    Raises:
        FormulaError: there is none.
    """
    value: Any = settings
    standing = ""
    for step in path.split("."):
        standing = _standings(value).get(step, standing)
        try:
            value = value[int(step)] if isinstance(value, tuple) else value[step] if isinstance(value, Mapping) else getattr(value, step)
        except (AttributeError, LookupError, ValueError):
            raise FormulaError(f"formulas.toml: no setting {path}") from None
    number = float(value) if isinstance(value, int | float) else None
    return Setting(value, STANDINGS.get(standing, "rule of thumb"), number)


def _standings(params: object) -> Mapping[str, str]:
    if not hasattr(params, "__struct_fields__"):
        return {}
    found: Mapping[str, str] = getattr(import_module(type(params).__module__), "STANDING", {})
    return found


def put_in(words: str, look_up: Callable[[str], str]) -> str:
    """The words with every place filled."""
    return _PLACE.sub(lambda place: look_up(place[1]), words)
