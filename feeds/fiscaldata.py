"""Treasury Fiscal Data: auction results, the Treasury's cash, buybacks, the monthly statement of the debt.

Every value on the wire is text and a missing one is the text "null". An answer counts its own rows, which proves that it is whole.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from .check import clean, iso_day, json_of, number, observations, records
from .errors import BadDates, CutShort, OutOfRange, WrongFormat
from .feed import Feed
from .series import Answer, Need, Observations, Request, from_day

_BASE = "https://api.fiscaldata.treasury.gov/services/api/fiscal_service"
_PAGE = 10_000  # the most the provider gives at once
_CASH_YEARS = 5  # five years of the daily statement stay well under a page
_CASH_START = 2005
_NULL = "null"

_AUCTION_FIELDS = (
    "auction_date,original_security_term,security_term,reopening,inflation_index_security,floating_rate,high_yield,avg_med_yield,allocation_pctage,"
    "bid_to_cover_ratio,offering_amt,comp_accepted,primary_dealer_accepted,direct_bidder_accepted,indirect_bidder_accepted"
)
_CASH_FIELDS = "record_date,account_type,close_today_bal,open_today_bal"
_BUYBACK_FIELDS = "operation_date,total_par_amt_offered,max_par_amt_redeemed,total_par_amt_accepted"
_DEBT_FIELDS = "record_date,security_type_desc,security_class_desc,total_mil_amt"

# Where the closing balance stood over the years.
_CLOSING_COLUMN: Mapping[str, str] = {
    "Federal Reserve Account": "close_today_bal",
    "Treasury General Account (TGA)": "close_today_bal",
    "Treasury General Account (TGA) Closing Balance": "open_today_bal",
}
_OPENING, _DEPOSITS, _WITHDRAWALS, _CLOSING = (
    "Treasury General Account (TGA) Opening Balance",
    "Total TGA Deposits (Table II)",
    "Total TGA Withdrawals (Table II) (-)",
    "Treasury General Account (TGA) Closing Balance",
)
_YES_NO = {"Yes": 1.0, "No": 0.0}
_BUYBACK_COLUMNS = {"offered": "total_par_amt_offered", "max": "max_par_amt_redeemed", "accepted": "total_par_amt_accepted"}
_DEBT_CLASSES = {"Bills": "bills", "Notes": "notes", "Bonds": "bonds", "Floating Rate Notes": "frn"}

Row = Mapping[str, Any]
Rows = dict[str, list[tuple[int, float]]]  # by the provider's code


class Fiscaldata(Feed):
    """Four tables of api.fiscaldata.treasury.gov."""

    name = "fiscaldata"
    title = "US Treasury, Fiscal Data"
    hosts = ("api.fiscaldata.treasury.gov",)
    licence = "US government work, public domain"

    def requests(self, need: Need) -> Iterator[Request]:
        """Auctions, the cash balance in blocks of five years, newest first, buybacks and the monthly debt; only what is wanted."""
        for kinds, questions in _TABLES:
            ids = [s.id for code, s in self.codes.items() if code.split(" ")[0] in kinds and s.id in need.since]
            if ids:
                yield from questions(need.earliest(ids), need.today)

    def read(self, answer: Answer) -> Observations:
        """The rows of one table."""
        rows = _envelope(answer)
        codes = _READERS[answer.request.reader](rows)
        wanted = {s.id: codes[code] for code, s in self.codes.items() if code in codes}
        return observations(answer, wanted, self.series, self.factors)


# ----------------------------------------------------------------------------------------------------------- questions
def _request(part: str, reader: str, path: str, where: str, dated: str, fields: str, empty_ok: bool) -> Request:
    query = f"fields={fields}&filter={quote(where, safe=':,-_')}&sort=-{dated}&page%5Bsize%5D={_PAGE}&page%5Bnumber%5D=1"
    return Request(part=part, url=f"{_BASE}{path}?{query}", reader=reader, max_bytes=16_000_000, empty_ok=empty_ok)


def _ask_auctions(since: date | None, _: date) -> Iterator[Request]:
    where = f"auction_date:gte:{since or '1979-01-01'},security_type:in:(Note,Bond)"
    yield _request("auctions", "auctions", "/v1/accounting/od/auctions_query", where, "auction_date", _AUCTION_FIELDS, since is not None)


def _ask_cash(since: date | None, today: date) -> Iterator[Request]:
    first = since or date(_CASH_START, 1, 1)
    for year in range(today.year - today.year % _CASH_YEARS, _CASH_START - 1, -_CASH_YEARS):
        after = date(year + _CASH_YEARS, 1, 1)
        if after <= first:
            return
        where = f"record_date:gte:{max(first, date(year, 1, 1))},record_date:lt:{after}"
        yield _request(f"cash {year}", "cash", "/v1/accounting/dts/operating_cash_balance", where, "record_date", _CASH_FIELDS, True)


def _ask_buybacks(since: date | None, _: date) -> Iterator[Request]:
    where = f"operation_date:gte:{since or '2000-01-01'}"
    yield _request(
        "buybacks", "buybacks", "/v1/accounting/od/buybacks_operations", where, "operation_date", _BUYBACK_FIELDS, since is not None
    )


def _ask_debt(since: date | None, _: date) -> Iterator[Request]:
    where = f"record_date:gte:{since or '2001-01-01'},security_type_desc:eq:Marketable"
    yield _request("debt", "debt", "/v1/debt/mspd/mspd_table_1", where, "record_date", _DEBT_FIELDS, since is not None)


_TABLES: tuple[tuple[tuple[str, ...], Callable[[date | None, date], Iterator[Request]]], ...] = (
    (("auction", "tips"), _ask_auctions),
    (("operating_cash_balance",), _ask_cash),
    (("buyback",), _ask_buybacks),
    (("mspd",), _ask_debt),
)


# --------------------------------------------------------------------------------------------------------------- rows
def _envelope(answer: Answer) -> list[dict[str, Any]]:
    """The rows, once their number is the one the envelope tells."""
    body = json_of(answer)
    if not isinstance(body, dict):
        raise WrongFormat("not an answer of this interface")
    if "error" in body:
        raise WrongFormat(f"the provider refuses the question: {clean(str(body.get('message', body['error'])), 160)}")
    rows = records(body.get("data"), "data")
    meta = body.get("meta")
    if not isinstance(meta, dict):
        raise WrongFormat("no count of rows beside the data")
    counts = [meta.get("count"), meta.get("total-count")]
    if any(count != len(rows) for count in counts):
        raise CutShort(f"{len(rows)} rows where {' of '.join(clean(str(c), 12) for c in counts)} were announced")
    return rows


def _text(row: Row, field: str) -> str | None:
    cell = row.get(field, "")
    if not isinstance(cell, str) or field not in row:
        raise WrongFormat(f"no text in field {field}")
    return None if cell in (_NULL, "") else cell


def _value(row: Row, field: str) -> float | None:
    cell = _text(row, field)
    return None if cell is None else number(cell, field)


def _day(row: Row, field: str) -> int:
    return iso_day(_text(row, field) or "")


# ------------------------------------------------------------------------------------------------------------ auctions
def _auctions(rows: Iterable[Row]) -> Rows:
    """Results by original term; a pending auction has none. Of two auctions of a term on one day the larger counts."""
    chosen: dict[tuple[str, str, int], Row] = {}
    for row in rows:
        term = _text(row, "original_security_term") or _text(row, "security_term")
        pending = all(_value(row, field) is None for field in ("high_yield", "bid_to_cover_ratio", "comp_accepted"))
        if pending or term is None or _text(row, "floating_rate") == "Yes":
            continue
        kind = "tips" if _text(row, "inflation_index_security") == "Yes" else "auction"
        key = (kind, term, _day(row, "auction_date"))
        if key not in chosen or (_value(row, "offering_amt") or 0.0) > (_value(chosen[key], "offering_amt") or 0.0):
            chosen[key] = row
    _require_shares_add_up(chosen.values())
    out: Rows = defaultdict(list)
    for (kind, term, day), row in chosen.items():
        for measure, value in _results(row).items():
            out[f"{kind} {term} {measure}"].append((day, value))
    return out


def _results(row: Row) -> dict[str, float]:
    """What is known of one auction. Shares are of the competitive amount: the total includes the central bank's add-ons."""
    high, median, comp = _value(row, "high_yield"), _value(row, "avg_med_yield"), _value(row, "comp_accepted")
    found = {
        "high_yield": high,
        "median_yield": median,
        "dispersion": None if high is None or median is None else round(100 * (high - median), 6),
        "bid_to_cover": _value(row, "bid_to_cover_ratio"),
        "allotted": _value(row, "allocation_pctage"),
        "offering": _value(row, "offering_amt"),
        "accepted": comp,
        "reopening": _YES_NO.get(_text(row, "reopening") or ""),
    }
    parts = _bidders(row)
    if comp and (None in parts or _adds_up(parts, comp)):  # when they do not add up, nobody knows which of the three is wrong
        for who, part in zip(("dealer_share", "direct_share", "indirect_share"), parts, strict=True):
            found[who] = None if part is None else 100 * part / comp
    return {measure: value for measure, value in found.items() if value is not None}


def _bidders(row: Row) -> tuple[float | None, float | None, float | None]:
    return _value(row, "primary_dealer_accepted"), _value(row, "direct_bidder_accepted"), _value(row, "indirect_bidder_accepted")


def _adds_up(parts: tuple[float | None, ...], whole: float) -> bool:
    return abs(sum(p or 0.0 for p in parts) - whole) <= 0.005 * whole


def _require_shares_add_up(rows: Iterable[Row]) -> None:
    """One odd auction of long ago loses its shares; many mean that the columns are not what they say."""
    split = [(parts, comp) for row in rows if None not in (parts := _bidders(row)) and (comp := _value(row, "comp_accepted"))]
    wrong = sum(not _adds_up(parts, whole) for parts, whole in split)
    if wrong > max(1, 0.1 * len(split)):
        raise OutOfRange(
            f"dealers, direct and indirect bidders do not add up to the competitive amount in {wrong} of {len(split)} auctions"
        )


# ---------------------------------------------------------------------------------------------------------------- cash
def _cash(rows: Iterable[Row]) -> Rows:
    """The closing balance, USD million. Where a day says how it came about, that must be so."""
    days: dict[int, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if days[_day(row, "record_date")].setdefault(account := _text(row, "account_type") or "", row) != row:
            raise BadDates(f"{_text(row, 'record_date')} has two rows for {clean(account, 60)}")
    out: list[tuple[int, float]] = []
    for day, accounts in days.items():
        flows = [_value(accounts[a], "open_today_bal") if a in accounts else None for a in (_OPENING, _DEPOSITS, _WITHDRAWALS, _CLOSING)]
        match flows:
            case [float() as opening, float() as deposits, float() as withdrawals, float() as closing]:
                if abs(opening + deposits - withdrawals - closing) > 5:
                    made = f"{opening:.0f} + {deposits:.0f} - {withdrawals:.0f}"
                    raise OutOfRange(f"cash on {from_day(day)}: {made} is not the closing balance {closing:.0f}")
        for account, column in _CLOSING_COLUMN.items():
            if account in accounts and (value := _value(accounts[account], column)) is not None:
                out.append((day, value))
    return {"operating_cash_balance": out}


# ------------------------------------------------------------------------------------------------------ buybacks, debt
def _buybacks(rows: Iterable[Row]) -> Rows:
    """Day sums of the operations that have run."""
    sums: dict[str, dict[int, float]] = {name: defaultdict(float) for name in _BUYBACK_COLUMNS}
    for row in rows:
        found = {name: _value(row, column) for name, column in _BUYBACK_COLUMNS.items()}
        accepted, offered = found["accepted"], found["offered"]
        if accepted is None:
            continue
        if offered is not None and accepted > offered:
            raise OutOfRange(f"buyback accepted {accepted:.0f} of {offered:.0f} offered")
        day = _day(row, "operation_date")
        for name, value in found.items():
            if value is not None:
                sums[name][day] += value
    return {f"buyback {name}": list(by_day.items()) for name, by_day in sums.items()}


def _debt(rows: Iterable[Row]) -> Rows:
    """Marketable debt by class, USD million. The printed total carries another type text, so the sum is made here."""
    sums: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        value = _value(row, "total_mil_amt")
        if _text(row, "security_type_desc") != "Marketable" or value is None:
            continue
        day, label = _day(row, "record_date"), _text(row, "security_class_desc") or ""
        held = "tips" if "Inflation" in label else _DEBT_CLASSES.get(label)
        sums["marketable"][day] += value
        if held:
            sums[held][day] += value
    return {f"mspd {held}": list(by_day.items()) for held, by_day in sums.items()}


_READERS: Mapping[str, Callable[[Iterable[Row]], Rows]] = {"auctions": _auctions, "cash": _cash, "buybacks": _buybacks, "debt": _debt}
