"""Bank of Japan: the overnight call rate and dollar-yen at 17:00 in Tokyo. HTTP always says 200; the body's STATUS knows better."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from .check import clean, json_of, observations
from .decode import day_of
from .errors import BadDates, CutShort, WrongFormat
from .feed import Feed
from .parse import amount, records_at, text_in
from .series import Answer, Need, Observations, Request

_BASE = "https://www.stat-search.boj.or.jp/api/v1/getDataCode?format=json&lang=en"
_START = date(1998, 1, 1)  # of the daily series; the API wants a month


class Boj(Feed):
    name = "boj"
    title = "Bank of Japan"
    hosts = ("www.stat-search.boj.or.jp",)
    licence = "Source: Bank of Japan. Non-commercial use with credit; no rapid polling."
    interval_s = 3.0

    def requests(self, need: Need) -> Iterable[Request]:
        """One request a database: codes in the catalogue are "DATABASE CODE"."""
        databases: dict[str, list[str]] = {}
        for code in self.codes:
            database, _, name = code.partition(" ")
            databases.setdefault(database, []).append(name)
        for database, names in databases.items():
            wanted = [i for name in names if (i := self.codes[f"{database} {name}"].id) in need.since]
            if wanted:
                since = need.earliest(wanted) or _START
                url = f"{_BASE}&db={database}&code={','.join(names)}&startDate={since:%Y%m}"
                yield Request(database, url, reader=database)

    def read(self, answer: Answer) -> Observations:
        document = json_of(answer)
        if not isinstance(document, dict) or document.get("STATUS") != 200:
            message = document.get("MESSAGE") if isinstance(document, dict) else None
            raise WrongFormat(f"an error instead of data: {clean(message, 120) if isinstance(message, str) else 'without a word'}")
        if document.get("NEXTPOSITION") is not None:
            raise CutShort("only the first part of the answer")
        rows: dict[str, list[tuple[int, float]]] = {}
        for record in records_at(document, "RESULTSET"):
            series = self.codes.get(f"{answer.request.reader} {text_in(record, 'SERIES_CODE')}")
            if series:
                rows[series.id] = list(_pairs(record.get("VALUES"), series.id))
        return observations(answer, rows, self.series, self.factors)


def _pairs(values: Any, series_id: str) -> Iterable[tuple[int, float]]:
    """Two lists of equal length: dates as integers such as 20240104, and values or null."""
    days, numbers = (values.get("SURVEY_DATES"), values.get("VALUES")) if isinstance(values, dict) else (None, None)
    if not isinstance(days, list) or not isinstance(numbers, list) or len(days) != len(numbers):
        raise WrongFormat(f"{series_id}: dates and values do not match")
    for stamp, cell in zip(days, numbers, strict=True):
        if not isinstance(stamp, int) or not 1900_01_01 <= stamp <= 9999_12_31:
            raise BadDates(f"{series_id}: a date that is not like 20240104")
        day = day_of(stamp // 10000, stamp // 100 % 100, stamp % 100)
        value = amount(cell, f"{series_id} {stamp}")
        if value is not None:
            yield day, value
