"""Hand-made Boards for the screen's tests: a full plausible one, and variants that strain the panes."""

# ruff: noqa: E501, C408  (tables of made-up values)

from datetime import UTC, date, datetime
from typing import Any, get_origin, get_type_hints

import msgspec
from bondtop.cache.freshness import Status
from bondtop.signals import board as b

DAY = date(2026, 4, 1)
BUILT = datetime(2026, 4, 1, 14, 32, tzinfo=UTC)


def number(value: float | None, unit: str = "", *, status: Status = Status.FRESH, as_of: date = DAY, note: str = "") -> b.Reading:
    if value is None:
        return b.Reading(unit=unit, note=note or "no data")
    return b.Reading(value=value, unit=unit, as_of=as_of, updated=BUILT, source="demo", status=status, note=note)


def word(text: str = "", **more: Any) -> b.Word:
    return b.Word(word=text, status=Status.FRESH if text else Status.UNKNOWN, as_of=DAY, **more)


def make(cls: type, **fields: Any) -> Any:
    """A part of a Board with a plain value in every field that is not given, so that a new field breaks no screen test."""
    hints = get_type_hints(cls)
    for field in msgspec.structs.fields(cls):
        if field.required and field.name not in fields:
            hint = hints[field.name]
            plain = {b.Reading: number(0.5), b.Word: word(), str: "", int: 0, float: 0.0, bool: False}
            kind = get_origin(hint) or hint
            fields[field.name] = plain[kind] if kind in plain else kind() if kind in (dict, tuple) else None
    return cls(**fields)


def tenor(level: float | None, d1=1.0, w1=2.0, m1=3.0, ytd=4.0, z1=0.5, z_word="", one_in=None, **more: Any) -> b.Tenor:
    def move(value: float) -> b.Reading:
        return number(None if level is None else value, "bp", **more)

    return make(b.Tenor,
        level=number(level, "%", **more), d1=move(d1), w1=move(w1), m1=move(m1), m3=move(m1 * 2), ytd=move(ytd), z1=move(z1), z_word=z_word,
        one_in=one_in, pct1y=number(90.0, "pct"), pct10y=number(88.0, "pct"), vol_bp=number(95.0, "bp/yr"), vol_price=number(7.8, "%"),
    )  # fmt: skip


def market(name: str, ten: float | None, moves, z1, s1m, idio, slope, shape, us, label, arrow, *, thirty: b.Tenor | None = None, **more: Any):
    return make(b.Market,
        name=name,
        tenors={"2y": tenor(None if ten is None else ten - 0.5, **more), "10y": tenor(ten, *moves, z1=z1, **more),
                "30y": thirty or tenor(None if ten is None else ten + 0.6, **more)},
        curves={"2s10s": make(b.Curve, slope=number(slope, "bp"), shape_1w=word(shape), shape_1m=word(shape), inverted=False)},
        s1w=number(0.4, "σ"), s1m=number(s1m, "σ"), s3m=number(0.9, "σ"), z_e=number(0.2, "σ"), idio=number(idio, "σ"),
        vol_ratio=number(0.8, "×"), vs_us=number(us, "bp"), vs_de=number(None), real10=number(1.9, "%"), breakeven10=number(2.3, "%"),
        term_premium=number(0.6, "%"), demand_z=number(-0.4, "z"), supply_z=number(0.7, "z"), hedged_jpy=number(0.9, "%"),
        hedged_eur=number(2.1, "%"), label=word(label, confidence=0.8, evidence=("s +1.2",)), arrow=arrow,
        trend=tuple(3.0 + 0.01 * i + 0.05 * ((i * 7) % 5) for i in range(60)) if ten is not None else (), conclusion=f"{name} reprices.",
    )  # fmt: skip


def markets() -> dict[str, b.Market]:
    jgb = tenor(3.71, d1=20.3, z1=6.6, z_word="six-sigma", one_in=1900)
    return {
        "us": market("US", 4.330, (3, 11, 27, 15), 0.6, 1.2, -0.3, 48, "bear steepener", None, "POSITIONING PRESSURE", "▲"),
        "uk": market("UK", 4.912, (6, 21, 48, 41), 1.1, 1.9, 1.4, 71, "bear steepener", 58, "SUPPLY-DRIVEN STRESS", "▲",
                     as_of=date(2026, 3, 31)),
        "fr": market("France", 3.702, (2, 12, 35, 22), 0.7, 1.5, 0.4, 66, "parallel up", -63, "POLICY-ANCHORED", "▪"),
        "jp": market("Japan", 2.366, (1, 6, 21, 30), 0.4, 0.8, -0.6, 98, "bear flattener", -196, "TRACKING GLOBAL", "▪", thirty=jgb),
        "de": market("Germany", 3.012, (2, 9, 24, 18), 0.6, 1.3, 0.1, 55, "parallel up", -132, "TRACKING GLOBAL", "▪"),
    }  # fmt: skip


def regime(**more: Any) -> b.Regime:
    component = make(b.Component, value=number(28.1), level=number(0.7), acute=number(0.6))
    fields: dict[str, Any] = dict(
        held=word("Fragmentation", since=date(2026, 3, 16)), sessions=12, raw="Fragmentation", provisional=False, own_prints=4,
        markets=("us", "uk", "fr", "jp"), m=number(0.44, "σ"), D=number(0.83, "σ"), kappa=number(0.47), rho=number(0.31), rho_pct=number(0.42),
        H=number(0.68), G=number(0.7), A=number(0.6), gate=word("off"), off_count=0,
        components={"vix": component, "move": component, "rv": component, "fsi": component},
        m0=0.75, D0=0.50, c=1.33, away=(), votes={"FRAGMENTATION": 0.83, "REPRICING": 0.12, "STABLE": 0.05}, agreement=number(0.83), turning="",
        distances=(b.Distance("REPRICING", "m +", 0.31), b.Distance("STABLE", "D −", 0.38), b.Distance("STRESS", "H +", 0.22)),
        nearest=b.Distance("REPRICING", "m +", 0.31),
        horizons={"1W": b.Horizon("Repricing", 0.9, 0.2), "1M": b.Horizon("Fragmentation", 0.44, 0.83), "3M": b.Horizon("Stable", 0.1, 0.3)},
        subtype=word(), pressure=(), trail=tuple((-0.3 + i * 0.037, 0.3 + i * 0.0265) for i in range(21)),
    )  # fmt: skip
    return make(b.Regime, **(fields | more))


def line(name: str, level, d1, m1, z, state: str, confirms: bool | None, unit: str = "") -> b.Line:
    return b.Line(name, number(level), number(d1, unit), number(m1, unit), number(z, "σ"), word(state), confirms)


def confirmation() -> b.Confirmation:
    def asset(name: str, m1: float) -> b.Asset:
        return b.Asset(name, number(100.0), number(0.5, "%"), number(m1, "%"), number(0.4), number(-0.2), number(0.3))

    return make(b.Confirmation,
        lines={
            "equities": line("S&P 500", 5612.0, -0.8, -4.1, -1.3, "under pressure", True, "%"),
            "volatility": line("VIX", 28.1, 1.9, 7.2, 1.6, "elevated", True),
            "dollar": line("Dollar", 104.2, 0.3, 1.1, 0.9, "firm", True, "%"),
            "bonds": line("Bonds", None, None, None, None, "diverging", True),
        },
        quotes={
            "spx": line("S&P 500", 5612.0, -0.8, -4.1, -1.3, "", None, "%"), "vix": line("VIX", 28.1, 1.9, 7.2, 1.6, "elevated", None),
            "move": line("MOVE", 115.0, 3.0, 22.0, 1.4, "elevated", None), "dxy": line("DXY", 104.2, 0.3, 1.1, 0.9, "firm", None, "%"),
            "usdjpy": line("USD/JPY", 158.02, 0.2, 1.4, 0.6, "", None, "%"), "hy_oas": line("HY OAS", 3.61, 0.1, 0.3, 0.8, "", None),
        },
        confirm_k=4, confirm_n=4, verdict="4 of 4 confirm Fragmentation", stock_bond=number(-0.22), stock_bond_word=word("rate shock"),
        assets={"btc": asset("Bitcoin", -6.2), "nky": asset("Nikkei", -3.9), "gold": asset("Gold", 0.8)}, risk_off_k=3, risk_off_n=3,
        dollar=word("firm"), transmission={"hedging_cost": word("neutral"), "funding": word("easing"), "financial_conditions": word("tightening")},
    )  # fmt: skip


TITLES = {
    "F1": "MOVE > 130 for two weeks", "F2": "Auction tails widening", "F3": "Repo above top of range", "B1": "Foreign custody recovering",
    "B2": "USD/JPY stable above 145", "B3": "BOJ shifts from normalisation", "R1": "Repo specialness declining",
    "R2": "Leveraged net short stabilising", "R3": "Off-the-run bid-ask compressing", "T1": "Refunding shifts toward bills",
    "T2": "Buybacks accelerating", "T3": "TGA drawdown deployed", "S1": "CLARITY Act with reserve rule", "S2": "Stablecoin cap > $230bn, held",
    "S3": "Tokenised Treasury repo growing",
}  # fmt: skip
GROUPS = {
    "F": "Fed constraint lifting",
    "B": "Foreign buyer return",
    "R": "Basis trade reconstitution",
    "T": "Treasury active management",
    "S": "Stablecoin front end",
}


def condition(key: str, state: str, value: float | None = 115.0, **more: Any) -> b.Condition:
    fields: dict[str, Any] = dict(
        id=key, title=TITLES.get(key, key), group=key[0], key=key in ("F1", "F3", "B1", "R1", "R2", "T1", "T2", "S2"), state=state,
        last_state="", progress=0.3, progress_text="0 of 11", run=0, since=date(2026, 3, 2) if state == "MET" else None, first_met=None,
        value=number(value), threshold=number(130.0), distance=number(-15.0), distance_sigma=number(-2.0), evidence="below",
        proxy="stands in" if key in ("F2", "R1") else "", reference="source note", mark="",
    )  # fmt: skip
    return make(b.Condition, **(fields | more))


def watch() -> dict[str, b.Condition]:
    states = {"F1": "APPROACHING", "T2": "MET", "S2": "MET", "B2": "MET", "B1": "APPROACHING", "R3": "REVERSED", "S1": "MANUAL", "S3": "UNKNOWN",
              "R1": "STALE"}  # fmt: skip
    return {key: condition(key, states.get(key, "NOT"), None if states.get(key) == "UNKNOWN" else 115.0) for key in TITLES}


def groups() -> dict[str, b.Group]:
    return {k: b.Group(k, title, "APPROACHING" if k in "FB" else "MET" if k == "S" else "NOT", 1, (f"{k}1", f"{k}2", f"{k}3")) for k, title in
            GROUPS.items()}  # fmt: skip


def loop(name: str, ids: tuple[str, ...]) -> b.Loop:
    gates = tuple(b.Gate(i, i, "NOT", None, None, 20, False) for i in ids)
    return b.Loop(name, gates, ids[0], "idle", f"Loop {name} waits at {ids[0]}.", (), False, False, 0, ())


def full() -> b.Board:
    """Everything known."""
    empty = {}
    pillar = b.Pillar(p=number(0.55), contribution=number(-1.0, "points"), indicators={})
    return make(b.Board,
        as_of=BUILT, built=BUILT, demo=False,
        line="Duration is repricing unevenly, not unwinding: UK supply-driven, US positioning-led; the marginal buyer is present, USD firm.",
        regime=regime(), long_regime=regime(held=word("Repricing"), m=number(1.1, "σ"), D=number(0.4, "σ")),
        composite=b.Composite(number(48.9), 5, word("Defensive"), "Fragmentation", "DCI 48.9 → Defensive with Fragmentation bias", {"rates": pillar},
                              number(-1.2), number(-3.0), number(0.3), number(0.6)),
        markets=markets(), confirmation=confirmation(),
        clearing={"us": b.Clearing({}, number(0.6), number(0.9), number(-0.3), number(0.8), {}, {}, {}, number(0.5), number(2.0), word(), word())},
        allocation=empty,
        positioning=b.Positioning({}, {}, number(0.2), number(-5e6), number(0.8), number(-0.4), DAY, number(0.5), "mixed", {}),
        inflection=b.Inflection(number(-0.4), number(-0.9), number(0.1), number(-0.2), word("adverse"), word("watch"), ("us",), ()),
        auctions={"10y": b.Auction("10y", DAY, number(2.5), number(0.7), number(0.12), number(1.1), number(-0.2), "soft", {})},
        spillover=b.Spillover(("us", "jp"), ((90.0, 10.0), (20.0, 80.0)), {"us": number(20.0)}, {"us": number(10.0)}, {"us": number(10.0)},
                              number(15.0), "same-date artefact", {"30y": b.Beta(number(0.26), number(0.07), number(3.8), "10 bp JGB ⇒ 2.6 ±1.4 bp UST",
                              number(0.3), word("bleed-over flag"), number(3.2), number(1.1))}, number(0.4), number(0.3)),
        carry=b.Carry(number(3.1), number(9.0), number(0.34), word("no"), number(-0.4), number(-4.0), number(1.9), "", {}, {}, word("buying")),
        structure=empty, scenarios=empty, watch=watch(), groups=groups(), levels={"us30": condition("us30", "APPROACHING", title="UST 30Y 4.90"),
        "usdjpy-158": condition("usdjpy-158", "MET", title="USD/JPY 158 (intervention zone)")},
        sequence=b.Sequence({"A": loop("A", ("A1", "A2", "A3", "A4")), "B": loop("B", ("B1", "B2", "B3"))},
                            b.Gate("T", "outside starter", "NOT", None, None, 0, False)),
        inputs={"us.10y": b.Input(Status.FRESH, DAY, BUILT, "treasury")},
    )  # fmt: skip


def replaced(board: b.Board, **more: Any) -> b.Board:
    return msgspec.structs.replace(board, **more)


def unknown() -> b.Board:
    """A Board of nothing: every number and word unknown, all lists there."""

    def blank(part: Any) -> Any:
        if isinstance(part, b.Reading):
            return b.Reading(note="no data")
        if isinstance(part, b.Word):
            return b.Word(note="no data")
        if isinstance(part, b.Condition):
            return msgspec.structs.replace(_fields(part), state="UNKNOWN", progress=None, progress_text="", run=None, since=None, evidence="")
        return _fields(part)

    def _fields(part: Any) -> Any:
        if isinstance(part, msgspec.Struct):
            return msgspec.structs.replace(part, **{n: blank(getattr(part, n)) for n in part.__struct_fields__})
        if isinstance(part, dict):
            return {k: blank(v) for k, v in part.items()}
        if isinstance(part, tuple):
            return tuple(blank(v) for v in part)
        return part

    board = blank(full())
    return replaced(
        board,
        line="State unknown: too little history",
        regime=msgspec.structs.replace(board.regime, sessions=None, votes={}, distances=(), nearest=None, trail=(), horizons={}),
        confirmation=msgspec.structs.replace(board.confirmation, confirm_n=0, confirm_k=0, risk_off_k=None),
    )


def texts(part: Any, change: Any) -> Any:
    """The part with every piece of free text changed."""
    if isinstance(part, msgspec.Struct):
        skip = {"state", "unit", "coordinate", "arrow", "status", "z_word"}
        return msgspec.structs.replace(part, **{n: texts(getattr(part, n), change) for n in part.__struct_fields__ if n not in skip})
    if isinstance(part, dict):
        return {k: texts(v, change) for k, v in part.items()}
    if isinstance(part, tuple):
        return tuple(texts(v, change) for v in part)
    return change(part) if type(part) is str else part


def everywhere(text: str) -> b.Board:
    """The full Board with one text wherever a provider's or a person's words could stand."""
    return texts(full(), lambda old: text if old else old)
