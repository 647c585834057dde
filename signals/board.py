"""The Board: everything the monitor says at one instant, as one immutable value.

Every number is a Reading, every state a Word; both carry their clocks and what they were made of, so that each can explain itself. A path
such as `markets.jp.tenors.30y.z1` or `regime.H` names any of them. The Board encodes to JSON and back exactly; board.schema.json is its
published schema. Nothing here needs numpy: reading the stored Board is quick. Values hold no circles, so the collector need not look at
thousands of them.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import msgspec

from ..cache.freshness import Status
from ..feeds.errors import BondtopError

VERSION = 1


class Reading(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A number on screen. `value` None is unknown; `note` then says why.

    `as_of` is the session the number belongs to, `updated` when we fetched what it rests on. `formula` is an id of signals/formulas.toml
    ("observation" for what a provider printed); `inputs` are series ids or paths of other Readings of the same Board.
    """

    value: float | None = None
    unit: str = ""
    as_of: date | None = None
    updated: datetime | None = None
    source: str = ""
    status: Status = Status.UNKNOWN
    formula: str = "observation"
    inputs: tuple[str, ...] = ()
    note: str = ""


class Word(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A state in words. `word` "" is unknown; `evidence` holds the clauses with their numbers."""

    word: str = ""
    status: Status = Status.UNKNOWN
    as_of: date | None = None
    since: date | None = None  # in this state since
    confidence: float | None = None  # 0…1
    evidence: tuple[str, ...] = ()
    formula: str = ""
    inputs: tuple[str, ...] = ()
    note: str = ""


# ------------------------------------------------------------------------------------------------------- markets (§2, §3)
class Tenor(msgspec.Struct, frozen=True, gc=False):
    """One point of a curve: level in %, changes in bp, moves in σ."""

    level: Reading
    d1: Reading
    w1: Reading
    m1: Reading
    m3: Reading
    ytd: Reading
    z1: Reading
    z_fast: float | None  # the same move in the fast and in the slow σ alone
    z_slow: float | None
    sigma: Reading  # bp a day, what z1 divides by
    z_word: str  # "", notable, large, extreme, six-sigma
    one_in: int | None  # "1 in N sessions" of its own history; None: not shown
    sessions: int  # of that history
    pct1y: Reading
    pct10y: Reading
    vol_bp: Reading  # bp/yr
    vol_price: Reading  # price %, modified duration of a par bond


class Volatility(msgspec.Struct, frozen=True, gc=False):
    """Realised volatility of the calendar year to date, in three units."""

    bp_yr: Reading
    price_pct: Reading
    log_yield_pct: Reading
    ratio_us: Reading  # of bp_yr


class Curve(msgspec.Struct, frozen=True, gc=False):
    """One slope, in bp, and how it got there over a week and a month."""

    slope: Reading
    shape_1w: Word
    shape_1m: Word
    inverted: bool | None


class Market(msgspec.Struct, frozen=True, gc=False):
    """One row of the state vector."""

    name: str  # "Japan"
    tenors: dict[str, Tenor]  # "2y", "10y", "30y" …
    curves: dict[str, Curve]  # "2s10s", "10s30s" …
    volatility: dict[str, Volatility]  # "10y", "30y"
    s1w: Reading
    s1m: Reading
    s3m: Reading
    z_e: Reading  # idiosyncratic move of the day, σ
    idio: Reading  # idiosyncratic move of 21 days, σ
    vol_ratio: Reading  # realised volatility, × that of the US
    vs_us: Reading  # bp
    vs_de: Reading
    real10: Reading
    breakeven10: Reading
    term_premium: Reading
    demand_z: Reading
    supply_z: Reading
    hedged_jpy: Reading  # yield hedged into yen, %
    hedged_eur: Reading
    label: Word
    arrow: str  # ▲ ▼ ▪ or ""
    trend: tuple[float, ...]  # last 60 own observations of the 10-year yield
    conclusion: str  # one sentence from states only


# ------------------------------------------------------------------------------------------------- regime and composite (§4, §5)
class Horizon(msgspec.Struct, frozen=True, gc=False):
    """One cell of the strip 1W · 1M · 3M."""

    regime: str
    m: float | None
    D: float | None


class Distance(msgspec.Struct, frozen=True, gc=False):
    """The smallest change of one coordinate that crosses into a regime; not positive: already across, waiting `days` of `need`.

    Regime "gate off" is what the stress gate still waits for.
    """

    regime: str
    coordinate: str  # and its direction: m +, m −, D +, D −, |m| −, H +, H −
    x: float
    days: int = 0
    need: int = 0


class Component(msgspec.Struct, frozen=True, gc=False):
    """One part of the stress gate: its value, and its percentiles 0…1 in level and against its own recent median."""

    value: Reading
    level: Reading
    acute: Reading


class Regime(msgspec.Struct, frozen=True, gc=False):
    """The regime map of one set of yields."""

    held: Word  # Expansion, Stable, Fragmentation, Repricing, Stress
    sessions: int | None
    raw: str
    provisional: bool  # the newest row lacks own prints of some markets
    own_prints: int
    markets: tuple[str, ...]
    m: Reading
    D: Reading
    kappa: Reading
    rho: Reading
    rho_pct: Reading
    H: Reading
    G: Reading
    A: Reading
    gate: Word  # on, off
    off_count: int
    components: dict[str, Component]
    m0: float  # thresholds in force, after hysteresis
    D0: float
    c: float
    away: tuple[str, ...]
    votes: dict[str, float]
    agreement: Reading
    turning: str
    distances: tuple[Distance, ...]
    nearest: Distance | None
    horizons: dict[str, Horizon]  # 1W, 1M, 3M
    subtype: Word
    pressure: tuple[Word, ...]  # proxies of forced selling, beside the sub-type
    trail: tuple[tuple[float, float], ...]  # (m, D), last 21 rows, oldest first


class Pillar(msgspec.Struct, frozen=True, gc=False):
    """One fifth of the composite."""

    p: Reading  # 0…1, 1 = stressed
    contribution: Reading  # points
    indicators: dict[str, Reading]


class Composite(msgspec.Struct, frozen=True, gc=False):
    """The Duration Conditions Index."""

    dci: Reading
    n: int
    band: Word
    bias: str
    text: str
    pillars: dict[str, Pillar]
    d5: Reading
    d21: Reading
    systemic: Reading
    amplification: Reading


# ------------------------------------------------------------------------------------------- confirmation and the dollar (§10)
class Line(msgspec.Struct, frozen=True, gc=False):
    """One confirming line."""

    name: str
    level: Reading
    d1: Reading
    m1: Reading
    z: Reading
    state: Word
    confirms: bool | None


class Asset(msgspec.Struct, frozen=True, gc=False):
    """One risk asset under a discount-rate shock."""

    name: str
    level: Reading
    d1: Reading  # %
    m1: Reading
    z: Reading
    corr_us10y: Reading
    corr_spx: Reading


class Confirmation(msgspec.Struct, frozen=True, gc=False):
    """Whether other markets say the same as the regime."""

    lines: dict[str, Line]  # equities, volatility, dollar, bonds
    quotes: dict[str, Line]  # what the lines rest on: spx, vix, move, usd.broad, dxy, hy.oas …
    confirm_k: int
    confirm_n: int
    verdict: str
    stock_bond: Reading
    stock_bond_word: Word
    assets: dict[str, Asset]
    risk_off_k: int | None
    risk_off_n: int
    dollar: Word
    transmission: dict[str, Word]  # hedging cost, funding, financial conditions


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


class Change(msgspec.Struct, frozen=True, gc=False):
    """One difference between two Boards that matters."""

    at: date  # the session it belongs to
    kind: str  # regime, subtype, turning, band, label, condition, group, gate, loop, move, level, flag, inflection, confirmation, health
    subject: str  # path or id
    before: str
    after: str
    severity: str  # info, watch, alarm
    evidence: str
    provisional: bool = False
    seen: datetime | None = None  # the instant of the Board that shows it


class Input(msgspec.Struct, frozen=True, gc=False):
    """The health of one series the Board rests on."""

    status: Status
    as_of: date | None
    updated: datetime | None
    source: str


class Board(msgspec.Struct, frozen=True, gc=False):
    """Everything at one instant."""

    as_of: datetime
    built: datetime
    demo: bool
    line: str  # the one-line signal
    regime: Regime
    long_regime: Regime | None  # the same map on 30-year yields
    composite: Composite
    markets: dict[str, Market]
    confirmation: Confirmation
    clearing: dict[str, Clearing]
    allocation: dict[str, Allocation]
    positioning: Positioning
    inflection: Inflection
    auctions: dict[str, Auction]
    spillover: Spillover
    carry: Carry
    structure: dict[str, Structure]
    scenarios: dict[str, Scenario]
    watch: dict[str, Condition]
    groups: dict[str, Group]
    levels: dict[str, Condition]
    sequence: Sequence
    inputs: dict[str, Input]
    changes: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()  # what did not change, in words
    version: int = VERSION


def encode(board: Board) -> bytes:
    """The Board as JSON."""
    return msgspec.json.encode(board)


def decode(data: bytes) -> Board:
    """A Board from JSON, strictly.

    Raises:
        BondtopError: not a Board of this version.
    """
    try:
        board = msgspec.json.decode(data, type=Board)
    except msgspec.DecodeError as e:
        raise BondtopError(f"the stored Board cannot be read: {e}") from None
    if board.version != VERSION:
        raise BondtopError(f"the stored Board is of version {board.version}, this program reads {VERSION}")
    return board


def schema() -> dict[str, Any]:
    """The JSON Schema of a Board."""
    return msgspec.json.schema(Board)


def readings(part: object, path: str = "") -> Iterator[tuple[str, Reading | Word]]:
    """Every Reading and Word below a part of a Board, with its path."""
    if isinstance(part, Reading | Word):
        yield path, part
    elif isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            yield from readings(getattr(part, name), f"{path}.{name}" if path else name)
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from readings(value, f"{path}.{key}")
    elif isinstance(part, tuple):
        for i, value in enumerate(part):
            yield from readings(value, f"{path}.{i}")
