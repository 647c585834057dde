"""Ministry of Finance Japan: what Japan buys and sells abroad and the world in Japan, week by week."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise, takewhile
from types import MappingProxyType

from .check import clean, observations, text_of
from .decode import day_of, rows_of, uniform
from .errors import BadDates, CutShort, OutOfRange, WrongFormat
from .feed import Feed
from .series import Answer, Need, Observations, Request, from_day

_URL = "https://www.mof.go.jp/policy/international_policy/reference/itn_transactions_in_securities/week.csv"
_WIDTH = 23
_MEASURES = ["", *(["Acquisition", "Disposition", "Net"] * 2 + ["Net", "Acquisition", "Disposition", "Net", "Net"]) * 2]
_SECTIONS: Mapping[int, str] = MappingProxyType({1: "1. Portfolio Investment Assets", 12: "2. Portfolio Investment Liabilities"})
_CATEGORIES: Mapping[int, str] = MappingProxyType({1: "Equity", 4: "Long-term debt", 7: "Subtotal", 8: "Short-term debt", 11: "Total"})
_COLUMNS: Mapping[str, int] = MappingProxyType(
    {
        "foreign_bonds acq": 4,
        "foreign_bonds disp": 5,
        "foreign_bonds net": 6,
        "foreign_equity net": 3,
        "foreign_bills net": 10,
        "foreign_total net": 11,
        "inward_equity net": 14,
        "inward_bonds net": 17,
        "inward_bills net": 21,
        "inward_total net": 22,
    }
)
_SIDES = (0, 11)  # columns of outward and inward investment lie that far apart
_GROSS = tuple(s + i for s in _SIDES for i in (1, 2, 4, 5, 8, 9))
_SUMS: Mapping[int, tuple[tuple[int, int], ...]] = MappingProxyType(  # total: columns with their signs
    {
        s + total: tuple((s + i, sign) for i, sign in parts)
        for s in _SIDES
        for total, parts in {
            3: ((1, 1), (2, -1)),
            6: ((4, 1), (5, -1)),
            7: ((3, 1), (6, 1)),
            10: ((8, 1), (9, -1)),
            11: ((7, 1), (10, 1)),
        }.items()
    }
)
_PERIOD = re.compile(r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})~(?:([0-9]{4})\.)?([0-9]{1,2})\.([0-9]{1,2})")
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})*|-?[0-9]+")
_ODD = str.maketrans({"〜": "~", "∼": "~", "▲": "-", "△": "-", "−": "-", " ": ""})
_ROUNDING = 1  # 100 million yen: components are rounded one by one
# Before, a plus meant a net sale by residents; a week that straddles the change is left out.
_SIGN_CHANGED = date(2014, 1, 1)


class MofFlows(Feed):
    """Codes are leg and measure: "foreign_bonds net"."""

    name = "mof_flows"
    title = "Ministry of Finance Japan, securities flows"
    hosts = ("www.mof.go.jp",)
    licence = "Ministry of Finance Japan, reuse with source credit"

    def requests(self, need: Need) -> Iterable[Request]:
        """The one file, which holds every week since 2005."""
        if need.since:
            yield Request("week", _URL, max_bytes=3_000_000)

    def read(self, answer: Answer) -> Observations:
        """100 million yen by week, dated on its Saturday, from 2014 on; a plus is a net purchase."""
        rows = rows_of(text_of(answer, "CSV", "cp932"), keep_empty=True)
        start = _check_head(rows)
        weeks = list(takewhile(lambda row: any(cell.strip() for cell in row), rows[start:]))
        if start + len(weeks) == len(rows):
            raise CutShort("the empty row that ends the weeks is missing")
        uniform(weeks, _WIDTH)
        periods = [_week(row[0]) for row in weeks]
        for (_, last), (_, following) in pairwise(periods):
            if following != last + 7:
                raise BadDates(f"the week that ends {from_day(following)} follows the one that ends {from_day(last)}")
        out: dict[str, list[tuple[int, float]]] = {i: [] for i in self.series}
        for (first, last), row in zip(periods, weeks, strict=True):
            if from_day(first) < _SIGN_CHANGED:
                continue
            cells = _cells(row, last)
            for code, series in self.codes.items():
                if (value := cells[_COLUMNS[code]]) is not None:
                    out[series.id].append((last, value))
        return observations(answer, out, self.series, self.factors)


def _plain(cell: str) -> str:
    """A cell without full-width forms, spaces and triangles for minus signs."""
    return unicodedata.normalize("NFKC", cell).translate(_ODD)


def _check_head(rows: Sequence[Sequence[str]]) -> int:
    """Where the weeks begin, once the head says that the columns are those we know and the unit is 100 million yen.

    Raises:
        WrongFormat: it says something else.
    """
    head = [[unicodedata.normalize("NFKC", cell).strip() for cell in row] for row in rows[:20]]
    if _MEASURES not in head:
        raise WrongFormat("the line of Acquisition, Disposition, Net is not the one we know")
    end = head.index(_MEASURES)
    if not any("Unit: 100 million Yen" in cell for row in head[:end] for cell in row):
        raise WrongFormat("the unit is not 100 million yen")
    if not any(len(row) == _WIDTH and all(row[i] == text for i, text in _SECTIONS.items()) for row in head[:end]):
        raise WrongFormat("assets and liabilities do not stand where they did")
    categories = [(i + s, text) for i, text in _CATEGORIES.items() for s in _SIDES]
    if not any(len(row) == _WIDTH and all(row[i].startswith(text) for i, text in categories) for row in head[:end]):
        raise WrongFormat("equity, long-term and short-term debt do not stand where they did")
    return end + 1


def _week(cell: str) -> tuple[int, int]:
    """First and last day of a period like "2025．12．28～2026．1．3": Sunday to Saturday.

    Raises:
        BadDates: it is not like that.
    """
    if not (m := _PERIOD.fullmatch(_plain(cell))):
        raise BadDates(f"{clean(cell, 40)!r} is not a week")
    first = day_of(int(m[1]), int(m[2]), int(m[3]))
    last = day_of(int(m[4] or m[1]), int(m[5]), int(m[6]))
    if last - first != 6 or from_day(last).weekday() != 5:
        raise BadDates(f"{clean(cell, 40)!r} is not a week from Sunday to Saturday")
    return first, last


def _cells(row: Sequence[str], last: int) -> list[float | None]:
    """The amounts of one week, None where there is none, once the table's own sums hold.

    Raises:
        OutOfRange: a cell is no number, a gross amount is negative, or a sum does not hold.
    """
    out: list[float | None] = [None]
    for cell in row[1:]:
        text = _plain(cell)
        if text in ("", "-"):
            out.append(None)
        elif _NUMBER.fullmatch(text):
            out.append(float(text.replace(",", "")))
        else:
            raise OutOfRange(f"week to {from_day(last)}: {clean(cell, 40)!r} is not a number")
    for gross in _GROSS:
        if (amount := out[gross]) is not None and amount < 0:
            raise OutOfRange(f"week to {from_day(last)}: {amount:g} bought or sold in column {gross}")
    for total, parts in _SUMS.items():
        whole, amounts = out[total], [out[i] for i, _ in parts]
        known = [amount * sign for amount, (_, sign) in zip(amounts, parts, strict=True) if amount is not None]
        if whole is not None and len(known) == len(parts) and abs(sum(known) - whole) > _ROUNDING:
            raise OutOfRange(f"week to {from_day(last)}: column {total} is {whole:g} where its parts give {sum(known):g}")
    return out
