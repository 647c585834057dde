"""What is left behind when the monitor stops because of a mistake of ours: a short file without values, settings or keys."""

import platform
import sys
import time
import traceback
from collections.abc import Callable, Collection
from pathlib import Path

from .. import __version__
from ..feeds.errors import BondtopError
from .paths import write_private


def report_text(error: BaseException, at: float) -> str:
    """The report: versions, the error and the lines of code it came through; no locals and no environment."""
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    python = f"Python {platform.python_version()} on {sys.platform}"
    trace = "".join(traceback.format_exception(error))
    return f"bondtop {__version__}\n{python}\n{when}\n\n{trace}"


def reporter(
    directory: Path, clock: Callable[[], float] = time.time, *, secrets: Callable[[], Collection[str]] = tuple
) -> Callable[[BaseException], str]:
    """Writes reports, without these secrets, into a directory; what it returns says where, in words."""

    def report(error: BaseException) -> str:
        from .hiding import without

        at = clock()
        path = directory / f"crash-{time.strftime('%Y%m%d-%H%M%S', time.gmtime(at))}.txt"
        try:
            write_private(path, without(report_text(error, at), secrets()))
        except BondtopError as e:
            return f"no report could be written: {e}"
        return f"a report without your settings is in {path}"

    return report


def write_report(error: BaseException) -> str:
    """Used where no directory was given: says only what happened."""
    return "".join(traceback.format_exception_only(error)).strip()
