"""What a screen shows, as a short text: its lines, then the style of every cell. Kept beside the tests and compared exactly.

A tenth of the SVG pictures of the same screens, and a difference can be read. `BONDTOP_UPDATE_SNAPSHOTS=1` writes what is seen.
"""

import difflib
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from string import ascii_letters

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App

FOLDER = Path(__file__).parent / "tui" / "snapshots"
UPDATE = "BONDTOP_UPDATE_SNAPSHOTS"


def seen(app: App) -> str:
    """The screen as text. Styles are named by letters in order of appearance; `a12b3` is twelve cells of a, three of b."""
    names: dict[str, str] = {}
    lines, pens = [], []
    for strip in app.screen._compositor.render_strips():
        lines.append("".join(s.text for s in strip).rstrip())
        cells = [style for s in strip for style in _of_cells(s)]
        for style in cells:
            names.setdefault(style, _name(len(names)))
        pens.append("".join(f"{names[style]}{len(list(run))}" for style, run in groupby(cells)))
    legend = [f"{name} = {style}" for style, name in names.items()]
    return "\n".join([*lines, "-- styles", *legend, "-- cells", *pens, ""])


def check(app: App, name: str) -> None:
    """Compare the screen with what is kept under a name."""
    path, found = FOLDER / f"{name}.txt", seen(app)
    if os.environ.get(UPDATE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
        return
    assert path.exists(), f"nothing is kept as {name}; look at the screen, then {UPDATE}=1"
    kept = path.read_text(encoding="utf-8")
    if found != kept:
        difference = "\n".join(difflib.unified_diff(kept.splitlines(), found.splitlines(), "kept", "seen", lineterm="", n=0))
        raise AssertionError(f"{name} looks otherwise; {UPDATE}=1 keeps the new look\n{difference}")


def _of_cells(segment: Segment) -> Iterator[str]:
    """The style of every cell; of a blank only what can be seen of it."""
    style = segment.style or Style()
    shows = style.underline or style.underline2 or style.reverse or style.strike or style.overline or style.frame or style.encircle
    blank = style if shows or style.link else Style(bgcolor=style.bgcolor)
    for sign in segment.text:
        yield from [str(blank if sign == " " else style)] * cell_len(sign)


def _name(index: int) -> str:
    """A letter; then two."""
    if index < len(ascii_letters):
        return ascii_letters[index]
    return f"{ascii_letters[index // len(ascii_letters) - 1]}{ascii_letters[index % len(ascii_letters)]}"
