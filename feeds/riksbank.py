"""Sveriges Riksbank: benchmark yields of other countries' governments."""

from collections.abc import Iterable
from datetime import date, timedelta

from .check import clean, json_of, observations
from .decode import iso_days, json_number
from .errors import WrongFormat
from .feed import Feed
from .series import Answer, Need, Observations, Request

_URL = "https://api.riksbank.se/swea/v1/Observations/{code}/{first}/{last}"
_EARLIEST = date(1987, 1, 1)
_LONGEST_BREAK = timedelta(days=12)  # a shorter range may hold no day on which Sweden publishes: the answer is 204


class Riksbank(Feed):
    """Codes are SWEA series: "FRGVB10Y". With a key named "riksbank" the quota is theirs, not the public one."""

    name = "riksbank"
    title = "Sveriges Riksbank"
    hosts = ("api.riksbank.se",)
    licence = "Riksbank; the numbers belong to the data vendor behind them: local display only"
    interval_s = 13.0
    per_minute = 5

    def requests(self, need: Need) -> Iterable[Request]:
        """One question a series, those that come from nowhere else first."""
        headers = {"Ocp-Apim-Subscription-Key": key} if (key := self.keys.get(self.name)) else {}
        wanted = [code for code, s in self.codes.items() if s.id in need.since]
        for code in sorted(wanted, key=lambda code: self.codes[code].sources[0].feed != self.name):
            first = need.since[self.codes[code].id] or _EARLIEST
            url = _URL.format(code=code, first=first, last=need.today)
            brief = need.today - first <= _LONGEST_BREAK
            yield Request(code, url, code, headers=headers, max_bytes=3_000_000, empty_ok=brief)

    def read(self, answer: Answer) -> Observations:
        """Percent by day."""
        if answer.request.empty_ok and not answer.body:
            return Observations({})
        match json_of(answer):
            case [*items]:
                pass
            case {"message": str() as words}:
                raise WrongFormat(f"refused: {clean(words, 120)}")
            case _:
                raise WrongFormat("JSON that is not a list of observations")
        days, numbers = [], []
        for item in items:
            match item:
                case {"date": str() as day, "value": value} if len(item) == 2:
                    days.append(day)
                    numbers.append(json_number(value, f"value of {clean(day, 20)}"))
                case _:
                    raise WrongFormat(f"{clean(repr(item), 80)} is not an observation")
        series = self.codes[answer.request.reader]
        return observations(answer, {series.id: zip(iso_days(days), numbers, strict=True)}, self.series, self.factors)
