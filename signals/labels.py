"""Market labels: one word a market a day, the first of nine rules that fires, with its evidence.

Every rule and number here is a rule of thumb (`proposal`); see STANDING.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from .clauses import Clause, Fact, any_of, at_least_of, compare, is_known
from .wording import worded

SAFE_HAVEN = "SAFE-HAVEN BID"
SUPPLY = "SUPPLY-DRIVEN STRESS"
POLICY_REPRICING = "INFLATION / POLICY REPRICING"
POSITIONING = "POSITIONING PRESSURE"
POLICY_ANCHORED = "POLICY-ANCHORED"
STRUCTURALLY_ANCHORED = "STRUCTURALLY ANCHORED"
IDIOSYNCRATIC = "IDIOSYNCRATIC REPRICING"
QUIET = "QUIET"
TRACKING = "TRACKING GLOBAL"
UNDECIDED = "?"

ARROW_UP, ARROW_DOWN, ARROW_FLAT = "▲", "▼", "▪"

MONTH_ROOT = 21**0.5
WEEK_ROOT = 5**0.5


class LabelParams(msgspec.Struct, frozen=True):
    """Thresholds of the nine rules, in the order of the rules. σ multiples unless the name says otherwise."""

    haven_s: float = -1.0
    supply_s: float = 1.0
    supply_idio: float = 1.0
    supply_slope: float = 0.75
    supply_z: float = 0.5
    demand_z: float = -0.5
    tail_z: float = 1.0
    policy_s: float = 0.75
    breakeven_share: float = 0.6
    positioning_s: float = 0.5
    short_pct: float = 0.80
    short_d4_z: float = -1.5
    sofr_over_iorb_bp: float = 5.0
    move_pct: float = 0.70
    swap_spread_sigma: float = -1.0
    anchored_idio: float = 0.75
    anchored_r2: float = 0.6
    bund_spread_bp: float = 5.0
    bund_spread_sigma: float = 0.5
    cb_share_pct: float = 40.0
    calm_ratio: float = 0.6
    others_correlation: float = 0.35
    idiosyncratic_idio: float = 1.5
    quiet_s: float = 0.75
    arrow_sigma: float = 0.5


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(LabelParams.__struct_fields__, "proposal"))
_DEFAULT = LabelParams()


class LabelInputs(msgspec.Struct, frozen=True):
    """What the rules look at: one market on one day. None is unknown.

    σ are slow daily σ through the day before, in bp; percentiles 0…1; Δ21 over 21 own observations (aligned rows for `s1m`), in bp.
    """

    s1m: float | None = None
    idio: float | None = None
    gate_on: bool | None = None
    d21_slope_bp: float | None = None
    sigma_slope_bp: float | None = None
    slope_name: str = "10s30s"  # or 2s10s where no 30-year point exists
    supply_z: float | None = None
    demand_z: float | None = None
    long_auction_recent: bool | None = None  # an auction of 10 years or longer within the last 10 days
    long_auction_tail_z: float | None = None
    d21_breakeven_bp: float | None = None
    d21_y2_bp: float | None = None
    d21_y10_bp: float | None = None
    is_us: bool = False
    short_pct: float | None = None  # leveraged-fund net short
    short_d4_z: float | None = None
    sofr_over_iorb_bp: float | None = None
    sofr_over_top_bp: float | None = None
    move_pct: float | None = None
    swap_10y_sigma: float | None = None  # 21-day change of the swap spread / (σ·√21)
    swap_30y_sigma: float | None = None
    r2_own_2y: float | None = None
    is_euro_ex_germany: bool = False
    d21_bund_spread_bp: float | None = None
    sigma_bund_spread_bp: float | None = None
    cb_share_pct: float | None = None
    cb_share_stale: bool = False
    sigma_bp: float | None = None
    median_sigma_others_bp: float | None = None
    correlation_with_others: float | None = None


class Label(msgspec.Struct, frozen=True):
    """A label and why. `confidence` is true/(true + unknown) clauses; `uncertain` asks for a `?` behind the word."""

    word: str
    confidence: float | None
    clauses: tuple[Clause, ...]

    @property
    def uncertain(self) -> bool:
        return self.confidence is not None and self.confidence < 1.0

    @property
    def text(self) -> str:
        return f"{self.word}?" if self.uncertain else self.word

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(clause.evidence for clause in self.clauses)


class RuleVerdict(msgspec.Struct, frozen=True):
    """One rule with all its clauses, for a reader who asks why not."""

    word: str
    fires: bool
    clauses: tuple[Clause, ...]


class ShownLabel(NamedTuple):
    """The label on screen on a row. `row` is the day whose evaluation it is, `since` the row it came on screen, `pending` a newer word that
    still waits for its second day."""

    label: Label
    row: int
    since: int
    pending: str | None


def _safe_haven(x: LabelInputs, p: LabelParams) -> Iterator[Clause]:
    yield Fact(x.gate_on, "stress gate unknown" if x.gate_on is None else "stress gate on" if x.gate_on else "stress gate off")
    yield compare("s1m", x.s1m, "≤", p.haven_s)


def _supply(x: LabelInputs, p: LabelParams) -> Iterator[Clause]:
    yield compare("s1m", x.s1m, "≥", p.supply_s)
    yield compare("idio", x.idio, "≥", p.supply_idio)
    needed = p.supply_slope * x.sigma_slope_bp * MONTH_ROOT if is_known(x.sigma_slope_bp) else None
    yield compare(f"Δ21 {x.slope_name}", x.d21_slope_bp, "≥", needed, "bp")
    tail = (
        Fact(False, "no long-end auction within 10 days")
        if x.long_auction_recent is False
        else compare("long-end tail z", x.long_auction_tail_z if x.long_auction_recent else None, "≥", p.tail_z)
    )
    supply = compare("supply z", x.supply_z, "≥", p.supply_z)
    yield any_of(supply, compare("demand z", x.demand_z, "≤", p.demand_z), tail)


def _policy_repricing(x: LabelInputs, p: LabelParams) -> Iterator[Clause]:
    yield compare("s1m", x.s1m, "≥", p.policy_s)
    rise = x.d21_y10_bp
    # A share of a rise needs a rise: on native dates the 10-year may have fallen although s1m, on the aligned rows, is up.
    share = x.d21_breakeven_bp / rise if is_known(x.d21_breakeven_bp) and is_known(rise) and rise > 0 else None
    breakeven = compare("breakeven share of Δ21 10Y", share, "≥", p.breakeven_share, digits=2)
    yield any_of(breakeven, compare("Δ21 2Y", x.d21_y2_bp, "≥", rise, "bp"))


def _positioning(x: LabelInputs, p: LabelParams) -> Iterator[Clause]:
    if not x.is_us:
        yield Fact(False, "US only")
    yield compare("s1m", x.s1m, "≥", p.positioning_s)
    shorts = any_of(
        compare("net short pct", x.short_pct, "≥", p.short_pct, signed=False, digits=2),
        compare("net short 4w z", x.short_d4_z, "≤", p.short_d4_z),
    )
    funding = any_of(
        compare("SOFR−IORB", x.sofr_over_iorb_bp, "≥", p.sofr_over_iorb_bp, "bp", digits=0),
        compare("SOFR−top", x.sofr_over_top_bp, ">", 0.0, "bp", digits=0),
    )
    swaps = any_of(
        compare("swap spread 10Y Δ21", x.swap_10y_sigma, "≤", p.swap_spread_sigma, "σ"),
        compare("swap spread 30Y Δ21", x.swap_30y_sigma, "≤", p.swap_spread_sigma, "σ"),
    )
    move = compare("MOVE pct", x.move_pct, "≥", p.move_pct, signed=False, digits=2)
    yield at_least_of(2, shorts, funding, move, swaps)


def _policy_anchored(x: LabelInputs, p: LabelParams) -> Iterator[Clause]:
    yield _size("idio", x.idio, "<", p.anchored_idio)
    yield compare("60d R² on own 2Y", x.r2_own_2y, "≥", p.anchored_r2, signed=False, digits=2)
    if x.is_euro_ex_germany:
        yield _near_bund(x, p)


def _near_bund(x: LabelInputs, p: LabelParams) -> Clause:
    limit = p.bund_spread_bp
    if is_known(x.sigma_bund_spread_bp):
        limit = max(limit, p.bund_spread_sigma * x.sigma_bund_spread_bp * MONTH_ROOT)
    elif is_known(x.d21_bund_spread_bp) and abs(x.d21_bund_spread_bp) > limit:
        return Fact(None, f"|Δ21 Bund spread| {worded(abs(x.d21_bund_spread_bp), '.1f', 'bp')}, its σ unknown")
    return _size("Δ21 Bund spread", x.d21_bund_spread_bp, "≤", limit, "bp")


def _structurally_anchored(x: LabelInputs, p: LabelParams) -> Iterator[Clause]:
    share = compare("central-bank share", x.cb_share_pct, "≥", p.cb_share_pct, "%", signed=False)
    yield Fact(False, f"{share.evidence}, stale") if x.cb_share_stale and share.truth else share
    limit = p.calm_ratio * x.median_sigma_others_bp if is_known(x.median_sigma_others_bp) else None
    yield compare("σ", x.sigma_bp, "≤", limit, "bp", signed=False)
    yield compare("correlation with others", x.correlation_with_others, "≤", p.others_correlation, digits=2)


def _idiosyncratic(x: LabelInputs, p: LabelParams) -> Iterator[Clause]:
    yield _size("idio", x.idio, "≥", p.idiosyncratic_idio)


def _quiet(x: LabelInputs, p: LabelParams) -> Iterator[Clause]:
    yield _size("s1m", x.s1m, "<", p.quiet_s)


def _tracking(x: LabelInputs, p: LabelParams) -> Iterator[Clause]:
    yield _size("s1m", x.s1m, "≥", p.quiet_s)


def _size(name: str, value: float | None, sign: str, limit: float, unit: str = "") -> Clause:
    return compare(f"|{name}|", abs(value) if is_known(value) else None, sign, limit, unit, signed=False)


_RULES: tuple[tuple[str, Callable[[LabelInputs, LabelParams], Iterator[Clause]]], ...] = (
    (SAFE_HAVEN, _safe_haven),
    (SUPPLY, _supply),
    (POLICY_REPRICING, _policy_repricing),
    (POSITIONING, _positioning),
    (POLICY_ANCHORED, _policy_anchored),
    (STRUCTURALLY_ANCHORED, _structurally_anchored),
    (IDIOSYNCRATIC, _idiosyncratic),
    (QUIET, _quiet),
    (TRACKING, _tracking),
)


def label(x: LabelInputs, params: LabelParams = _DEFAULT) -> Label:
    """The first rule that fires. `?` if none can be decided."""
    for word, rule in _RULES:
        clauses, unknown = [], 0
        for clause in rule(x, params):
            if clause.truth is False:  # it settles the rule, and history has many days
                break
            clauses.append(clause)
            unknown += clause.truth is None
        else:
            if _is_enough(len(clauses), unknown):
                return Label(word, (len(clauses) - unknown) / len(clauses), tuple(clauses))
    return Label(UNDECIDED, None, tuple(_quiet(x, params)))


def judge_rules(x: LabelInputs, params: LabelParams = _DEFAULT) -> tuple[RuleVerdict, ...]:
    """Every rule with every clause, in order: the first that fires is the label."""
    judged = ((word, tuple(rule(x, params))) for word, rule in _RULES)
    return tuple(RuleVerdict(word, _fires(clauses), clauses) for word, clauses in judged)


def _fires(clauses: Sequence[Clause]) -> bool:
    """No clause false, and enough of them true."""
    truths = [clause.truth for clause in clauses]
    return False not in truths and _is_enough(len(truths), truths.count(None))


def _is_enough(clauses: int, unknown: int) -> bool:
    """Of clauses none of which is false at most one unknown and two true; rules of one or two clauses need all of them true."""
    return unknown == 0 or (unknown == 1 and clauses >= 3)


def label_history(days: Iterable[LabelInputs], params: LabelParams = _DEFAULT) -> list[ShownLabel]:
    """Labels as shown, one per day, oldest first: a word comes on screen on its second consecutive day, a haven bid at once.

    The start is forgotten as soon as two consecutive days agree: for the label of one day the few weeks before it are enough.
    """
    return shown_labels(label(x, params) for x in days)


def shown_labels(judged: Iterable[Label]) -> list[ShownLabel]:
    """`label_history` of labels that have been found already."""
    shown: list[ShownLabel] = []
    today: Label | None = None
    for row, found in enumerate(judged):
        before, today = today, found
        last = shown[-1] if shown else None
        if last is None or (today.word != last.label.word and today.word in (SAFE_HAVEN, before.word if before else "")):
            shown.append(ShownLabel(today, row, row, None))
        elif today.word == last.label.word:
            shown.append(ShownLabel(today, row, last.since, None))
        else:
            shown.append(ShownLabel(last.label, last.row, last.since, today.word))
    return shown


def last_shown(judged: Sequence[Label]) -> ShownLabel:
    """The last of `shown_labels`; there must be one."""
    shown, at, since, before = judged[0], 0, 0, ""
    for row, today in enumerate(judged):
        word = today.word
        if word == shown.word:
            shown, at = today, row
        elif word in (SAFE_HAVEN, before):
            shown, at, since = today, row, row
        before = word
    return ShownLabel(shown, at, since, None if before == shown.word else before)


def arrow(d5_y10_bp: float | None, sigma_bp: float | None, params: LabelParams = _DEFAULT) -> str | None:
    """▲ ▼ ▪ beside the label: the 5-day change of the 10-year yield against its slow daily σ (both bp)."""
    if not is_known(d5_y10_bp) or not is_known(sigma_bp):
        return None
    limit = params.arrow_sigma * sigma_bp * WEEK_ROOT
    if d5_y10_bp >= limit:
        return ARROW_UP
    return ARROW_DOWN if d5_y10_bp <= -limit else ARROW_FLAT
