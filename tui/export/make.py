"""One export: which files there are, and who makes them."""

from collections.abc import Iterator, Sequence

from ...signals.board import encode
from .folder import Folder
from .forms import Write
from .subject import Subject
from .tables import Table, boards_table, catalogue_table, journal_table, series_table

WHAT = ("brief", "boards", "journal", "pictures", "series")


def names(what: Sequence[str], form: str, *, demo: bool) -> Iterator[str]:
    """The files that an export of that makes. Those of the simulated market say so in their name."""
    mark = "demo-" if demo else ""
    for each in what:
        match each:
            case "brief":
                yield f"{mark}brief.html"
            case "boards":
                yield from (f"{mark}board.json", f"{mark}boards.{form}")
            case "journal":
                yield f"{mark}journal.{form}"
            case "pictures":
                from .pictures import NAMES

                yield from (f"pictures/{mark}{name}.{suffix}" for name in NAMES for suffix in ("svg", "html"))
            case "series":
                yield from (f"{mark}series.{form}", f"{mark}catalogue.{form}")


def export(subject: Subject, what: Sequence[str], folder: Folder, form: str, write: Write) -> None:
    """Make the files, each whole or not at all.

    Raises:
        BondtopError: one cannot be written, or somebody else's stands in its place; those before it are there.
    """
    demo = subject.desk.demo
    mark = "demo-" if demo else ""
    folder.claim(names(what, form, demo=demo))

    def put(name: str, table: Table) -> None:
        with folder.file(f"{mark}{name}.{form}") as file:
            write(table, file)

    for each in what:
        match each:
            case "brief":
                from .brief import brief
                from .subject import year_of

                folder.write(f"{mark}brief.html", brief(subject.board, year_of(subject), is_replay=subject.is_replay))
            case "boards":
                folder.write(f"{mark}board.json", encode(subject.board) + b"\n")
                put("boards", boards_table(subject.boards()))
            case "journal":
                put("journal", journal_table(subject.journal()))
            case "pictures":
                from .pictures import pictures

                for picture in pictures(subject, subject.desk.config.monitor.theme):
                    folder.write(f"pictures/{mark}{picture.name}.svg", picture.svg)
                    folder.write(f"pictures/{mark}{picture.name}.html", picture.html)
            case "series":
                store = subject.desk.store
                put("series", series_table(store.panel(subject.as_of, since=subject.since)))
                put("catalogue", catalogue_table(subject.desk.catalogue, store.panel(subject.as_of)))
