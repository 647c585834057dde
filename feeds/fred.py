"""FRED, Federal Reserve Bank of St. Louis: the keyless chart download, or its API where the user has a key."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from urllib.parse import urlencode

import msgspec

from .calendars import period_end
from .check import clean, json_of, observations, text_of
from .decode import iso_days, members, pairs, positions, rows_of, uniform, whole
from .errors import CutShort, OutOfRange, WrongFormat
from .feed import Feed
from .series import Answer, Frequency, Need, Observations, Request, Series, from_day, to_day

_CHART = "https://fred.stlouisfed.org/graph/fredgraph.csv?"
_API = "https://api.stlouisfed.org/fred/series/observations?"
_MISSING = frozenset({"", "."})
_MOST_IDS = 12
_MAX_BYTES = 12_000_000
_DAILY = "daily"
# The chart service sorts by frequencies of its own: ids of one group come as one file, else it packs a zip.
_GROUPS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("VIXCLS", "SP500", "BAMLH0A0HYM2", "BAMLC0A0CM"), "daily close"),
        **dict.fromkeys(("DFF", "DFEDTARU", "DFEDTARL", "IORB"), "seven-day"),
        **dict.fromkeys(("WALCL", "TREAST", "WMTSECL1", "WLRRAFOIAL"), "as of Wednesday"),
        **dict.fromkeys(("WTREGEN", "WRESBAL"), "week to Wednesday"),
        **dict.fromkeys(("NFCI", "ANFCI", "STLFSI4"), "week to Friday"),
        "CPIAUCSL": "monthly",
        **dict.fromkeys(("GFDEBTN", "FDHBFIN", "FDHBFRBN", "GFDEGDQ188S"), "quarterly"),
    }
)
_EARLIEST = date(1900, 1, 1)
# FRED dates a month or quarter on its first day, we on its last; an annual change needs the year before it as well.
_REACH_BACK: Mapping[str, timedelta] = MappingProxyType({"monthly": timedelta(days=400), "quarterly": timedelta(days=100)})
_CPI, _CPI_BOUNDS = "CPIAUCSL", (15.0, 2000.0)  # 1982-84 = 100; 21.5 in 1947
_UNREPORTED_BEFORE: Mapping[str, int] = MappingProxyType({"WMTSECL1": to_day(date(2007, 7, 11))})  # zeros stand for "not reported"


class Fred(Feed):
    """Codes are FRED ids. `us.cpi.yoy` is computed here from the index."""

    name = "fred"
    title = "FRED, Federal Reserve Bank of St. Louis"
    hosts = ("fred.stlouisfed.org", "api.stlouisfed.org")
    licence = "FRED terms of use; ICE BofA, S&P and Cboe series are copyrighted: local display only"
    interval_s = 0.6

    def requests(self, need: Need) -> Iterable[Request]:
        """Ids grouped as the chart service groups them, those that come from nowhere else first; with a key one request an id."""
        key = self.keys.get(self.name)
        for group, codes in self._groups():
            wanted = {code: self._start(group, need.since[s.id]) for code in codes if (s := self.codes[code]).id in need.since}
            if key:
                yield from (self._api_request(code, start, key) for code, start in wanted.items())
            elif wanted:
                # several ids heed `cosd` only as a list of equal length
                ids, starts = ",".join(wanted), ",".join(d.isoformat() for d in wanted.values())
                yield Request(group, f"{_CHART}id={ids}&cosd={starts}", ids, headers={"Accept": "text/csv,*/*"}, max_bytes=_MAX_BYTES)

    def _groups(self) -> Iterator[tuple[str, list[str]]]:
        """(name, ids) of each request; the same from day to day."""
        groups: dict[str, list[str]] = {}
        for code in sorted(self.codes, key=lambda code: self.codes[code].sources[0].feed != self.name):
            groups.setdefault(code if self.codes[code].own else _GROUPS.get(code, _DAILY), []).append(code)
        for name, codes in groups.items():
            for i in range(0, len(codes), _MOST_IDS):
                yield (f"{name} {i // _MOST_IDS + 1}" if len(codes) > _MOST_IDS else name), codes[i : i + _MOST_IDS]

    @staticmethod
    def _start(group: str, since: date | None) -> date:
        return _EARLIEST if since is None else since - _REACH_BACK.get(group, timedelta())

    @staticmethod
    def _api_request(code: str, start: date, key: str) -> Request:
        query = urlencode({"series_id": code, "api_key": key, "file_type": "json", "observation_start": start.isoformat()})
        return Request(code, _API + query, f"api {code}", max_bytes=_MAX_BYTES)

    def read(self, answer: Answer) -> Observations:
        """One file, or a zip of several, whatever was asked; or the API's JSON."""
        reader = answer.request.reader
        if reader.startswith("api "):
            code = reader.removeprefix("api ")
            found = {code: _api_pairs(answer, code)}
        else:
            found = {}
            for name, text in _files(answer):
                table = _chart_pairs(text, name)
                if twice := set(table) & set(found):
                    raise WrongFormat(f"{clean(min(twice), 40)} in two files")
                found |= table
            if set(found) != set(reader.split(",")):
                odd = set(found) ^ set(reader.split(","))
                raise WrongFormat(f"other columns than asked: {clean(', '.join(sorted(odd)), 80)}")
        out = {(s := self.codes[code]).id: self._dated(code, s, rows) for code, rows in found.items()}
        return observations(answer, out, self.series, self.factors)

    def _dated(self, code: str, series: Series, rows: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """Rows as we store them: dated at the end of their period, the price index as its annual change."""
        if code in _UNREPORTED_BEFORE:
            return [row for row in rows if row[0] >= _UNREPORTED_BEFORE[code]]
        if code == _CPI:
            return [(period_end(series, day), change) for day, change in _annual_change(rows)]
        if series.frequency is Frequency.QUARTERLY or (series.own and series.frequency in (Frequency.MONTHLY, Frequency.ANNUAL)):
            return [(period_end(series, day), value) for day, value in rows]
        if series.frequency is Frequency.ANNUAL:  # from a quarterly id: the year's last quarter
            return [(period_end(series, day), value) for day, value in rows if from_day(day).month == 10]
        return rows


def _files(answer: Answer) -> Iterator[tuple[str, str]]:
    """Name and text of each table in the answer."""
    if not answer.body.startswith(b"PK"):
        yield "the file", text_of(answer, "CSV")
        return
    for name, body in members(answer.body, lambda name: name.lower().endswith(".csv"), _MAX_BYTES):
        yield clean(name, 40), text_of(msgspec.structs.replace(answer, body=body), "CSV")


def _chart_pairs(text: str, name: str) -> dict[str, list[tuple[int, float]]]:
    header, *rows = rows_of(whole(text))
    at = positions(header)
    date_name = next((n for n in ("observation_date", "DATE") if n in at), None)
    if date_name is None:
        raise WrongFormat(f"no column of dates in {name}: {clean(', '.join(header), 80)}")
    uniform(rows, len(header))
    days = iso_days(row[at[date_name]] for row in rows)
    return {code: list(pairs(days, [row[i] for row in rows], code, _MISSING)) for code, i in at.items() if code != date_name}


def _api_pairs(answer: Answer, code: str) -> list[tuple[int, float]]:
    match json_of(answer):
        case {"count": int() as count, "units": "lin", "observations": [*rows]}:
            pass
        case {"error_message": str() as words}:
            raise WrongFormat(f"refused: {clean(words, 120)}")
        case _:
            raise WrongFormat("JSON without observations in plain units")
    if count != len(rows):
        raise CutShort(f"{len(rows)} observations of {count}")
    cells = []
    for row in rows:
        match row:
            case {"date": str() as day, "value": str() as value}:
                cells.append((day, value))
            case _:
                raise WrongFormat(f"{clean(repr(row), 80)} is not an observation")
    return list(pairs(iso_days(day for day, _ in cells), [value for _, value in cells], code, _MISSING))


def _annual_change(rows: Iterable[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    """Percent change of an index over twelve months, for months whose index and whose index a year before are both there."""
    low, high = _CPI_BOUNDS
    index: dict[tuple[int, int], float] = {}
    for day, value in rows:
        d = from_day(day)
        if not low <= value <= high:
            raise OutOfRange(f"consumer price index {d}: {value:g} is outside {low:g} to {high:g}")
        index[d.year, d.month] = value
    for (year, month), value in index.items():
        if before := index.get((year - 1, month)):
            yield to_day(date(year, month, 1)), (value / before - 1) * 100
