"""Office of Financial Research: the financial stress index, repo by venue, hedge funds' borrowing."""

from collections.abc import Iterable
from typing import Any

from .check import clean, iso_day, json_of, number, observations, text_of
from .errors import OutOfRange, WrongFormat
from .feed import Feed
from .parse import amount, table
from .series import Answer, Need, Observations, Request

_FSI_URL = "https://www.financialresearch.gov/financial-stress-index/data/fsi.csv"
_DATA = "https://data.financialresearch.gov"
_TOTAL = "OFR FSI"
_KINDS = ("Credit", "Equity valuation", "Safe assets", "Funding", "Volatility")
_REGIONS = ("United States", "Other advanced economies", "Emerging markets")
_UNKNOWN = ("", "NA")
# Each set of contributions sums to the index: the kinds to its rounding, the regions less exactly before 2010.
_KINDS_TOLERANCE, _REGIONS_TOLERANCE = 0.006, 0.2
# Mnemonics asked together: part, how they begin, path. The last block is a fallback, so only what is wanted of it is asked.
_BLOCKS = (("repo", ("REPO-",), "/v1"), ("form pf", ("FPF-",), "/hf/v1"), ("fallback", ("FNYR-", "NYPD-"), "/v1"))


class Ofr(Feed):
    name = "ofr"
    title = "Office of Financial Research"
    hosts = ("www.financialresearch.gov", "data.financialresearch.gov")
    licence = "US government work, public domain."

    def requests(self, need: Need) -> Iterable[Request]:
        """The index as one whole file, then one request a block of mnemonics."""
        index = {self.codes[c].id for c in (_TOTAL, *_KINDS, *_REGIONS) if c in self.codes}
        if index & need.since.keys():
            yield Request("fsi", _FSI_URL, reader="fsi")
        for part, prefixes, path in _BLOCKS:
            codes = [c for c in self.codes if c.startswith(prefixes)]
            wanted = [c for c in codes if self.codes[c].id in need.since]
            if wanted:
                since = need.earliest([self.codes[c].id for c in wanted])
                asked = wanted if part == "fallback" else codes
                start = f"&start_date={since}" if since else ""
                yield Request(part, f"{_DATA}{path}/series/multifull?mnemonics={','.join(asked)}{start}", reader="multifull")

    def read(self, answer: Answer) -> Observations:
        rows = _index(answer) if answer.request.reader == "fsi" else _mnemonics(json_of(answer))
        known = {self.codes[code].id: pairs for code, pairs in rows.items() if code in self.codes}
        return observations(answer, known, self.series, self.factors)


def _index(answer: Answer) -> dict[str, list[tuple[int, float]]]:
    columns = (_TOTAL, *_KINDS, *_REGIONS)
    rows: dict[str, list[tuple[int, float]]] = {c: [] for c in columns}
    for when, *cells in table(text_of(answer, "CSV"), ("Date", *columns)):
        day = iso_day(when)
        values = {c: number(cell, f"{c} {clean(when, 10)}") for c, cell in zip(columns, cells, strict=True) if cell not in _UNKNOWN}
        for parts, tolerance in ((_KINDS, _KINDS_TOLERANCE), (_REGIONS, _REGIONS_TOLERANCE)):
            if all(c in values for c in (_TOTAL, *parts)):
                total = sum(values[c] for c in parts)
                if abs(total - values[_TOTAL]) > tolerance:
                    raise OutOfRange(f"{clean(when, 10)}: contributions sum to {total:.3f}, the index says {values[_TOTAL]:.3f}")
        for column, value in values.items():
            rows[column].append((day, value))
    return rows


def _mnemonics(document: Any) -> dict[str, list[tuple[int, float]]]:
    """{mnemonic: {"timeseries": {"aggregation": [[date, value or null], …]}}}"""
    if not isinstance(document, dict):
        raise WrongFormat("a JSON object of mnemonics was expected")
    rows: dict[str, list[tuple[int, float]]] = {}
    for mnemonic, block in document.items():
        name = clean(mnemonic, 40)
        found = block.get("timeseries") if isinstance(block, dict) else None
        pairs = found.get("aggregation") if isinstance(found, dict) else None
        if not isinstance(pairs, list):
            raise WrongFormat(f"no time series under {name!r}")
        rows[mnemonic] = []
        for pair in pairs:
            match pair:
                case [str(when), cell]:
                    if (value := amount(cell, f"{name} {clean(when, 10)}")) is not None:
                        rows[mnemonic].append((iso_day(when), value))
                case _:
                    raise WrongFormat(f"{name}: a point that is not [date, value]")
    return rows
