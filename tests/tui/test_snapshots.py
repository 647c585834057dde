"""Every screen as it looks on one hand-made Board and a clock that stands: three sizes in dark, the main one in every theme."""

import asyncio
import math
from datetime import date

import msgspec
import pytest
from bondtop.cache.health import FeedState, Health
from bondtop.tui.app import Monitor
from bondtop.tui.histories import History
from bondtop.tui.source import Connection, FeedStep
from bondtop.tui.themes import theme_names
from bondtop.widgets.axes import to_day
from bondtop.widgets.filling import Step
from handboards import BUILT, number, replaced, unknown
from rich_boards import rich
from snapshots import check
from sources import HandSource
from textual import __version__ as textual_version

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}
SCREENS = ("main", "explain", "condition", "market", "spreads", "carry", "sequence", "journal", "feeds", "help", "settings")
NOW = int(BUILT.timestamp())
KEPT_WITH = "8.2.8"  # the pin in pyproject.toml


class Still(HandSource):
    """Three years of calm lines; three feeds, of which one is well."""

    async def histories(self, ids, until):
        last = to_day(until.date())
        days = [d for d in range(last - 1100, last + 1) if (d + 3) % 7 < 5]
        return {name: History(days, [4 + 0.2 * i + 0.3 * math.sin(d / 90 + i) for d in days]) for i, name in enumerate(ids)}

    async def health(self):
        day = to_day(date(2026, 3, 31))
        return (
            Health("treasury", FeedState.OK, NOW - 300, NOW - 300, NOW - 300, NOW + 3600, latency_ms=412, wire_bytes=12_400, as_of=day),
            Health("fred", FeedState.FAILING, NOW - 60, NOW - 7200, NOW - 9000, NOW + 60, 2, "HTTP 503 Unavailable", 900, as_of=day),
            Health("yahoo", FeedState.OPEN, NOW - 600, None, None, NOW + 3000, 6, "no answer from Yahoo", 10_000),
        )


def board():
    """The rich Board, with one value that rests on a formula and a printed series."""
    base = rich()
    z1 = msgspec.structs.replace(number(6.6, "σ"), formula="state.z1", inputs=("jp.30y",))
    level = msgspec.structs.replace(number(3.71, "%"), inputs=("jp.30y",))
    jgb = msgspec.structs.replace(base.markets["jp"].tenors["30y"], z1=z1, level=level)
    japan = msgspec.structs.replace(base.markets["jp"], tenors={**base.markets["jp"].tenors, "30y": jgb})
    return replaced(base, markets={**base.markets, "jp": japan})


async def settled(app, pilot) -> None:
    for _ in range(3):
        if others := [w for w in app.workers if w.group != "source" and not w.is_finished]:
            await app.workers.wait_for_complete(others)
        await pilot.pause()


async def looked_at(screen, size, name, *, shown=None, **more):
    source = Still(shown or board())
    app = Monitor(source, **more)
    async with app.run_test(size=SIZES[size]) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        source.send(Connection("◐ 1/3 feeds", well=False))
        match screen:
            case "main":
                pass
            case "explain":
                app.screen.query_one("#state-vector").go_to("markets.jp.tenors.30y.z1")
                await pilot.press("enter")
            case "condition":
                await pilot.press(*":F1", "enter")
            case "market":
                await pilot.press(*":us", "enter")
            case _:
                await app.action_open(screen)
        await settled(app, pilot)
        check(app, name)


def test_the_pictures_were_made_with_this_textual():
    assert textual_version == KEPT_WITH


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("screen", SCREENS)
async def test_every_screen_at_every_size(screen, size):
    await looked_at(screen, size, f"{screen}-{size}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", [name for name in theme_names() if name != "dark"])
async def test_the_main_screen_in_every_theme(theme, size):
    await looked_at("main", size, f"main-{size}-{theme}", theme=theme)


@pytest.mark.parametrize("screen", ["main", "market", "spreads", "sequence"])
async def test_in_ascii(screen):
    await looked_at(screen, "120x40", f"{screen}-120x40-ascii", ascii_only=True)


@pytest.mark.parametrize("theme", ["light", "ansi"])
@pytest.mark.parametrize("screen", ["market", "spreads"])
async def test_charts_in_other_colours(screen, theme):
    await looked_at(screen, "120x40", f"{screen}-120x40-{theme}", theme=theme)


@pytest.mark.parametrize("screen", ["main", "market"])
async def test_without_colours(screen, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    await looked_at(screen, "120x40", f"{screen}-120x40-no-color")


async def test_nothing_known():
    await looked_at("main", "120x40", "main-120x40-unknown", shown=unknown())


async def test_in_replay():
    source = Still(rich())
    app = Monitor(source, at=date(2026, 1, 20))
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        while app.day is None:
            await pilot.pause(0.01)
        await settled(app, pilot)
        check(app, "main-120x40-replay")


@pytest.mark.parametrize("size", ["80x24", "120x40"])
async def test_an_empty_cache(size):
    source = Still(None)
    app = Monitor(source)
    async with app.run_test(size=SIZES[size]) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        source.send(FeedStep("treasury", Step("answer", "daily", 120)))
        source.send(FeedStep("fred", Step("failed", "", 0, "HTTP 503 Service Unavailable")))
        await settled(app, pilot)
        check(app, f"filling-{size}")


async def test_too_small():
    app = Monitor(Still(rich()))
    async with app.run_test(size=(20, 5)) as pilot:
        await settled(app, pilot)
        check(app, "tiny-20x5")
