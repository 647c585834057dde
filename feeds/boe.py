"""Bank of England: gilt par yields, Bank Rate and SONIA from its database, zero-coupon yields from its yield-curve workbooks."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from .check import clean, observations, text_of
from .decode import MONTHS, day_of, pairs, positions, rows_of, uniform, whole
from .errors import BadDates, WrongFormat
from .feed import Feed
from .series import Answer, Need, Observations, Request

_SITE = "https://www.bankofengland.co.uk/"
_DATABASE = f"{_SITE}boeapps/database/_iadb-fromshowcolumns.asp?csv.x=yes"
_WORKBOOKS = f"{_SITE}-/media/boe/files/statistics/yield-curves/"
_SPOT = "spot "
_EARLIEST = date(1963, 1, 1)  # of the database
# The archive is 39 MB and grows once a month. The days of last month that overlap the last refresh do not call for it.
_GRACE = timedelta(days=16)
_DATE = re.compile(r"([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4})")


class Boe(Feed):
    """Codes are those of the database ("IUDMNPY"), or "spot 30" for a point of the nominal spot curve, which is continuously compounded."""

    name = "boe"
    title = "Bank of England"
    hosts = ("www.bankofengland.co.uk",)
    licence = "Bank of England, with acknowledgement; curves are built on Bloomberg prices: no redistribution"

    def requests(self, need: Need) -> Iterable[Request]:
        """One question to the database, the workbook of the month, and the archive when earlier months are wanted."""
        wanted = {i: code for code, s in self.codes.items() if (i := s.id) in need.since}
        plain = {i: code for i, code in wanted.items() if not code.startswith(_SPOT)}
        if plain:
            first = need.earliest(list(plain)) or _EARLIEST
            codes = ",".join(plain.values())
            url = f"{_DATABASE}&Datefrom={_asked(first)}&Dateto=now&SeriesCodes={codes}&CSVF=TN&UsingCodes=Y&VPD=Y&VFD=N"
            yield Request("database", url, codes)
        if curves := [i for i in wanted if i not in plain]:
            yield _workbook("curve, month", "latest-yield-curve-data.zip", 10_000_000)
            first_curve = need.earliest(curves)
            if first_curve is None or first_curve < need.today.replace(day=1) - _GRACE:
                yield _workbook("curve, archive", "glcnominalddata.zip", 100_000_000)

    def read(self, answer: Answer) -> Observations:
        """Percent, from the database's table or from the workbooks in an archive."""
        if answer.request.reader == "workbook":
            from .boe_workbook import spot_curve

            maturities = {float(code.removeprefix(_SPOT)): s.id for code, s in self.codes.items() if code.startswith(_SPOT)}
            found: Mapping[str, Iterable[tuple[int, float]]] = spot_curve(answer.body, maturities)
        else:
            found = {self.codes[code].id: rows for code, rows in _table(answer).items()}
        return observations(answer, found, self.series, self.factors)


def _workbook(part: str, file: str, max_bytes: int) -> Request:
    return Request(part, _WORKBOOKS + file, "workbook", headers={"Referer": _SITE}, max_bytes=max_bytes, apart=True)


def _asked(first: date) -> str:
    """A date as the database wants it, whatever the locale: 01/Jan/1993."""
    return f"{first.day:02}/{[*MONTHS][first.month - 1]}/{first.year}"


def _table(answer: Answer) -> dict[str, Iterable[tuple[int, float]]]:
    """Rows by code; the server chooses the order of columns."""
    header, *rows = rows_of(whole(text_of(answer, "CSV")))
    at = positions(header)
    asked = answer.request.reader.split(",")
    if set(header) != {"DATE", *asked}:
        raise WrongFormat(f"other columns than asked: {clean(', '.join(header), 80)}")
    uniform(rows, len(header))
    days = [_day(row[at["DATE"]]) for row in rows]
    return {code: pairs(days, [row[at[code]] for row in rows], code) for code in asked}


def _day(cell: str) -> int:
    if not (m := _DATE.fullmatch(cell)) or m[2] not in MONTHS:
        raise BadDates(f"{clean(cell, 40)!r} is not a date like 30 Jun 2026")
    return day_of(int(m[3]), MONTHS[m[2]], int(m[1]))
