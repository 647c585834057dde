"""What a watch list may say: groups, conditions and levels, with the parameters of each operator. watchfile.py reads it from TOML."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=1)]
Window = Annotated[int, Meta(ge=4)]
Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(gt=0, lt=1)]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]

# Series that no feed supplies: other signals compute them and hand them in beside the panel.
COMPUTED = ("us.auction.tail_z", "cftc.lev.short_10y", "us.coupons.net_4w")


class Operator(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """Parameters of one operator of the persistence grammar."""


class Sustained(Operator, frozen=True, tag="sustained"):
    """Beyond a level now and in at least n − grace of the last n observations; `margin` in the condition's unit."""

    level: float
    n: Count
    grace: Annotated[int, Meta(ge=0)] = 0
    side: Literal["above", "below"] = "above"
    margin: Positive | None = None

    def __post_init__(self) -> None:
        if self.grace >= self.n:
            raise ValueError("grace must be smaller than n")


class Widening(Operator, frozen=True, tag="widening"):
    """Rising trend over the last k, newest values high."""

    k: Window


class Narrowing(Operator, frozen=True, tag="narrowing"):
    """Falling trend over the last k, newest values low."""

    k: Window


class Growing(Operator, frozen=True, tag="growing"):
    """Rising trend over the last k."""

    k: Window


class Stabilising(Operator, frozen=True, tag="stabilising"):
    """No drift over the last k, none of them under the floor."""

    k: Window
    floor: float | None = None
    flat: Positive = 0.5
    sd_win: Window = 250


class NotRising(Operator, frozen=True, tag="not_rising"):
    """No upward drift over the last k."""

    k: Window
    flat: Positive = 0.5
    sd_win: Window = 250


class NotFalling(Operator, frozen=True, tag="not_falling"):
    """No downward drift over the last k."""

    k: Window
    flat: Positive = 0.5
    sd_win: Window = 250


class Recovering(Operator, frozen=True, tag="recovering"):
    """Stabilising or growing after a low: the minimum of `low_window` lies in the lowest `quantile` of the last `within` observations."""

    k: Window
    low_window: Window = 52
    within: Window = 520
    min_obs: Window = 104
    quantile: Share = 0.10
    flat: Positive = 0.5
    sd_win: Window = 104


class FloorFound(Operator, frozen=True, tag="floor_found"):
    """Not falling over the last k, and the minimum of `low_window` is older than they are."""

    k: Window
    low_window: Window = 26
    flat: Positive = 0.5
    sd_win: Window = 104


class Declining(Operator, frozen=True, tag="declining"):
    """Coming down from an elevated level; block means, so that daily values do not fool the trend test."""

    window: Window = 750
    block: Count = 5
    blocks: Window = 12
    quantile: Share = 0.80
    retraced: Share = 0.25


class Accelerating(Operator, frozen=True, tag="accelerating"):
    """Mean of the last k well above that of the `ref` before."""

    k: Count = 4
    ref: Window = 8
    mult: Annotated[float, Meta(gt=1)] = 1.10


class Shifting(Operator, frozen=True, tag="shifting"):
    """A share stepped up at the latest decision, in percentage points."""

    met_pp: Positive = 1.0
    near_pp: Positive = 0.5


class Fallen(Operator, frozen=True, tag="fallen"):
    """Lower by at least `by` than `steps` observations ago."""

    steps: Count
    by: Positive


class Drawdown(Operator, frozen=True, tag="drawdown"):
    """The first series has fallen, and the second stands above its median of `years` years."""

    steps: Count
    by: Positive
    years: Positive = 2.0


class Judgement(Operator, frozen=True, tag="mark"):
    """A person decides, by a mark."""


AnyOperator = (
    Sustained
    | Widening
    | Narrowing
    | Growing
    | Stabilising
    | NotRising
    | NotFalling
    | Recovering
    | FloorFound
    | Declining
    | Accelerating
    | Shifting
    | Fallen
    | Drawdown
    | Judgement
)

Cadence = Literal["daily", "weekly", "auction", "monthly", "quarterly", "event"]
Input = Literal["value", "spread_bp", "share_pct"]
Sample = Literal["all", "without_month_turn", "week_mean", "week_sum", "week_last", "refunding_months"]
Standing = Literal["published", "validated", "proposal"]


class Measure(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one series is made of the listed ones, and what is asked of it."""

    operator: AnyOperator
    series: tuple[str, ...] = ()
    cadence: Cadence = "daily"
    input: Input = "value"
    sample: Sample = "all"
    unit: str = ""
    proxy: str = ""

    def __post_init__(self) -> None:
        pair = self.input != "value" or isinstance(self.operator, Drawdown)
        need = 0 if isinstance(self.operator, Judgement) else 2 if pair else 1
        if len(self.series) != need:
            raise ValueError(f"series needs {need} ids here, has {len(self.series)}")

    @property
    def hold(self) -> int:
        """Observations for which a condition remembers that it was met."""
        return {"daily": 20, "weekly": 8, "auction": 8}.get(self.cadence, 3)


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """Words added to the evidence: while one series is `above` another; the `value` of one; `rotation`: it rose as the condition's fell."""

    kind: Literal["above", "value", "rotation"]
    series: str
    text: str
    against: str | None = None
    steps: Count = 13

    def __post_init__(self) -> None:
        if (self.kind == "above") != (self.against is not None):
            raise ValueError("against goes with kind 'above', and only with it")


class Hint(Measure, frozen=True, kw_only=True):
    """A measurement beside a judgement: it makes it approaching at most."""

    text: str


class Condition(Measure, frozen=True, kw_only=True):
    """One condition of the watch list. `instead` is measured where the first measure has no source."""

    id: Name
    group: str
    title: str
    key: bool = False
    reference: str = ""
    standing: Standing = "proposal"
    note: tuple[Note, ...] = ()
    instead: Measure | None = None
    hint: Hint | None = None
    off: bool = False

    def series_named(self) -> set[str]:
        """Every series id it mentions."""
        notes = {s for note in self.note for s in (note.series, note.against) if s}
        return {*self.series, *(self.instead.series if self.instead else ()), *(self.hint.series if self.hint else ()), *notes}


class Group(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A named set of conditions, met when all conditions of one list of `met_when` are."""

    id: Name
    title: str
    met_when: tuple[tuple[str, ...], ...]
    off: bool = False


class Level(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A level to watch. `unit` "bp": the series is in % and distances are told in bp. Approaching within `margin_sigmas` daily σ."""

    id: Name
    title: str
    series: str
    level: float
    unit: str = ""
    side: Literal["above", "below"] = "above"
    margin_sigmas: Positive = 2.0
    standing: Standing = "proposal"
    off: bool = False


class Watchlist(msgspec.Struct, frozen=True):
    """The list in force, in the order of the files, without what is switched off."""

    groups: tuple[Group, ...]
    conditions: tuple[Condition, ...]
    levels: tuple[Level, ...]

    def members(self, group_id: str) -> tuple[Condition, ...]:
        """The conditions of one group."""
        return tuple(c for c in self.conditions if c.group == group_id)
