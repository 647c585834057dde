"""European Central Bank: spot curves, systemic stress, the deposit rate. SDMX as CSV, one row a series and day."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import msgspec

from .check import clean, iso_day, observations, text_of
from .decode import pairs
from .errors import CutShort, WrongFormat
from .feed import Feed
from .parse import table
from .series import Answer, Need, Observations, Request, Series

_BASE = "https://data-api.ecb.europa.eu/service/data/"


class _Block(msgspec.Struct, frozen=True):
    """Series of one dataflow that are asked together: their codes in the catalogue are `prefix` and a variant, their SDMX keys `key`
    with the variant in its place. `aligned`: all have the same days."""

    part: str
    prefix: str
    key: str
    aligned: bool = False


_BLOCKS = (
    _Block("aaa", "G_N_A.", "YC.B.U2.EUR.4F.G_N_A.SV_C_YM.{}", aligned=True),
    _Block("all", "G_N_C.", "YC.B.U2.EUR.4F.G_N_C.SV_C_YM.{}", aligned=True),
    _Block("ciss", "CISS ", "CISS.D.{}.Z0Z.4F.EC.SS_CIN.IDX"),
    _Block("sovciss", "SOV ", "CISS.D.{}.Z0Z.4F.EC.SOV_CIN.IDX"),
    _Block("rates", "FM ", "FM.D.U2.EUR.4F.KR.{}.LEV"),
)


class Ecb(Feed):
    name = "ecb"
    title = "European Central Bank"
    hosts = ("data-api.ecb.europa.eu",)
    licence = "Source: ECB statistics. Free reuse with credit."
    interval_s = 1.2  # bursts get "access blocked"

    def __init__(self, series: Sequence[Series], keys: Mapping[str, str] | None = None) -> None:
        super().__init__(series, keys)
        self._variants: dict[str, list[str]] = {
            block.part: [code.removeprefix(block.prefix) for code in self.codes if code.startswith(block.prefix)] for block in _BLOCKS
        }

    def requests(self, need: Need) -> Iterable[Request]:
        """One request a block; without a date it brings the whole history."""
        for block in _BLOCKS:
            variants = self._variants[block.part]
            wanted = [i for v in variants if (i := self.codes[block.prefix + v].id) in need.since]
            if not wanted:
                continue
            flow, _, key = block.key.format("+".join(variants)).partition(".")
            since = need.earliest(wanted)
            start = f"&startPeriod={since}" if since else ""
            yield Request(block.part, f"{_BASE}{flow}/{key}?format=csvdata&detail=dataonly{start}", reader=block.part, max_bytes=24_000_000)

    def read(self, answer: Answer) -> Observations:
        block = next(b for b in _BLOCKS if b.part == answer.request.reader)
        ids = {block.key.format(v): self.codes[block.prefix + v].id for v in self._variants[block.part]}
        dates: dict[str, list[str]] = {key: [] for key in ids}
        cells: dict[str, list[str]] = {key: [] for key in ids}
        for key, when, cell in table(text_of(answer, "CSV"), ("KEY", "TIME_PERIOD", "OBS_VALUE")):
            if key not in ids:
                raise WrongFormat(f"series {clean(key, 60)!r} was not asked for")
            dates[key].append(when)
            cells[key].append(cell)
        lines = [len(each) for each in cells.values()]
        if block.aligned and len(set(lines)) > 1:
            raise CutShort(f"{max(lines)} days of one tenor, {min(lines)} of another")
        days = {when: iso_day(when) for when in set(chain.from_iterable(dates.values()))}
        rows = {ids[key]: pairs([days[when] for when in dates[key]], cells[key], ids[key]) for key in ids}
        return observations(answer, rows, self.series, self.factors)
