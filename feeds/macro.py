"""Consumer prices and public debt: OECD, Eurostat, the IMF and Japan's Statistics Bureau. Periods are dated by their last day."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from .check import json_of, number, observations, text_of
from .decode import rows_of, whole
from .errors import WrongFormat
from .feed import Feed
from .parse import amount, table
from .periods import month_end, quarter_end, year_end
from .series import Answer, Need, Observations, Request, to_day

_OECD = "https://sdmx.oecd.org/public/rest/data/OECD.SDD.TPS"
_OECD_FLOWS: Mapping[str, tuple[str, ...]] = {
    "DSD_PRICES@DF_PRICES_ALL": ("GBR", "CAN", "USA"),
    "DSD_G20_PRICES@DF_G20_PRICES": ("JPN",),
}
_EUROSTAT = "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/data"
_IMF_DEBT = "G_XWDG_G01_GDP_PT"
_IMF = f"https://www.imf.org/external/datamapper/api/v2/{_IMF_DEBT}"
_JAPAN = "https://www.stat.go.jp/data/cpi/2025/youshiki/csv/zmy2025s.csv"
_JAPAN_ITEMS, _JAPAN_CORE = "類・品目", "生鮮食品を除く総合"  # "groups and items", "all items, less fresh food"
_MONTH_DAYS, _QUARTER_DAYS = 31, 92
_MOST_CELLS = 100_000  # of a data set; four areas over thirty years are 1,500

Rows = Mapping[str, list[tuple[int, float]]]  # by the provider's code


class Macro(Feed):
    """A code is the table, then the area: "oecd GBR", "hicp FR", "eurostat IT", "imf JPN", "jp core"."""

    name = "macro"
    title = "OECD, Eurostat, IMF, Statistics Bureau of Japan"
    hosts = ("sdmx.oecd.org", "ec.europa.eu", "www.imf.org", "www.stat.go.jp")
    licence = "Free reuse with source credit; edited Japanese data must be labelled as edited"
    interval_s = 2.0

    def requests(self, need: Need) -> Iterator[Request]:
        """One question a table."""
        for reader, ask in _QUESTIONS.items():
            areas = {code.split(" ")[1]: s.id for code, s in self.codes.items() if code.split(" ")[0] == reader and s.id in need.since}
            if areas:
                yield from ask(sorted(areas), need.earliest(list(areas.values())), need.today)

    def read(self, answer: Answer) -> Observations:
        """Whole periods of one table; of a period that is still running there are flash estimates, which wait until it ends."""
        reader = answer.request.reader
        found = _READERS[reader](answer)
        rows = {s.id: found[code] for code, s in self.codes.items() if code in found}
        return observations(answer, rows, self.series, self.factors)


# ---------------------------------------------------------------------------------------------------------------- OECD
def _ask_oecd(areas: list[str], since: date | None, _: date) -> Iterator[Request]:
    for flow, covered in _OECD_FLOWS.items():
        if chosen := [area for area in covered if area in areas]:
            key = f"{'+'.join(chosen)}.M.N.CPI.PA._T.N.GY"
            url = f"{_OECD},{flow},1.0/{key}?startPeriod={since or date(1960, 1, 1):%Y-%m}&format=csvfilewithlabels"
            yield Request(part=f"oecd {flow.split('@')[1]}", url=url, reader="oecd", max_bytes=8_000_000)


def _read_oecd(answer: Answer) -> Rows:
    out: dict[str, list[tuple[int, float]]] = defaultdict(list)
    wanted = ("REF_AREA", "FREQ", "TRANSFORMATION", "TIME_PERIOD", "OBS_VALUE")
    for area, frequency, transformation, period, value in table(text_of(answer, "CSV"), wanted):
        if (frequency, transformation) != ("M", "GY"):
            raise WrongFormat("not the monthly annual change")
        if value:
            out[f"oecd {area}"].append((month_end(period), number(value, "prices")))
    return {code: _complete(pairs, answer, _MONTH_DAYS) for code, pairs in out.items()}


# ------------------------------------------------------------------------------------------------------------ Eurostat
def _ask_hicp(areas: list[str], since: date | None, today: date) -> Iterator[Request]:
    last = f"&lastTimePeriod={12 * (today.year - since.year) + today.month - since.month + 1}" if since else ""
    yield _eurostat("hicp", "prc_hicp_minr", "coicop18=TOTAL&unit=RCH_A", areas, last)


def _ask_debt(areas: list[str], since: date | None, today: date) -> Iterator[Request]:
    last = f"&lastTimePeriod={4 * (today.year - since.year) + (today.month - since.month) // 3 + 2}" if since else ""
    yield _eurostat("eurostat", "gov_10q_ggdebt", "sector=S13&na_item=GD&unit=PC_GDP", areas, last)


def _eurostat(reader: str, name: str, fixed: str, areas: Iterable[str], last: str) -> Request:
    geos = "".join(f"&geo={area}" for area in areas)
    return Request(part=reader, url=f"{_EUROSTAT}/{name}?format=JSON&{fixed}{geos}{last}", reader=reader, max_bytes=4_000_000)


def _read_eurostat(answer: Answer) -> Rows:
    monthly = answer.request.reader == "hicp"
    end, days = (month_end, _MONTH_DAYS) if monthly else (quarter_end, _QUARTER_DAYS)
    out: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for geo, time, value in _json_stat(json_of(answer)):
        out[f"{answer.request.reader} {geo}"].append((end(time), value))
    return {code: _complete(pairs, answer, days) for code, pairs in out.items()}


def _json_stat(document: Any) -> Iterator[tuple[str, str, float]]:
    """(geo, time, value) of a JSON-stat data set whose other dimensions are fixed: `value` is flat over `id` and `size`."""
    try:
        names, sizes, dimensions, values = document["id"], document["size"], document["dimension"], document["value"]
        places = {name: dict(dimensions[name]["category"]["index"]) for name in ("geo", "time")}
        strides = dict(zip(names, _strides(sizes), strict=True))
        cells = dict(values)
        free = {name for name, size in zip(names, sizes, strict=True) if size != 1}
        if len(places["geo"]) * len(places["time"]) > _MOST_CELLS:
            raise ValueError
        found = [
            (geo, time, cells.get(str(i * strides["geo"] + j * strides["time"])))
            for geo, i in places["geo"].items()
            for time, j in places["time"].items()
        ]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise WrongFormat("not a JSON-stat data set with the dimensions geo and time") from None
    if not free <= {"geo", "time"} or len(found) < len(cells):
        raise WrongFormat("the data set varies in more than geo and time")
    for geo, time, cell in found:
        if (value := amount(cell, f"{geo} {time}"[:40])) is not None:
            yield str(geo), str(time), value


def _strides(sizes: list[int]) -> list[int]:
    if not all(isinstance(size, int) for size in sizes):
        raise TypeError
    out = [1]
    for size in reversed(sizes[1:]):
        out.append(out[-1] * size)
    return out[::-1]


# ----------------------------------------------------------------------------------------------------------------- IMF
def _ask_imf(_areas: list[str], _since: date | None, _today: date) -> Iterator[Request]:
    yield Request(part="imf", url=_IMF, reader="imf", headers={"Accept": "application/json"}, max_bytes=4_000_000)


def _read_imf(answer: Answer) -> Rows:
    """Years that are over: the table goes on with forecasts."""
    document = json_of(answer)
    try:
        areas = {str(area): dict(years) for area, years in document["values"][_IMF_DEBT].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise WrongFormat(f"no values of {_IMF_DEBT}") from None
    today = to_day(answer.fetched_at.date())
    out: dict[str, list[tuple[int, float]]] = {}
    for area, years in areas.items():
        values = ((year_end(str(year)), amount(value, "debt")) for year, value in years.items())
        out[f"imf {area}"] = [(day, value) for day, value in values if value is not None and day < today]
    return out


# --------------------------------------------------------------------------------------------------------------- Japan
def _ask_japan(_areas: list[str], _since: date | None, _today: date) -> Iterator[Request]:
    yield Request(part="japan", url=_JAPAN, reader="jp", max_bytes=8_000_000)


def _read_japan(answer: Answer) -> Rows:
    """Annual changes by month; label rows above, months (202606) below."""
    rows = rows_of(whole(text_of(answer, "CSV", "cp932")))
    labels = next((row for row in rows if _JAPAN_CORE in (cell.strip() for cell in row)), None)
    if labels is None:
        raise WrongFormat(f"no column {_JAPAN_CORE} (all items, less fresh food)")
    names = [cell.strip() for cell in labels]
    core, month = names.index(_JAPAN_CORE), names.index(_JAPAN_ITEMS) if _JAPAN_ITEMS in names else 0
    pairs: list[tuple[int, float]] = []
    for row in rows:
        if len(row) > month and re.fullmatch("[0-9]{6}", row[month].strip()):
            if len(row) != len(labels):
                raise WrongFormat(f"the row of {row[month].strip()} has {len(row)} cells instead of {len(labels)}")
            if (cell := row[core].strip()) not in ("", "-"):
                pairs.append((month_end(row[month].strip()), number(cell, "core prices")))
    return {"jp core": _complete(pairs, answer, _MONTH_DAYS)}


def _complete(pairs: list[tuple[int, float]], answer: Answer, period_days: int) -> list[tuple[int, float]]:
    """Without the period that is running; one that has not begun stays, and is refused later."""
    today = to_day(answer.fetched_at.date())
    return [(day, value) for day, value in pairs if day <= today or day - today >= period_days]


_QUESTIONS: Mapping[str, Callable[[list[str], date | None, date], Iterator[Request]]] = {
    "hicp": _ask_hicp,
    "oecd": _ask_oecd,
    "jp": _ask_japan,
    "eurostat": _ask_debt,
    "imf": _ask_imf,
}
_READERS: Mapping[str, Callable[[Answer], Rows]] = {
    "hicp": _read_eurostat,
    "oecd": _read_oecd,
    "jp": _read_japan,
    "eurostat": _read_eurostat,
    "imf": _read_imf,
}
