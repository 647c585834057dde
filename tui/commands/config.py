"""`bondtop config`: path, show, init, check, schema."""

import sys
from pathlib import Path

from ...feeds.errors import BondtopError
from ..cli import Call
from ..config import load_config
from ..paths import write_private


def run(call: Call) -> int:
    """The exit code; mistakes are on standard error, one a line."""
    from ..configtext import schema, template, without_secrets

    def shown(path: Path) -> str:
        config = load_config(path)
        return without_secrets(path.read_text(encoding="utf-8-sig"), config) if path.exists() else template()

    path = call.paths.config
    match call.options.what:
        case "path":
            lines = [f"config  {path}", f"cache   {call.paths.cache}", f"state   {call.paths.state}", f"log     {call.paths.log}"]
            sys.stdout.write("\n".join(lines) + "\n")
        case "show":
            sys.stdout.write(shown(path))
        case "init":
            if path.exists():
                raise BondtopError(f"{path} exists already; nothing was changed")
            write_private(path, template())
            sys.stdout.write(f"wrote {path}\n")
        case "check":
            load_config(path)
            sys.stdout.write(f"{path}: " + ("well formed\n" if path.exists() else "not there; the defaults are in force\n"))
        case "schema":
            sys.stdout.write(schema() + "\n")
    return 0
