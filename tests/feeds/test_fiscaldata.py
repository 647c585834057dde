"""Fiscal Data: four tables in one envelope, text everywhere, "null" for nothing."""

import json
from datetime import date

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, OutOfRange, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import EVIL, answer, need, never_cut, refused, survives, values

AUCTION = {
    "auction_date": "2026-06-10",
    "original_security_term": "10-Year",
    "security_term": "9-Year 11-Month",
    "reopening": "Yes",
    "inflation_index_security": "No",
    "floating_rate": "No",
    "high_yield": "4.5600",
    "avg_med_yield": "4.502000",
    "allocation_pctage": "78.940000",
    "bid_to_cover_ratio": "2.480000",
    "offering_amt": "39000000000",
    "comp_accepted": "38000000000",
    "primary_dealer_accepted": "4750000000",
    "direct_bidder_accepted": "7250000000",
    "indirect_bidder_accepted": "26000000000",
}
RESULTS = [k for k in AUCTION if k.endswith(("yield", "accepted", "ratio", "pctage"))]
PENDING = AUCTION | {"auction_date": "2026-07-08"} | dict.fromkeys(RESULTS, "null")
TIPS = AUCTION | {"auction_date": "2026-05-21", "inflation_index_security": "Yes", "high_yield": "2.100", "avg_med_yield": "2.050"}
FRN = AUCTION | {"auction_date": "2026-05-27", "original_security_term": "2-Year", "floating_rate": "Yes"}


def envelope(rows, total=None):
    return json.dumps({"data": rows, "meta": {"count": len(rows), "total-count": len(rows) if total is None else total}, "links": {}})


def cash(day, account, closing, opening):
    return {"record_date": day, "account_type": account, "close_today_bal": closing, "open_today_bal": opening}


@pytest.fixture
def feed():
    return make_feed("fiscaldata", default_catalogue())


@pytest.fixture
def auctions(feed):
    return lambda rows, **more: values(feed.read(answer(envelope(rows), "auctions", "auctions", **more)))


def test_an_auction(auctions):
    found = {i.removeprefix("us.auction.10y."): column["2026-06-10"] for i, column in auctions([PENDING, AUCTION]).items()}
    assert found == {
        "high_yield": 4.56,
        "median_yield": 4.502,
        "dispersion": pytest.approx(5.8),
        "bid_to_cover": 2.48,
        "allotted": 78.94,
        "offering": pytest.approx(39.0),
        "accepted": pytest.approx(38.0),
        "dealer_share": pytest.approx(12.5),
        "direct_share": pytest.approx(100 * 7.25 / 38),
        "indirect_share": pytest.approx(100 * 26 / 38),
    }


def test_tips_stand_apart_and_floaters_are_dropped(auctions):
    assert set(auctions([TIPS, FRN])) == {f"us.auction.tips.10y.{what}" for what in ("bid_to_cover", "indirect_share", "reopening")}


@pytest.mark.parametrize(("said", "read"), [("Yes", {"2026-05-21": 1.0}), ("No", {"2026-05-21": 0.0}), ("null", None)])
def test_what_was_sold_is_a_new_security_or_more_of_one(auctions, said, read):
    assert auctions([TIPS | {"reopening": said}]).get("us.auction.tips.10y.reopening") == read


def test_of_two_auctions_of_a_term_on_one_day_the_larger_counts(auctions):
    small = AUCTION | {"offering_amt": "5000000000", "high_yield": "4.999"}
    assert auctions([small, AUCTION]) == auctions([AUCTION, small]) == auctions([AUCTION])


def test_an_old_auction_without_amounts_keeps_its_yield(auctions):
    old = AUCTION | dict.fromkeys(
        ("comp_accepted", "primary_dealer_accepted", "direct_bidder_accepted", "indirect_bidder_accepted"), "null"
    )
    assert "us.auction.10y.high_yield" in auctions([old])
    assert not any(i.endswith(("share", ".accepted")) for i in auctions([old]))


def test_one_odd_auction_loses_its_shares_many_lose_the_answer(feed, auctions):
    odd = [AUCTION | {"auction_date": f"2026-05-{day:02}", "primary_dealer_accepted": "9000000000"} for day in range(1, 6)]
    found = auctions([AUCTION, odd[0]])
    assert list(found["us.auction.10y.dealer_share"]) == ["2026-06-10"]
    assert list(found["us.auction.10y.high_yield"]) == ["2026-05-01", "2026-06-10"]
    refused(feed, answer(envelope([AUCTION, *odd]), reader="auctions"), OutOfRange, "do not add up .* in 5 of 6")


def test_the_closing_balance_in_its_three_places(feed):
    rows = [
        cash("2022-04-18", "Treasury General Account (TGA) Opening Balance", "null", "893700"),
        cash("2022-04-18", "Total TGA Deposits (Table II)", "null", "113000"),
        cash("2022-04-18", "Total TGA Withdrawals (Table II) (-)", "null", "73550"),
        cash("2022-04-18", "Treasury General Account (TGA) Closing Balance", "null", "933149"),
        cash("2022-04-15", "Treasury General Account (TGA)", "893700", "850000"),
        cash("2021-09-30", "Federal Reserve Account", "215160", "173745"),
        cash("2021-09-30", "Short-Term Cash Investments (Table V)", "0", "0"),
    ]
    found = values(feed.read(answer(envelope(rows), "cash 2020", "cash")))
    assert found == {"us.tga": {"2021-09-30": 215.16, "2022-04-15": pytest.approx(893.7), "2022-04-18": pytest.approx(933.149)}}
    rows[1] = cash("2022-04-18", "Total TGA Deposits (Table II)", "null", "1113000")
    refused(feed, answer(envelope(rows), "cash 2020", "cash"), OutOfRange, "2022-04-18: 893700 .* is not the closing balance 933149")
    twice = [rows[-2], cash("2021-09-30", "Federal Reserve Account", "315160", "173745")]
    refused(feed, answer(envelope(twice), "cash 2020", "cash"), BadDates, "two rows for Federal Reserve Account")


def test_buybacks_by_day(feed):
    def run(day, offered, most, accepted):
        names = ("operation_date", "total_par_amt_offered", "max_par_amt_redeemed", "total_par_amt_accepted")
        return dict(zip(names, (day, offered, most, accepted), strict=True))

    rows = [
        run("2026-07-01", "null", "2000000000", "null"),
        run("2026-06-25", "19000000000", "2000000000", "2000000000"),
        run("2026-06-25", "1000000000", "500000000", "0"),
    ]
    found = values(feed.read(answer(envelope(rows), reader="buybacks")))
    assert {i: column["2026-06-25"] for i, column in found.items()} == pytest.approx(
        {"us.buyback.offered": 20.0, "us.buyback.max": 2.5, "us.buyback.accepted": 2.0}
    )
    refused(feed, answer(envelope([run("2026-06-25", "1", "5", "2")]), reader="buybacks"), OutOfRange, "accepted 2 of 1 offered")


def test_debt_by_class(feed):
    def held(kind, label, amount):
        return {"record_date": "2026-05-31", "security_type_desc": kind, "security_class_desc": label, "total_mil_amt": amount}

    rows = [
        held("Marketable", "Bills", "6900000.25"),
        held("Marketable", "Treasury Inflation-Protected Securities", "2100000"),
        held("Marketable", "Federal Financing Bank", "5000"),
        held("Total Marketable", "_", "9005000.25"),
        held("Nonmarketable", "Domestic Series", "29000"),
    ]
    found = values(feed.read(answer(envelope(rows), reader="debt")))
    assert {i: column["2026-05-31"] for i, column in found.items()} == pytest.approx(
        {"us.mspd.bills": 6900.00025, "us.mspd.tips": 2100.0, "us.mspd.marketable": 9005.00025}
    )


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("<html>down", WrongFormat, "HTML instead of JSON"),
        ("", CutShort, "empty answer"),
        (envelope([AUCTION])[:200], CutShort, "ends before its end"),
        ("[]", WrongFormat, "not an answer of this interface"),
        ('{"error": "Invalid Query Param", "message": "bad\\u001b[31m field"}', WrongFormat, "refuses the question: bad field"),
        ('{"data": [1], "meta": {"count": 1, "total-count": 1}}', WrongFormat, "not a list of objects"),
        ('{"data": []}', WrongFormat, "no count of rows"),
        (envelope([AUCTION], total=2), CutShort, "1 rows where 1 of 2 were announced"),
        (envelope([]), CutShort, "no observation"),
        (envelope([{k: v for k, v in AUCTION.items() if k != "high_yield"}]), WrongFormat, "no text in field high_yield"),
        (envelope([AUCTION | {"high_yield": 4.56}]), WrongFormat, "no text in field high_yield"),
        (envelope([AUCTION | {"high_yield": "456.00"}]), OutOfRange, "us.auction.10y.high_yield 2026-06-10: 456 %"),
        (envelope([AUCTION | {"high_yield": EVIL}]), OutOfRange, "is not a number"),
        (envelope([AUCTION | {"auction_date": "2026-07-10"}]), BadDates, "dated 2026-07-10, in the future"),
        (envelope([AUCTION | {"auction_date": "null"}]), BadDates, "is not a date"),
    ],
)
def test_malformations(feed, body, kind, words):
    refused(feed, answer(body, "auctions", "auctions"), kind, words)


def test_an_empty_table_is_an_answer_where_it_may_be(feed):
    assert len(feed.read(answer(envelope([]), reader="buybacks", empty_ok=True))) == 0


def test_requests_for_everything(feed):
    asked = {
        r.part: r for r in feed.requests(need(us__tga=None, us__buyback__max=None, us__mspd__bills=None, us__auction__2y__offering=None))
    }
    assert list(asked) == ["auctions", "cash 2025", "cash 2020", "cash 2015", "cash 2010", "cash 2005", "buybacks", "debt"]
    assert "filter=auction_date:gte:1979-01-01,security_type:in:%28Note,Bond%29&" in asked["auctions"].url
    assert "record_date:gte:2020-01-01,record_date:lt:2025-01-01" in asked["cash 2020"].url
    assert asked["cash 2020"].empty_ok and not asked["auctions"].empty_ok


def test_requests_since(feed):
    since = {"us.tga": date(2026, 6, 18), "us.auction.tips.5y.bid_to_cover": date(2026, 5, 1)}
    asked = {r.part: r.url for r in feed.requests(need(**{k.replace(".", "__"): v for k, v in since.items()}))}
    assert list(asked) == ["auctions", "cash 2025"]
    assert "auction_date:gte:2026-05-01" in asked["auctions"] and "record_date:gte:2026-06-18" in asked["cash 2025"]
    assert [*feed.requests(need())] == []


def test_whatever_comes(feed):
    good = answer(envelope([PENDING, AUCTION, TIPS]), "auctions", "auctions")
    survives(feed, good)
    never_cut(feed, good, 7)


@pytest.mark.recorded
def test_recorded_cash_and_auctions(feed, recorded):
    import csv

    with (recorded / "dts" / "operating_cash_balance.csv").open(encoding="utf-8") as file:
        rows = [{k: row[k] or "null" for k in cash("", "", "", "")} for row in csv.DictReader(file)]
    found = values(feed.read(answer(envelope(rows), reader="cash")))["us.tga"]
    assert (found["2016-01-04"], found["2025-06-30"]) == (pytest.approx(332.106), pytest.approx(456.98))
    assert len(found) > 2400
    rows = json.loads((recorded / "samples" / "fiscaldata_auctions_query_2rows.json").read_text())["data"]
    found = values(feed.read(answer(envelope(rows), reader="auctions")))
    assert found["us.auction.20y.bid_to_cover"] == {"2026-06-16": 2.75}
    assert found["us.auction.20y.dispersion"] == {"2026-06-16": pytest.approx(5.2)}
