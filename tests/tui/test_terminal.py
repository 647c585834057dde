"""The real program on a real terminal, read as a person would."""

import pytest
from demo_boards import demo_cache
from terminal import Terminal


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
def test_the_demo_opens_travels_explains_and_leaves_the_terminal_as_it_was(tmp_path, size):
    columns, rows = size
    if columns < 120:  # not its first start
        demo_cache(tmp_path / "cache" / "demo")
    with Terminal(tmp_path, "--demo", columns=columns, rows=rows) as terminal:
        text = terminal.until(lambda t: all(word in t for word in ("DEMO", "State vector", "Japan", "help")))
        assert "?" in terminal.lines[-1] and "help" in terminal.lines[-1]
        assert all(len(line) <= columns for line in text.split("\n"))
        terminal.type(",")
        terminal.until(lambda t: "DEMO REPLAY 2026-05-28 (as known then)" in t)
        terminal.type("L")
        terminal.until(lambda t: "REPLAY" not in t)
        terminal.type("\r")
        terminal.until(lambda t: "Explain" in t and "clocks" in t and "DEMO" in t)
        terminal.type("\x1b")
        terminal.until(lambda t: "State vector" in t and "Explain" not in t)
        terminal.type("4")
        terminal.until(lambda t: "FED CONSTRAINT LIFTING" in t)
        terminal.type("q")
        assert terminal.end() == 0
        assert terminal.modes() == terminal.before
        assert b"\x1b[?1049l" in terminal.sent[-400:] and b"\x1b[?25h" in terminal.sent[-400:]


def test_a_resize_storm_ends_on_a_whole_screen(tmp_path):
    demo_cache(tmp_path / "cache" / "demo")
    with Terminal(tmp_path, "--demo", columns=120, rows=40) as terminal:
        terminal.until(lambda t: "DEMO" in t and "Japan" in t)  # it is still starting
        for columns, rows in ((20, 5), (200, 60), (41, 11), (80, 24), (5, 2), (100, 30)):
            terminal.resize(columns, rows)
        terminal.until(lambda t: "1 State vector" in t and "4 Watch list" in t and "? help" in t)
        terminal.type("q")
        assert terminal.end() == 0


def test_a_locale_without_unicode_gets_ascii(tmp_path):
    demo_cache(tmp_path / "cache" / "demo")
    with Terminal(tmp_path, "--demo", columns=100, rows=30, environment={"LC_ALL": "C"}) as terminal:
        text = terminal.until(lambda t: "DEMO" in t and "Japan" in t)
        assert text.isascii()
        terminal.type("q")
        assert terminal.end() == 0


def test_an_empty_cache_without_network_says_so_soon_and_opens_the_demo(tmp_path):
    nobody = {"BONDTOP_MIRROR": "http://127.0.0.1:9"}
    with Terminal(tmp_path, columns=100, rows=40, environment=nobody) as terminal:
        text = terminal.until(lambda t: "Nothing is stored and no provider answers" in t)
        assert "connection refused" in text and "press D" in text.replace("│\n│", "")
        assert "waiting" in text or "asking" in text  # said before the slow ones have given up
        terminal.type("D")
        terminal.until(lambda t: "DEMO" in t and "Japan" in t)
        terminal.type("q")
        assert terminal.end() == 0


def test_an_empty_cache_shows_every_feed_until_the_first_board(tmp_path):
    nobody = {"BONDTOP_MIRROR": "http://127.0.0.1:9"}
    with Terminal(tmp_path, columns=80, rows=24, environment=nobody) as terminal:
        text = terminal.until(lambda t: "First visit: the market is being fetched" in t and "treasury" in t)
        assert " feeds " in text
        assert "STATE UNKNOWN" not in text and "DEMO" not in text
        terminal.type("q")
        assert terminal.end() == 0


def test_replay_from_the_start_on_the_real_screen(tmp_path):
    demo_cache(tmp_path / "cache" / "demo")
    with Terminal(tmp_path, "--demo", "--at", "2026-03-02", columns=120, rows=40) as terminal:
        terminal.until(lambda t: "DEMO REPLAY 2026-03-02 (as known then)" in t and "Japan" in t)
        terminal.type(".")
        text = terminal.until(lambda t: "DEMO REPLAY 2026-03-03" in t)
        assert "as of 3 Mar" in text or "as of 2 Mar" in text
        terminal.type("<")
        terminal.until(lambda t: "DEMO REPLAY 2026-02-03" in t)
        terminal.type("y")  # the clipboard goes through the driver to the terminal
        terminal.until(lambda t: "copied:" in t)
        assert b"\x1b]52;c;" in terminal.sent
        terminal.type("q")
        assert terminal.end() == 0


def test_without_a_terminal_it_says_what_to_do(tmp_path, capfd):
    from bondtop.tui.cli import main

    assert main(["--demo", "--cache-dir", str(tmp_path)]) == 1
    assert "bondtop board" in capfd.readouterr().err
