"""FedInvest: a day's prices in two forms, from which comes one number."""

from datetime import date
from urllib.parse import parse_qsl

import httpx
import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.client import Client
from bondtop.feeds.clock import Clock
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, Refused, Unreachable, WrongFormat
from bondtop.feeds.fedinvest import Fedinvest
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Answer, Failed, from_day
from clients import Time, respond
from wires import EVENING, EVIL, answer, need, refused, survives, values

DAY = "2026-06-30"
HEADER = ("CUSIP", "SECURITY TYPE", "RATE", "MATURITY DATE", "CALL DATE", "BUY", "SELL", "END OF DAY")


def rows(notes=120):
    made = [["912796Y45", "MARKET BASED BILL", "0.0", "07/02/2026", "", "0.000000", "99.985500", "0.000000"]]
    for i in range(notes):
        month, year = i % 12 + 1, 2027 + i // 12
        made.append([f"91282C{i:03}", "MARKET BASED NOTE", "0.0425", f"{month:02}/15/{year}", "", "99.500000", "99.468750", "0.000000"])
    made.append(["912810AA1", "MARKET BASED BOND", "0.05", "05/15/2032", "05/15/2027", "101.000000", "100.968750", "0.000000"])
    made.append(["912810UV8", "MARKET BASED BOND", "0.05", "05/15/2034", "", "100.000000", "99.968750", "0.000000"])
    made.append(["91282CAA7", "TIPS", "0.0125", "04/15/2030", "", "98.000000", "97.900000", "0.000000"])
    made.append(["91282CFR1", "MARKET BASED FRN", "0.0", "04/30/2028", "", "100.010000", "100.000000", "0.000000"])
    return made


def csv(table):
    return "".join(",".join(row) + "\r\n" for row in table)


def html(table, header=HEADER, when="June 30, 2026"):
    head = "".join(f"<th>{h}</th>" for h in header)
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>\n" for row in table)
    return f'<html><body>Prices For {when}<table class="data1"><tr>{head}</tr>{body}</table></body></html>'


@pytest.fixture
def seen():
    return []


@pytest.fixture
def feed(seen):
    def fit(*bonds):
        seen.append(bonds)
        return 2.5

    return Fedinvest(default_catalogue().of_feed("fedinvest"), fit=fit)


def test_what_is_fitted(feed, seen):
    assert values(feed.read(answer(csv(rows()), DAY, "csv"))) == {"us.noise": {DAY: 2.5}}
    ((day, maturities, coupons, prices),) = seen
    assert from_day(day) == date(2026, 6, 30)
    assert len(maturities) == len(coupons) == len(prices) == 121  # no bill, no inflation or floating rate, nothing callable
    assert (from_day(maturities[0]), coupons[0], prices[0]) == (date(2027, 1, 15), 4.25, 99.484375)
    assert (from_day(maturities[-1]), coupons[-1], prices[-1]) == (date(2034, 5, 15), 5.0, 99.984375)


def test_a_security_without_one_of_the_prices_is_left_out(feed, seen):
    table = rows()
    table[1][5] = "0.000000"
    feed.read(answer(csv(table), DAY, "csv"))
    assert len(seen[0][3]) == 120


def test_the_page_says_the_same_in_any_order(feed, seen):
    feed.read(answer(csv(rows()), DAY, "csv"))
    feed.read(answer(html(rows()), DAY, "html"))
    feed.read(answer(html([row[::-1] for row in rows()], HEADER[::-1]), DAY, "html"))
    percent = [[*row[:2], f"{100 * float(row[2]):.3f}%", *row[3:]] for row in rows()]
    feed.read(answer(html(percent), DAY, "html"))
    assert seen[0] == seen[1] == seen[2] == seen[3]


@pytest.mark.parametrize("words", ["No data for selected date range 2026-06-19.", "Current day prices are not available yet."])
@pytest.mark.parametrize("reader", ["csv", "html"])
def test_no_prices_is_an_answer(feed, words, reader):
    assert len(feed.read(answer(f"<html><p>{words}</p></html>", "2026-06-19", reader, empty_ok=True))) == 0


def test_too_few_for_a_fit_is_an_answer():
    feed = Fedinvest(default_catalogue().of_feed("fedinvest"), fit=lambda *_: None)
    assert len(feed.read(answer(csv(rows()), DAY, "csv", empty_ok=True))) == 0


def test_bonds_on_one_smooth_curve_are_quiet():
    """With the real fit: bonds at par of one flat yield lie on a curve; bonds pushed about by ten cents do not."""
    flat = [[*row[:2], "0.04", *row[3:5], "100.000000", "100.000000", "0.000000"] for row in rows()]
    pushed = [row if i % 2 else [*row[:5], "100.100000", "100.100000", row[7]] for i, row in enumerate(flat)]
    feed = make_feed("fedinvest", default_catalogue())
    quiet, loud = (values(feed.read(answer(csv(t), DAY, "csv")))["us.noise"][DAY] for t in (flat, pushed))
    assert quiet < 0.3 < 1 < loud


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("", CutShort, "empty answer"),
        ("<html>Just a moment</html>", WrongFormat, "HTML instead of CSV"),
        (csv(rows())[:-3], CutShort, "ends in the middle of a line"),
        (csv(rows()[:80]), CutShort, "only 80 securities"),
        (csv(rows()[:-4]), CutShort, "only 121 securities"),
        (csv([row[::-1] for row in rows()]), WrongFormat, "is no security"),
        (csv(rows()).replace("0.0425", "4.25"), OutOfRange, "rate 4.25 is no fraction"),
        (csv(rows()).replace("99.985500", "9998.55"), OutOfRange, "912796Y45: 9998.55 is no price"),
        (csv(rows()).replace("99.985500", EVIL), OutOfRange, "is not a number"),
        (csv(rows()).replace("07/02/2026", "2026-07-02"), BadDates, "is not a date"),
        (csv(rows()).replace("07/02/2026", "13/02/2026"), BadDates, "is not a date"),
        (csv(rows()).replace("0.000000\r\n", "0.000000,x\r\n", 1), WrongFormat, "9 cells instead of 8"),
    ],
)
def test_malformed_files(feed, body, kind, words):
    refused(feed, answer(body, DAY, "csv", empty_ok=True), kind, words)


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (html(rows())[:3000], CutShort, "ends before its table"),
        ("<html><body>Just a moment</body></html>", WrongFormat, "without a table"),
        (html(rows(), ["X", *HEADER[1:]]), WrongFormat, "a table with the columns X"),
        (html(rows(), when="June 29, 2026"), BadDates, "another day"),
        (html(rows(), when="Juni 30, 2026"), None, ""),
        (html([*rows(), ["only one"]]), CutShort, "1 cells instead of 8"),
    ],
)
def test_malformed_pages(feed, body, kind, words):
    if kind is None:
        assert len(feed.read(answer(body, DAY, "html"))) == 1
    else:
        refused(feed, answer(body, DAY, "html"), kind, words)


def test_requests(feed):
    full = list(feed.requests(need(us__noise=None)))
    assert len(full) == 2520 and (full[0].part, full[1].part, full[2].part) == (DAY, "2026-06-29", "2026-06-26")
    assert full[0].method == "POST" and full[0].url.endswith("/securityPriceDetail")
    assert full[0].form["priceDateDay"] == "30" and full[0].form["priceDateMonth"] == "6" and full[0].form["fileType"] == "csv"
    assert [r.part for r in feed.requests(need(us__noise=date(2026, 6, 26)))] == [DAY, "2026-06-29", "2026-06-26"]
    assert [*feed.requests(need())] == []


class Site:
    """A site where the older form answers `older`, and the newer one a table once it has its token."""

    def __init__(self, older, page='<input type="hidden" name="_csrf" value="tok-1"/>'):
        self.older, self.page, self.log = older, page, []

    async def fetch(self, request, *, feed):
        self.log.append((request.method, request.url.rpartition("/")[2], request.form and request.form.get("_csrf")))
        body = self.older if request.reader == "csv" else self.page if request.method == "GET" else html(rows())
        if isinstance(body, Exception):
            raise body
        return Answer(request, body.encode(), EVENING)


async def parts(feed, site, since=date(2026, 6, 26)):
    return [(type(each), each.request.part, each.request.reader) async for each in feed.ask(site, need(us__noise=since))]


@pytest.mark.parametrize("older", [Refused("HTTP 404", 404), "<html>moved</html>"])
async def test_the_newer_generation(feed, older):
    site = Site(older)
    assert await parts(feed, site) == [(Answer, DAY, "html"), (Answer, "2026-06-29", "html"), (Answer, "2026-06-26", "html")]
    newer = ("POST", "selectSecurityPriceDate", "tok-1")
    assert site.log == [("POST", "securityPriceDetail", None), ("GET", "selectSecurityPriceDate", None), newer, newer, newer]


async def test_the_older_generation_and_a_holiday(feed):
    assert [p for _, p, r in await parts(feed, Site(csv(rows()))) if r == "csv"] == [DAY, "2026-06-29", "2026-06-26"]
    assert len(await parts(feed, Site("<html>No data for selected date range</html>"))) == 3


async def test_neither(feed):
    assert await parts(feed, Site("<html>moved</html>", "<html>moved too</html>")) == [(Answer, DAY, "csv")]
    assert await parts(feed, Site(Unreachable("silence"))) == [(Failed, DAY, "csv")]


class Moved:
    """The site under its other name, to which the one that is asked leads. Its newer form wants a token, and the cookie that came with it,
    and sends whoever posts it on to the page with the prices."""

    def __init__(self, *, older):
        self.older, self.log = older, []

    def __call__(self, request):
        host, page = request.url.host, request.url.path.rpartition("/")[2]
        self.log.append((request.method, host, page))
        if host == "treasurydirect.gov":
            return respond(301, Location=f"https://www.{host}{request.url.path}")
        form = dict(parse_qsl(request.content.decode()))
        if page == "securityPriceDetail" and request.method == "POST":
            return respond(200, csv(rows()).encode()) if self.older and form["priceDateDay"] == "30" else respond(403)
        if page == "selectSecurityPriceDate" and request.method == "GET":
            return respond(200, b'<input type="hidden" name="_csrf" value="tok-1"/>', Set_Cookie="JSESSIONID=abc; Path=/GA-FI; Secure")
        if page == "selectSecurityPriceDate" and form == {"priceDate": DAY, "_csrf": "tok-1"}:
            known = request.headers.get("Cookie") == "JSESSIONID=abc"
            return respond(302, Location="/GA-FI/FedInvest/prices") if known else respond(403)
        return respond(200, html(rows()).encode()) if page == "prices" else respond(403)


@pytest.mark.parametrize(("older", "reader"), [(True, "csv"), (False, "html")])
async def test_a_site_that_has_moved_to_its_other_name(feed, older, reader):
    site = Moved(older=older)
    async with client_of(feed, site) as client:
        (got,) = [each async for each in feed.ask(client, need(us__noise=date(2026, 6, 30)))]
    assert isinstance(got, Answer) and got.request.reader == reader
    assert values(feed.read(got)) == {"us.noise": {DAY: 2.5}}
    assert {host for _, host, _ in site.log} == set(feed.hosts)


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (lambda: respond(404), "HTTP 404"),
        (lambda: respond(503), "HTTP 503"),
        (lambda: httpx.ReadError("reset"), "connection lost"),
        (lambda: respond(301, Location="https://treasurydirect.gov/GA-FI/FedInvest/securityPriceDetail"), "circle"),
        (lambda: respond(200, b"x" * 4_100_000), "more than 4 MB"),
    ],
)
async def test_what_goes_wrong_under_the_other_name_is_said(feed, there, words):
    def site(request):
        if request.url.host == "treasurydirect.gov":
            return respond(301, Location=f"https://www.{request.url.host}{request.url.path}")
        if isinstance(outcome := there(), Exception):
            raise outcome
        return outcome

    async with client_of(feed, site) as client:
        (got,) = [each async for each in feed.ask(client, need(us__noise=date(2026, 6, 26)))]
    assert isinstance(got, Failed) and words in str(got.error)


def client_of(feed, site):
    time = Time()
    return Client([feed], clock=Clock(), transport=httpx.MockTransport(site), sleep=time.sleep, monotonic=time.monotonic)


def test_whatever_comes(feed):
    survives(feed, answer(csv(rows(100)), DAY, "csv"), 30)
    survives(feed, answer(html(rows(100)), DAY, "html"), 30)


@pytest.mark.recorded
def test_recorded_excerpt_is_too_short_but_well_formed(feed, recorded):
    body = (recorded / "samples" / "fedinvest_2024-06-26_excerpt.csv").read_bytes()
    refused(feed, answer(body, "2024-06-26", "csv"), CutShort, f"only {body.count(b'MARKET')} securities")
