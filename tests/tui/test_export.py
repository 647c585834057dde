"""bondtop export: what is in the tables, as of when, and how files come to be there."""

import csv
import io
import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from boards import differences
from bondtop.cache.demo import demo_store
from bondtop.cache.journal import Entry, Journal
from bondtop.cache.panel import Panel, empty_track, make_track
from bondtop.cache.store import Store
from bondtop.feeds import demo
from bondtop.feeds.errors import BondtopError
from bondtop.signals.board import decode, readings
from bondtop.tui.cli import main
from bondtop.tui.export.folder import MANIFEST, Folder
from bondtop.tui.export.forms import write_csv
from bondtop.tui.export.tables import Kind, Table, boards_table, journal_table, series_table
from demo_boards import demo_board, demo_cache


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    demo_cache(folder / "demo")
    return folder


@pytest.fixture
def run(cache, tmp_path, capsys):
    """Runs the export; gives exit code, standard output and standard error."""

    def call(*arguments: str, demo: bool = True) -> tuple[int, str, str]:
        places = ["--cache-dir", str(cache), "--config", str(cache / "none.toml"), "--state-dir", str(tmp_path / "s")]
        code = main(["export", *arguments, *places, *(["--demo"] if demo else [])])
        return code, *capsys.readouterr()

    return call


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# -------------------------------------------------------------------------------------------------------------- series
def test_series_are_tidy_oldest_first_and_read_back_exactly(run, tmp_path, cache):
    code, out, err = run(str(tmp_path / "x"), "series")
    assert (code, err) == (0, "")
    found = rows(tmp_path / "x" / "demo-series.csv")
    assert list(found[0]) == ["series", "date", "value", "known_at", "source", "fetched_at"]
    with demo_store(cache / "demo") as store:
        expected = list(store.observations("jp.30y", demo.NOW))
    assert [(r["date"], float(r["value"])) for r in found if r["series"] == "jp.30y"] == [(o.date.isoformat(), o.value) for o in expected]
    one = next(r for r in found if r["series"] == "jp.30y")
    assert one["known_at"] == expected[0].known_at.strftime("%Y-%m-%dT%H:%M:%SZ") and one["source"] == "demo"
    assert "demo-series.csv" in out and "demo-catalogue.csv" in out


def test_the_catalogue_says_what_each_series_is(run, tmp_path):
    run(str(tmp_path), "series", "--since", "2025-05-29")
    about = {r["series"]: r for r in rows(tmp_path / "demo-catalogue.csv")}
    counted = {r["series"] for r in rows(tmp_path / "demo-series.csv")}
    assert (about["us.10y"]["unit"], about["us.10y"]["frequency"], about["us.10y"]["calendar"]) == ("%", "daily", "weekdays")
    assert {name for name, r in about.items() if r["last"] >= "2025-05-29"} == counted
    assert about["us.10y"]["last"] == "2026-05-29" and about["us.10y"]["status"] == "fresh"


def test_at_shows_only_what_was_known_then_and_since_cuts_the_beginning(run, tmp_path):
    run(str(tmp_path), "series", "--at", "2026-03-10", "--since", "2026-02-02")
    found = rows(tmp_path / "demo-series.csv")
    assert max(r["known_at"] for r in found) <= "2026-03-10T23:59:59Z"
    assert min(r["date"] for r in found) >= "2026-02-02"
    assert max(r["date"] for r in found if r["series"] == "us.10y") == "2026-03-10"


def test_a_series_without_observations_takes_no_rows():
    tracks = {"us.2y": empty_track("us.2y"), "us.10y": make_track("us.10y", "treasury", [20000], [4.25], [1], [2])}
    table = series_table(Panel(demo.NOW, tracks))
    out = io.BytesIO()
    write_csv(table, out)
    assert [line.split(",")[0] for line in out.getvalue().decode().splitlines()] == ["series", "us.10y"]


# -------------------------------------------------------------------------------------------------------------- boards
def test_the_table_of_a_board_holds_every_reading_and_every_state(run, tmp_path):
    assert run(str(tmp_path), "boards")[0] == 0
    board = decode((tmp_path / "demo-board.json").read_bytes())
    assert [each for each in differences(board, demo_board()) if ".name: 'simulated" not in each] == []
    found = {r["path"]: r for r in rows(tmp_path / "demo-boards.csv")}
    for path, part in readings(board):
        row = found[path]
        assert row["as_of"] == (part.as_of.isoformat() if part.as_of else "") and row["status"] == str(part.status)
        if hasattr(part, "word"):
            assert (row["word"], row["value"]) == (part.word, "")
        else:
            assert row["value"] == ("" if part.value is None else repr(part.value)) and row["unit"] == part.unit
    assert found["watch.F1"]["word"] == board.watch["F1"].state
    assert found["groups.F"]["word"] == board.groups["F"].state
    assert found["sequence.loops.A"]["word"] == board.sequence.loops["A"].status
    assert float(found["regime.sessions"]["value"]) == board.regime.sessions
    assert {r["date"] for r in found.values()} == {"2026-05-29"}


def test_since_gives_a_board_for_each_weekday(run, tmp_path):
    run(str(tmp_path), "boards", "--since", "2026-05-21")
    held = {r["date"]: r["word"] for r in rows(tmp_path / "demo-boards.csv") if r["path"] == "regime.held"}
    assert list(held) == ["2026-05-21", "2026-05-22", "2026-05-25", "2026-05-26", "2026-05-27", "2026-05-28", "2026-05-29"]
    assert all(held.values())


def test_one_row_a_path_and_a_day():
    names = next(iter(boards_table([demo_board()]).batches))[1]
    assert len(names) == len(set(names))


# ------------------------------------------------------------------------------------------------------------- journal
def entry(day: int, evidence: str) -> Entry:
    seen = datetime(2026, 5, day, 12, tzinfo=UTC)
    return Entry(seen, seen.date(), "band", "composite.band", "Neutral", "Defensive", "watch", evidence)


def test_the_journal_ends_where_the_export_does(cache, run, tmp_path):
    with demo_store(cache / "demo") as store:
        journal = Journal(store.database)
        for day in (5, 20):
            journal.fold(datetime(2026, 5, day, tzinfo=UTC), lambda _, day=day: (b"", [entry(day, 'quotes " and, commas\nand lines')]))
    run(str(tmp_path / "a"), "journal")
    run(str(tmp_path / "b"), "journal", "--at", "2026-05-10")
    run(str(tmp_path / "c"), "journal", "--since", "2026-05-10")
    sessions = {name: [r["session"] for r in rows(tmp_path / name / "demo-journal.csv")] for name in "abc"}
    assert sessions == {"a": ["2026-05-05", "2026-05-20"], "b": ["2026-05-05"], "c": ["2026-05-20"]}
    assert rows(tmp_path / "a" / "demo-journal.csv")[0]["evidence"] == 'quotes " and, commas\nand lines'


def test_an_empty_table_has_a_head():
    out = io.BytesIO()
    write_csv(journal_table(()), out)
    assert out.getvalue().decode().startswith("seen,session,kind,") and out.getvalue().count(b"\n") == 1


# ------------------------------------------------------------------------------------------------------------- parquet
def test_parquet_holds_the_same_as_csv(run, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    assert run(str(tmp_path), "series", "boards", "--format", "parquet", "--since", "2026-05-26")[0] == 0
    run(str(tmp_path), "series", "boards", "--since", "2026-05-26")
    for name in ("demo-series", "demo-boards", "demo-catalogue"):
        plain = rows(tmp_path / f"{name}.csv")
        table = pq.read_table(tmp_path / f"{name}.parquet").to_pylist()
        assert len(table) == len(plain) and list(table[0]) == list(plain[0])
        for typed, text in zip(table, plain, strict=True):
            for key, value in typed.items():
                if isinstance(value, datetime):
                    assert value.strftime("%Y-%m-%dT%H:%M:%SZ") == text[key]
                elif isinstance(value, bool):
                    assert str(value).lower() == text[key]
                elif isinstance(value, float):
                    assert value == float(text[key])
                else:
                    assert ("" if value is None else str(value)) == text[key]


def test_without_pyarrow_one_line_says_what_to_do(run, tmp_path, monkeypatch):
    monkeypatch.setattr("bondtop.tui.export.forms.find_spec", lambda _: None)
    code, out, err = run(str(tmp_path / "x"), "--format", "parquet")
    assert code == 2 and out == "" and err.count("\n") == 1 and "bondtop[parquet]" in err
    assert not (tmp_path / "x").exists()


# --------------------------------------------------------------------------------------------------------------- usage
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--at", "yesterday"], "is not a date"),
        (["--since", "2026-13-01"], "is not a date"),
        (["--since", "2026-05-10", "--at", "2026-05-01"], "is later than"),
        (["charts"], "nothing to export is called 'charts'"),
    ],
)
def test_wrong_usage_is_one_line_and_writes_nothing(run, tmp_path, arguments, words):
    code, out, err = run(str(tmp_path / "x"), *arguments)
    assert code == 2 and out == "" and words in err and err.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_without_a_cache_it_says_how_to_fill_one(run, tmp_path):
    code, _, err = run(str(tmp_path / "x"), demo=False)
    assert code == 1 and "bondtop refresh" in err and not (tmp_path / "x").exists()


def test_a_file_in_place_of_the_folder_is_one_line(run, tmp_path):
    (tmp_path / "x").write_text("mine")
    code, _, err = run(str(tmp_path / "x"), "journal")
    assert code == 1 and err.count("\n") == 1 and str(tmp_path / "x") in err
    assert (tmp_path / "x").read_text() == "mine"


# --------------------------------------------------------------------------------------------------------------- files
def test_the_same_cache_and_day_give_the_same_bytes(run, tmp_path):
    for name in ("a", "b"):
        assert run(str(tmp_path / name), "--at", "2026-05-12", "--since", "2026-05-11")[0] == 0
    one, other = ({p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*") if p.is_file()} for n in ("a", "b"))
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_everything_is_private_and_no_part_is_left(run, tmp_path):
    run(str(tmp_path / "x"), "--since", "2026-05-29")
    for path in (tmp_path / "x").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
        assert not path.name.endswith(".part")
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o700


def test_an_own_export_is_written_over_and_nobody_elses_file(run, tmp_path):
    assert run(str(tmp_path), "journal")[0] == 0
    (tmp_path / "demo-board.json").write_text("mine")
    assert run(str(tmp_path), "journal")[0] == 0
    code, out, err = run(str(tmp_path), "journal", "boards")
    assert code == 1 and out == "" and "demo-board.json" in err and err.count("\n") == 1
    assert (tmp_path / "demo-board.json").read_text() == "mine"
    assert not (tmp_path / "demo-boards.csv").exists()


def test_a_dangling_link_is_somebody_elses_too(tmp_path):
    (tmp_path / "brief.html").symlink_to(tmp_path / "nowhere")
    with pytest.raises(BondtopError, match="not of an export"):
        Folder(tmp_path).claim(["brief.html"])


@pytest.mark.parametrize("text", ["{}", "[]", "mine", '{"made_by": "else", "files": []}'])
def test_a_foreign_manifest_stays(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(BondtopError, match="not of an export"):
        Folder(tmp_path)
    assert (tmp_path / MANIFEST).read_text() == text


def test_what_breaks_half_way_leaves_the_file_before(tmp_path):
    folder = Folder(tmp_path)
    folder.claim(["a.csv"])
    folder.write("a.csv", "whole\n")

    def broken():
        yield [[1], [2.0]]
        raise OSError(28, "No space left on device")

    with pytest.raises(BondtopError, match="No space left"), folder.file("a.csv") as file:
        write_csv(Table([("n", Kind.COUNT), ("x", Kind.NUMBER)], broken()), file)
    assert (tmp_path / "a.csv").read_text() == "whole\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", MANIFEST]


def test_what_was_claimed_counts_as_ours_after_a_crash(tmp_path):
    folder = Folder(tmp_path)
    folder.claim(["a.csv"])
    folder.write("a.csv", "half an export")
    Folder(tmp_path).claim(["a.csv", "b.csv"])
    assert json.loads((tmp_path / MANIFEST).read_text())["files"] == ["a.csv", "b.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_one_line(run, tmp_path):
    (tmp_path / "x").mkdir(mode=0o500)
    code, _, err = run(str(tmp_path / "x"), "journal")
    assert code == 1 and err.count("\n") == 1


@pytest.fixture
def bare(tmp_path):
    """A real cache in which nothing is stored, and settings full of secrets."""
    Store.open(tmp_path / "bare").close()
    config = tmp_path / "config.toml"
    config.touch(0o600)
    config.write_text('[keys]\nfred = "s3cretKey"\n[alerts]\nwebhook = "https://hooks.example/s3cretHook"\n')
    return ["--cache-dir", str(tmp_path / "bare"), "--config", str(config)]


def test_no_secret_gets_out_and_an_empty_cache_can_be_exported(tmp_path, bare, monkeypatch, capsys):
    for name in ("BONDTOP_KEY_FRED", "BONDTOP_KEY_RIKSBANK", "BONDTOP_WEBHOOK"):
        monkeypatch.setenv(name, f"s3cret{name}")
    assert main(["export", str(tmp_path / "x"), *bare]) == 0
    files = [path for path in (tmp_path / "x").rglob("*") if path.is_file()]
    assert {"brief.html", "series.csv", "board.json", "monitor.svg"} <= {path.name for path in files}
    assert [path for path in files if b"s3cret" in path.read_bytes()] == []
    assert "s3cret" not in "".join(capsys.readouterr())
    assert "STATE UNKNOWN" in (tmp_path / "x" / "brief.html").read_text()
