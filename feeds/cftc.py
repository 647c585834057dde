"""CFTC: Traders in Financial Futures, futures only, six Treasury contracts.

The API answers any span of weeks at once. When it is silent, the yearly files hold the same numbers under longer names.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from datetime import date
from urllib.parse import quote

from .check import clean, iso_day, json_of, number, observations, records, text_of
from .decode import members, positions, rows_of, uniform, whole
from .errors import FeedError, OutOfRange, WrongFormat
from .feed import Feed, Fetcher
from .series import Answer, Failed, Need, Observations, Request

_API = "https://publicreporting.cftc.gov/resource/gpe5-46if.json"
_CODE, _DATE = "cftc_contract_market_code", "report_date_as_yyyy_mm_dd"
_FIELDS: Mapping[str, str] = {
    "oi": "open_interest_all",
    "dealer long": "dealer_positions_long_all",
    "dealer short": "dealer_positions_short_all",
    "am long": "asset_mgr_positions_long",
    "am short": "asset_mgr_positions_short",
    "lev long": "lev_money_positions_long",
    "lev short": "lev_money_positions_short",
}
_FILE_CODE, _FILE_DATE = "CFTC_Contract_Market_Code", "Report_Date_as_YYYY-MM-DD"
_FILE_FIELDS: Mapping[str, str] = {
    "oi": "Open_Interest_All",
    "dealer long": "Dealer_Positions_Long_All",
    "dealer short": "Dealer_Positions_Short_All",
    "am long": "Asset_Mgr_Positions_Long_All",
    "am short": "Asset_Mgr_Positions_Short_All",
    "lev long": "Lev_Money_Positions_Long_All",
    "lev short": "Lev_Money_Positions_Short_All",
}
_SUPPRESSED = frozenset({"", "."})

Week = tuple[str, int, dict[str, float]]  # contract, day, counts by our names


class Cftc(Feed):
    """Positions on Tuesday, published on Friday."""

    name = "cftc"
    title = "CFTC, Traders in Financial Futures"
    hosts = ("publicreporting.cftc.gov", "www.cftc.gov")
    licence = "US government work, public domain"

    def requests(self, need: Need) -> Iterator[Request]:
        """One question for all contracts."""
        if need.since:
            since = need.earliest()
            contracts = sorted({code.split(" ")[-1] for code in self.codes})
            where = f"{_CODE} in({','.join(repr(c) for c in contracts)})" + (f" and {_DATE} >= '{since}'" if since else "")
            select = ",".join((_CODE, _DATE, *_FIELDS.values()))
            query = f"$select={select}&$where={quote(where, safe='')}&$order={_DATE}%20DESC&$limit=50000"
            yield Request(part="positions", url=f"{_API}?{query}", reader="json", max_bytes=16_000_000, empty_ok=since is not None)

    async def ask(self, client: Fetcher, need: Need) -> AsyncGenerator[Answer | Failed, None]:
        """The API; where it fails, or gives a page instead, this year's file, and last year's when it is wanted too."""
        for request in self.requests(need):
            try:
                answer = await client.fetch(request, feed=self.name)
                if not answer.unchanged:
                    text_of(answer, "JSON")  # the whole is read in its turn, not on the loop
            except FeedError as error:
                yield Failed(request, error)
                for file in _yearly_files(need):
                    try:
                        yield await client.fetch(file, feed=self.name)
                    except FeedError as again:
                        yield Failed(file, again)
            else:
                yield answer

    def read(self, answer: Answer) -> Observations:
        """Counts and nets of every contract we follow."""
        weeks = _from_file(answer) if answer.request.reader == "zip" else _from_api(answer)
        wanted = {code.split(" ")[-1] for code in self.codes}
        rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for contract, day, counts in weeks:
            if contract not in wanted:
                continue
            _require_within_open_interest(contract, counts)
            for measure, value in (counts | _nets(counts)).items():
                if series := self.codes.get(f"{measure} {contract}"):
                    rows[series.id].append((day, value))
        return observations(answer, rows, self.series, self.factors)


def _yearly_files(need: Need) -> Iterator[Request]:
    since = need.earliest()
    for year in (need.today.year, need.today.year - 1):
        if since is None or since < date(year + 1, 1, 1):
            url = f"https://www.cftc.gov/files/dea/history/fut_fin_txt_{year}.zip"
            yield Request(part=f"file {year}", url=url, reader="zip", max_bytes=8_000_000)


def _from_api(answer: Answer) -> Iterator[Week]:
    for row in records(json_of(answer), "answer"):
        cells = [row.get(_CODE), row.get(_DATE), *(row.get(field, "") for field in _FIELDS.values())]
        if not all(isinstance(cell, str) for cell in cells):
            raise WrongFormat(f"a report without {_CODE}, {_DATE} or with a count that is no text")
        contract, day, *counts = map(str, cells)
        yield contract.strip(), iso_day(day), _counts(contract, zip(_FIELDS, counts, strict=True))


def _from_file(answer: Answer) -> Iterator[Week]:
    for _, content in members(answer.body, lambda name: name.lower().endswith(".txt"), 40_000_000):
        header, *lines = rows_of(whole(content.decode("latin-1")))
        at = positions([name.strip() for name in header])
        if absent := [c for c in (_FILE_CODE, _FILE_DATE, *_FILE_FIELDS.values()) if c not in at]:
            raise WrongFormat(f"no column {absent[0]}")
        uniform(lines, len(header))
        for line in lines:
            contract = line[at[_FILE_CODE]].strip()
            counts = ((name, line[at[column]].strip()) for name, column in _FILE_FIELDS.items())
            yield contract, iso_day(line[at[_FILE_DATE]].strip()), _counts(contract, counts)


def _counts(contract: str, cells: Iterable[tuple[str, str]]) -> dict[str, float]:
    where = clean(contract, 12)
    return {name: number(cell, f"{name} of {where}") for name, cell in cells if cell not in _SUPPRESSED}


def _nets(counts: Mapping[str, float]) -> dict[str, float]:
    sides = {who: (counts.get(f"{who} long"), counts.get(f"{who} short")) for who in ("lev", "am", "dealer")}
    return {f"{who} net": long - short for who, (long, short) in sides.items() if long is not None and short is not None}


def _require_within_open_interest(contract: str, counts: Mapping[str, float]) -> None:
    """A side half again as large as the whole market is in another unit, or from another column."""
    most = counts.get("oi")
    for name, value in counts.items():
        if value < 0 or (most is not None and value > 1.5 * most):
            raise OutOfRange(f"contract {contract}: {name} of {value:.0f} in an open interest of {most or 0:.0f}")
