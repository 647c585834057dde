"""Federal Reserve Bank of New York: reference rates, operations, dealers, holdings, term premium.

What is asked stands here; the readers are in nyfed_rates, nyfed_operations and nyfed_holdings.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import chain, zip_longest
from types import MappingProxyType

from .check import observations
from .feed import Feed
from .nyfed_holdings import read_acm, read_dealers, read_soma
from .nyfed_operations import FLOOR_DAYS, read_lending, read_operations
from .nyfed_rates import read_rates
from .series import Answer, Need, Observations, Request

Rows = Mapping[str, list[tuple[int, float]]]
_API = "https://markets.newyorkfed.org/api"
_ACM = "https://www.newyorkfed.org/medialibrary/media/research/data_indicators/ACMTermPremium.xls"
_SECURED, _UNSECURED = ("SOFR ", "SOFRAI ", "TGCR ", "BGCR "), ("EFFR ", "OBFR ")
_OPERATIONS, _LENDING, _DEALERS, _SOMA, _TERM_PREMIUM = ("repo ", "reverse repo "), ("seclend ",), ("PD",), ("soma ",), ("acm ",)
_FIRST_SECURED, _FIRST_UNSECURED = date(2018, 4, 2), date(2000, 7, 3)
_FIRST_OPERATION, _FIRST_LENDING = date(2003, 2, 7), date(1999, 4, 26)
_OPERATIONS_DAYS = 5 * 365
_LENDING_DAYS = 364  # the search refuses more than about a year
_LOOK_BACK_DAYS = FLOOR_DAYS + 7  # the floor of the fee is taken over the days before; a week for the first of them being a holiday

_READERS: Mapping[str, Callable[[Answer], Rows]] = MappingProxyType(
    {
        "rates": read_rates,
        "operations": read_operations,
        "lending": read_lending,
        "dealers": read_dealers,
        "soma": read_soma,
        "acm": read_acm,
    }
)


class Nyfed(Feed):
    name = "nyfed"
    title = "New York Fed"
    hosts = ("markets.newyorkfed.org", "www.newyorkfed.org")
    licence = "Source: Federal Reserve Bank of New York, subject to its terms of use."

    def requests(self, need: Need) -> Iterable[Request]:
        """The newest part of everything first, then history, newest first; last the workbook: another process may be in its way."""
        blocks = (
            self._rates(need, "secured", _SECURED, _FIRST_SECURED),
            self._rates(need, "unsecured", _UNSECURED, _FIRST_UNSECURED),
            self._operations(need),
            self._lending(need),
            self._dealers(need),
            self._whole(need, _SOMA, Request("soma", f"{_API}/soma/summary.json", "soma")),
        )
        workbook = self._whole(need, _TERM_PREMIUM, Request("acm", _ACM, "acm", max_bytes=40_000_000, apart=True))
        return (request for request in chain(chain.from_iterable(zip_longest(*blocks)), workbook) if request)

    def read(self, answer: Answer) -> Observations:
        rows = _READERS[answer.request.reader](answer)
        known = {self.codes[code].id: pairs for code, pairs in rows.items() if code in self.codes}
        return observations(answer, known, self.series, self.factors)

    def _wanted(self, need: Need, prefixes: tuple[str, ...]) -> list[str]:
        return [s.id for code, s in self.codes.items() if code.startswith(prefixes) and s.id in need.since]

    def _rates(self, need: Need, family: str, prefixes: tuple[str, ...], first: date) -> Iterator[Request]:
        if wanted := self._wanted(need, prefixes):
            start = min(need.earliest(wanted) or first, need.today)
            url = f"{_API}/rates/{family}/all/search.json?startDate={start}&endDate={need.today}"
            yield Request(family, url, "rates", max_bytes=24_000_000)

    def _operations(self, need: Need) -> Iterator[Request]:
        if wanted := self._wanted(need, _OPERATIONS):
            for part, start, end in _spans("operations", need.earliest(wanted) or _FIRST_OPERATION, need.today, _OPERATIONS_DAYS):
                url = f"{_API}/rp/results/search.json?startDate={start}&endDate={end}"
                yield Request(part, url, "operations", max_bytes=32_000_000, empty_ok=end < need.today)

    def _lending(self, need: Need) -> Iterator[Request]:
        if wanted := self._wanted(need, _LENDING):
            for part, start, end in _spans("lending", need.earliest(wanted) or _FIRST_LENDING, need.today, _LENDING_DAYS - _LOOK_BACK_DAYS):
                before = start - timedelta(_LOOK_BACK_DAYS)
                url = f"{_API}/seclending/all/results/details/search.json?startDate={before}&endDate={end}"
                yield Request(part, url, "lending", max_bytes=64_000_000, empty_ok=end < need.today)

    def _dealers(self, need: Need) -> Iterator[Request]:
        if self._wanted(need, _DEALERS):
            keys = [code for code in self.codes if code.startswith(_DEALERS)]
            yield Request("dealers", f"{_API}/pd/get/{'_'.join(keys)}.json", "dealers", max_bytes=16_000_000)

    def _whole(self, need: Need, prefixes: tuple[str, ...], request: Request) -> Iterator[Request]:
        if self._wanted(need, prefixes):
            yield request


def _spans(name: str, start: date, today: date, days: int) -> Iterator[tuple[str, date, date]]:
    """(part, first day, last day) of windows no longer than `days`, newest first. Older windows begin at fixed days, so that they are
    the same questions tomorrow."""
    start, end = min(start, today), today
    if (today - start).days < days:
        yield name, start, today
        return
    while end >= start:
        begin = max(start, date.fromordinal((end.toordinal() - 1) // days * days + 1))
        yield (name if end == today else f"{name} {begin:%Y-%m}"), begin, end
        end = begin - timedelta(1)
