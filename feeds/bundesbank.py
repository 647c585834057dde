"""Deutsche Bundesbank: yields of the current benchmark Bunds, and its estimated term structure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from .check import clean, observations, text_of
from .decode import is_iso, iso_days, pairs, positions, rows_of, uniform, whole
from .errors import OutOfRange, WrongFormat
from .feed import Feed
from .series import Answer, Need, Observations, Request, from_day

_BASE = "https://api.statistiken.bundesbank.de/rest/"
_BENCHMARK = "BBSSY.D.REN.EUR.{}.A"
_CURVES: Mapping[str, str] = MappingProxyType(
    {"par": "BBSIS.D.I.ZAR.ZI.EUR.S1311.B.A604.{}.R.A.A._Z._Z.A", "zero": "BBSIS.D.I.ZST.ZI.EUR.S1311.B.A604.{}.R.A.A._Z._Z.A"}
)
_UNIT_NAMES = ("unit", "einheit")
_MISSING = frozenset({".", ""})


class Bundesbank(Feed):
    """Codes: "A630.000000WT1010" for a benchmark, "par R10XX" and "zero R10XX" for points of the curves."""

    name = "bundesbank"
    title = "Deutsche Bundesbank"
    hosts = ("api.statistiken.bundesbank.de",)
    licence = "Deutsche Bundesbank, reuse with source credit"

    def requests(self, need: Need) -> Iterable[Request]:
        """One question a benchmark and one a curve, the 10-year benchmark first."""
        wanted = [code for code, s in self.codes.items() if s.id in need.since]
        benchmarks = sorted((c for c in wanted if " " not in c), key=lambda code: not code.endswith("WT1010"))
        for code in benchmarks:
            yield self._request(need, code, _key(code), [code], "download")
        for curve in _CURVES:
            codes = [c for c in wanted if c.startswith(curve + " ")]
            if codes:
                points = "+".join(code.partition(" ")[2] for code in codes)
                yield self._request(need, curve, _key(f"{curve} {points}"), codes, "data")

    def _request(self, need: Need, part: str, key: str, codes: Sequence[str], service: str) -> Request:
        flow, _, rest = key.partition(".")
        first = need.earliest([self.codes[code].id for code in codes])
        period = f"&startPeriod={first}" if first else ""
        url = f"{_BASE}{service}/{flow}/{rest}?format=csv&lang=en{period}"
        return Request(part, url, ",".join(codes), headers={"Accept": "text/csv,*/*"}, max_bytes=6_000_000)

    def read(self, answer: Answer) -> Observations:
        """Percent by day, in English or, where the language was not heeded, in German form."""
        text = whole(text_of(answer, "CSV"))
        german = text.lstrip().startswith('"";')
        rows = rows_of(text, ";" if german else ",")
        header = rows[0]
        at = positions(header)
        asked = {code: _key(code) for code in answer.request.reader.split(",")}
        if not set(asked.values()) <= set(at) or set(at) - {"", *asked.values(), *(key + "_FLAGS" for key in asked.values())}:
            raise WrongFormat(f"other series than asked: {clean(', '.join(header), 120)}")
        day_at = at.get("", 0)
        metadata, table = _split(rows[1:], day_at)
        _check_unit(metadata, [at[key] for key in asked.values()], day_at)
        uniform(table, len(header))
        days = iso_days(row[day_at] for row in table)
        out = {}
        for code, key in asked.items():
            cells = [row[at[key]] for row in table]
            if german:
                cells = list(_with_points(cells, days, code))
            out[self.codes[code].id] = pairs(days, cells, code, _MISSING)
        return observations(answer, out, self.series, self.factors)


def _key(code: str) -> str:
    """The Bundesbank's own key of one of our codes."""
    curve, _, point = code.rpartition(" ")
    return _CURVES[curve].format(point) if curve else _BENCHMARK.format(point)


def _split(rows: Sequence[list[str]], day_at: int) -> tuple[list[list[str]], list[list[str]]]:
    """Metadata rows, which come first, and dated rows; remarks may follow.

    Raises:
        WrongFormat: a row without a date among dated ones.
    """
    dated = [len(row) > day_at and is_iso(row[day_at]) for row in rows]
    start = dated.index(True) if True in dated else len(rows)
    end = dated.index(False, start) if False in dated[start:] else len(rows)
    if any(dated[end:]):
        raise WrongFormat(f"{clean(','.join(rows[end]), 60)!r} among the dated rows")
    return list(rows[:start]), list(rows[start:end])


def _check_unit(metadata: Iterable[list[str]], columns: Iterable[int], name_at: int) -> None:
    """Where the file says a unit, it is percent."""
    for row in metadata:
        if len(row) > name_at and row[name_at].lower() in _UNIT_NAMES:
            for i in columns:
                if len(row) > i and not row[i].lower().startswith(("prozent", "percent", "%")):
                    raise WrongFormat(f"the unit is {clean(row[i], 30)!r}, not percent")


def _with_points(cells: Iterable[str], days: Iterable[int], code: str) -> Iterator[str]:
    """German numbers in the form that `float` knows."""
    for cell, day in zip(cells, days, strict=True):
        if cell != "." and "." in cell:
            raise OutOfRange(f"{code} {from_day(day)}: {clean(cell, 40)!r} is not a number with a decimal comma")
        yield cell.replace(",", ".")
