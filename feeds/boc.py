"""Bank of Canada: benchmark yields and the target rate, from the Valet API. A missing value is an absent key."""

from collections.abc import Iterable

from .check import clean, iso_day, json_of, observations
from .errors import WrongFormat
from .feed import Feed
from .parse import amount, records_at, text_in
from .series import Answer, Need, Observations, Request


class Boc(Feed):
    name = "boc"
    title = "Bank of Canada"
    hosts = ("www.bankofcanada.ca",)
    licence = "Source: Bank of Canada. Free use with credit."

    def requests(self, need: Need) -> Iterable[Request]:
        """All series in one request; without a date it brings the whole history."""
        wanted = [i for i in self.series if i in need.since]
        if not wanted:
            return
        since = need.earliest(wanted)
        start = f"?start_date={since}" if since else ""
        yield Request("observations", f"https://www.bankofcanada.ca/valet/observations/{','.join(self.codes)}/json{start}")

    def read(self, answer: Answer) -> Observations:
        rows: dict[str, list[tuple[int, float]]] = {i: [] for i in self.series}
        for record in records_at(json_of(answer), "observations"):
            when = text_in(record, "d")
            day = iso_day(when)
            for code in self.codes.keys() & record.keys():
                series_id, cell = self.codes[code].id, record[code]
                if not isinstance(cell, dict):
                    raise WrongFormat(f"{series_id} {clean(when, 10)}: a value without its 'v'")
                value = amount(cell.get("v"), f"{series_id} {clean(when, 10)}", missing=("",))
                if value is not None:
                    rows[series_id].append((day, value))
        return observations(answer, rows, self.series, self.factors)
