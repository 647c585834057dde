"""The command line: exit codes, one-line errors, what it prints, and how little it loads."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import bondtop
import pytest
from bondtop.cache.health import FeedState, Health
from bondtop.cache.lease import Lease
from bondtop.cache.store import Store
from bondtop.feeds.series import Answer, Column, Observations, Request, to_day
from upstream.server import upstream

MONDAY = to_day(date(2026, 6, 29))
EVENING = datetime(2026, 6, 30, 22, tzinfo=UTC)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def filled(home: Path) -> Path:
    """A cache with a little of one series, revised once, and the health of two feeds."""
    with Store.open(home / "cache") as store:
        for hour, value in ((22, 4.25), (23, 4.26)):
            at = EVENING.replace(hour=hour)
            columns = {"us.10y": Column([MONDAY - 3, MONDAY, MONDAY + 1], [4.5, 4.125, value])}
            store.ingest(
                "treasury", "par 2026", Observations(columns), Answer(Request("par 2026", "https://example.org/"), b"%d" % hour, at)
            )
        store.put_health(Health("treasury", FeedState.OK, last_success=int(EVENING.timestamp()), as_of=MONDAY + 1))
        store.put_health(
            Health("fred", FeedState.FAILING, failures=1, reason="HTML instead of CSV", next_due=int(EVENING.timestamp()) + 60)
        )
    return home


# ----------------------------------------------------------------------------------------------------------------- usage
@pytest.mark.parametrize(
    "words",
    [["nonsense"], ["refresh", "--nonsense"], ["config"], ["config", "nonsense"], ["series", "x", "--csv", "--json"], ["--cache-dir"]],
)
def test_wrong_usage_is_two(run: Run, words: list[str]) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert "bondtop" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["refresh", "treasure"], "bondtop: no feed 'treasure' in use; there are treasury, "),
        (["refresh", "cnbc"], "bondtop: no feed 'cnbc' in use"),
        (["series", "us.10yr"], "bondtop: no series 'us.10yr'; did you mean us.10y"),
        (["series", "us.10y", "--since", "yesterday"], "bondtop: --since 'yesterday' is not a date like 2026-01-20"),
        (["series", "us.10y", "--at", "2026-06-31"], "bondtop: --at '2026-06-31' is not a date"),
        (["series", "--csv"], "bondtop: --csv needs the id of a series"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(run: Run, filled: Path, words: list[str], said: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith(said)
    assert err.count("\n") == 1


def test_help_and_version_are_well(run: Run) -> None:
    assert run("--version")[:2] == (0, f"bondtop {bondtop.__version__}\n")
    code, out, _ = run("--help")
    assert code == 0
    for command in ("refresh", "feeds", "series", "config", "doctor"):
        assert command in out
        assert run(command, "--help")[0] == 0


def test_options_stand_before_or_behind_the_command(run: Run, home: Path) -> None:
    before = run("--cache-dir", str(home / "elsewhere"), "config", "path")
    behind = run("config", "path", "--cache-dir", str(home / "elsewhere"))
    assert before == behind
    assert f"cache   {home / 'elsewhere'}\n" in before[1]


@pytest.mark.parametrize("words", [["feeds"], ["series"], ["series", "us.10y", "--csv"]])
def test_an_empty_cache_is_said_with_what_to_do(run: Run, home: Path, words: list[str]) -> None:
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert err == f"bondtop: nothing is stored in {home / 'cache'} yet: `bondtop refresh` fills it\n"
    assert not (home / "cache").exists()


def test_debug_shows_where_it_came_from(run: Run) -> None:
    with pytest.raises(bondtop.feeds.errors.BondtopError):
        run("feeds", "--debug")


def test_a_foreign_file_in_the_cache_s_place_is_one_line(run: Run, home: Path) -> None:
    (home / "cache").mkdir()
    (home / "cache" / "bondtop.db").write_bytes(b"not a database at all" * 100)
    code, _, err = run("feeds")
    assert code == 1
    assert err.startswith(f"bondtop: {home / 'cache' / 'bondtop.db'} is damaged")
    assert err.count("\n") == 1


# ---------------------------------------------------------------------------------------------------------------- series
def test_csv_is_for_spreadsheets(run: Run, filled: Path) -> None:
    code, out, err = run("series", "us.10y", "--csv")
    assert (code, err) == (0, "")
    assert out == (
        "date,value,known_at,source,fetched_at\n"
        "2026-06-26,4.5,2026-06-26T22:00:00Z,treasury,2026-06-30T22:00:00Z\n"
        "2026-06-29,4.125,2026-06-29T22:00:00Z,treasury,2026-06-30T22:00:00Z\n"
        "2026-06-30,4.26,2026-06-30T23:00:00Z,treasury,2026-06-30T23:00:00Z\n"
    )
    rows = list(csv.DictReader(StringIO(out)))
    assert [r["date"] for r in rows] == sorted(r["date"] for r in rows)


def test_json_says_the_same(run: Run, filled: Path) -> None:
    rows = list(csv.DictReader(StringIO(run("series", "us.10y", "--csv")[1])))
    lines = [json.loads(line) for line in run("series", "us.10y", "--json")[1].splitlines()]
    assert [r | {"value": float(r["value"])} for r in rows] == lines


def test_since_and_as_known_then(run: Run, filled: Path) -> None:
    assert run("series", "us.10y", "--csv", "--since", "2026-06-30")[1].count("\n") == 2
    then = run("series", "us.10y", "--csv", "--at", "2026-06-29")[1].splitlines()
    assert [line.split(",")[0] for line in then[1:]] == ["2026-06-26", "2026-06-29"]


def test_for_people_it_is_a_table(run: Run, filled: Path) -> None:
    code, out, _ = run("series", "us.10y")
    assert code == 0
    assert "US Treasury par yield 10y" in out
    assert "3 observations since 2026-06-26" in out
    assert "nothing known of it yet" in run("series", "jp.40y")[1]
    listed = run("series")[1]
    assert re.search(r"us\.10y +4\.26 +% +2026-06-30", listed)
    assert "jp.40y" in listed
    states = {line["id"]: line["status"] for line in map(json.loads, run("series", "--json")[1].splitlines())}
    assert states["jp.40y"] == "unknown"
    assert states["us.10y"] in ("fresh", "ageing", "stale", "dead")


def test_a_reader_that_stops_early_is_no_error(filled: Path) -> None:
    command = f"{sys.executable} -m bondtop series | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# ----------------------------------------------------------------------------------------------------------------- feeds
def test_a_failing_feed_is_said_and_is_one(run: Run, filled: Path) -> None:
    code, out, _ = run("feeds")
    assert code == 1
    assert re.search(r"treasury +● ok|treasury +◐ late", out)
    assert re.search(r"fred +✗ failing ", out)
    assert "\nfred: HTML instead of CSV; again " in out
    assert re.search(r"mof +\? never", out)
    rows = {row["feed"]: row for row in json.loads(run("feeds", "--json")[1])}
    assert rows["fred"]["reason"] == "HTML instead of CSV"
    assert rows["treasury"]["series"] - rows["treasury"]["empty"] == 1
    assert "cnbc" not in rows


def test_all_well_is_nought(run: Run, filled: Path) -> None:
    with Store.open(filled / "cache") as store:
        store.put_health(Health("fred", FeedState.OK))
    assert run("feeds")[0] == 0


# ---------------------------------------------------------------------------------------------------------------- config
def test_settings_from_nothing_to_checked(run: Run, home: Path) -> None:
    path = home / "config.toml"
    assert run("config", "check") == (0, f"{path}: not there; the defaults are in force\n", "")
    default = run("config", "show")[1]
    assert run("config", "init") == (0, f"wrote {path}\n", "")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text(encoding="utf-8") == default == run("config", "show")[1]
    assert run("config", "check") == (0, f"{path}: well formed\n", "")
    code, _, err = run("config", "init")
    assert (code, err) == (1, f"bondtop: {path} exists already; nothing was changed\n")
    assert "properties" in json.dumps(json.loads(run("config", "schema")[1]))


@pytest.mark.parametrize("words", [["config", "check"], ["config", "show"], ["feeds"], ["refresh"]])
def test_a_mistake_in_the_settings_stops_everything_but_the_doctor(run: Run, filled: Path, words: list[str]) -> None:
    (filled / "config.toml").write_text("[network]\nreed_s = 5\n", encoding="utf-8")
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err == f"bondtop: {filled / 'config.toml'} line 2: unknown key network.reed_s; did you mean 'read_s'?\n"


# ---------------------------------------------------------------------------------------------------------------- doctor
@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with upstream(date(2026, 6, 30)) as world:
        monkeypatch.setenv("BONDTOP_MIRROR", world.url)
        yield world.url


def test_the_doctor_looks_at_everything(run: Run, filled: Path, mirror: str) -> None:
    code, out, err = run("doctor")
    assert (code, err) == (0, "")
    assert re.search(r"● cache .*: 1 series, \d+ MB", out)
    assert re.search(r"● refresh .*nobody refreshes this cache now", out)
    assert re.search(rf"mirror +{mirror}", out)
    assert re.search(r"● home\.treasury\.gov +answers", out)
    assert re.search(r"clock +the mirror's time is [-+][\d.]+ days from ours; bondtop goes by the mirror", out)


def test_the_doctor_names_who_refreshes(run: Run, filled: Path, mirror: str) -> None:
    with Lease(filled / "cache").try_hold():
        assert f"process {os.getpid()} on " in run("doctor")[1]


def test_the_doctor_survives_what_it_finds(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "config.toml").write_text("[network]\nreed_s = 5\n", encoding="utf-8")
    monkeypatch.setenv("BONDTOP_MIRROR", "http://127.0.0.1:9")
    code, out, _ = run("doctor")
    assert code == 1
    assert "✗ settings" in out
    assert "did you mean 'read_s'?" in out
    assert "cache" in out
    assert "`bondtop refresh` fills it" in out
    assert re.search(r"◐ home\.treasury\.gov +connection refused", out)
    assert re.search(r"✗ network +no host answers", out)
    monkeypatch.setenv("BONDTOP_MIRROR", "gopher://x")
    assert "is not an http address" in run("doctor")[1]
    monkeypatch.delenv("BONDTOP_MIRROR")
    monkeypatch.setenv("HTTPS_PROXY", "gopher://proxy")
    code, out, _ = run("doctor")
    assert code == 1
    assert "HTTPS_PROXY" in out


# --------------------------------------------------------------------------------------------------------------- imports
HEAVY = ("asyncio", "textual", "pandas", "numpy", "yfinance", "httpx", "holidays", "python_calamine", "curl_cffi")


def loaded(*words: str) -> set[str]:
    """The heavy libraries that a command loads in a fresh interpreter."""
    code = (
        f"import sys\nfrom bondtop.tui.cli import main\ntry: main({list(words)!r})\nexcept SystemExit: pass\nprint('MODULES', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    modules = done.stdout.split("MODULES ")[-1].split()
    return {m.split(".")[0] for m in modules} & set(HEAVY)


@pytest.mark.parametrize("words", [["--help"], ["config", "check"], ["config", "schema"]])
def test_a_quick_command_loads_nothing_heavy(home: Path, words: list[str]) -> None:
    assert loaded(*words) == set()


@pytest.mark.parametrize("words", [["feeds"], ["feeds", "--json"], ["series", "us.10y", "--csv"]])
def test_the_tables_load_nothing_heavy(filled: Path, words: list[str]) -> None:
    assert loaded(*words) == set()


def test_refreshing_without_quotes_loads_neither_pandas_nor_textual(home: Path) -> None:
    with upstream(date(2026, 6, 30)) as world:
        os.environ["BONDTOP_MIRROR"] = world.url
        try:
            heavy = loaded("refresh", "boc")
        finally:
            del os.environ["BONDTOP_MIRROR"]
    assert "httpx" in heavy
    assert not heavy & {"textual", "pandas", "numpy", "yfinance", "curl_cffi"}


def test_only_panes_and_the_app_know_textual() -> None:
    """feeds, cache and signals import it nowhere, nor do the commands."""
    root = Path(bondtop.__file__).parent
    for room in ("feeds", "cache", "signals", "tui/commands"):
        for path in (root / room).rglob("*.py"):
            assert not re.search(r"^\s*(from|import) textual\b", path.read_text(encoding="utf-8"), re.M), path


# --------------------------------------------------------------------------------------------------------------- refresh
def test_a_quiet_refresh_prints_nothing_where_nobody_looks(run: Run, home: Path, mirror: str) -> None:
    assert run("refresh", "boc") == (0, "", "")
    assert (home / "cache" / "bondtop.db").stat().st_mode & 0o777 == 0o600
    assert (home / "cache").stat().st_mode & 0o777 == 0o700


def test_a_damaged_cache_is_set_aside_with_a_word(run: Run, home: Path, mirror: str) -> None:
    (home / "cache").mkdir()
    (home / "cache" / "bondtop.db").write_bytes(b"not a database at all" * 100)
    code, _, err = run("refresh", "boc")
    assert code == 0
    assert "it is kept as bondtop.db.damaged-" in err
    assert run("series", "ca.10y", "--csv")[1].count("\n") > 60


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_cache_is_said(run: Run, filled: Path, mirror: str) -> None:
    (filled / "cache").chmod(0o500)
    try:
        code, _, err = run("refresh", "boc")
    finally:
        (filled / "cache").chmod(0o700)
    assert code == 1
    assert "read-only" in err


def test_a_full_disk_is_said_in_one_line_a_feed(run: Run, home: Path, mirror: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from bondtop.cache.errors import CacheError

    assert run("refresh", "boc") == (0, "", "")

    def full(*_: object, **__: object) -> None:
        raise CacheError("disk full: nothing was stored")

    monkeypatch.setattr(Store, "ingest", full)
    monkeypatch.setattr(Store, "note_unchanged", full)
    monkeypatch.setattr(Store, "put_health", full)
    code, _, err = run("refresh", "boc", "--full")
    assert code == 1
    assert err == "boc: disk full: nothing was stored\n"


def test_steps_are_json_lines(run: Run, home: Path, mirror: str) -> None:
    code, out, err = run("refresh", "boc", "--json")
    assert (code, err) == (0, "")
    steps = [json.loads(line) for line in out.splitlines()]
    assert [s["stage"] for s in steps] == ["asking", "answer", "done"]
    assert set(steps[0]) == {"feed", "stage", "part", "rows_new", "wire_bytes", "seconds", "reason"}
    assert steps[-1]["rows_new"] > 300


def test_nothing_of_a_key_is_ever_written(run: Run, home: Path, mirror: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BONDTOP_KEY_FRED", "hidden-key-of-thirty-two-letters")
    run("refresh", "fred", "--debug")
    written = [p.read_bytes() for p in home.rglob("*") if p.is_file()]
    assert written
    assert not any(b"hidden-key" in content for content in written)
    shutil.rmtree(home / "cache")
