"""Yahoo: the library's frames become a small CSV, and the CSV becomes closes."""

import asyncio
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.clock import Clock
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, RateLimited, Unreachable, WrongFormat
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Answer, Failed
from bondtop.feeds.yahoo import Yahoo
from bondtop.feeds.yahoo_library import Library
from wires import EVENING, EVIL, answer, need, never_cut, refused, survives, values

HEAD = "symbol,date,open,close\n"


def bars(symbol, *rows):
    return HEAD + "".join(f"{symbol},{row}\n" for row in rows)


def read(feed, symbol, *rows):
    (column,) = values(feed.read(answer(bars(symbol, *rows), symbol))).values()
    return column


@pytest.fixture
def feed():
    return make_feed("yahoo", default_catalogue())


def test_closes(feed):
    assert read(feed, "^VIX", "2026-06-29,17,16.5", "2026-06-30,16,16.45", "2026-06-26,,15") == {
        "2026-06-26": 15.0,
        "2026-06-29": 16.5,
        "2026-06-30": 16.45,
    }
    assert read(feed, "^VIX", "2026-06-29,17,16.5", "2026-06-30,16,") == {"2026-06-29": 16.5}


def test_currency_opens_are_the_closes_of_the_business_day_before(feed):
    found = read(feed, "JPY=X", "2026-06-26,161.8,161.9", "2026-06-29,161.7,161.6", "2026-06-30,161.9,170", "2008-10-08,109,109")
    assert found == {"2026-06-25": 161.8, "2026-06-26": 161.7, "2026-06-29": 161.9}


def test_a_last_bar_that_repeats_is_left_out(feed):
    rows = ("2026-06-25,1,16.5", "2026-06-26,1,16.5", "2026-06-29,1,16.4", "2026-06-30,1,16.4", "2026-07-01,1,16.4")
    assert list(read(feed, "^VIX", *rows)) == ["2026-06-25", "2026-06-26", "2026-06-29"]


def test_the_move_repeats_nothing(feed):
    rows = ("2023-03-14,1,169.65", "2023-03-15,1,169.65", "2023-03-16,1,179.1", "2023-03-17,1,179.1", "2023-03-20,1,180")
    assert list(read(feed, "^MOVE", *rows)) == ["2023-03-14", "2023-03-16", "2023-03-20"]


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("", CutShort, "empty answer"),
        (HEAD, CutShort, "no observation"),
        (HEAD[:-1], CutShort, "ends in the middle"),
        ("a,b\n", WrongFormat, "not the bars of a symbol"),
        (bars("^VIX", "2026-06-30,1"), CutShort, "3 cells instead of 4"),
        (bars("MOVE", "2026-06-30,1,20"), WrongFormat, "another symbol"),
        (bars("^VIX", "06/30/2026,1,20"), BadDates, "is not a date"),
        (bars("^VIX", "2026-07-10,1,20"), BadDates, "in the future"),
        (bars("^VIX", "2026-06-30,1,2000"), OutOfRange, "vix 2026-06-30: 2000"),
        (bars("^VIX", f"2026-06-30,1,{EVIL}"), OutOfRange, "is not a number"),
    ],
)
def test_malformations(feed, body, kind, words):
    refused(feed, answer(body, "^VIX"), kind, words)


def test_requests(feed):
    asked = list(feed.requests(need(us__10y=None, move=None, usdjpy=date(2026, 6, 18))))
    assert [r.part for r in asked] == ["^MOVE", "JPY=X", "^TNX"]  # what has no other source first
    assert [r.url[-10:] for r in asked] == ["2002-11-08", "2026-06-14", "1989-12-29"]
    assert [*feed.requests(need())] == []


def frame(*rows, zone="America/New_York", columns=("Open", "High", "Low", "Close", "Volume")):
    pd = pytest.importorskip("pandas")
    index = pd.DatetimeIndex([day for day, *_ in rows]).tz_localize(zone)
    return pd.DataFrame([[o, o, o, c, 0] for _, o, c in rows], index=index, columns=list(columns))


class Frames(Library):
    """Frames, or errors, that stand in for what the library gets."""

    def __init__(self, frames):
        self.frames, self.log = frames, []

    def history(self, symbol, since, until):
        self.log.append((symbol, since, until))
        found = self.frames[symbol.strip("^").replace("=", "_")]
        if isinstance(found, Exception):
            raise found
        return found


class Here:
    """The library in this process."""

    def __init__(self, library):
        self.library = library

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass

    async def bars(self, *question):
        return self.library.bars(*question)


class Canned(Yahoo):
    """The feed over frames."""

    def __init__(self, beside=None, **frames):
        super().__init__(default_catalogue().of_feed("yahoo"), clock=Clock(lambda: EVENING.timestamp()), beside=beside)
        self.frames = Frames(frames)
        self.log = self.frames.log

    def library(self):
        return Here(self.frames)


async def outcomes(feed, **since):
    return [each async for each in feed.ask(None, need(**since))]


async def test_a_frame_becomes_bytes(tmp_path):
    gappy = frame(("2026-06-26", 16.100000381469727, 16.5), ("2026-06-29", 16.0, np.nan), ("2026-06-30", np.nan, 16.450000762939453))
    feed = Canned(VIX=gappy)
    (got,) = await outcomes(feed, vix=date(2026, 6, 22))
    assert got.body.decode() == bars("^VIX", "2026-06-26,16.1,16.5", "2026-06-29,16,", "2026-06-30,,16.45")
    assert got.fetched_at == EVENING
    assert feed.log == [("^VIX", date(2026, 6, 18), date(2026, 7, 2))]
    assert values(feed.read(got)) == {"vix": {"2026-06-26": 16.5, "2026-06-30": 16.45}}


async def test_its_process_waits_for_the_one_beside_ours_and_counts_as_one():
    beside = asyncio.Lock()
    feed = Canned(beside, VIX=frame(("2026-06-30", 1.0, 1.0)))
    await beside.acquire()
    waiting = asyncio.ensure_future(outcomes(feed, vix=None))
    for _ in range(10):
        await asyncio.sleep(0)
    assert feed.log == []
    beside.release()
    held = [beside.locked() async for _ in feed.ask(None, need(vix=None))]
    assert held == [True]
    assert len(await waiting) == 1
    assert not beside.locked()


async def test_an_empty_frame_is_no_observation():
    feed = Canned(VIX=frame(("2026-06-30", 1.0, 1.0)).iloc[:0])
    (got,) = await outcomes(feed, vix=None)
    assert got.body == HEAD.encode()
    refused(feed, got, CutShort, "no observation")


def library_error(name, module="yfinance.exceptions"):
    return type(name, (Exception,), {"__module__": module})("possibly delisted")


async def test_a_rate_limit_ends_the_round_for_a_quarter_of_an_hour():
    feed = Canned(MOVE=library_error("YFRateLimitError"))
    (got,) = await outcomes(feed, move=None, vix=None)
    assert isinstance(got, Failed) and isinstance(got.error, RateLimited)
    assert got.error.status == 429 and got.error.retry_after_s >= 600
    assert len(feed.log) == 1


async def test_silence_ends_the_round_too():
    (got,) = await outcomes(Canned(MOVE=library_error("ConnectionError", "curl_cffi.requests.exceptions")), move=None, vix=None)
    assert isinstance(got.error, Unreachable) and str(got.error) == "no connection, or it was lost"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (library_error("YFPricesMissingError"), "no prices came back"),
        (library_error("JSONDecodeError", "json"), "a page, or an answer cut short, instead of quotes"),
        (KeyError(EVIL), "the library failed: KeyError"),
    ],
)
async def test_one_symbol_costs_only_itself(error, words):
    first, second = await outcomes(Canned(MOVE=error, VIX=frame(("2026-06-30", 16.0, 16.0))), move=None, vix=None)
    assert isinstance(first.error, WrongFormat) and words in str(first.error) and "\x1b" not in str(first.error)
    assert isinstance(second, Answer)


def test_whatever_comes(feed):
    good = answer(bars("JPY=X", "2026-06-29,161.7,161.6", "2026-06-30,161.9,161"), "JPY=X")
    survives(feed, good)
    survives(feed, answer(bars("^MOVE", "2026-06-29,71,71", "2026-06-30,72,72"), "^MOVE"))
    never_cut(feed, good)


def test_the_module_costs_no_pandas():
    heavy = "{'pandas', 'yfinance', 'curl_cffi', 'numpy'}"
    code = f"import sys, bondtop.feeds.yahoo, bondtop.feeds.yahoo_library; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.recorded
def test_recorded_currency_bars(feed, recorded):
    """Dated by our rule, the bars since 2011 lie nearer to the noon rate of their day than as Yahoo dates them."""
    import csv

    with (recorded / "market" / "yfinance" / "USDJPY.csv").open() as file:
        rows = [(row["Date"], float(row["Open"]), float(row["Close"])) for row in csv.DictReader(file)]
    with (recorded / "panel.csv").open() as file:
        noon = {row["date"]: float(row["usdjpy"]) for row in csv.DictReader(file) if row["usdjpy"]}
    at = datetime(2026, 9, 1, tzinfo=UTC)
    body = bars("JPY=X", *(f"{day},{opened},{closed}" for day, opened, closed in rows))
    ours = values(feed.read(answer(body, "JPY=X", at=at)))["usdjpy"]
    early = [abs(v - noon[d]) / noon[d] for d, v in ours.items() if d < "2010" and d in noon]
    late = [abs(v - noon[d]) / noon[d] for d, v in ours.items() if d > "2011" and d in noon]
    assert len(early) > 2500 and np.median(early) < 0.004 and np.quantile(early, 0.99) < 0.02
    assert len(late) > 3500 and np.median(late) < 0.004 and np.quantile(late, 0.99) < 0.02
    assert date.fromisoformat(max(ours)) == date.fromisoformat(rows[-1][0]) - timedelta(days=3)
