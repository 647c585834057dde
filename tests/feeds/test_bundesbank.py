"""The Bundesbank's files: metadata lines, dots on closed days, flags, English and German forms."""

from datetime import UTC, date, datetime

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import EVIL, answer, malformations, need, never_cut, refused, survives, values

CODE = "A630.000000WT1010"
KEY = f"BBSSY.D.REN.EUR.{CODE}.A"
FILE = (
    f'\ufeff"",{KEY},{KEY}_FLAGS\n"",Daily yield of the current Federal bond,\nDecimals,2,\nunit,PROZENT,\nunit multiplier,One,\n'
    "2026-06-26,2.87,\n2026-06-27,.,No value available\n2026-06-29,-0.92,\n"
)
ZERO = "BBSIS.D.I.ZST.ZI.EUR.S1311.B.A604.{}.R.A.A._Z._Z.A"
WIDE = (
    f'"";{ZERO.format("R02XX")};{ZERO.format("R02XX")}_FLAGS;{ZERO.format("R10XX")};{ZERO.format("R10XX")}_FLAGS\n"";Zins;;Zins;\nEinheit;Prozent;;Prozent;\n'
    "2026-06-26;2,55;;2,92;\n2026-06-27;.;Kein Wert vorhanden;.;Kein Wert vorhanden\n2026-06-29;.;Kein Wert vorhanden;2,9;\n"
)
ASKED = "zero R02XX,zero R10XX"


@pytest.fixture
def feed():
    return make_feed("bundesbank", default_catalogue())


def test_english_file(feed):
    assert values(feed.read(answer(FILE, reader=CODE))) == {"de.10y": {"2026-06-26": 2.87, "2026-06-29": -0.92}}


def test_german_file_of_two_series(feed):
    found = values(feed.read(answer(WIDE, reader=ASKED)))
    assert found == {"de.2y.zero": {"2026-06-26": 2.55}, "de.10y.zero": {"2026-06-26": 2.92, "2026-06-29": 2.9}}


def test_columns_in_any_order(feed):
    turned = "".join(",".join(reversed(line.split(","))) + "\n" for line in FILE.removeprefix("\ufeff").splitlines())
    assert values(feed.read(answer(turned, reader=CODE))) == values(feed.read(answer(FILE, reader=CODE)))


def test_requests(feed):
    whole = [*feed.requests(need(**{i.replace(".", "__"): None for i in feed.series}))]
    assert [r.part for r in whole] == [CODE, "A610.000000WT0202", "A620.000000WT0505", "A640.000000WT3030", "par", "zero"]
    assert whole[0].url == f"https://api.statistiken.bundesbank.de/rest/download/BBSSY/D.REN.EUR.{CODE}.A?format=csv&lang=en"
    assert "/rest/data/BBSIS/D.I.ZST.ZI.EUR.S1311.B.A604.R02XX+R05XX+R10XX+R20XX+R30XX.R.A.A._Z._Z.A?" in whole[-1].url
    bench, zero = feed.requests(need(de__2y=date(2026, 6, 20), de__10y__zero=date(2026, 6, 18)))
    assert bench.url.endswith("&startPeriod=2026-06-20") and "A604.R10XX.R" in zero.url and zero.url.endswith("&startPeriod=2026-06-18")


@malformations(
    [
        ("", CutShort, "empty answer"),
        ("<html>", WrongFormat, "HTML"),
        ('{"title": "Not Found"}', WrongFormat, "JSON error"),
        (FILE[:-4], CutShort, "middle of a line"),
        (FILE.replace("WT1010", "WT0505"), WrongFormat, "other series than asked"),
        (FILE.replace("PROZENT", "EURO"), WrongFormat, "unit is 'EURO', not percent"),
        (FILE.replace("2.87", "287"), OutOfRange, "de.10y 2026-06-26: 287"),
        (FILE.replace("2.87", EVIL), OutOfRange, "not a number"),
        (FILE.replace("2.87,", "2.87"), WrongFormat, "2 cells instead of 3"),
        (FILE.replace("2026-06-27", "27.06.2026"), WrongFormat, "among the dated rows"),
        (FILE.replace("2026-06-29", "2026-06-31"), BadDates, "not a date"),
        (FILE.replace("2026-06-29", "2026-07-10"), BadDates, "in the future"),
        (FILE.replace("2026-06-29", "2026-06-26"), BadDates, "two values"),
        (FILE[: FILE.index("2026")], CutShort, "no observation"),
    ],
)
def test_malformed(feed, body, kind, words):
    refused(feed, answer(body, reader=CODE), kind, words)


def test_points_in_a_german_file_are_refused(feed):
    refused(feed, answer(WIDE.replace("2,92", "2.920"), reader=ASKED), OutOfRange, "with a decimal comma")


def test_distrust(feed):
    survives(feed, answer(FILE, reader=CODE))
    survives(feed, answer(WIDE, reader=ASKED))
    never_cut(feed, answer(FILE, reader=CODE))
    never_cut(feed, answer(WIDE, reader=ASKED))


@pytest.mark.recorded
@pytest.mark.parametrize(("name", "code"), [("WT0202", "A610.000000WT0202"), ("WT1010", CODE)])
def test_recorded_samples(feed, recorded, name, code):
    text = (recorded / "samples" / f"bundesbank_DE_{name}_lang_en.csv").read_text()
    (found,) = values(feed.read(answer(text, reader=code, at=datetime(2026, 9, 4, tzinfo=UTC)))).values()
    assert len(found) == sum(line[:2] == "20" and line.split(",")[1] != "." for line in text.splitlines())
