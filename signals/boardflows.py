"""Parts of the Board: clearing, spillover, carry, structure, watch list, sequence. `signals.board` gives them all."""

from datetime import date

import msgspec

from .reading import Reading, Word


# ------------------------------------------------------------------------------------- clearing, positioning, inflection (§6–§9)
class Clearing(msgspec.Struct, frozen=True, gc=False):
    """Yield = f(inflation) + f(supply) + f(marginal demand), as identities and one pressure score."""

    decomposition: dict[str, dict[str, Reading]]  # "1m", "1w" → path, term, real, breakeven, expected, tp (bp)
    z_inflation: Reading
    z_supply: Reading
    z_demand: Reading
    pressure: Reading
    arrows: dict[str, str]
    words: dict[str, str]
    betas: dict[str, Reading]
    r2: Reading
    unexplained: Reading
    tips: Word  # TIPS demand
    split: Word  # real against breakeven


class Allocation(msgspec.Struct, frozen=True, gc=False):
    """One market's place in the ranking."""

    liquidity: Reading
    policy: Reading
    value: Reading
    score: Reading
    rank: int | None
    driver: str


class Positioning(msgspec.Struct, frozen=True, gc=False):
    """Supply against fragmented demand, and what futures show."""

    pressure: dict[str, Reading]  # by market
    words: dict[str, str]
    fragmentation_z: Reading
    lev_net: Reading  # 10-year equivalents, contracts
    lev_pct: Reading
    lev_d4_z: Reading
    report: date | None
    breadth: Reading
    breadth_word: str
    by_contract: dict[str, Reading]


class Inflection(msgspec.Struct, frozen=True, gc=False):
    """d(marginal demand)/d(supply)."""

    b: Reading
    lo: Reading
    hi: Reading
    b_hist: Reading
    quadrant: Word
    state: Word
    markets: tuple[str, ...]
    missing: tuple[str, ...]


class Auction(msgspec.Struct, frozen=True, gc=False):
    """The last auction of one term, against its own predecessors."""

    term: str
    held: date | None
    bid_to_cover: Reading
    indirect: Reading
    dealer: Reading
    tail: Reading
    score: Reading  # D_a
    word: str
    against_six: dict[str, float]  # plain differences from the mean of the last six
    tail_trend: Reading = Reading()  # Sen's slope of the tail's z, a step of one auction


# --------------------------------------------------------------------------------------------- spillover, carry, structure
class Beta(msgspec.Struct, frozen=True, gc=False):
    """JGB → UST pass-through of one tenor, and back."""

    beta: Reading  # bp per bp
    se: Reading
    t: Reading
    text: str
    reverse: Reading
    flag: Word  # bleed-over
    z_e: Reading
    z_us: Reading


class Spillover(msgspec.Struct, frozen=True, gc=False):
    """Who moves whom."""

    markets: tuple[str, ...]
    table: tuple[tuple[float, ...], ...]  # row i: shares of i's variance from j, %
    to: dict[str, Reading]
    frm: dict[str, Reading]
    net: dict[str, Reading]
    total: Reading
    note: str
    beta: dict[str, Beta]  # "10y", "30y"
    rho_raw: Reading
    rho_adjusted: Reading


class Scenario(msgspec.Struct, frozen=True, gc=False):
    """A scenario with its assumptions; never a measurement."""

    name: str
    values: dict[str, Reading]
    assumptions: tuple[str, ...]


class Carry(msgspec.Struct, frozen=True, gc=False):
    """The yen carry and what hedging costs."""

    carry: Reading
    sigma_fx: Reading
    carry_to_vol: Reading
    unwind: Word
    r5: Reading
    threshold: Reading
    d5_vix: Reading
    amplifier: str
    hedged: dict[str, dict[str, Reading]]  # investor "jpy", "eur" → hedged, cost, pickup, d21
    flows: dict[str, Reading]  # Japanese weekly flows, four-week sums, JPY trn
    flows_word: Word


class Structure(msgspec.Struct, frozen=True, gc=False):
    """Slow facts of one market, each with its vintage."""

    cb_share: Reading
    debt_gdp: Reading
    policy: Reading
    cpi: Reading
    real_policy: Reading
    path12m: Reading
    term_premium: Reading
    term_premium_changes: dict[str, Reading]
    out_of_step: Word
    bill_share: Reading


# -------------------------------------------------------------------------------------------------- watch list and sequence
class Condition(msgspec.Struct, frozen=True, gc=False):
    """One condition of the watch list, or one level watch."""

    id: str
    title: str
    group: str
    key: bool
    state: str  # MET APPROACHING NOT REVERSED STALE MANUAL UNKNOWN
    last_state: str  # the last real state, when STALE
    progress: float | None
    progress_text: str  # "0 of 11"
    run: int | None
    since: date | None
    first_met: date | None
    value: Reading
    threshold: Reading
    distance: Reading
    distance_sigma: Reading
    evidence: str
    proxy: str  # why it is a proxy, or ""
    reference: str
    mark: str  # a person's judgement in words, or ""


class Group(msgspec.Struct, frozen=True, gc=False):
    """Three conditions and what they say together."""

    id: str
    title: str
    state: str
    met: int
    members: tuple[str, ...]
    since: date | None = None  # in this state since


class Gate(msgspec.Struct, frozen=True, gc=False):
    """One gate of a loop."""

    id: str
    title: str
    state: str
    latched_on: date | None
    elapsed: int | None
    window: int
    skipped: bool


class Loop(msgspec.Struct, frozen=True, gc=False):
    """A loop of gates that must come in order."""

    name: str
    gates: tuple[Gate, ...]
    next: str
    status: str
    sentence: str  # what it waits for
    out_of_order: tuple[str, ...]
    late: bool
    outside: bool
    held: int
    events: tuple[str, ...]


class Sequence(msgspec.Struct, frozen=True, gc=False):
    """Both loops and the outside starter."""

    loops: dict[str, Loop]  # "A", "B"
    starter: Gate
