"""The Bank of England: the database's table, and yield-curve workbooks in an archive."""

import io
import zipfile
from datetime import date
from xml.sax.saxutils import escape

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import EVIL, answer, malformations, need, never_cut, refused, survives, values

TABLE = "DATE,IUDMNPY,IUDSNPY,IUDSOIA\r\n25 May 2026,,,3.7200\r\n02 Jun 2026,4.7210,4.4580,3.7210\r\n03 Jun 2026,4.7300,,3.7200\r\n"
CODES = "IUDSNPY,IUDMNPY,IUDSOIA"
NAME = "GLC Nominal daily data current month.xlsx"
YEARS = ("years:", 0.5, 2.0, 30.0, 40.0)
SHEET = [
    ("", "UK nominal spot curve"),
    (),
    ("Maturity",),
    YEARS,
    (),
    (date(2026, 6, 1), "", 4.2101, 5.0859, 4.981),
    (date(2026, 6, 2),),
    (date(2026, 6, 3), 4.1, 4.22, 5.09, "#VALUE!"),
]
SPOT = {
    "uk.2y.spot": {"2026-06-01": 4.2101, "2026-06-03": 4.22},
    "uk.30y.spot": {"2026-06-01": 5.0859, "2026-06-03": 5.09},
    "uk.40y.spot": {"2026-06-01": 4.981},
}


def zipped(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def cell(at: int, row: int, value: object) -> str:
    """One cell of a worksheet; a date has style 1."""
    ref = f"{chr(65 + at)}{row}"
    if value == "":
        return ""
    if isinstance(value, date):
        return f'<c r="{ref}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, str):
        return f'<c r="{ref}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{ref}"><v>{value}</v></c>'


def workbook(sheets: dict[str, list[tuple]]) -> bytes:
    """The least an .xlsx can be."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    files = {
        "_rels/.rels": f'<Relationships xmlns="{package}">'
        f'<Relationship Id="r" Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets>'
        + "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(sheets, 1))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">'
        + "".join(f'<Relationship Id="r{i}" Type="{links}/worksheet" Target="worksheets/s{i}.xml"/>' for i in range(1, len(sheets) + 1))
        + f'<Relationship Id="s" Type="{links}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="15"/></cellXfs></styleSheet>',
    }
    for i, rows in enumerate(sheets.values(), 1):
        body = "".join(f'<row r="{r}">{"".join(cell(c, r, v) for c, v in enumerate(row))}</row>' for r, row in enumerate(rows, 1))
        files[f"xl/worksheets/s{i}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
    return zipped({name: '<?xml version="1.0" encoding="UTF-8"?>' + text for name, text in files.items()})


def archive(rows: list[tuple] = SHEET, sheet: str = "4. spot curve", name: str = NAME) -> bytes:
    return zipped({"GLC Real daily data current month.xlsx": b"real", name: workbook({"3. spot, short end": [], sheet: rows})})


def curve(body: bytes):
    return answer(body, reader="workbook")


@pytest.fixture
def feed():
    return make_feed("boe", default_catalogue())


def test_database(feed):
    found = values(feed.read(answer(TABLE, reader=CODES)))
    assert found["uk.10y"] == {"2026-06-02": 4.721, "2026-06-03": 4.73}
    assert found["uk.5y"] == {"2026-06-02": 4.458}
    assert found["uk.sonia"]["2026-05-25"] == 3.72


@pytest.mark.parametrize("sheet", ["4. spot curve", "4. nominal spot curve", "4.  Nominal spot curve"])
def test_workbook(feed, sheet):
    assert values(feed.read(curve(archive(sheet=sheet)))) == SPOT


def test_archive_of_several_workbooks(feed):
    older = [*SHEET[:3], ("years:", 0.5, 2.0), (), (date(1979, 1, 2), "", 12.5)]
    body = zipped(
        {"a/GLC Nominal daily data_1979 to 1984.xlsx": workbook({"4. nominal spot curve": older}), NAME: workbook({"4. spot curve": SHEET})}
    )
    found = values(feed.read(curve(body)))
    assert found["uk.2y.spot"] == SPOT["uk.2y.spot"] | {"1979-01-02": 12.5}
    assert found["uk.40y.spot"] == SPOT["uk.40y.spot"]


def test_dates_that_lost_their_format(feed):
    rows = [*SHEET[:5], ((date(2026, 6, 1) - date(1899, 12, 30)).days, "", 4.2101)]
    assert values(feed.read(curve(archive(rows)))) == {"uk.2y.spot": {"2026-06-01": 4.2101}}


def test_requests(feed):
    whole = need(**{i.replace(".", "__"): None for i in feed.series})
    assert [r.part for r in feed.requests(whole)] == ["database", "curve, month", "curve, archive"]
    database, month = feed.requests(need(uk__10y=date(2026, 6, 18), uk__5y=date(2026, 6, 17), uk__2y__spot=date(2026, 6, 18)))
    assert "&Datefrom=17/Jun/2026&Dateto=now&SeriesCodes=IUDSNPY,IUDMNPY&" in database.url and database.reader == "IUDSNPY,IUDMNPY"
    assert month.headers["Referer"] == "https://www.bankofengland.co.uk/" and month.url.endswith("/latest-yield-curve-data.zip")
    (everything,) = feed.requests(need(uk__sonia=None))
    assert "Datefrom=01/Jan/1963" in everything.url
    overlap = feed.requests(need(date(2026, 7, 2), uk__2y__spot=date(2026, 6, 20)))
    assert [r.part for r in overlap] == ["curve, month"]  # 39 MB for a few days we have would be too much
    away = feed.requests(need(date(2026, 7, 2), uk__2y__spot=date(2026, 6, 10)))
    assert [r.part for r in away] == ["curve, month", "curve, archive"]


@malformations(
    [
        ("", CutShort, "empty answer"),
        ("<!DOCTYPE html> Invalid series code value supplied", WrongFormat, "HTML instead of CSV"),
        (TABLE[:-3], CutShort, "middle of a line"),
        (TABLE.replace("IUDSNPY", "IUDLNPY"), WrongFormat, "other columns than asked"),
        (TABLE.replace("IUDSNPY", "IUDMNPY"), WrongFormat, "two columns"),
        (TABLE.replace("4.7210", "472.1"), OutOfRange, "uk.10y 2026-06-02: 472.1"),
        (TABLE.replace("4.7210", EVIL), OutOfRange, "not a number"),
        (TABLE.replace("4.7210", "4.7210,1"), WrongFormat, "5 cells instead of 4"),
        (TABLE.replace("02 Jun", "02 Juin"), BadDates, "not a date like"),
        (TABLE.replace("02 Jun", "02 Jum"), BadDates, "not a date like"),
        (TABLE.replace("02 Jun", "31 Jun"), BadDates, "not a date"),
        (TABLE.replace("02 Jun", "12 Jul"), BadDates, "in the future"),
    ],
)
def test_malformed_table(feed, body, kind, words):
    refused(feed, answer(body, reader=CODES), kind, words)


def changed(row: int, column: int, value: object) -> list[tuple]:
    """The sheet with one cell changed."""
    cells = [*SHEET[row]]
    cells[column] = value
    return [*SHEET[:row], tuple(cells), *SHEET[row + 1 :]]


@malformations(
    [
        (b"", CutShort, "empty answer"),
        (b"<html>", WrongFormat, "HTML instead of a ZIP"),
        (b"%PDF", WrongFormat, "not a ZIP archive"),
        (archive()[:-40], CutShort, "cut or damaged"),
        (archive(name="GLC Real daily data.xlsx"), WrongFormat, "does not hold the file"),
        (zipped({NAME: workbook({"4. spot curve": SHEET})[:-40]}), CutShort, "workbook is cut or damaged"),
        (zipped({NAME: zipped({"a": "b"})}), WrongFormat, "workbook is cut or damaged"),
        (archive(sheet="5. forward"), WrongFormat, "no single sheet 'spot curve' among 3. spot, short end, 5. forward"),
        (archive(SHEET[4:]), WrongFormat, "no row of maturities"),
        (archive([("years:", 0.5, 1.0), *SHEET[4:]]), WrongFormat, "none of the maturities"),
        (archive(changed(5, 0, "Monday")), BadDates, "'Monday' is not a date"),
        (archive(changed(5, 2, EVIL.replace("\x1b", "").replace("\x07", ""))), OutOfRange, "2-year spot 2026-06-01: .* is not a number"),
        (archive(changed(5, 2, 421.0)), OutOfRange, "uk.2y.spot 2026-06-01: 421"),
        (archive(changed(5, 0, date(2026, 7, 12))), BadDates, "in the future"),
        (archive(SHEET[:5]), CutShort, "no observation"),
    ],
)
def test_malformed_workbook(feed, body, kind, words):
    refused(feed, curve(body), kind, words)


def test_distrust(feed):
    survives(feed, answer(TABLE, reader=CODES))
    survives(feed, curve(archive()), examples=40)
    never_cut(feed, answer(TABLE, reader=CODES))
    never_cut(feed, curve(archive()), step=29)


@pytest.mark.recorded
def test_recorded_workbook(recorded):
    from bondtop.feeds.boe_workbook import spot_curve

    body = (recorded / "boe_glc" / "GLC Real daily data_1985 to 1989.xlsx").read_bytes()  # the real curve has the same layout
    found = spot_curve(zipped({NAME: body}), {10.0: "ten", 40.0: "forty"})
    assert 1200 < len(found["ten"]) < 1310 and not found["forty"]
    assert all(2 < value < 6 for _, value in found["ten"])
