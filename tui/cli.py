"""The command line: which command, with which paths and settings, and the exit code.

0 all well, 1 something failed and why, 2 wrong usage. Everything heavy is imported by the command that needs it.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from importlib import import_module
from typing import NoReturn

import msgspec

from .. import __version__
from ..feeds.errors import BondtopError
from .paths import Paths, find_paths

_MANY = ("feeds", "names", "what")  # options that may hold nothing


class UsageError(BondtopError):
    """What was asked makes no sense; exit code 2."""


class Call(msgspec.Struct, frozen=True):
    """One run of the program: the parsed options and where its files are."""

    options: argparse.Namespace
    paths: Paths


Command = Callable[[Call], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the exit code says how it went."""
    words = sys.argv[1:] if argv is None else argv
    options = _options(words)
    try:
        paths = find_paths(os.environ, config=options.config, cache=options.cache_dir, state=options.state_dir, log=options.log_dir)
        module, function = options.command.rsplit(":", 1)
        command: Command = getattr(import_module(module, __package__), function)
        return command(Call(options, paths))
    except BondtopError as e:
        if options.debug:
            raise
        from ..feeds.check import clean  # names from the command line and from files may hold anything

        lines = (clean(line, 500) for line in str(e).splitlines())
        print("bondtop: " + "\n".join(lines), file=sys.stderr)  # noqa: T201
        return 2 if type(e).__name__ in ("UsageError", "ConfigError", "CatalogueError", "WatchlistError", "NoSuchPath") else 1
    except BrokenPipeError:  # `bondtop series us.10y | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def day_option(text: str | None, name: str) -> date | None:
    """A date given on the command line.

    Raises:
        UsageError: it is none.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{name} {text!r} is not a date like 2026-01-20") from None


class _Parser(argparse.ArgumentParser):
    """Repeats nothing that a terminal would obey."""

    def error(self, message: str) -> NoReturn:
        from ..feeds.check import clean

        super().error(clean(message, 500))


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = _parser(words)
    options = parser.parse_args(words)
    for name, value in vars(options).items():
        if value == [] and name not in _MANY:  # what `--since --` leaves
            parser.error(f"argument --{name.replace('_', '-')}: expected one argument")
    return options


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """For these words: only commands among them are given their options, as most have none of the others'."""
    top = _Parser(
        prog="bondtop",
        description="A terminal monitor of the global government-bond market.",
        epilog="Without a command the monitor opens. It describes; it never predicts.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"bondtop {__version__}")
    _common(top, first=True)
    _monitor_options(top)
    top.set_defaults(command=".monitor:run")
    commands = top.add_subparsers(metavar="COMMAND", prog=top.prog)  # which argparse would else find out at length
    for name, target, text, add in _COMMANDS:
        sub = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        if name in words:
            _common(sub, first=False)
            add(sub)
        sub.set_defaults(command=target)
    return top


def _common(parser: argparse.ArgumentParser, *, first: bool) -> None:
    """Options every command takes, before or behind its name."""
    unset = None if first else argparse.SUPPRESS
    group = parser.add_argument_group("everywhere")
    group.add_argument("--config", metavar="FILE", default=unset, help="settings file")
    group.add_argument("--cache-dir", metavar="DIR", default=unset, help="where the data are")
    group.add_argument("--state-dir", metavar="DIR", default=unset, help="where lasting state is")
    group.add_argument("--log-dir", metavar="DIR", default=unset, help="where the log is")
    group.add_argument("--debug", action="store_true", default=False if first else argparse.SUPPRESS, help="show tracebacks")


def _monitor_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="a simulated market that says so; asks no network")
    parser.add_argument("--at", metavar="DATE", help="start in replay, as known at the end of that day")
    parser.add_argument("--slim", action="store_true", help="for slow links: 16 colours, two frames a second, no marks")
    parser.add_argument("--plain-output", action="store_true", help="send everything Textual draws, not only what differs")
    parser.add_argument("--ascii", action="store_true", help="no signs beyond ASCII")
    parser.add_argument("--theme", metavar="NAME", help="dark, light, contrast, blue-orange or ansi (the terminal's own 16 colours)")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    parser.add_argument("--pane", metavar="NAME", help="begin with state, regime, confirmation or watch")


def _refresh(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("feeds", metavar="FEED", nargs="*", help="only these feeds")
    parser.add_argument("--follow", action="store_true", help="go on for ever")
    parser.add_argument("--full", action="store_true", help="ask for all history again, due or not")
    parser.add_argument("--alerts", action="store_true", help="deliver alerts too, as the settings say")
    parser.add_argument("--json", action="store_true", help="one JSON line per step")


def _feeds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")


def _series(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="one series; without it all of them are listed")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="date, value, known_at, source, fetched_at; oldest first")
    form.add_argument("--json", action="store_true", help="the same as JSON lines")
    parser.add_argument("--since", metavar="DATE", help="from that observation date on")
    parser.add_argument("--at", metavar="DATE", help="as known at the end of that day (UTC)")


def _as_known(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--at", metavar="DATE", help="as known at the end of that day (UTC)")
    parser.add_argument("--demo", action="store_true", help="of the simulated market; asks no network")


def _board(parser: argparse.ArgumentParser) -> None:
    _as_known(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the whole Board (signals/board.schema.json describes it)")
    form.add_argument("--pane", metavar="NAME", help="one pane only")
    parser.add_argument("--fresh", action="store_true", help="made anew, even when the stored one is current")


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="for example regime.gate, watch.F1, market.jp.30y.sigma, dci, us.10y")
    parser.add_argument("--json", action="store_true", help="JSON instead of text")
    _as_known(parser)


def _watch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="one condition, group or level, for example F1")
    parser.add_argument("--json", action="store_true", help="JSON instead of text")
    _as_known(parser)


def _changes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", metavar="DATE", help="from that day on; or visit (the last one), yesterday, week")
    parser.add_argument("--kind", metavar="KIND", help="only these: regime, band, condition, gate, move …")
    parser.add_argument("--json", action="store_true", help="one JSON line a change")
    parser.add_argument("--demo", action="store_true", help="of the simulated market; asks no network")


def _alerts(parser: argparse.ArgumentParser) -> None:
    choices = ("list", "ack", "mute", "unmute", "test")
    parser.add_argument("what", choices=choices, nargs="?", default="list", help="list (the default), ack, mute, unmute or test")
    parser.add_argument("names", metavar="NAME", nargs="*", help="numbers to acknowledge, subjects to mute")
    parser.add_argument("--until", metavar="DATE", help="mute up to the end of that day; a week when not given")
    parser.add_argument("--json", action="store_true", help="list as JSON lines")


def _journal(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", metavar="DATE", help="of sessions from that day on")
    parser.add_argument("--kind", metavar="KIND", help="only these: regime, band, condition, gate, move …")
    parser.add_argument("--json", action="store_true", help="one JSON line a change")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="DIR", help="where to; made when it is not there")
    parser.add_argument("what", metavar="WHAT", nargs="*", help="brief, boards, journal, pictures, series; all of them when not given")
    parser.add_argument("--since", metavar="DATE", help="series and journal from that day on, and a Board for each weekday since")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv", help="of tables; parquet needs pyarrow")
    _as_known(parser)


def _mark(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="a condition, for example S1, or gate A2; without it all marks are listed")
    parser.add_argument("value", metavar="VALUE", nargs="?", help="met, approaching or not; of gate A2 withdrawn too")
    parser.add_argument("--note", metavar="TEXT", help="why")
    parser.add_argument("--link", metavar="URL", help="where it can be read")
    parser.add_argument("--until", metavar="DATE", help="the last day on which it counts; 30 days when not given")
    parser.add_argument("--clear", action="store_true", help="take the mark of ID back")
    parser.add_argument("--json", action="store_true", help="list as JSON lines")
    parser.add_argument("--demo", action="store_true", help="in the simulated market")


def _config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("path", "show", "init", "check", "schema"), help="what to do")


def _nothing(parser: argparse.ArgumentParser) -> None:
    """A command without options of its own."""


_COMMANDS: tuple[tuple[str, str, str, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("refresh", ".commands.refresh:run", "Ask the providers for what is due and store it.", _refresh),
    ("feeds", ".commands.feeds:run", "How every feed is doing.", _feeds),
    ("board", ".commands.board:run", "Everything the monitor says, in tables or as JSON.", _board),
    ("explain", ".commands.explain:run", "What a number is, how it came about and what it rests on.", _explain),
    ("watch", ".commands.watch:run", "The watch list, or all about one condition.", _watch),
    ("journal", ".commands.journal:run", "What was announced, and when.", _journal),
    ("alerts", ".commands.alerts:run", "What was told and how that went; acknowledge, mute, test.", _alerts),
    ("mark", ".commands.mark:run", "Judge a condition that no feed can decide.", _mark),
    ("changes", ".commands.changes:run", "What changed since a day.", _changes),
    ("export", ".commands.export:run", "Tables, pictures and a page to print: for others to read on.", _export),
    ("series", ".commands.series:run", "What is known of a series.", _series),
    ("config", ".commands.config:run", "Show, create or check the settings.", _config),
    ("doctor", ".commands.doctor:run", "What works here, and what to do about what does not.", _nothing),
)
