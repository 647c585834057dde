"""The Duration Conditions Index on the Board."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from ...feeds.series import from_day
from .. import board
from ..agreement import shares
from ..board import Word
from ..columns import Column, Continued, joined
from ..composite import PILLARS, Band, KnownComposite, Ranked, arranged, cmax, composite_history, raw_indicators
from ..composite_reading import CompositeReading, Pillar, composite_at
from ..inputs import Inputs, Moment, Numbers
from ..newest_composite import NewestComposite, cmax_from
from ..rows import Rows
from ..rule import UNKNOWN
from ..running import Ranks
from ..stats import BP_PER_PERCENT, Floats, percentile
from .aligned import AlignedPart, View
from .prints import STRESS
from .regime import RegimePart, RegimeView

LOOKED_BACK = 250  # rows at a time
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "spx": "spx",
        "funding": "ofr.fsi.funding",
        "credit": "ofr.fsi.credit",
        "sofr": "us.sofr",
        "iorb": "us.iorb",
        "sofr_p99": "us.sofr.p99",
        "hy": "hy.oas",
        "noise": "us.noise",
    }
)
"""Columns of the aligned panel that the index needs beside those of the gate, and their series."""

# Of every indicator the series it rests on; "" stands for the yields of the panel.
SERIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "move": ("move",),
        "rv": ("",),
        "vix": ("vix",),
        "turb": ("",),
        "D": ("",),
        "cmax": ("spx",),
        "fsi_funding": ("ofr.fsi.funding",),
        "fsi_credit": ("ofr.fsi.credit",),
        "sofr_iorb": ("us.sofr", "us.iorb"),
        "sofr_p99": ("us.sofr", "us.sofr.p99"),
        "hy_oas": ("hy.oas",),
        "noise": ("us.noise",),
        "spreads": ("",),
    }
)
# Columns of the aligned panel behind what the index ranks itself; those of the markets behind what is not named.
BEHIND: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "fsi_funding": ("funding",),
        "cmax": ("spx",),
        "fsi_credit": ("credit",),
        "sofr_iorb": ("sofr", "iorb"),
        "sofr_p99": ("sofr", "sofr_p99"),
        "hy_oas": ("hy",),
        "noise": ("noise",),
    }
)
EXTENDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"funding": ("sofr_iorb", "sofr_p99"), "credit_risk": ("hy_oas",), "dislocation": ("noise",), "clearing": ("spreads",)}
)


class CompositeView(msgspec.Struct, frozen=True):
    """The index as it was known at a moment, on the rows of `regime`."""

    regime: RegimeView
    history: KnownComposite

    @property
    def row(self) -> int:
        """The newest row, -1 for none."""
        return self.regime.row


class CompositePart:
    """The index on the rows of the 10-year map."""

    def __init__(self, inputs: Inputs, aligned: AlignedPart, regime: RegimePart) -> None:
        self._inputs, self._aligned, self._regime = inputs, aligned, regime
        self._params = inputs.settings.composite
        self._behind = {name: tuple(s for each in ids for s in ((each,) if each else aligned.series)) for name, ids in SERIES.items()}
        fall = cmax(aligned.whole.others["spx"], self._params)
        self._raw, self._raw_extended = self._raw_of(aligned.whole, regime.whole.headline.at.D, fall)
        own, spare = ({name: self._rank(x) for name, x in each.items()} for each in (self._raw, self._raw_extended))
        self._own, self._spare = own, spare
        core = arranged(regime.whole.stress.level, own)
        self.whole = composite_history(core, _by_pillar(spare), self._params)
        self._newest = NewestComposite(self.whole, self._params)
        raw = {**self._raw, **self._raw_extended}
        self._ranks = {name: Ranks(x, self._params.pct_window, self._params.pct_min) for name, x in raw.items()}
        self._seen: CompositeView | None = None

    def view(self, moment: Moment) -> CompositeView:
        """The index as known at a moment."""
        regime = self._regime.view(moment)
        if self._seen is None or self._seen.regime is not regime:
            self._seen = CompositeView(regime, self._as_known(regime))
        return self._seen

    def at(self, moment: Moment) -> board.Composite:
        """The index on the Board."""
        known = self.view(moment)
        if known.row < 0:
            return self._unknown()
        rows = known.regime.view.rows
        day = int(rows.days[known.row])
        votes = shares(known.regime.history.votes[known.row])
        subtype = self._regime.subtype(known.regime)
        reading = composite_at(known.history, known.row, day, known.regime.held, votes, subtype, self._params)
        return self._on_board(moment, reading, self._band(known, reading, moment))

    def _raw_of(self, rows: Rows, D: Floats, fall: Floats) -> tuple[Mapping[str, Floats], Mapping[str, Floats]]:
        """Values to be ranked: of the core indicators, and of the extended ones that may be needed."""
        o, p = rows.others, self._params
        core = raw_indicators(D, fall, o["funding"], o["credit"])
        funding = {
            "sofr_iorb": BP_PER_PERCENT * (o["sofr"] - o["iorb"]),
            "sofr_p99": BP_PER_PERCENT * (o["sofr_p99"] - o["sofr"]),
        }
        if not p.always_extended:
            # The core indicators of the other pillars come with the map itself: where they are missing there is no index at all.
            return core, funding
        return core, {**funding, "hy_oas": o["hy"], "noise": o["noise"], "spreads": _spread_dispersion(rows)}

    def _rank(self, x: Floats) -> Floats:
        return percentile(x, self._params.pct_window, self._params.pct_min)

    def _as_known(self, regime: RegimeView) -> KnownComposite:
        if regime.row < 0:
            return self.whole
        length, view = regime.row + 1, regime.view
        first = view.first_of(*view.rows.markets, *STRESS, *COLUMNS)
        if first >= length:
            return self.whole
        of_stocks, before = view.first["spx"], self._raw["cmax"]
        fall = joined(before, of_stocks, cmax_from(view.rows.others["spx"], of_stocks, self._params)) if of_stocks < length else before
        known = self._raw_of(view.rows.sliced(first, length), regime.history.headline.at.D[first:length], fall[first:length])
        own, spare = (
            {name: self._ranked_from(name, ranks[name], first, x, self._first_of(name, view)) for name, x in new.items()}
            for ranks, new in zip((self._own, self._spare), known, strict=True)
        )
        level = {name: x if len(x) == length else x[:length] for name, x in regime.history.stress.level.items()}
        return self._newest.known(first, arranged(level, own), _by_pillar(spare))

    def _first_of(self, name: str, view: View) -> int:
        """From which row on an indicator differs."""
        return view.first_of(*BEHIND.get(name, view.rows.markets))

    def _ranked_from(self, name: str, ranks: Floats, start: int, new: Floats, first: int) -> Column[np.float64]:
        """Ranks of values that differ from row `first` on; `new` are those from row `start` on."""
        if first >= start + len(new):
            return ranks[: start + len(new)]
        return Continued(ranks, first, self._ranks[name].of(first, new[first - start :].tolist()))

    def _band(self, known: CompositeView, reading: CompositeReading, moment: Moment) -> Word:
        if reading.band is None:
            return Word(formula="composite.band", note=f"{reading.n} of {len(PILLARS)} pillars")
        since = int(known.regime.view.rows.days[band_since(known.history.band, known.row, reading.band)])
        series = self._series(reading)
        return Word(
            word=reading.band.word,
            status=self._inputs.basis(series, moment)[0],
            as_of=from_day(reading.as_of),
            since=from_day(since),
            evidence=(f"DCI {reading.dci:.1f}",),
            formula="composite.band",
            inputs=series,
        )

    def _on_board(self, moment: Moment, reading: CompositeReading, band: Word) -> board.Composite:
        every = self._numbers(self._series(reading), moment, reading)
        share, all_five = (f"{reading.n} of {len(PILLARS)} pillars", "needs all five pillars") if reading.n < len(PILLARS) else ("", "")
        return board.Composite(
            dci=every(reading.dci, "points", "composite.dci", share),
            n=reading.n,
            band=band,
            bias="" if reading.bias is None else reading.bias.word,
            text=reading.text,
            pillars={name: self._pillar(pillar, moment, reading) for name, pillar in reading.pillars.items()},
            d5=every(reading.d5, "points", "composite.d5"),
            d21=every(reading.d21, "points", "composite.d21"),
            systemic=every(reading.systemic, "", "composite.systemic", all_five),
            amplification=every(reading.amplification, "", "composite.amplification", all_five),
        )

    def _pillar(self, pillar: Pillar, moment: Moment, reading: CompositeReading) -> board.Pillar:
        number = self._numbers(self._named(name for name, rank in pillar.inputs.items() if rank is not None), moment, reading)
        return board.Pillar(
            p=number(pillar.p, "rank", "composite.pillar"),
            contribution=number(pillar.contribution, "points", "composite.contribution"),
            indicators={
                name: self._numbers(self._behind[name], moment, reading)(rank, "rank", f"composite.indicator.{name}")
                for name, rank in pillar.inputs.items()
            },
        )

    def _numbers(self, series: tuple[str, ...], moment: Moment, reading: CompositeReading) -> Numbers:
        return self._inputs.numbers(series, moment, day=reading.as_of)

    def _series(self, reading: CompositeReading) -> tuple[str, ...]:
        return self._named([i for pillar in reading.pillars.values() for i, rank in pillar.inputs.items() if rank is not None])

    def _named(self, indicators: Iterable[str]) -> tuple[str, ...]:
        """The series behind some indicators."""
        return tuple(dict.fromkeys([series for each in indicators for series in self._behind[each]]))

    def _unknown(self) -> board.Composite:
        missing = self._inputs.unknown("no rows: the regime map has no common session", "points", "composite.dci")
        pillars = {name: board.Pillar(missing, missing, {}) for name in PILLARS}
        text = f"DCI unknown (0/{len(PILLARS)} pillars)"
        word = Word(formula="composite.band", note=missing.note)
        return board.Composite(missing, 0, word, "", text, pillars, missing, missing, missing, missing)


def band_since(codes: Column[np.int8], row: int, band: Band) -> int:
    """The first row of the band that a row is in; rows without one are passed over."""
    stop, begun = row + 1, row
    while stop > 0:
        start = max(stop - LOOKED_BACK, 0)
        recent = codes[start:stop]
        changed = np.flatnonzero((recent != band) & (recent != UNKNOWN))
        if len(changed):
            return start + int(changed[-1]) + 1
        known = np.flatnonzero(recent == band)
        begun = start + int(known[0]) if len(known) else begun
        stop = start
    return begun


def _by_pillar(extended: Mapping[str, Ranked]) -> Mapping[str, Mapping[str, Ranked]]:
    return {pillar: {name: extended[name] for name in names if name in extended} for pillar, names in EXTENDED.items()}


def _spread_dispersion(rows: Rows) -> Floats:
    """Standard deviation over markets of the 10-year spreads to the US, bp."""
    if "us" not in rows.markets:
        return np.full(len(rows.days), np.nan)
    column = rows.markets.index("us")
    spreads: Floats = BP_PER_PERCENT * (np.delete(rows.yields, column, axis=1) - rows.yields[:, column : column + 1])
    return np.asarray(spreads.std(axis=1))
