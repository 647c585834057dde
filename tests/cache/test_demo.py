"""The simulated market's store: nothing is in it that nobody reads."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from bondtop.cache.demo import demo_store
from bondtop.cache.panel import Panel, Track
from bondtop.feeds import demo
from bondtop.signals.changes import board_with_changes
from bondtop.signals.history import History
from bondtop.signals.settings import Settings


class Watched(Mapping[str, Track]):
    """Tracks that remember which of them were asked for."""

    def __init__(self, tracks: Mapping[str, Track]) -> None:
        self._tracks, self.asked = tracks, set[str]()

    def __getitem__(self, name: str) -> Track:
        self.asked.add(name)
        return self._tracks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tracks)

    def __len__(self) -> int:
        return len(self._tracks)


def test_every_series_of_the_simulated_market_is_read(tmp_path: Path) -> None:
    """Making, storing and reading them is most of what a first start costs."""
    with demo_store(tmp_path) as store:
        tracks = Watched(store.panel(demo.NOW).tracks)
    history = History(Panel(demo.NOW, tracks), Settings(demo=True))
    board_with_changes(history, demo.NOW)
    assert set(demo.demo_observations().columns) <= tracks.asked
