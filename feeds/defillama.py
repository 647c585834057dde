"""DefiLlama: capitalisation of stablecoins, and of tokenised Treasuries.

A coin is looked up by its symbol in the list of coins, for the ids of two of them are swapped in published lists. The figures of
tokenised assets come without a date (`Request.undated`).
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from typing import Any

from .check import json_of, number, observations, records
from .errors import BadAnswer, FeedError, Refused, WrongFormat
from .feed import Feed, Fetcher
from .parse import amount, records_at
from .series import Answer, Failed, Need, Observations, Request, to_day

_CHART = "https://stablecoins.llama.fi/stablecoincharts/all"
_COINS = "https://stablecoins.llama.fi/stablecoins?includePrices=true"
_RWA = "https://api.llama.fi/rwa/stats"
_ALL, _TREASURIES = "all", "rwa treasuries"


class Defillama(Feed):
    """A code is "all", a coin's symbol, or "rwa treasuries"."""

    name = "defillama"
    title = "DefiLlama"
    hosts = ("stablecoins.llama.fi", "api.llama.fi")
    licence = "Display with credit; no bulk redistribution"

    def requests(self, need: Need) -> Iterator[Request]:
        """Charts are whole histories; the list of coins is asked for their ids."""
        wanted = [code for code, s in self.codes.items() if s.id in need.since]
        if _ALL in wanted:
            yield _chart(_ALL, _CHART)
        if _TREASURIES in wanted:
            yield Request(part="rwa", url=_RWA, reader="rwa", max_bytes=8_000_000, undated=True)
        if any(code not in (_ALL, _TREASURIES) for code in wanted):
            yield Request(part="coins", url=_COINS, reader="coins", max_bytes=24_000_000)

    async def ask(self, client: Fetcher, need: Need) -> AsyncGenerator[Answer | Failed, None]:
        """Every answer, and after the list of coins the chart of each coin that is wanted."""
        async for outcome in super().ask(client, need):
            match outcome:
                case Answer(request=Request(reader="coins")) if not outcome.unchanged:
                    for coin in self._coins(outcome, need):
                        yield coin if isinstance(coin, Failed) else await self._one(client, coin)
                case Failed(request=Request(reader="rwa"), error=Refused(status=404)):
                    pass  # this address comes and goes; without it the series grows old and says so
                case _:
                    yield outcome

    async def _one(self, client: Fetcher, request: Request) -> Answer | Failed:
        try:
            return await client.fetch(request, feed=self.name)
        except FeedError as error:
            return Failed(request, error)

    def read(self, answer: Answer) -> Observations:
        """The last value of each UTC day that is over; what is said of now belongs to the day that ends nearest."""
        if answer.request.reader == "rwa":
            rows = {_TREASURIES: [(to_day((answer.fetched_at - timedelta(hours=12)).date()), _tokenised(json_of(answer)))]}
        else:
            points, today = _by_day(records(json_of(answer), "chart")), to_day(answer.fetched_at.date())
            rows = {answer.request.part: [(day, value) for day, value in points if day != today]}
        return observations(answer, {self.codes[c].id: r for c, r in rows.items() if c in self.codes}, self.series, self.factors)

    def _coins(self, answer: Answer, need: Need) -> Iterator[Request | Failed]:
        wanted = [code for code, s in self.codes.items() if s.id in need.since and code not in (_ALL, _TREASURIES)]
        try:
            ids = _ids(records_at(json_of(answer), "peggedAssets"))
        except BadAnswer as error:
            yield Failed(answer.request, error)
            return
        for symbol in wanted:
            if symbol in ids:
                yield _chart(symbol, f"{_CHART}?stablecoin={ids[symbol]}")
            else:
                yield Failed(answer.request, WrongFormat(f"{symbol} is not among the coins"))


def _chart(part: str, url: str) -> Request:
    return Request(part=part, url=url, reader="chart", max_bytes=16_000_000)


def _ids(coins: list[dict[str, Any]]) -> dict[str, int]:
    """Id by symbol; where a symbol is used twice the larger coin has it."""
    largest: dict[str, tuple[float, int]] = {}
    for coin in coins:
        symbol, ident, circulating = coin.get("symbol"), coin.get("id"), coin.get("circulating")
        if coin.get("pegType") != "peggedUSD" or not isinstance(symbol, str) or not isinstance(circulating, dict):
            continue
        size = amount(circulating.get("peggedUSD"), "circulating") or 0.0
        if isinstance(ident, str) and ident.isascii() and ident.isdigit() and size >= largest.get(symbol, (0.0, 0))[0]:
            largest[symbol] = (size, int(ident))
    return {symbol: ident for symbol, (_, ident) in largest.items()}


def _by_day(points: list[dict[str, Any]]) -> list[tuple[int, float]]:
    """The sum over all pegs in US dollars; the last days can repeat, and then the last point counts."""
    out: dict[int, float] = {}
    for point in points:
        pegs = point.get("totalCirculatingUSD")
        if not isinstance(pegs, dict):
            raise WrongFormat("a point of the chart without totalCirculatingUSD")
        seconds = number(str(point.get("date")), "date of a point")
        found = [value for peg in pegs.values() if (value := amount(peg, "capitalisation")) is not None]
        if found:
            out[int(seconds // 86_400)] = sum(found)
    return list(out.items())


def _tokenised(document: Any) -> float:
    """On-chain capitalisation of every category of Treasuries, US dollars; two spellings have been seen."""
    categories = document.get("byCategory") if isinstance(document, dict) else None
    if not isinstance(categories, dict):
        raise WrongFormat("no figures by category")
    sums: dict[str, float] = defaultdict(float)
    for name, figures in categories.items():
        if "treasur" in name.lower() and isinstance(figures, dict):
            base = figures.get("base")
            value = base.get("onChainMcap") if isinstance(base, dict) else figures.get("mcap")
            sums[name] += amount(value, "tokenised Treasuries") or 0.0
    if not sums:
        raise WrongFormat("no category of Treasuries")
    return sum(sums.values())
