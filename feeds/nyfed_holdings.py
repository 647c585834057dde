"""Weekly statistics of the New York Fed (dealers' fails and positions, the Fed's own holdings) and its term premium workbook."""

from collections import defaultdict

from .check import clean, iso_day, json_of
from .decode import MONTHS, day_of
from .errors import BadDates, CutShort, OutOfRange, WrongFormat
from .parse import amount, records_at, text_in
from .series import Answer
from .workbook import columns_of

_SUPPRESSED = ("*", "")
_HELD = ("bills", "notesbonds", "frn", "tips", "mbs", "cmbs", "agencies")  # what `total` is made of
_HELD_TOLERANCE = 0.02  # of the total
_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how a workbook of the old format begins
_ACM_FIRST = "1961-06-14"
_ACM_GAP_DAYS = 14


def read_dealers(answer: Answer) -> dict[str, list[tuple[int, float]]]:
    """Rows by key, in millions of dollars; a suppressed value is a star."""
    rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for record in records_at(json_of(answer), "pd", "timeseries"):
        key, when = text_in(record, "keyid"), text_in(record, "asofdate")
        value = amount(record.get("value"), f"{clean(key, 20)} {clean(when, 10)}", _SUPPRESSED)
        if value is not None:
            rows[key].append((iso_day(when), value))
    return rows


def read_soma(answer: Answer) -> dict[str, list[tuple[int, float]]]:
    """Rows by "soma class", in dollars. The classes add up to the total (which leaves out TIPS' inflation compensation)."""
    rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for record in records_at(json_of(answer), "soma", "summary"):
        when = text_in(record, "asOfDate")
        day = iso_day(when)
        held = {k: v for k in ("total", *_HELD) if (v := amount(record.get(k), f"{k} {clean(when, 10)}", ("",))) is not None}
        if "total" not in held:
            raise WrongFormat(f"holdings of {clean(when, 10)} without their total")
        parts = sum(held.get(k, 0.0) for k in _HELD)
        if abs(parts - held["total"]) > _HELD_TOLERANCE * abs(held["total"]):
            raise OutOfRange(f"{clean(when, 10)}: classes sum to ${parts / 1e9:,.0f} bn, the total says ${held['total'] / 1e9:,.0f} bn")
        for name, dollars in held.items():
            rows[f"soma {name}"].append((day, dollars))
    return rows


def read_acm(answer: Answer) -> dict[str, list[tuple[int, float]]]:
    """The premium, "acm ACMTP10", in percent, from the daily sheet. Yield = expected rate + premium, and the days have no hole.

    Published source: Adrian, Crump and Moench, "Pricing the term structure with linear regressions", JFE 110 (2013).
    """
    if not answer.body:
        raise CutShort("empty answer")
    if not answer.body.startswith(_EXCEL):
        head = answer.body[:512].lstrip()
        raise WrongFormat("HTML instead of an Excel workbook" if head[:1] == b"<" else "not an Excel workbook")
    pairs: list[tuple[int, float]] = []
    last = iso_day(_ACM_FIRST) - 1
    for when, *cells in columns_of(answer.body, "ACM Daily", ("DATE", "ACMY10", "ACMTP10", "ACMRNY10")):
        text = clean(str(when), 20)
        if not text:
            continue
        day = _acm_day(text)
        if not last < day <= last + _ACM_GAP_DAYS:
            raise BadDates(f"{text!r} does not follow on the row before")
        last = day
        values = [amount(cell, f"premium {text}", ("",)) for cell in cells]
        known = [v for v in values if v is not None]
        if len(known) < len(values):
            continue
        fitted, premium, expected = known
        if abs(fitted - premium - expected) > 0.02:
            raise OutOfRange(f"{text}: yield {fitted:.3f} is not premium {premium:.3f} and expected rate {expected:.3f}")
        pairs.append((day, premium))
    return {"acm ACMTP10": pairs}


def _acm_day(text: str) -> int:
    """Day number of "14-Jun-1961" (never by the locale's names) or of an ISO date, which a real date cell becomes."""
    day, _, rest = text.partition("-")
    month, _, year = rest.partition("-")
    if month in MONTHS and day.isdecimal() and year.isdecimal():
        return day_of(int(year), MONTHS[month], int(day))
    return iso_day(text)
