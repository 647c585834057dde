"""A Board on which every part of the other screens is filled, and what strains them."""

from datetime import date
from typing import Any

import msgspec
from bondtop.cache.freshness import Status
from bondtop.signals import board as b
from handboards import DAY, full, number, replaced, tenor, word


def _clearing(known: bool = True) -> b.Clearing:
    names = {"path": 4.0, "term": 7.0, "real": 6.0, "breakeven": 5.0, "expected": 3.0, "tp": 8.0}
    parts = {n: number(v if known else None, "bp", note="of +11.0 bp" if known else "a leg has no series") for n, v in names.items()}
    return b.Clearing(
        decomposition={"1w": parts, "1m": parts},
        z_inflation=number(0.6 if known else None, "z"),
        z_supply=number(0.9, "z"),
        z_demand=number(-0.3, "z"),
        pressure=number(0.6, "z", note="3/3"),
        arrows={"inflation": "↑", "supply": "↑", "demand": "→"},
        words={"inflation": "elevated", "supply": "normal", "demand": "present"},
        betas={
            "breakeven": number(12.4, "bp per unit", note="60 months"),
            "supply": number(-2.0, "bp per unit", note="wrong sign, 60 months"),
        },
        r2=number(0.71 if known else None, note="60 months" if known else "fewer than 36 complete months"),
        unexplained=number(3.2, "bp"),
        tips=word("ordinary"),
        split=word("real-rate shock", evidence=("Δ10Y +11.0 bp, real +6.0, breakeven +5.0",)),
    )


def _auction(term: str, note: str = "ordinary") -> b.Auction:
    tail = number(1.1, "bp", status=Status.PROXY)
    return b.Auction(
        term,
        date(2026, 3, 11),
        number(2.51),
        number(71.2, "%"),
        number(12.4, "%"),
        tail,
        number(-0.2, "z"),
        note,
        {"bid_to_cover": 0.04, "indirect_share": -1.2, "dealer_share": 0.8},
    )


def _structure(rate: float, known: bool = True) -> b.Structure:
    share = (
        number(14.0, "%", note="face value, bills included")
        if known
        else number(None, "%", note="no series of the central bank's holdings")
    )
    changes = {
        "1m": number(4.0, "bp"),
        "3m": number(9.0, "bp"),
        "1y": number(22.0, "bp"),
        "pct10y": number(88.0, "pct"),
        "check": number(0.5, "%"),
    }
    old = date(2025, 12, 31)
    return b.Structure(
        share,
        number(121.0, "%", as_of=old),
        number(rate, "%"),
        number(2.9, "%", as_of=date(2026, 2, 28)),
        number(rate - 2.9, "%"),
        number(-40.0, "bp", status=Status.PROXY, note="2Y − policy rate; no OIS is loaded"),
        number(0.6, "%"),
        changes if known else {},
        word("out of step", evidence=("policy +25 bp, US −25 bp",)) if not known else word(),
        number(21.9, "%"),
    )


def _beta(value: float, flag: str) -> b.Beta:
    return b.Beta(
        number(value, "bp/bp", note="120 dates"),
        number(0.07, "bp/bp"),
        number(3.8, "t"),
        "10 bp JGB ⇒ +2.6 bp UST (±1.4)",
        number(0.31, "bp/bp"),
        word(flag, evidence=("JGB +6.6σ · Treasury +1.2σ", "coincident; direction of causality not identified")),
        number(6.6, "σ"),
        number(1.2, "σ"),
    )


def _spillover() -> b.Spillover:
    names = ("us", "uk", "fr", "jp")
    table = ((52.0, 20.0, 22.0, 6.0), (24.0, 50.0, 21.0, 5.0), (25.0, 20.0, 50.0, 5.0), (12.0, 9.0, 9.0, 70.0))
    shares = dict(zip(names, (61.0, 49.0, 52.0, 16.0), strict=True))
    return b.Spillover(
        names,
        table,
        {n: number(v, "%") for n, v in shares.items()},
        {n: number(40.0, "%") for n in names},
        {n: number(v - 40.0, "%") for n, v in shares.items()},
        number(44.5, "%"),
        "Tokyo closes before Europe and New York",
        {"10y": _beta(0.26, "off"), "30y": _beta(0.28, "on")},
        number(0.41, "correlation"),
        number(0.3, "correlation", note="variance +62%"),
    )


def _carry() -> b.Carry:
    legs = {"hedged": number(0.72, "%"), "cost": number(3.61, "%"), "pickup": number(-112.0, "bp", note="approx"), "d21": number(6.0, "bp")}
    flows = {"net_4w": number(-2.31, "JPY trn"), "pct": number(12.0, "pct")}
    return b.Carry(
        number(3.1, "%", note="the call rate stands for a three-month yen rate"),
        number(9.0, "%/yr"),
        number(0.34, "ratio"),
        word("off"),
        number(-0.4, "%"),
        number(-4.0, "%"),
        number(1.9, "points"),
        "futures positions are not loaded",
        {"jpy": legs, "eur": legs},
        flows,
        word("net sellers abroad"),
    )


def _scenarios() -> dict[str, b.Scenario]:
    values = {
        "leverage": number(1.4, "×"),
        "dL_over_L": number(-12.0, "%"),
        "sale": number(38.0, "USD bn"),
        "weight_us_10y": number(0.31, "share"),
    }
    return {
        "deleveraging": b.Scenario(
            "Volatility-targeting fund deleverages", values, ("target volatility 10%", "published scenario of January")
        )
    }


def _loop(name: str, states: dict[str, tuple[str, str]], windows: tuple[int, ...], latched: int, **more: Any) -> b.Loop:
    gates = tuple(
        b.Gate(key, title, state, date(2026, 3, 4 + i) if i < latched else None, 18 - i if i < latched else None, windows[i], False)
        for i, (key, (title, state)) in enumerate(states.items())
    )
    waiting = list(states)[latched] if latched < len(states) else ""
    fields: dict[str, Any] = {
        "next": waiting,
        "status": f"waiting at {waiting}, elapsed 17/30" if latched else "idle",
        "sentence": f"waiting at {waiting}",
        "out_of_order": (),
        "late": False,
        "outside": False,
        "held": 0,
        "events": (),
    }
    return b.Loop(name, gates, **(fields | more))


def _sequence() -> b.Sequence:
    a = {
        "A1": ("stress dominates", "MET"),
        "A2": ("Fed signals or acts", "MET"),
        "A3": ("repo eases", "NOT"),
        "A4": ("basis reconstitutes", "MET"),
    }
    b_ = {
        "B1'": ("yields stop rising", "NOT"),
        "B2'": ("hedging cost compresses", "APPROACHING"),
        "B3'": ("foreign buyer returns", "UNKNOWN"),
    }
    return b.Sequence(
        {
            "A": _loop(
                "A", a, (20, 30, 90, 60), 2, out_of_order=("A4",), late=True, events=("2026-03-04 LATCHED A1", "2026-03-05 LATCHED A2")
            ),
            "B": _loop("B", b_, (60, 60, 130), 0, sentence="waiting on each other; only T or an outside shock starts it"),
        },
        b.Gate("T", "Treasury active management", "APPROACHING", None, None, 0, False),
    )


def _changes() -> tuple[b.Change, ...]:
    return (
        b.Change(DAY, "regime", "regime", "Stable", "Fragmentation", "watch", "m +0.44σ, D 0.83σ, H 0.68", provisional=True),
        b.Change(DAY, "flag", "carry.unwind", "off", "unwind", "alarm", "USD/JPY −4.1% in a week"),
        b.Change(date(2026, 3, 31), "condition", "watch.F1", "NOT", "APPROACHING", "watch", "MOVE 115"),
        b.Change(date(2026, 3, 31), "health", "inputs.uk.10y", "well", "stale", "info", "newest 2026-03-27"),
    )


def rich() -> b.Board:
    """Everything known, on every screen."""
    base = full()
    us = msgspec.structs.replace(
        base.markets["us"],
        tenors={
            "3m": tenor(3.9),
            "6m": tenor(3.85),
            "1y": tenor(3.8),
            **base.markets["us"].tenors,
            "5y": tenor(4.0),
            "20y": tenor(4.9),
            "30y": tenor(4.93, 12.0, 18.0, 33.0, z1=3.2, z_word="extreme", one_in=410),
        },
        curves={**base.markets["us"].curves, "10s30s": b.Curve(number(60.0, "bp"), word("bull flattener"), word("bear steepener"), True)},
    )
    return replaced(
        base,
        markets={**base.markets, "us": us},
        clearing={"us": _clearing(), "jp": _clearing(known=False)},
        allocation={
            k: b.Allocation(number(0.7, "rank"), number(0.2, "rank"), number(0.6, "rank"), number(0.5, "rank"), i, "liquidity")
            for i, k in enumerate(base.markets, 1)
        },
        auctions={t: _auction(t, "weak" if t == "30y" else "ordinary") for t in ("2y", "3y", "5y", "7y", "10y", "20y", "30y")},
        structure={"us": _structure(3.6), "jp": _structure(0.75, known=False)},
        spillover=_spillover(),
        carry=_carry(),
        scenarios=_scenarios(),
        sequence=_sequence(),
        changes=_changes(),
        unchanged=("band still Defensive, 9 days", "loop B: still idle"),
    )
