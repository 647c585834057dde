"""The TEC fixings: semicolons, decimal commas, newest first, days to come without a value."""

from datetime import UTC, date, datetime

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import EVIL, answer, malformations, need, never_cut, refused, survives, values

HEAD = "\ufeffseries_key;time_period;obs_value;updated_at;title_fr;UNIT;UNIT_MULT;OBS_STATUS\n"


def row(day: str, value: str) -> str:
    return f"FM.D.FR.EUR.FR2.BB.FRMOYTEC10.HSTA;{day};{value};2026-06-30T11:01:28+00:00;Taux de l'Echéance Constante - 10 ans;PC;0;A\n"


FILE = HEAD + row("2026-12-31", "") + row("2026-06-30", "3,665") + row("2026-06-29", "3,7") + row("1996-01-02", "-0,25")


def sent(text: str):
    return answer(text, "FRMOYTEC10", "FRMOYTEC10")


@pytest.fixture
def feed():
    return make_feed("banque_de_france", default_catalogue())


def test_values(feed):
    assert values(feed.read(sent(FILE))) == {"fr.10y.tec": {"2026-06-30": 3.665, "2026-06-29": 3.7, "1996-01-02": -0.25}}


def test_columns_in_any_order(feed):
    turned = "".join(";".join(reversed(line.split(";"))) + "\n" for line in FILE.removeprefix("\ufeff").splitlines())
    assert values(feed.read(sent(turned))) == values(feed.read(sent(FILE)))


def test_hostile_titles_do_not_matter(feed):
    assert values(feed.read(sent(FILE.replace("Taux de l'Echéance Constante - 10 ans", f'"Taux{EVIL}"')))) == values(feed.read(sent(FILE)))


def test_requests_begin_with_ten_years(feed):
    requests = [*feed.requests(need(**{i.replace(".", "__"): date(2026, 6, 20) for i in feed.series}))]
    assert requests[0].url == "https://webstat.banque-france.fr/export/csv/fr/catalog/FM/FM.D.FR.EUR.FR2.BB.FRMOYTEC10.HSTA"
    assert [r.part for r in requests[1:]] == [f"FRMOYTEC{n}" for n in (1, 2, 3, 5, 7, 15, 20, 25, 30)]
    assert [r.part for r in feed.requests(need(fr__5y__tec=None))] == ["FRMOYTEC5"]


@malformations(
    [
        ("", CutShort, "empty answer"),
        ("<html>", WrongFormat, "HTML"),
        ('{"error": "Unauthorized"}', WrongFormat, "JSON error"),
        ("Titre : Taux;\nCode;\n", WrongFormat, "not the table we know"),
        (FILE[:-120], CutShort, "middle of a row"),
        (FILE.replace("TEC10.HSTA;2026-06-29", "TEC5.HSTA;2026-06-29"), WrongFormat, "another series than asked"),
        (FILE.replace(";PC;", ";PB;", 1), WrongFormat, "UNIT is 'PB' instead of 'PC'"),
        (FILE.replace(";0;A", ";2;A", 1), WrongFormat, "UNIT_MULT is '2'"),
        (FILE.replace("3,665", "366,5"), OutOfRange, "fr.10y.tec 2026-06-30: 366.5"),
        (FILE.replace("3,665", "3.665"), OutOfRange, "with a decimal comma"),
        (FILE.replace("3,665", f'"{EVIL}"'), OutOfRange, "with a decimal comma"),
        (FILE.replace("2026-06-30;", "30/06/2026;", 1), BadDates, "not a date"),
        (FILE.replace("2026-06-30;", "2026-07-10;", 1), BadDates, "in the future"),
        (FILE.replace("2026-06-30;", "2026-06-29;", 1), BadDates, "two values"),
        (FILE.replace("UNIT_MULT", "UNIT"), WrongFormat, "two columns"),
        (HEAD, CutShort, "no observation"),
    ],
)
def test_malformed(feed, body, kind, words):
    refused(feed, sent(body), kind, words)


def test_distrust(feed):
    survives(feed, sent(FILE))
    never_cut(feed, sent(FILE))
    last = "series_key;time_period;obs_value\n" + "FM.D.FR.EUR.FR2.BB.FRMOYTEC10.HSTA;2026-06-30;3,665\n"
    never_cut(feed, sent(last))  # with the value in the last column only the line break proves that it is whole


@pytest.mark.recorded
def test_recorded_sample(feed, recorded):
    text = "\ufeff" + (recorded / "samples" / "webstat_FR_TEC10.csv").read_text()
    found = values(feed.read(answer(text, reader="FRMOYTEC10", at=datetime(2026, 10, 2, 20, tzinfo=UTC))))["fr.10y.tec"]
    assert found == {"2026-10-02": 4.899, "2026-10-01": 4.903, "2026-09-30": 4.751}
