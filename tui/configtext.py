"""The settings as text: a file to begin with, its JSON Schema, and the user's own file with its secrets hidden."""

import ast
import inspect
from itertools import pairwise
from typing import Any

import msgspec

from .config import SECTIONS, Config, secrets_of
from .hiding import HIDDEN

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
    parts = ["# bondtop: settings. Every line here is the default; `bondtop config check` explains mistakes.\n"]
    for section, struct in SECTIONS.items():
        notes = _notes(ast.parse(inspect.getsource(struct)))
        parts.append(f"\n# {(struct.__doc__ or '').strip()}\n[{section}]\n")
        parts += [f"# {notes[f.name]}\n{f.name} = {_toml(f.default)}\n" for f in msgspec.structs.fields(struct) if f.name in notes]
    parts.append(_SERIES_EXAMPLE)
    return "".join(parts)


def _notes(tree: Any) -> dict[str, str]:
    """The string under each field of a class."""
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


def without_secrets(text: str, config: Config) -> str:
    """The text of a settings file, which means `config`, with "…" for every secret."""
    secrets = secrets_of(config)
    if not secrets:
        return text
    import tomlkit  # not needed where there is nothing to hide

    document = tomlkit.parse(text)
    for section, key in secrets:
        document[section][key] = HIDDEN
    return tomlkit.dumps(document)
