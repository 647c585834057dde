"""govinfo: how far a bill has come, from its status file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .check import iso_day, observations, text_of
from .errors import CutShort, WrongFormat
from .feed import Feed
from .series import Answer, Need, Observations, Request

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_BASE = "https://www.govinfo.gov/bulkdata/BILLSTATUS"
# What proves each stage: the beginning of an action's text, or the type of a version of the bill's own text.
_PROOFS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (6, ("Became Public Law", "Public Law")),
    (5, ("Presented to President", "Enrolled Bill")),
    (4, ("Passed/agreed to in Senate", "Passed Senate", "Engrossed Amendment Senate")),
    (3, ("Reported to Senate", "Reported in Senate")),
    (2, ("Passed/agreed to in House", "Passed House", "Engrossed in House")),
    (1, ("Introduced in House",)),
)


class Govinfo(Feed):
    """Stages of bills, one step up a day at most. A code is congress/type/number: 119/hr/3633."""

    name = "govinfo"
    title = "GPO, govinfo"
    hosts = ("www.govinfo.gov",)
    licence = "US government work, public domain"

    def requests(self, need: Need) -> Iterator[Request]:
        """One status file a bill."""
        for code, series in self.codes.items():
            if series.id in need.since:
                congress, kind, number = code.split("/")
                url = f"{_BASE}/{congress}/{kind}/BILLSTATUS-{congress}{kind}{number}.xml"
                yield Request(part=code, url=url, headers={"Accept": "application/xml"}, max_bytes=8_000_000)

    def read(self, answer: Answer) -> Observations:
        """The day each stage was reached, where it is higher than all before."""
        bill = _bill(answer)
        code = "/".join(_said(bill, field).lower() for field in ("congress", "type", "number"))
        if code != answer.request.part or code not in self.codes:
            raise WrongFormat("the status of another bill")
        reached: dict[int, int] = {}
        for day, words in _events(bill):
            if stage := _stage(words):
                reached[day] = max(stage, reached.get(day, 0))
        steps: list[tuple[int, float]] = []
        for day, stage in sorted(reached.items()):
            if not steps or stage > steps[-1][1]:
                steps.append((day, float(stage)))
        return observations(answer, {self.codes[code].id: steps}, self.series, self.factors)


def _bill(answer: Answer) -> "Element":
    import xml.etree.ElementTree as ET

    text = text_of(answer, "XML")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise WrongFormat("a page or a document with definitions of its own, not a bill's status")
    try:
        root = ET.fromstring(text)
    except ET.ParseError as e:
        if text.rstrip().endswith("</billStatus>"):
            raise WrongFormat(f"not well-formed XML at line {e.position[0]}") from None
        raise CutShort("the XML does not end as it should") from None
    bill = root.find("bill")
    if root.tag != "billStatus" or bill is None:
        raise WrongFormat("not a bill's status")
    return bill


def _said(element: "Element", field: str) -> str:
    return (element.findtext(field) or "").strip()


def _events(bill: "Element") -> Iterator[tuple[int, str]]:
    for item in bill.iterfind("actions/item"):
        yield iso_day(_said(item, "actionDate")), _said(item, "text")
    for item in bill.iterfind("textVersions/item"):
        if date := _said(item, "date"):  # a version that is announced has none yet
            yield iso_day(date), _said(item, "type")


def _stage(words: str) -> int:
    return next((stage for stage, proofs in _PROOFS if words.startswith(proofs)), 0)
