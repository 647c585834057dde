"""US Treasury: par yields and TIPS par real yields, one file a year."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from .check import clean, observations, text_of
from .decode import day_of, pairs, positions, rows_of, uniform
from .errors import BadDates, CutShort, WrongFormat
from .feed import Feed
from .series import Answer, Need, Observations, Request, from_day

_URL = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv/{year}/all"
_QUERY = "?type={table}&field_tdr_date_value={year}&page&_format=csv"
_TABLES: Mapping[str, str] = MappingProxyType({"par": "daily_treasury_yield_curve", "real": "daily_treasury_real_yield_curve"})
_CORE: Mapping[str, frozenset[str]] = MappingProxyType(  # columns since the first year; the others came and went
    {"par": frozenset({"3 Mo", "1 Yr", "5 Yr", "10 Yr"}), "real": frozenset({"5 Yr", "7 Yr", "10 Yr"})}
)
_TENOR = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(Mo|Month|Yr|Year)s?", re.IGNORECASE)
_DATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_TWO_DECIMALS = re.compile(r"|-?[0-9]+\.[0-9]{2}")
_FIRST_YEAR = 1990


class Treasury(Feed):
    """Codes are column names ("10 Yr", "1.5 Mo"), with "real " before those of the real curve."""

    name = "treasury"
    title = "US Treasury"
    hosts = ("home.treasury.gov",)
    licence = "US government work, public domain"

    def requests(self, need: Need) -> Iterable[Request]:
        """A file a year and table, the newest first; earlier years only where they are wanted."""
        firsts = {kind: first for kind in _TABLES if (first := self._first_year(kind, need)) is not None}
        for year in range(need.today.year, min(firsts.values(), default=need.today.year + 1) - 1, -1):
            for kind, first in firsts.items():
                if year >= first:
                    url = _URL.format(year=year) + _QUERY.format(table=_TABLES[kind], year=year)
                    # the year's first curve may be as late as the evening of 4 January
                    young = need.today <= date(year, 1, 5)
                    yield Request(f"{kind} {year}", url, max_bytes=500_000, empty_ok=young)

    def _first_year(self, kind: str, need: Need) -> int | None:
        starts = [since or s.start for i, since in need.since.items() if (s := self.series[i]) and self._kind(i) == kind]
        return min((d.year if d else _FIRST_YEAR for d in starts), default=None)

    def _kind(self, series_id: str) -> str:
        source = self.series[series_id].source(self.name)
        return "real" if source and source.code.startswith("real ") else "par"

    def read(self, answer: Answer) -> Observations:
        """Percent by tenor; columns are found by name, for they differ by year."""
        kind, _, year = answer.request.part.partition(" ")
        if answer.request.empty_ok and not answer.body.strip():
            return Observations({})
        text = text_of(answer, "CSV")
        header, *rows = rows_of(text)
        tenors = _tenors(header, kind)
        uniform(rows, len(header))
        days = [_day(row[tenors["Date"]]) for row in rows]
        _check_extent(days, int(year), answer)
        # the file has no final line break, so the last cell must prove that it is whole
        if rows and not text.endswith("\n") and not _TWO_DECIMALS.fullmatch(rows[-1][-1]):
            raise CutShort(f"ends inside a number: {clean(rows[-1][-1], 20)!r}")
        prefix = "real " if kind == "real" else ""
        out = {
            series.id: pairs(days, [row[at] for row in rows], series.id)
            for tenor, at in tenors.items()
            if (series := self.codes.get(prefix + tenor))
        }
        return observations(answer, out, self.series, self.factors)


def _tenors(header: list[str], kind: str) -> dict[str, int]:
    """Where "Date", "10 Yr", "1.5 Mo", … stand, whatever spelling the file has."""
    names = []
    for cell in header:
        if m := _TENOR.fullmatch(cell.strip()):
            names.append(f"{m[1]} {m[2][0].upper()}{'o' if m[2][0] in 'mM' else 'r'}")
        elif cell.strip() == "Date":
            names.append("Date")
        else:
            raise WrongFormat(f"a column called {clean(cell, 40)!r} in the table of yields")
    found = positions(names)
    if "Date" not in found or not _CORE[kind] <= set(found) or (kind == "real") is any(n.endswith(" Mo") for n in found):
        raise WrongFormat(f"not the table of {kind} yields: columns {clean(', '.join(names), 120)}")
    return found


def _day(cell: str) -> int:
    if not (m := _DATE.fullmatch(cell)):
        raise BadDates(f"{clean(cell, 40)!r} is not a date like 06/30/2026")
    return day_of(int(m[3]), int(m[1]), int(m[2]))


def _check_extent(days: list[int], year: int, answer: Answer) -> None:
    """A year's file, newest first, holds that year and reaches early January; a past year's starts in late December."""
    if not days:
        return
    oldest, newest = from_day(min(days)), from_day(max(days))
    if {oldest.year, newest.year} != {year}:
        raise BadDates(f"the file of {year} holds {oldest} to {newest}")
    if oldest > date(year, 1, 8):
        raise CutShort(f"the file of {year} goes back to {oldest} only")
    if year < answer.fetched_at.year and newest < date(year, 12, 24):
        raise CutShort(f"the file of {year} ends on {newest}")
