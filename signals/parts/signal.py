"""The one-line signal, from the states on the Board."""

from collections.abc import Mapping, Sequence

from ...cache.status import Status
from .. import board
from ..signal_line import LoopWord, MarketState, signal_line

LOOP = "A"


def signal_of(
    panel: Sequence[str],
    regime: board.Regime,
    markets: Mapping[str, board.Market],
    confirmation: board.Confirmation,
    sequence: board.Sequence,
) -> str:
    """The sentence of a Board whose parts these are."""
    kind, _, breadth = regime.subtype.word.partition(", ")
    return signal_line(
        regime.held.word or None,
        [_state(markets[market]) for market in panel],
        subtype=(kind, breadth) if kind and "?" not in (kind, breadth) else None,
        turning=regime.turning or None,
        usd=confirmation.dollar.word or None,
        loop=_loop(sequence.loops.get(LOOP)),
        reason=regime.held.note or "the regime map is empty",
        stale_since=regime.held.as_of if regime.held.status in (Status.STALE, Status.DEAD) else None,
    )


def _state(market: board.Market) -> MarketState:
    return MarketState(market.name, market.label.word, market.idio.value, market.demand_z.value)


def _loop(loop: board.Loop | None) -> LoopWord | None:
    if loop is None or not any(gate.latched_on for gate in loop.gates):
        return None
    return LoopWord(loop.next or None, loop.held, loop.late)
