"""Parts of the Board: markets, regime, composite, confirmation. `signals.board` gives them all."""


import msgspec

from .reading import Reading, Word


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
