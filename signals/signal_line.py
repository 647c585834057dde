"""The one-line signal: a sentence made of states only; no number that is not a state, no advice. Rule of thumb."""

from collections.abc import Sequence
from datetime import date

import msgspec

WEAK_DEMAND_Z = -0.5
MAX_MARKETS = 3
HOLD_DAYS = 20

_HEADS = (
    ("EXPANSION", "Duration is being bought in unison"),
    ("STABLE", "Duration is clearing in balance"),
    ("FRAGMENTATION", "Duration is repricing unevenly, not unwinding"),
    ("REPRICING", "Duration is repricing in unison, without forced selling"),
    ("STRESS", "Duration is under stress"),
)
_STRESS_HEADS = (
    ("liquidation", "Duration is being sold under stress"),
    ("flight to quality", "Duration is sought as refuge under stress"),
    ("mixed", "Duration is under stress without a common direction"),
)
_CONVERGENCE = (("convergent", ", markets converging"), ("dispersed", ", markets dispersed"))
_PHRASES = (
    ("SAFE-HAVEN BID", "bid as haven"),
    ("SUPPLY-DRIVEN STRESS", "supply-driven"),
    ("INFLATION / POLICY REPRICING", "policy-driven"),
    ("POSITIONING PRESSURE", "positioning-led"),
    ("POLICY-ANCHORED", "policy-anchored"),
    ("STRUCTURALLY ANCHORED", "structurally anchored"),
    ("IDIOSYNCRATIC REPRICING", "moving on its own"),
)


class MarketState(msgspec.Struct, frozen=True):
    """What the sentence needs of one panel market; unknown numbers are None."""

    name: str
    label: str
    idio: float | None
    demand_z: float | None


class LoopWord(msgspec.Struct, frozen=True):
    """Where loop A stands once a gate is latched: the next gate, or for how many days the complete loop has held."""

    next: str | None
    held: int | None = None
    late: bool = False


def signal_line(
    regime: str | None,
    markets: Sequence[MarketState],
    *,
    subtype: tuple[str, str] | None = None,
    turning: str | None = None,
    usd: str | None = None,
    loop: LoopWord | None = None,
    reason: str = "",
    stale_since: date | None = None,
) -> str:
    """The sentence.

    Args:
        regime: the held regime, None when unknown (`reason` then says why).
        markets: the panel, in its order.
        subtype: under Stress, its two words: liquidation, flight to quality or mixed; convergent or dispersed.
        turning: the regime that most rules vote for, where it is not the held one.
        usd: firm, soft or neutral.
        loop: loop A, if a gate of it is latched.
        stale_since: as-of date of a stale regime.
    """
    if regime is None:
        return f"State unknown: {reason}"
    prefix = f"[as of {stale_since.isoformat()}] " if stale_since else ""
    turn = f", turning towards {turning.capitalize()}" if turning else ""
    dollar = f", USD {usd}" if usd else ""
    return f"{prefix}{_head(regime, subtype)}{turn}{_markets(markets)}; {_buyer(markets)}{dollar}{_loop(loop)}."


def _head(regime: str, subtype: tuple[str, str] | None) -> str:
    if subtype is None or regime.upper() != "STRESS":
        return dict(_HEADS)[regime.upper()]
    kind, breadth = subtype
    return dict(_STRESS_HEADS)[kind] + dict(_CONVERGENCE)[breadth]


def _markets(markets: Sequence[MarketState]) -> str:
    phrases = dict(_PHRASES)
    told = [(market, phrase) for market in markets if (phrase := phrases.get(market.label.rstrip("?").strip()))]
    told.sort(key=lambda pair: -abs(pair[0].idio or 0.0))  # equals stay in panel order
    words = ", ".join(f"{market.name} {phrase}" for market, phrase in told[:MAX_MARKETS])
    return f": {words}" if words else ""


def _buyer(markets: Sequence[MarketState]) -> str:
    total = len(markets)
    known = [(market.name, market.demand_z) for market in markets if market.demand_z is not None]
    weak = [name for name, demand_z in known if demand_z <= WEAK_DEMAND_Z]
    seen = f"({len(known)} of {total})"
    if len(known) < 2:
        return f"the marginal buyer is unread {seen}"
    if not weak:
        return "the marginal buyer is present" + ("" if len(known) == total else f" where seen {seen}")
    if len(weak) < len(known):
        return f"the marginal buyer is present but uneven (weak: {', '.join(weak)})"
    return (
        "the marginal buyer is missing everywhere at once" if len(known) == total else f"the marginal buyer is missing wherever seen {seen}"
    )


def _loop(loop: LoopWord | None) -> str:
    if loop is None:
        return ""
    late = " (late)" if loop.late else ""
    if loop.next is not None:
        return f"; resolution waits at {loop.next}{late}"
    return f"; resolution complete, holding {loop.held or 0}/{HOLD_DAYS}{late}"
