"""TIC: major foreign holders of Treasuries. One small table of thirteen months, newest first, USD billion.

The old table (mfh.txt) still answers but stopped in early 2023; it is not asked.
"""

import re
from collections.abc import Iterator, Mapping

from .check import number, observations, text_of
from .decode import rows_of, whole
from .errors import BadDates, CutShort, OutOfRange, WrongFormat
from .feed import Feed
from .periods import month_end
from .series import Answer, Need, Observations, Request

_URL = "https://ticdata.treasury.gov/resource-center/data-chart-center/tic/Documents/slt_table5.txt"
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_LABELS = "Country"
_OFFICIAL, _BILLS, _BONDS = (
    "Of Which: Foreign Official",
    "Of Which: Foreign Official Treasury Bills",
    "Of Which: Foreign Official T-Bonds & Notes",  # the last row of the table
)

Holdings = Mapping[str, Mapping[int, float]]  # label → month end → USD billion


class Tic(Feed):
    """Treasury International Capital, table 5."""

    name = "tic"
    title = "US Treasury, TIC"
    hosts = ("ticdata.treasury.gov",)
    licence = "US government work, public domain"

    def requests(self, need: Need) -> Iterator[Request]:
        """The whole table."""
        if need.since:
            yield Request(part="holders", url=_URL, max_bytes=1_000_000)

    def read(self, answer: Answer) -> Observations:
        """The rows we follow. A country that falls out of the list is absent; labels must be exact, for three share a beginning."""
        holdings = _holdings(whole(text_of(answer, "table")))
        _require_sense(holdings)
        rows = {s.id: list(holdings[label].items()) for label, s in self.codes.items() if label in holdings}
        return observations(answer, rows, self.series, self.factors)


def _holdings(text: str) -> Holdings:
    if not re.search(r"billions of dollars", text[:2000], re.IGNORECASE):
        raise WrongFormat("not the table in billions of dollars")
    rows = rows_of(text, "\t")
    start = next((i for i, row in enumerate(rows) if _LABELS in row), None)
    if start is None:
        raise WrongFormat("no header row with the countries")
    header = rows[start]
    at = header.index(_LABELS)
    months = {i: month_end(cell) for i, cell in enumerate(header) if _MONTH.fullmatch(cell)}
    if len(months) != len(header) - 1:
        raise BadDates("a column of the table is headed by something that is no month")
    out: dict[str, dict[int, float]] = {}
    for row in rows[start + 1 :]:
        if len(row) != len(header):
            raise CutShort(f"the table ends before the row {_BONDS!r}")
        label = row[at].strip()
        if label in out:
            raise WrongFormat("two rows with one label")
        out[label] = {day: number(row[i], "holdings") for i, day in months.items() if row[i].strip()}
        if label == _BONDS:
            return out
    raise CutShort(f"the table ends before the row {_BONDS!r}")


def _require_sense(holdings: Holdings) -> None:
    """Bills and bonds make the official total, and no holder has more than all together."""
    total = holdings.get("Grand Total", {})
    for day, official in holdings.get(_OFFICIAL, {}).items():
        bills, bonds = holdings.get(_BILLS, {}).get(day), holdings[_BONDS].get(day)
        if bills is not None and bonds is not None and abs(bills + bonds - official) > 1:
            raise OutOfRange(f"official bills {bills:g} and bonds {bonds:g} do not make {official:g}")
    for held in holdings.values():
        if any(value > total.get(day, value) for day, value in held.items()):
            raise OutOfRange("a holder has more than the grand total")
