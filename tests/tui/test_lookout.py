"""The lookout: comes back with what others did, and with nothing else."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from bondtop.feeds.errors import BondtopError
from bondtop.tui import lookout
from bondtop.tui.lookout import JUMP_S, Lookout, Sight


class World:
    """What a lookout looks at; each look passes a second."""

    def __init__(self) -> None:
        self.second, self.writings, self.looks, self.broken = 1000.0, 7, 0, False
        self.script: dict[int, str] = {}  # what happens before which look
        self.settings: str | None = None

    def seconds(self) -> float:
        return self.second

    def written(self) -> int:
        if self.broken:
            raise BondtopError("locked")
        return self.writings

    def look(self) -> str | None:
        found, self.settings = self.settings, None
        return found

    def wait(self, _within_s: float) -> bool:
        """In place of the pause between two looks."""
        self.looks += 1
        self.second += 1.0
        match self.script.get(self.looks):
            case "written":
                self.writings += 1
            case "settings":
                self.settings = "line 3: no such key"
            case "slept":
                self.second += JUMP_S
            case "set back":
                self.second -= JUMP_S + 2
            case "locked":
                self.broken = True
            case "free":
                self.broken = False
            case "end":
                return True
        return False


@pytest.fixture
def world():
    return World()


@pytest.fixture
def looking(world, monkeypatch):
    out = Lookout(world, world.written, world.seconds)
    monkeypatch.setattr(out._ended, "wait", world.wait)
    return out


def test_each_kind_of_news_comes_by_itself(world, looking):
    world.script = {3: "written", 5: "settings", 6: "slept", 9: "set back", 12: "end"}
    seen = [looking.wait() for _ in range(5)]
    assert seen == [
        Sight(None, is_written=True, has_jumped=False),
        Sight("line 3: no such key", is_written=False, has_jumped=False),
        Sight(None, is_written=False, has_jumped=True),
        Sight(None, is_written=False, has_jumped=True),
        None,
    ]
    assert world.looks == 12


def test_what_was_written_while_the_cache_could_not_be_read_is_seen_afterwards(world, looking):
    world.script = {1: "locked", 2: "written", 4: "free", 6: "end"}
    assert looking.wait() == Sight(None, is_written=True, has_jumped=False)
    assert world.looks == 4
    assert looking.wait() is None


def test_whoever_waits_is_let_go(world, monkeypatch):
    monkeypatch.setattr(lookout, "POLL_S", 3600.0)
    out = Lookout(world, world.written, world.seconds)
    begun = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: (begun.set(), out.wait())[1])
        begun.wait(30)
        out.end()
        assert waiting.result(30) is None
