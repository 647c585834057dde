"""DefiLlama: charts by day, coins by symbol, tokenised Treasuries."""

import json
from datetime import timedelta

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, Refused, Unreachable, WrongFormat
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Answer, Failed
from wires import EVENING, answer, need, never_cut, refused, survives, values

NIGHT = EVENING + timedelta(hours=3, minutes=30)
JUNE_29, JUNE_30 = 1782691200, 1782777600


def point(seconds, usd, eur=None):
    pegs = {"peggedUSD": usd} | ({"peggedEUR": eur} if eur is not None else {})
    return {"date": str(seconds), "totalCirculating": {"peggedUSD": 1}, "totalCirculatingUSD": pegs}


CHART = json.dumps([point(JUNE_29, 301e9, 4e8), point(JUNE_30, 302e9), point(JUNE_30 + 70_000, 307e9)])


def coin(ident, symbol, size):
    return {"id": ident, "name": symbol, "symbol": symbol, "pegType": "peggedUSD", "circulating": {"peggedUSD": size}}


COINS = json.dumps({"peggedAssets": [coin("2", "USDT", 184e9), coin("9", "USDT", 1e6), coin("1", "USDC", 74e9), coin("5", "DAI", 5e9)]})
RWA = json.dumps(
    {"byCategory": {"Treasury Bills": {"base": {"onChainMcap": 16.2e9}}, "US Treasuries": {"mcap": 1e9}, "Gold": {"mcap": 2e9}}}
)


@pytest.fixture
def feed():
    return make_feed("defillama", default_catalogue())


class Client:
    """Answers from a table of address endings; an error is raised."""

    def __init__(self, **answers):
        self.answers = {
            "charts/all": CHART,
            "includePrices=true": COINS,
            "rwa/stats": RWA,
            "stablecoin=2": CHART,
            "stablecoin=1": CHART,
        } | answers

    async def fetch(self, request, *, feed):
        found = next(body for end, body in self.answers.items() if request.url.endswith(end))
        if isinstance(found, Exception):
            raise found
        return Answer(request, found.encode(), EVENING)


ALL = need(stablecoin__cap=None, stablecoin__usdt=None, stablecoin__usdc=None, rwa__treasuries=None)


async def outcomes(feed, client, wanted=ALL):
    return [(type(each).__name__, each.request.part) async for each in feed.ask(client, wanted)]


def test_the_last_point_of_each_day_over_all_pegs(feed):
    found = values(feed.read(answer(CHART, "all", "chart", at=NIGHT)))
    assert found == {"stablecoin.cap": {"2026-06-29": pytest.approx(301.4), "2026-06-30": pytest.approx(307.0)}}
    assert list(values(feed.read(answer(CHART, "USDT", "chart", at=NIGHT)))) == ["stablecoin.usdt"]


def test_the_day_that_is_running_waits(feed):
    assert list(values(feed.read(answer(CHART, "all", "chart", at=EVENING)))["stablecoin.cap"]) == ["2026-06-29"]


def test_tokenised_treasuries_in_both_spellings(feed):
    for at in (EVENING, NIGHT):
        assert values(feed.read(answer(RWA, "rwa", "rwa", at=at))) == {"rwa.treasuries": {"2026-06-30": pytest.approx(17.2)}}


async def test_a_coin_is_found_by_its_symbol_and_size(feed):
    asked = []

    class Noting(Client):
        async def fetch(self, request, *, feed):
            asked.append(request.url.rpartition("/")[2])
            return await super().fetch(request, feed=feed)

    assert await outcomes(feed, Noting()) == [("Answer", "all"), ("Answer", "rwa"), ("Answer", "USDT"), ("Answer", "USDC")]
    assert asked == ["all", "stats", "stablecoins?includePrices=true", "all?stablecoin=2", "all?stablecoin=1"]


async def test_failures_stay_with_their_question(feed):
    assert await outcomes(feed, Client(**{"stablecoin=2": Unreachable("silence")})) == [
        ("Answer", "all"),
        ("Answer", "rwa"),
        ("Failed", "USDT"),
        ("Answer", "USDC"),
    ]
    assert (await outcomes(feed, Client(**{"includePrices=true": "<html>"})))[2:] == [("Failed", "coins")]
    lonely = json.dumps({"peggedAssets": [coin("1", "USDC", 74e9)]})
    assert (await outcomes(feed, Client(**{"includePrices=true": lonely})))[2:] == [("Failed", "coins"), ("Answer", "USDC")]


async def test_a_retired_address_is_no_failure(feed):
    assert ("Failed", "rwa") not in await outcomes(feed, Client(**{"rwa/stats": Refused("HTTP 404", 404)}))
    assert ("Failed", "rwa") in await outcomes(feed, Client(**{"rwa/stats": Refused("HTTP 500", 500)}))


async def test_only_what_is_wanted(feed):
    assert await outcomes(feed, Client(), need(stablecoin__usdc=None)) == [("Answer", "USDC")]
    assert [*feed.requests(need())] == []
    failed = [each async for each in feed.ask(Client(**{"charts/all": Unreachable("x")}), need(stablecoin__cap=None))]
    assert isinstance(failed[0], Failed)


@pytest.mark.parametrize(
    ("reader", "body", "kind", "words"),
    [
        ("chart", "", CutShort, "empty answer"),
        ("chart", "<html>", WrongFormat, "HTML"),
        ("chart", CHART[:-30], CutShort, "ends before its end"),
        ("chart", "[]", CutShort, "no observation"),
        ("chart", "{}", WrongFormat, "not a list of objects"),
        ("chart", json.dumps([{"date": "1"}]), WrongFormat, "without totalCirculatingUSD"),
        ("chart", json.dumps([point("soon", 1e9)]), OutOfRange, "date of a point: 'soon'"),
        ("chart", json.dumps([point(JUNE_30 + 10 * 86_400, 1e9)]), BadDates, "dated 2026-07-10, in the future"),
        ("chart", json.dumps([point(JUNE_30, "a lot")]), OutOfRange, "is not a number"),
        ("chart", CHART.replace("e+", "E+").replace("307000000000.0", "30700000000000"), OutOfRange, "stablecoin.cap 2026-06-30: 30700"),
        ("rwa", "[]", WrongFormat, "no figures by category"),
        ("rwa", '{"byCategory": {"Gold": {"mcap": 1}}}', WrongFormat, "no category of Treasuries"),
        ("rwa", '{"byCategory": {"Treasury Bills": {"mcap": 1.6e12}}}', OutOfRange, "rwa.treasuries 2026-06-30: 1600"),
    ],
)
def test_malformations(feed, reader, body, kind, words):
    refused(feed, answer(body, "all" if reader == "chart" else "rwa", reader, at=NIGHT), kind, words)


def test_whatever_comes(feed):
    survives(feed, answer(CHART, "all", "chart", at=NIGHT))
    survives(feed, answer(RWA, "rwa", "rwa"))
    never_cut(feed, answer(CHART, "all", "chart", at=NIGHT), 3)


@pytest.mark.recorded
def test_recorded_shape(feed, recorded):
    body = (recorded / "samples" / "defillama_stablecoincharts_all_shape.json").read_bytes()
    found = values(feed.read(answer(body, "all", "chart")))["stablecoin.cap"]
    assert list(found.values()) == pytest.approx([sum(p["totalCirculatingUSD"].values()) / 1e9 for p in json.loads(body)])
