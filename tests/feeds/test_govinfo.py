"""govinfo: stages of a bill from its status file."""

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import BadDates, CutShort, WrongFormat
from bondtop.feeds.registry import make_feed
from wires import answer, need, never_cut, refused, survives, values

BILL = "119/hr/3633"


def status(*actions, texts=(), number="3633"):
    acts = "".join(f"<item><actionDate>{day}</actionDate><text>{words}</text><type>Floor</type></item>" for day, words in reversed(actions))
    kinds = "".join(f"<item><type>{kind}</type><date>{day}</date></item>" for day, kind in texts)
    return (
        '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n<billStatus><version>3.0.0</version><bill>'
        f"<number>{number}</number><type>HR</type><congress>119</congress><actions>{acts}</actions>"
        f"<textVersions>{kinds}</textVersions><laws/></bill></billStatus>\n"
    )


HOUSE = (
    ("2025-05-29", "Introduced in House"),
    ("2025-06-23", "Reported (Amended) by the Committee on Financial Services."),
    ("2025-07-17", "Passed/agreed to in House: On passage Passed by the Yeas and Nays: 294 - 134 (Roll no. 199)."),
    ("2025-09-18", "Received in the Senate and Read twice and referred to the Committee on Banking."),
)


@pytest.fixture
def feed():
    return make_feed("govinfo", default_catalogue())


def stages(feed, body):
    return values(feed.read(answer(body, BILL)))["bill.hr3633.stage"]


def test_up_to_the_house(feed):
    assert stages(feed, status(*HOUSE)) == {"2025-05-29": 1.0, "2025-07-17": 2.0}


def test_versions_of_the_text_prove_stages_too(feed):
    texts = (("2026-06-20T04:00:00Z", "Reported to Senate"), ("2025-07-17T04:00:00Z", "Engrossed in House"), ("", "Enrolled Bill"))
    assert stages(feed, status(*HOUSE, texts=texts)) == {"2025-05-29": 1.0, "2025-07-17": 2.0, "2026-06-20": 3.0}


def test_to_the_end_with_two_steps_on_one_day(feed):
    more = (("2026-06-01", "Passed/agreed to in Senate: by unanimous consent."), ("2026-06-10", "Presented to President."))
    more = (*more, ("2026-06-10", "Became Public Law No: 119-99."), ("2026-06-11", "Passed Senate again, says a clerk"))
    assert stages(feed, status(*HOUSE, *more)) == {"2025-05-29": 1.0, "2025-07-17": 2.0, "2026-06-01": 4.0, "2026-06-10": 6.0}


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("", CutShort, "empty answer"),
        ("<!DOCTYPE html><html><body>404</body></html>", WrongFormat, "a page"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><billStatus/>", WrongFormat, "definitions of its own"),
        ("<html/>", WrongFormat, "not a bill's status"),
        (status(*HOUSE)[:300], CutShort, "does not end as it should"),
        (status(*HOUSE).replace("<actions>", "<actions"), WrongFormat, "not well-formed XML at line 2"),
        (status(*HOUSE, number="1"), WrongFormat, "another bill"),
        (status(("soon", "Introduced in House")), BadDates, "is not a date"),
        (status(*HOUSE, ("2026-07-10", "Passed/agreed to in Senate.")), BadDates, "dated 2026-07-10, in the future"),
        (status(), CutShort, "no observation"),
    ],
)
def test_malformations(feed, body, kind, words):
    refused(feed, answer(body, BILL), kind, words)


def test_requests(feed):
    (request,) = feed.requests(need(bill__hr3633__stage=None))
    assert request.part == BILL
    assert request.url.endswith("/BILLSTATUS/119/hr/BILLSTATUS-119hr3633.xml")
    assert [*feed.requests(need())] == []


def test_whatever_comes(feed):
    good = answer(status(*HOUSE), BILL)
    survives(feed, good)
    never_cut(feed, good, 5)
