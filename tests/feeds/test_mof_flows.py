"""Japan's weekly flows: CP932, full-width periods, sums that must hold, the change of sign."""

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import EVIL, answer, malformations, need, never_cut, refused, survives, values


def line(**cells: str) -> str:
    """A row of 23 cells: c0="…", c12="…"."""
    return ",".join(cells.get(f"c{i}", "") for i in range(23))


KINDS = {
    1: "Equity and investment fund shares",
    4: "Long-term debt securities",
    7: "Subtotal",
    8: "Short-term debt securities",
    11: "Total",
}
HEAD = [
    line(c0="対外及び対内証券売買契約等の状況"),
    line(c0='"International Transactions in Securities (Weekly; based on reports)"', c19='"Final Update June 25, 2026"'),
    line(c19="Unit: 100 million Yen"),
    line(c1="1. Portfolio Investment Assets", c12="2. Portfolio Investment Liabilities"),
    line(**{f"c{i + s}": text for s in (0, 11) for i, text in KINDS.items()}),
    "," + ",".join((["Acquisition", "Disposition", "Net"] * 2 + ["Net", "Acquisition", "Disposition", "Net", "Net"]) * 2),
]
AMOUNTS = (9000, 8000, 1000, 52345, 60000, -7655, -6655, 500, 300, 200, -6455)


def side(times: int = 1) -> str:
    """Eleven cells of one side, as the file writes them."""
    return ",".join(f'"{a * times:,} "' if abs(a) > 999 else str(a * times) for a in AMOUNTS)


SIDE = side()
WEEKS = [
    f"2013．12．22～12．28,{SIDE},{SIDE}".replace('"1,000 "', '"-1,000 "'),
    f"2013．12．29～2014．1．4,{SIDE},{SIDE}".replace('"1,000 "', '"-1,000 "'),
    f"2014．1．5～1．11,{SIDE},{SIDE}",
    f"2014．1．12 ～1．18 ,{SIDE},{SIDE}".replace('"-6,455 "', '"▲6,454"'),
]
NOTES = [line(), line(c0="(Note 1)", c1="Signs of assets changed starting from January 2014.")]
FILE = "\r\n".join([*HEAD, *WEEKS, *NOTES]) + "\r\n"


def sent(text: str):
    return answer(text.encode("cp932"), "week")


@pytest.fixture
def feed():
    return make_feed("mof_flows", default_catalogue())


def test_weeks_by_saturday_from_2014(feed):
    found = values(feed.read(sent(FILE)))
    assert found["jp.flows.foreign_bonds.acq"] == {"2014-01-11": 52345.0, "2014-01-18": 52345.0}
    assert found["jp.flows.foreign_bonds.disp"]["2014-01-11"] == 60000.0
    assert found["jp.flows.foreign_bonds.net"]["2014-01-11"] == -7655.0
    assert found["jp.flows.foreign_bills.net"]["2014-01-11"] == 200.0
    assert found["jp.flows.foreign_total.net"] == {"2014-01-11": -6455.0, "2014-01-18": -6454.0}  # within rounding; a triangle is a minus
    assert found["jp.flows.inward_equity.net"]["2014-01-18"] == 1000.0
    assert len(found) == 10


def test_missing_cells_are_absent_and_excused_from_sums(feed):
    body = FILE.replace(f"1．11,{SIDE},{SIDE}", f"1．11,{SIDE.replace('500,300,200', '-,,-')},{SIDE}")
    assert values(feed.read(sent(body)))["jp.flows.foreign_bills.net"] == {"2014-01-18": 200.0}


def test_the_other_tilde_and_an_empty_last_line(feed):
    other = FILE.replace("1．5～", "1．5~").replace(line() + "\r\n", "\r\n")
    assert values(feed.read(sent(other))) == values(feed.read(sent(FILE)))


def test_one_request(feed):
    (request,) = feed.requests(need(jp__flows__foreign_bonds__net=None))
    assert request.part == "week" and request.url.endswith("/policy/international_policy/reference/itn_transactions_in_securities/week.csv")
    assert [*feed.requests(need())] == []


@malformations(
    [
        ("", CutShort, "empty answer"),
        ("<html>", WrongFormat, "HTML"),
        (FILE.replace("Unit: 100 million Yen", "Unit: million Yen"), WrongFormat, "unit is not 100 million yen"),
        (FILE.replace("Acquisition,Disposition,Net", "Disposition,Acquisition,Net", 1), WrongFormat, "Acquisition, Disposition, Net"),
        (FILE.replace("2. Portfolio", "3. Portfolio"), WrongFormat, "assets and liabilities"),
        (FILE.replace("Long-term debt", "Long debt", 1), WrongFormat, "equity, long-term and short-term"),
        (FILE[: FILE.index("2014．1．12") + 40], CutShort, "inside a quoted cell"),
        ("\r\n".join([*HEAD, *WEEKS]) + "\r\n", CutShort, "empty row that ends the weeks is missing"),
        (FILE.replace('"-7,655 "', '"-7,555"'), OutOfRange, "column 6 is -7555 where its parts give -7655"),
        (FILE.replace('"-6,655 "', '"6,655"'), OutOfRange, "column 7"),
        (FILE.replace("500,300,200", "-300,-500,200"), OutOfRange, "-300 bought or sold in column 8"),
        (FILE.replace('"52,345 "', EVIL), OutOfRange, "not a number"),
        (FILE.replace("2014．1．5～1．11", "2014．1．6～1．12"), BadDates, "Sunday to Saturday"),
        (FILE.replace(WEEKS[2] + "\r\n", ""), BadDates, "ends 2014-01-18 follows the one that ends 2014-01-04"),
        (FILE.replace("2014．1．5～1．11", "week 2"), BadDates, "'week 2' is not a week"),
        (FILE.replace("2014．1．5～1．11", "2014．1．5～1．11,7"), WrongFormat, "24 cells instead of 23"),
    ],
)
def test_malformed(feed, body, kind, words):
    refused(feed, answer(body.encode("cp932", "replace"), "week"), kind, words)


def test_a_hundred_times_too_large_keeps_its_sums_but_not_its_bounds(feed):
    body = "\r\n".join([*HEAD, f"2014．1．5～1．11,{side(100)},{side(100)}", *NOTES]) + "\r\n"
    refused(feed, sent(body), OutOfRange, "foreign_bonds.acq 2014-01-11")


def test_distrust(feed):
    survives(feed, sent(FILE))
    never_cut(feed, sent(FILE), step=7)
