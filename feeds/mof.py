"""Ministry of Finance Japan: the JGB par curve, the current month and all months before it."""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping

from .check import clean, observations, text_of
from .decode import day_of, pairs, positions, whole
from .errors import BadDates, WrongFormat
from .feed import Feed
from .series import Answer, Need, Observations, Request

_BASE = "https://www.mof.go.jp/english/policy/jgbs/reference/interest_rate/"
_DATE = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})")
_TENOR = re.compile(r"Date|[0-9]{1,2}Y")
_PERCENT = re.compile(r"Unit\s*:\s*%")
_MISSING = frozenset({"-", ""})


class Mof(Feed):
    """Codes are column names: "10Y"."""

    name = "mof"
    title = "Ministry of Finance Japan"
    hosts = ("www.mof.go.jp",)
    licence = "Ministry of Finance Japan, reuse with source credit"

    def requests(self, need: Need) -> Iterable[Request]:
        """The current month, and the file of all earlier months when one of them is wanted."""
        if not need.since:
            return
        # on the first business days of a month its file has no row yet
        yield Request("current", _BASE + "jgbcme.csv", max_bytes=200_000, empty_ok=need.today.day <= 10)
        first = need.earliest()
        if first is None or first < need.today.replace(day=1):
            yield Request("history", _BASE + "historical/jgbcme_all.csv", max_bytes=6_000_000)

    def read(self, answer: Answer) -> Observations:
        """Percent by tenor from 1974; a dash means that there was no such tenor."""
        # Latin-1 takes any byte: the current file may end with a footnote in Shift-JIS, and the table itself is ASCII
        text = whole(text_of(answer, "CSV", "latin-1")).replace("\r\n", "\n")
        lines = text.rstrip("\n").split("\n")
        at = next((i for i, line in enumerate(lines[:6]) if "Date" in line.split(",")), None)
        if at is None:
            raise WrongFormat("no line of tenors that begins with Date")
        if not _PERCENT.search("".join(lines[:at])):
            raise WrongFormat("the title does not say percent")
        header = positions(lines[at].split(","))
        if not {"2Y", "10Y", "30Y"} <= set(header) or not all(_TENOR.fullmatch(name) for name in header):
            raise WrongFormat(f"not the table of JGB yields: columns {clean(', '.join(header), 120)}")
        columns = _columns(lines[at + 1 :], header)
        days = _days(columns[header["Date"]])
        out = {s.id: pairs(days, columns[header[code]], s.id, _MISSING) for code, s in self.codes.items() if code in header}
        return observations(answer, out, self.series, self.factors)


def _columns(lines: list[str], header: Mapping[str, int]) -> list[list[str]]:
    """The cells of the dated lines, column by column; footnotes behind them are dropped.

    Cut as one long row: a list a line would take three times as long over fifty years.

    Raises:
        WrongFormat: a line with fewer or more cells.
    """
    width, day_at = len(header), header["Date"]
    while lines and not _DATE.fullmatch("".join(lines[-1].split(",")[day_at : day_at + 1])):
        lines = lines[:-1]
    if odd := next((line for line in lines if line.count(",") != width - 1), None):
        raise WrongFormat(f"{clean(odd, 40)!r} has {odd.count(',') + 1} cells instead of {width}")
    cells = ",".join(lines).split(",") if lines else []
    return [cells[i::width] for i in range(width)]


def _days(cells: Iterable[str]) -> list[int]:
    """Day numbers of dates like 2026/6/30.

    Raises:
        BadDates: one is not like that.
    """
    months: dict[str, tuple[int, int]] = {}  # 620 months, 13,000 days
    days = []
    for cell in cells:
        month, _, day = cell.rpartition("/")
        if month not in months:
            months[month] = _month(cell)
        before, length = months[month]
        if not (day.isdecimal() and 1 <= int(day) <= length):
            raise BadDates(f"{clean(cell, 40)!r} is not a date like 2026/6/30")
        days.append(before + int(day))
    return days


def _month(cell: str) -> tuple[int, int]:
    """The day number before the first of a month, and the month's length."""
    if not (m := _DATE.fullmatch(cell)):
        raise BadDates(f"{clean(cell, 40)!r} is not a date like 2026/6/30")
    first = day_of(int(m[1]), int(m[2]), 1)
    return first - 1, monthrange(int(m[1]), int(m[2]))[1]
