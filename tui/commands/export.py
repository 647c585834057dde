"""`bondtop export DIR`: tables, pictures and the morning brief, for others to read on."""

import os
import sys
from pathlib import Path

from ..cli import Call, UsageError, day_option
from ..desk import open_desk
from ..export.folder import Folder
from ..export.forms import writer_of
from ..export.make import WHAT, export
from ..export.subject import Subject


def run(call: Call) -> int:
    """0; a line for each file that was written."""
    o = call.options
    at, since = day_option(o.at, "--at"), day_option(o.since, "--since")
    if unknown := [each for each in o.what if each not in WHAT]:
        raise UsageError(f"nothing to export is called {unknown[0]!r}; there are {', '.join(WHAT)}")
    write = writer_of(o.format)
    with open_desk(call) as desk:
        subject = Subject(desk, at, since)
        if since is not None and since > subject.as_of.date():
            raise UsageError(f"--since {since} is later than what is exported, {subject.as_of.date()}")
        _prepare_for_pictures()
        folder = Folder(Path(o.directory).expanduser().absolute(), _say)
        export(subject, o.what or WHAT, folder, o.format, write)
    return 0


def _say(path: Path, size: int) -> None:
    sys.stdout.write(f"{path}  {size / 1000:,.0f} kB\n")


def _prepare_for_pictures() -> None:
    """Textual reads its environment when it is imported."""
    from ..monitor import prepare

    prepare(os.environ, slim=False)
