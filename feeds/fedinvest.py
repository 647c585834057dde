"""FedInvest: the Treasury's own afternoon prices of every marketable security, from which the noise of the curve is measured.

Two generations of the site are known. The older one answers a form with a CSV file without header; the newer one wants a token from its
page and answers with an HTML table. The older is asked first.
"""

import re
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from datetime import date, timedelta
from html.parser import HTMLParser

import msgspec

from .check import clean, number, observations, text_of
from .decode import MONTHS, day_of, rows_of, uniform, whole
from .errors import BadDates, CutShort, FeedError, OutOfRange, Refused, WrongFormat
from .feed import Feed, Fetcher
from .series import Answer, Failed, Need, Observations, Request, Series, to_day

_SITE = "https://treasurydirect.gov/GA-FI/FedInvest"
_SESSIONS = 2520  # one question each: only its own percentile over ten years says anything (methods, 19), and none does below 500
_FEWEST_ROWS = 100  # a day has about 400
_COLUMNS = ("CUSIP", "SECURITY TYPE", "RATE", "MATURITY DATE", "CALL DATE", "BUY", "SELL", "END OF DAY")
_TYPE = re.compile(r"(?:MARKET BASED )?(BILL|NOTE|BOND|FRN|TIPS)")
_CUSIP = re.compile(r"[0-9A-Z]{9}")
_TOKEN = re.compile(r"""name=["']_csrf["'][^>]{0,200}?value=["']([^"'<>]{1,200})["']""")
_SAID = re.compile(r"Prices for:?\s*([a-z]{3})[a-z]* ([0-9]{1,2}), ([0-9]{4})", re.IGNORECASE)
_NO_PRICES = ("No data for selected date", "not available yet")

Fit = Callable[[int, Sequence[int], Sequence[float], Sequence[float]], float | None]


class Security(msgspec.Struct, frozen=True):
    """One row of the list. Prices per 100, None where the list has none; the rate is percent a year."""

    kind: str
    rate_pct: float
    maturity: int  # day number
    callable: bool
    buy: float | None
    sell: float | None


class Fedinvest(Feed):
    """Prices of one day in, its noise out.

    Args:
        fit: (price day, maturity days, coupons in percent, clean prices) → noise in bp, None with too few securities.
    """

    name = "fedinvest"
    title = "US Treasury, FedInvest"
    hosts = ("treasurydirect.gov", "www.treasurydirect.gov")
    licence = "US government work, public domain"
    history = 2  # the first was sixty sessions
    batch = 65  # a minute, at one question a second. Twelve weekly means want sixty sessions at once; ten years then take forty hours

    def __init__(self, series: Sequence[Series], keys: dict[str, str] | None = None, fit: Fit | None = None) -> None:
        super().__init__(series, keys)
        self._fit = fit or _svensson_noise

    def requests(self, need: Need) -> Iterator[Request]:
        """One question a weekday, newest first, ten years at most."""
        since = need.earliest() if need.since else need.today + timedelta(days=1)
        days = (need.today - timedelta(days=i) for i in range(_SESSIONS * 7 // 5))
        for day in days:
            if day.weekday() < 5 and (since is None or day >= since):
                form = {"priceDateDay": str(day.day), "priceDateMonth": str(day.month), "priceDateYear": str(day.year)}
                yield _question(day, "csv", f"{_SITE}/securityPriceDetail", form | {"fileType": "csv", "csv": "CSV FORMAT"})

    async def ask(self, client: Fetcher, need: Need) -> AsyncGenerator[Answer | Failed, None]:
        """Day by day; when the older form is gone, the newer one for that day and the rest."""
        token = ""
        for request in self.requests(need):
            outcome = await self._one(client, _with_token(request, token) if token else request)
            if not token and _form_is_gone(outcome):
                token = await self._token(client)
                outcome = await self._one(client, _with_token(request, token)) if token else outcome
            yield outcome
            if isinstance(outcome, Failed) or (not token and _form_is_gone(outcome)):
                return

    def read(self, answer: Answer) -> Observations:
        """The noise of one day: nothing on a holiday, or when too few securities are priced."""
        day = to_day(date.fromisoformat(answer.request.part))
        head = answer.body[:4000].decode("utf-8", "replace")
        if head.lstrip().startswith("<") and any(words in head for words in _NO_PRICES):
            return observations(answer, {}, self.series)
        securities = _html(answer, day) if answer.request.reader == "html" else _csv(answer)
        if len(securities) < _FEWEST_ROWS or not {"BILL", "NOTE", "BOND"} <= {s.kind for s in securities}:
            raise CutShort(f"only {len(securities)} securities are in the list")
        bonds = [(s, p) for s in securities if s.kind in ("NOTE", "BOND") and s.rate_pct and not s.callable and (p := _middle(s))]
        found = self._fit(day, [s.maturity for s, _ in bonds], [s.rate_pct for s, _ in bonds], [p for _, p in bonds])
        rows = {} if found is None else {s.id: [(day, found)] for s in self.series.values()}
        return observations(answer, rows, self.series, self.factors)

    async def _one(self, client: Fetcher, request: Request) -> Answer | Failed:
        try:
            return await client.fetch(request, feed=self.name)
        except FeedError as error:
            return Failed(request, error)

    async def _token(self, client: Fetcher) -> str:
        page = await self._one(client, Request(part="token", url=f"{_SITE}/selectSecurityPriceDate", max_bytes=2_000_000))
        found = _TOKEN.search(page.body.decode("utf-8", "replace")) if isinstance(page, Answer) else None
        return found[1] if found else ""


def _question(day: date, reader: str, url: str, form: dict[str, str]) -> Request:
    return Request(part=day.isoformat(), url=url, reader=reader, method="POST", form=form, max_bytes=4_000_000, empty_ok=True)


def _with_token(request: Request, token: str) -> Request:
    form = {"priceDate": request.part, "_csrf": token}
    return _question(date.fromisoformat(request.part), "html", f"{_SITE}/selectSecurityPriceDate", form)


def _form_is_gone(outcome: Answer | Failed) -> bool:
    """Whether the older form says, by its status or with a page that is no word on prices, that it is no more."""
    if isinstance(outcome, Failed):
        return isinstance(outcome.error, Refused) and outcome.error.status in (403, 404, 405, 410)
    head = outcome.body[:4000].decode("utf-8", "replace")
    return outcome.request.reader == "csv" and head.lstrip().startswith("<") and not any(words in head for words in _NO_PRICES)


# ---------------------------------------------------------------------------------------------------------------- rows
def _csv(answer: Answer) -> list[Security]:
    rows = rows_of(whole(text_of(answer, "CSV")))
    uniform(rows, len(_COLUMNS))
    return [_security(row) for row in rows]


def _html(answer: Answer, day: int) -> list[Security]:
    text = text_of(answer, "XML")  # a page is what we want here
    table = _Table()
    try:
        table.feed(text)
    except (ValueError, AssertionError):
        raise WrongFormat("not a page with a table") from None
    if not table.closed or not table.rows:
        raise CutShort("the page ends before its table does") if table.rows else WrongFormat("a page without a table of prices")
    if (said := _SAID.search(text)) and day_of(int(said[3]), MONTHS.get(said[1].title(), 0), int(said[2])) != day:
        raise BadDates("prices of another day")
    header, *rows = table.rows
    if sorted(header) != sorted(_COLUMNS):
        raise WrongFormat(f"a table with the columns {clean(', '.join(header), 120)}")
    uniform(rows, len(header))
    return [_security([row[header.index(name)] for name in _COLUMNS]) for row in rows]


class _Table(HTMLParser):
    """The cells of the first table of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.closed = False
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if self.closed:
            return
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th")
        self.closed = self.closed or (tag == "table" and bool(self.rows))

    def handle_data(self, data: str) -> None:
        if self._in_cell and not self.closed:
            self.rows[-1][-1] += data.strip()


def _security(row: Sequence[str]) -> Security:
    cusip, kind, rate, maturity, call, buy, sell, end = row
    if not _CUSIP.fullmatch(cusip) or not (m := _TYPE.fullmatch(kind)):
        raise WrongFormat(f"{clean(cusip, 20)!r}, {clean(kind, 30)!r} is no security: other columns than expected")
    fraction = number(rate.removesuffix("%"), cusip) / (100 if rate.endswith("%") else 1)
    if not 0 <= fraction < 0.2:
        raise OutOfRange(f"{cusip}: rate {fraction:g} is no fraction of a year's interest")
    _price(end, cusip)
    return Security(m[1], round(100 * fraction, 6), _us_day(maturity), bool(call), _price(buy, cusip), _price(sell, cusip))


def _price(cell: str, cusip: str) -> float | None:
    """None for zero, which means that there is no price."""
    value = number(cell, cusip)
    if value and not 10 < value < 400:
        raise OutOfRange(f"{cusip}: {value:g} is no price per 100")
    return value or None


def _middle(security: Security) -> float | None:
    """Between what the Treasury pays and asks that afternoon: unlike the end-of-day price it never changes later."""
    return None if security.buy is None or security.sell is None else (security.buy + security.sell) / 2


def _us_day(cell: str) -> int:
    if not re.fullmatch(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", cell):
        raise BadDates(f"{clean(cell, 20)!r} is not a date")
    return day_of(int(cell[6:]), int(cell[:2]), int(cell[3:5]))


def _svensson_noise(day: int, maturities: Sequence[int], coupons_pct: Sequence[float], prices: Sequence[float]) -> float | None:
    import numpy as np

    from .noise import noise

    return noise(day, np.asarray(maturities, dtype=np.int32), np.asarray(coupons_pct), np.asarray(prices)).noise_bp
