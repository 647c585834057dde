"""Banque de France: the TEC constant-maturity fixings of OATs, from Webstat."""

import re
from collections.abc import Iterable

from .check import clean, observations, text_of
from .decode import iso_days, pairs, positions, rows_of, uniform, whole
from .errors import OutOfRange, WrongFormat
from .feed import Feed
from .series import Answer, Need, Observations, Request, from_day

_KEY = "FM.D.FR.EUR.FR2.BB.{code}.HSTA"
_URL = "https://webstat.banque-france.fr/export/csv/fr/catalog/FM/"
_NUMBER = re.compile(r"-?[0-9]+(?:,[0-9]+)?")


class BanqueDeFrance(Feed):
    """Codes are the part of a Webstat key that names the fixing: "FRMOYTEC10"."""

    name = "banque_de_france"
    title = "Banque de France"
    hosts = ("webstat.banque-france.fr",)
    licence = "Banque de France; the TEC index is Euronext's: local display only"

    def requests(self, need: Need) -> Iterable[Request]:
        """One file a fixing with its whole history, the 10-year first."""
        wanted = [code for code, s in self.codes.items() if s.id in need.since]
        for code in sorted(wanted, key=lambda code: code != "FRMOYTEC10"):
            yield Request(code, _URL + _KEY.format(code=code), code, max_bytes=15_000_000)

    def read(self, answer: Answer) -> Observations:
        """Percent, with a decimal comma; a day to come is a row without a value."""
        code = answer.request.reader
        text = text_of(answer, "CSV")
        header, *rows = rows_of(text, ";")
        at = positions(header)
        if not {"series_key", "time_period", "obs_value"} <= set(at):
            raise WrongFormat(f"not the table we know: columns {clean(', '.join(header), 120)}")
        uniform(rows, len(header))
        if at["obs_value"] == len(header) - 1:
            whole(text)  # otherwise a full last row proves that its value is whole
        keys = {row[at["series_key"]] for row in rows}
        if keys - {_KEY.format(code=code)}:
            raise WrongFormat(f"another series than asked: {clean(min(keys), 60)}")
        _check_unit(rows, at)
        filled = [row for row in rows if row[at["obs_value"]]]
        days = iso_days(row[at["time_period"]] for row in filled)
        cells = [row[at["obs_value"]] for row in filled]
        for day, cell in zip(days, cells, strict=True):
            if not _NUMBER.fullmatch(cell):
                raise OutOfRange(f"{code} {from_day(day)}: {clean(cell, 40)!r} is not a number with a decimal comma")
        series = self.codes[code]
        return observations(answer, {series.id: pairs(days, [cell.replace(",", ".") for cell in cells], code)}, self.series, self.factors)


def _check_unit(rows: Iterable[list[str]], at: dict[str, int]) -> None:
    """Where the file says a unit, it is percent, and times one."""
    for column, right in (("UNIT", "PC"), ("UNIT_MULT", "0")):
        if column in at and (odd := {row[at[column]] for row in rows} - {right}):
            raise WrongFormat(f"{column} is {clean(min(odd), 20)!r} instead of {right!r}")
