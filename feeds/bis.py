"""Bank for International Settlements: policy rates of all countries in one table, every calendar day, released once a week."""

from collections.abc import Iterable

from .check import clean, iso_day, number, observations, text_of
from .feed import Feed
from .parse import table
from .series import Answer, Need, Observations, Request

_BASE = "https://stats.bis.org/api/v2/data/dataflow/BIS/WS_CBPOL/1.0/D."
_UNKNOWN = ("", "NaN")


class Bis(Feed):
    name = "bis"
    title = "Bank for International Settlements"
    hosts = ("stats.bis.org",)
    licence = "Source: BIS policy rate statistics. Reuse with credit."

    def requests(self, need: Need) -> Iterable[Request]:
        """All areas in one request; without a date it brings the whole history, from 1946."""
        wanted = [i for i in self.series if i in need.since]
        if not wanted:
            return
        since = need.earliest(wanted)
        start = f"startPeriod={since}&" if since else ""
        yield Request("policy rates", f"{_BASE}{'+'.join(self.codes)}?{start}format=csv&detail=dataonly", max_bytes=24_000_000)

    def read(self, answer: Answer) -> Observations:
        rows: dict[str, list[tuple[int, float]]] = {i: [] for i in self.series}
        for area, when, cell in table(text_of(answer, "CSV"), ("REF_AREA", "TIME_PERIOD", "OBS_VALUE")):
            if area in self.codes and cell not in _UNKNOWN:
                series_id = self.codes[area].id
                rows[series_id].append((iso_day(when), number(cell, f"{series_id} {clean(when, 10)}")))
        return observations(answer, rows, self.series, self.factors)
