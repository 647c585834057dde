"""The store of the simulated market: the scenario goes in as any provider's answer does."""

from pathlib import Path

from ..feeds import demo, scenario
from .answers import second
from .health import FeedState, Health
from .store import Store


def open_demo(directory: Path) -> Store:
    """The simulated market's store in a directory of its own, whatever it holds.

    Raises:
        CacheError: it cannot be made there.
    """
    return Store.open(directory / scenario.FOLDER, catalogue=demo.demo_catalogue())


def demo_store(directory: Path) -> Store:
    """The same, filled when the scenario is not yet in it.

    Raises:
        CacheError: the directory cannot be written, and holds no scenario.
    """
    store = open_demo(directory)
    if not store.newest_days(demo.FEED):
        ingested = store.ingest(demo.FEED, demo.PART, demo.demo_observations(), demo.demo_answer(), hold=True)
        at = second(demo.NOW)
        store.put_health(
            Health(
                demo.FEED,
                FeedState.OK,
                last_try=at,
                last_success=at,
                last_new=at,
                rows_new=ingested.new,
                as_of=max(ingested.newest.values()),
            )
        )
    return store
