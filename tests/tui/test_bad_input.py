"""Whatever is typed or lies in a file: one clear line, the right exit code, no traceback, and nothing lost."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bondtop.cache.store import Store
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BondtopError
from bondtop.signals.watchfile import load_watchlist
from bondtop.tui.config import ConfigError, load_config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Run = Callable[..., tuple[int, str, str]]
WORDS = (
    "us.10y",
    "F1",
    "met",
    "2026-13-45",
    "20260120",
    "",
    "-",
    "--",
    "\x1b]0;x\x07",
    "é\u202e",
    "x" * 5000,
    "../../etc/passwd",
    "$(id)",
    "%s",
    "[red]",
)
BAD = {
    "series": (["series", "us.10yr"], ["series", "us.10y", "--since", "yesterdayish"], ["series", "us.10y", "--at", "2026-02-30"]),
    "board": (["board", "--at", "soon"], ["board", "--pane", "statevector"]),
    "explain": (["explain", "no.such.path"], ["explain", "markets.us.tenors.10y.z11"], ["explain", "markets.us", "--at", "x"]),
    "watch": (["watch", "F99"],),
    "changes": (["changes"], ["changes", "--since", "2026-1-1"], ["changes", "--since", "2026-06-01", "--kind", "regimes"]),
    "mark": (["mark", "F99", "met"], ["mark", "F1", "mett"], ["mark", "F1", "met", "--until", "1999-01-01"], ["mark", "--clear"]),
    "journal": (["journal", "--since", "x"], ["journal", "--kind", "regimes"]),
    "alerts": (
        ["alerts", "mute"],
        ["alerts", "ack", "x"],
        ["alerts", "mute", "F1", "--until", "1999-01-01"],
        ["alerts", "mute", "F1", "--until", "x"],
    ),
    "refresh": (["refresh", "treasur"],),
    "monitor": (["nonsense"], ["--no-such-option"]),
}


@pytest.fixture
def home(home: Path) -> Path:
    Store.open(home / "cache").close()
    return home


def is_one_clear_line(err: str) -> bool:
    """Ours, or argparse's usage and its line; nothing that a terminal would obey."""
    *before, last = err.splitlines() or [""]
    usage = before == [] or before[0].startswith("usage: ")
    return usage and last.startswith("bondtop") and "Traceback" not in err and not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", err)


@pytest.mark.parametrize("words", [words for each in BAD.values() for words in each], ids=" ".join)
def test_wrong_words_are_one_line_and_two(run: Run, home: Path, words: list[str]) -> None:
    before = sorted(p.name for p in home.rglob("*"))
    code, out, err = run(*words)
    assert (code, out) == (2, ""), err
    assert is_one_clear_line(err), err
    assert sorted(p.name for p in home.rglob("*") if not p.name.endswith(("-wal", "-shm"))) <= before


@pytest.mark.parametrize("command", ["series", "explain", "watch", "mark", "journal", "alerts", "board", "changes", "config", "feeds"])
def test_strange_words_never_break_it(run: Run, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BONDTOP_MIRROR", "http://127.0.0.1:9")
    for word in WORDS:
        for words in ([command, word], [command, "us.10y", "--since", word], [command, f"--at={word}"]):
            code, _, err = run(*words)
            assert code in (0, 1, 2), (words, err)
            assert code == 0 or is_one_clear_line(err), (words, err)


@pytest.mark.parametrize(
    "command", [["feeds"], ["board"], ["watch"], ["mark", "F1", "met"], ["changes", "--since", "2026-06-01"], ["refresh"]]
)
@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"[monitor", b"a = " + b"[" * 9999, b"#" * 1_000_001, None], ids=["bytes", "half", "deep", "huge", "folder"]
)
def test_a_settings_file_that_is_none(run: Run, home: Path, command: list[str], body: bytes | None) -> None:
    path = home / "config.toml"
    if body is None:
        path.mkdir()
    else:
        path.write_bytes(body)
    code, out, err = run(*command)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith(f"bondtop: {path}") and is_one_clear_line(err)
    assert body is None or path.read_bytes() == body  # nothing lost


def test_settings_that_nobody_may_read(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (home / "config.toml").write_text("", encoding="utf-8")
    monkeypatch.setattr(Path, "open", refuse)
    assert run("feeds")[0] == 2


_PIECES = st.sampled_from(
    [
        "[[condition]]",
        "[[level]]",
        "[[group]]",
        "[condition.operator]",
        'id = "F1"',
        'id = "x"',
        "id = 1",
        'title = "t"',
        'series = "us.10y"',
        'series = ["us.10y", "us.2y"]',
        "level = 5",
        "level = nan",
        'operator = { kind = "sustained", level = 1 }',
        "operator = 3",
        'group = "F"',
        'group = "none"',
        "met_when = [[]]",
        'met_when = [["F1"]]',
        "off = true",
        "key = 1",
        "x = 1979-05-27",
        "[x]",
        '"" = 1',
        "#",
        "",
        "note = []",
        'title = "\\u001b]0;x\\u0007"',
        'note = {text = "\\u009b1m"}',
    ]
)


@settings(max_examples=150)
@given(st.lists(_PIECES, max_size=9))
def test_any_watch_list_is_one_or_a_mistake_with_its_file(lines: list[str]) -> None:
    try:
        load_watchlist(default_catalogue().series, ("mine.toml", "\n".join(lines)))
    except BondtopError as e:
        assert all(line.startswith("mine.toml") for line in str(e).splitlines()), str(e)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            _PIECES.map(lambda line: line.replace("[[", "[[watch.")),
            st.sampled_from(
                [
                    "[watch]",
                    "[series]",
                    "[series.my.x]",
                    "[series.my.x.y]",
                    'fred = "A"',
                    'yahoo = "B"',
                    'spread = ["us.10y", "us.2y"]',
                    'spread = ["my.x", "a"]',
                    "range = [1, 2]",
                    "range = [nan, 1]",
                    "tolerance = -1",
                    'unit = "bp"',
                    'frequency = "weekly"',
                    "start = 2020-01-01",
                    "start = 1",
                    "[alerts]",
                    'muted = "x"',
                    'files = ["."]',
                    "deliver = []",
                    "[alerts.x]",
                    'quiet = "22:00-07:00"',
                    'quiet_zone = "../x"',
                    "[keys]",
                    "[watch.x]",
                ]
            ),
        ),
        max_size=9,
    )
)
def test_any_settings_are_some_or_mistakes_with_their_file(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    path.chmod(0o600)
    try:
        load_config(path)
    except ConfigError as e:
        assert all(line.startswith(str(path)) for line in str(e).splitlines()), str(e)
