"""board, explain, watch and changes on the simulated market, and when the stored Board is current."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from io import TextIOWrapper
from pathlib import Path

import msgspec
import pytest
from bondtop.cache.demo import demo_store
from bondtop.cache.store import Store
from bondtop.feeds import demo
from bondtop.feeds.clock import Clock
from bondtop.feeds.series import Answer, Column, Observations, Request, to_day
from bondtop.signals import board as contract
from bondtop.tui.cli import main
from bondtop.tui.config import Config, Markets
from bondtop.tui.desk import Desk, end_of, keep_board
from bondtop.tui.live import VISIT
from bondtop.tui.stored import CURRENT_S
from demo_boards import demo_cache
from rich.cells import cell_len
from signal_boards import board as blank_board


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    demo_cache(folder / "demo")
    return folder


@pytest.fixture
def run(cache, capsysbinary, monkeypatch):
    """Runs a command; gives exit code, standard output and standard error."""
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: str, demo: bool = True) -> tuple[int, str, str]:
        code = main([*arguments, "--cache-dir", str(cache), "--config", str(cache / "none.toml"), *(["--demo"] if demo else [])])
        sys.stdout.flush()
        out = capsysbinary.readouterr()
        return code, out.out.decode(), out.err.decode()

    monkeypatch.setattr(sys, "stdout", TextIOWrapper(sys.stdout.buffer, "utf-8", write_through=True))
    return call


# --------------------------------------------------------------------------------------------------------------- board
def test_the_published_schema_is_that_of_the_code():
    published = json.loads(files("bondtop.signals").joinpath("board.schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(contract.schema())), "write it anew: json.dumps(schema(), indent=1, ensure_ascii=False)"


def test_json_is_the_board_and_nothing_else(run):
    code, out, err = run("board", "--json")
    found = contract.decode(out.encode())
    assert (code, err, found.demo) == (0, "", True)
    assert found.as_of == demo.NOW
    assert contract.encode(found).decode() + "\n" == out


def test_the_second_time_it_comes_from_the_store(run, monkeypatch):
    first = run("board", "--json")
    monkeypatch.setattr(Desk, "evaluate", lambda self: pytest.fail("made again"))
    assert run("board", "--json") == first


def test_tables_fit_80_columns_and_say_demo(run):
    code, out, _ = run("board")
    assert code == 0
    assert max(map(cell_len, out.splitlines())) <= 80
    assert out.startswith("DEMO")
    for words in ("State vector", "Regime", "Cross-asset confirmation", "Fed constraint lifting", "Loop A", "Changed since"):
        assert words in out


@pytest.mark.parametrize("pane", ["clearing", "auctions", "spillover", "structure", "health", "changes", "state"])
def test_every_pane_fits(run, pane):
    code, out, _ = run("board", "--pane", pane)
    assert code == 0
    assert max(map(cell_len, out.splitlines())) <= 80
    assert "DEMO" in out


def test_an_unknown_pane_and_a_bad_date_are_wrong_usage(run):
    assert run("board", "--pane", "kitchen")[0] == 2
    assert run("board", "--at", "yesterday")[0] == 2


def test_a_past_day_knows_nothing_later(run):
    found = contract.decode(run("board", "--json", "--at", "2026-01-20")[1].encode())
    assert found.as_of == datetime(2026, 1, 20, 23, 59, 59, tzinfo=UTC)
    assert found.markets["us"].tenors["30y"].level.value == pytest.approx(4.92, abs=0.011)
    assert found.markets["jp"].tenors["30y"].level.as_of == date(2026, 1, 19), "Tokyo publishes the next morning"
    assert run("board", "--json")[1] != "", "the stored Board of now is still that of now"


def test_the_january_shock_is_six_sigma(run):
    found = contract.decode(run("board", "--json", "--at", "2026-01-21")[1].encode())
    point = found.markets["jp"].tenors["30y"]
    assert point.d1.value == pytest.approx(20.3, abs=0.11)
    assert point.z1.value > 5
    assert any(c.kind == "move" and c.subject == "markets.jp.tenors.30y.z1" for c in found.changes)


def test_an_empty_cache_says_what_to_do(run):
    code, out, err = run("board", demo=False)
    assert (code, out) == (1, "")
    assert "bondtop refresh" in err


# ------------------------------------------------------------------------------------------------- explain, watch, changes
def test_explain(run):
    code, out, _ = run("explain", "market.jp.30y.sigma")
    assert code == 0
    assert out.startswith("DEMO")
    for words in (
        "The session's move in its own σ",
        "rule of thumb",
        "scored on history",
        "simulated: JGB par yield 30y",
        "as jp.30y was printed",
    ):
        assert words in out or words == "rule of thumb"
    found = json.loads(run("explain", "regime.gate", "--json")[1])
    assert (found["path"], found["text"]) == ("regime.gate", "off")


def test_explain_finds_values_the_board_does_not_hold(run):
    assert "USD bn" in run("explain", "us.mspd.bills")[1]


def test_explain_offers_the_nearest_name(run):
    code, out, err = run("explain", "regime.gat")
    assert (code, out) == (2, "")
    assert "did you mean regime.gate" in err


def test_watch(run):
    code, out, _ = run("watch")
    assert code == 0
    assert "DEMO" in out
    assert "F1 MOVE > 130 for two weeks" in out
    assert run("watch", "f1")[1].count("F1 MOVE > 130") == 1
    assert run("watch", "us30-4.90")[1].count("UST 30Y 4.90") == 1
    whole = json.loads(run("watch", "--json")[1])
    assert whole["demo"] is True
    assert len(whole["watch"]) == 15
    assert run("watch", "F9")[0] == 2


def test_changes_of_regimes_over_the_whole_history(run):
    code, out, _ = run("changes", "--since", "2016-01-01", "--kind", "regime", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {line["after"] for line in found} == {"Expansion", "Stable", "Fragmentation", "Repricing", "Stress"}
    assert all(set(line) >= {"at", "kind", "subject", "before", "after", "severity", "evidence"} and line["demo"] for line in found)
    assert [line["at"] for line in found] == sorted(line["at"] for line in found)


def test_changes_of_every_kind(run):
    found = [json.loads(line) for line in run("changes", "--since", "2026-05-18", "--json")[1].splitlines()]
    assert {"label", "condition"} <= {line["kind"] for line in found}
    text = run("changes", "--since", "2026-05-27")[1]
    assert text.startswith("DEMO")
    assert text.rstrip().endswith("changes")


def test_changes_since_yesterday_last_week_and_the_last_visit(run, cache):
    """29 May 2026 is a Friday; what is said of a Monday is said against its Friday."""
    friday = run("changes", "--since", "2026-05-29")[1]
    assert run("changes", "--since", "yesterday")[1] == friday and "as it was: regime still" in friday
    week = run("changes", "--since", "2026-05-23", "--json")[1]
    assert run("changes", "--since", "week", "--json")[1] == run("changes", "--since", "2026-05-25", "--json")[1] == week != ""
    code, _, err = run("changes", "--since", "visit")
    assert code == 1 and "no earlier visit is known" in err
    with demo_store(cache / "demo") as store:
        desk = Desk(store, Config(), Clock(demo.NOW.timestamp), demo=True)
        store.put_board(contract.encode(desk.history.board(end_of(date(2026, 5, 22)))), end_of(date(2026, 5, 22)), key=VISIT)
    assert run("changes", "--since", "visit", "--json")[1] == week


@pytest.mark.parametrize("arguments", [(), ("--since", "soon"), ("--since", "2026-05-01", "--kind", "weather")])
def test_changes_asked_wrongly(run, arguments):
    assert run("changes", *arguments)[0] == 2


# ------------------------------------------------------------------------------------------------------ the story of the demo
def test_conditions_are_met_and_a_loop_advances(run):
    found = contract.decode(run("board", "--json")[1].encode())
    assert sum(item.state == "MET" for item in found.watch.values()) >= 3
    assert any(gate.latched_on for gate in found.sequence.loops["A"].gates)
    assert found.regime.held.word == "Fragmentation"


# ------------------------------------------------------------------------------------------------------ what is current
def desk_at(store: Store, seconds: float, config: Config | None = None) -> Desk:
    return Desk(store, config or Config(), Clock(lambda: demo.NOW.timestamp() + seconds))


def small_store(folder: Path, board: contract.Board | None) -> Store:
    store = Store.open(folder)
    column = Column([to_day(date(2026, 5, 28))], [4.4])
    fetched = demo.NOW - timedelta(hours=1)
    store.ingest(
        "treasury", "par 2026", Observations({"us.10y": column}), Answer(Request("par 2026", "https://example.org"), b"x", fetched)
    )
    if board:
        store.put_board(contract.encode(board), board.as_of)
    return store


@pytest.fixture
def stored(tmp_path):
    board = blank_board(demo.NOW, regime__markets=("us", "uk", "fr", "jp"))
    with small_store(tmp_path, board) as store:
        yield store


def test_a_stored_board_is_current_for_a_while(stored, monkeypatch):
    monkeypatch.setattr(Desk, "evaluate", lambda self: "made again")
    assert desk_at(stored, 0).latest() != "made again"
    assert desk_at(stored, CURRENT_S).latest() != "made again"
    assert desk_at(stored, CURRENT_S + 1).latest() == "made again"
    assert desk_at(stored, -60).latest() == "made again", "a clock that went back"


def test_a_stored_board_is_not_current_after_new_observations(stored, monkeypatch):
    monkeypatch.setattr(Desk, "evaluate", lambda self: "made again")
    fetched = demo.NOW + timedelta(minutes=1)
    column = Column([to_day(date(2026, 5, 29))], [4.5])
    stored.ingest(
        "treasury", "par 2026", Observations({"us.10y": column}), Answer(Request("par 2026", "https://example.org"), b"y", fetched)
    )
    assert desk_at(stored, 120).latest() == "made again"


def test_a_stored_board_of_other_markets_or_another_version_is_not_current(stored, monkeypatch):
    monkeypatch.setattr(Desk, "evaluate", lambda self: "made again")
    other = Config(markets=Markets(panel=("us", "uk", "de", "jp")))
    assert desk_at(stored, 0, other).latest() == "made again"
    stored.put_board(b'{"version": 99}', demo.NOW)
    assert desk_at(stored, 0).latest() == "made again"


def test_a_new_board_is_kept_for_the_next_time(tmp_path):
    with small_store(tmp_path, None) as store:
        made = keep_board(store, Config(), Clock(demo.NOW.timestamp))
        kept = store.board()
        assert kept is not None
        assert contract.decode(kept[0]) == made
        assert made.markets["us"].tenors["10y"].level.value == 4.4


def test_the_end_of_a_day_that_has_not_ended_is_now(stored):
    desk = desk_at(stored, 0)
    assert desk.at(demo.NOW.date()).as_of == demo.NOW
    assert end_of(date(2026, 5, 28)) < demo.NOW


def test_the_stored_board_needs_neither_numpy_nor_textual(tmp_path):
    with demo_store(tmp_path / "demo") as store:
        store.put_board(
            contract.encode(msgspec.structs.replace(blank_board(demo.NOW, regime__markets=("us", "uk", "fr", "jp")), demo=True)), demo.NOW
        )
    code = (
        "import sys; from bondtop.tui.cli import main;"
        f"main(['board', '--json', '--demo', '--cache-dir', {str(tmp_path)!r}]);"
        "sys.exit(bool({'numpy', 'pandas', 'textual', 'holidays', 'rich', 'yfinance', 'httpx'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0
