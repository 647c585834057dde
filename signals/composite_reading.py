"""One row of the index as the outside reads it: band, bias and the line in words (§5)."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from .composite import PILLARS, Band, CompositeParams, KnownComposite
from .rule import UNKNOWN, Regime
from .stats import known_or_none
from .subtype import Subtype


class Pillar(msgspec.Struct, frozen=True):
    """A pillar's percentile 0…1, its contribution in points, and the percentiles it is the mean of."""

    p: float | None
    contribution: float | None
    inputs: Mapping[str, float | None]


class CompositeReading(msgspec.Struct, frozen=True):
    """The index on one row; `as_of` in days since 1970-01-01, `n` pillars of 5."""

    as_of: int
    dci: float | None
    n: int
    band: Band | None
    bias: Regime | None
    text: str
    pillars: Mapping[str, Pillar]
    d5: float | None
    d21: float | None
    systemic: float | None
    amplification: float | None


def composite_at(
    history: KnownComposite,
    row: int,
    as_of: int,
    held: Regime | None,
    votes: tuple[tuple[Regime, float], ...],
    subtype: Subtype | None,
    params: CompositeParams,
) -> CompositeReading:
    """Everything the index says on a row; `held`, `votes` (shares, largest first) and `subtype` come from the regime of that row."""
    dci, n, code = known_or_none(history.dci[row]), int(history.n[row]), int(history.band[row])
    band = None if code == UNKNOWN else Band(code)
    bias = bias_of(votes, params.bias_share)
    pillars = {name: _pillar(history, column, name, row, params) for column, name in enumerate(PILLARS)}
    return CompositeReading(
        as_of=as_of,
        dci=dci,
        n=n,
        band=band,
        bias=bias,
        text=composite_text(dci, n, band, held, bias, subtype),
        pillars=MappingProxyType(pillars),
        d5=known_or_none(history.d5[row]),
        d21=known_or_none(history.d21[row]),
        systemic=known_or_none(history.systemic[row]),
        amplification=known_or_none(history.amplification[row]),
    )


def bias_of(votes: tuple[tuple[Regime, float], ...], least: float) -> Regime | None:
    """The label other than Stable with most votes, if it has at least that share; `votes` largest first."""
    return next((regime for regime, share in votes if regime != Regime.STABLE and share >= least), None)


def composite_text(dci: float | None, n: int, band: Band | None, held: Regime | None, bias: Regime | None, subtype: Subtype | None) -> str:
    """`DCI 48.9 → Defensive with Fragmentation bias`; in Stress its sub-type instead of a bias."""
    if dci is None or band is None:
        return f"DCI unknown ({n}/{len(PILLARS)} pillars)"
    head = f"DCI {dci:.1f} → {band.word}"
    if held == Regime.STRESS:
        return f"{head} · Stress ({subtype.words})" if subtype else f"{head} · Stress"
    return f"{head} with {bias.word} bias" if bias is not None else f"{head}, no bias"


def _pillar(history: KnownComposite, column: int, name: str, row: int, params: CompositeParams) -> Pillar:
    core, extended = (
        {indicator: known_or_none(x[row]) for indicator, x in source.get(name, {}).items()} for source in (history.core, history.extended)
    )
    stands_in = params.always_extended or all(percentile is None for percentile in core.values())
    inputs = {**core, **extended} if stands_in else core
    return Pillar(known_or_none(history.pillars[row][column]), known_or_none(history.contributions[row][column]), MappingProxyType(inputs))
