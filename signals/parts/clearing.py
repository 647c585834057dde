"""Duration clearing: how each market's 10-year yield moved in parts that add up, and the pressure of inflation, supply and demand."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import NamedTuple

import msgspec

from .. import board
from ..clearing import (
    Ridge,
    clearing_pressure,
    expected_and_premium,
    inflation_z,
    marginal_buyer_word,
    monthly_ridge,
    path_and_term,
    real_and_breakeven,
    shared_legs,
)
from ..inputs import Inputs, Moment
from ..markets import MARKETS, MarketSpec
from ..stats import BP_PER_PERCENT, changes, known_or_none
from ..supply import month_end_values
from .asknown import session
from .auctions import AuctionsPart
from .identities import Identities, Split
from .kept import Kept
from .neighbours import Ranked
from .supply import SupplyPart
from .tips import TipsPart

WINDOWS: Mapping[str, int] = {"1w": 5, "1m": 21}
LEG_ROWS = 90  # of the newest observations, among which 21 shared dates are to be
US_FORWARD = "us.5y5y.breakeven"
MONTHLY = ("us.10y", "us.2y", "us.10y.breakeven")
FORMULAS = {name: f"clearing_{name}" for name in ("path", "term", "real", "breakeven", "expected", "tp")}
NO_LINKER = "no inflation-linked series"
NO_RIDGE = "fewer than 36 complete months, or the last is incomplete"


class _Split(NamedTuple):
    """A split of the yield's change: names of the parts, series of the legs, how they add up; `why` there never is any, or ""."""

    names: tuple[str, ...]
    legs: tuple[str, ...]
    split: Split
    why: str


class ClearingPart:
    """Identities from the newest observations, pressure from three histories, one monthly regression."""

    def __init__(self, inputs: Inputs, supply: SupplyPart, auctions: AuctionsPart, tips: TipsPart) -> None:
        self._inputs, self._supply, self._auctions, self._tips = inputs, supply, auctions, tips
        self._params = inputs.settings.clearing
        self._inflation = {
            name: inflation_z(*inputs.native(name), self._params)
            for market in inputs.settings.markets
            for name in _breakevens(MARKETS[market])
        }
        self._level = {name: Ranked(inputs.native(name)[1]) for name in self._inflation}
        splits = {market: self._splits_of(MARKETS[market]) for market in inputs.settings.markets}
        self._splits = {market: tuple(each for each in some if not each.why) for market, some in splits.items()}
        self._never = {
            market: {name: part for each in found for name, part in _unknown_parts(each, each.why).items()}
            for market, found in splits.items()
        }
        self._identities: dict[tuple[str, ...], Identities] = {}
        self._kept: Kept[board.Clearing] = Kept(inputs)
        self._ridge_seen: tuple[int, Ridge | None] | None = None

    def at(self, moment: Moment) -> dict[str, board.Clearing]:
        """Every market at a moment."""
        return {market: self._clearing(MARKETS[market], moment) for market in self._inputs.settings.markets}

    def _clearing(self, spec: MarketSpec, moment: Moment) -> board.Clearing:
        decomposition = self._decomposition(spec, moment)
        if spec.id == "us" or _breakevens(spec):
            pressed = self._pressed(spec, moment)
        else:  # nobody publishes anything of it
            pressed = self._kept(spec.id, (), moment, partial(self._pressed, spec, moment))
        return msgspec.structs.replace(pressed, decomposition=decomposition)

    def _pressed(self, spec: MarketSpec, moment: Moment) -> board.Clearing:
        """All but the decomposition."""
        where = f"clearing.{spec.id}"
        inflation, inflation_pct = self._inflation_at(spec, moment)
        supply = self._supply.supply_z(moment, spec.id)
        is_us = spec.id == "us"
        demand = self._auctions.demand_z(moment) if is_us else self._inputs.unknown(spec.no_demand, "z", "demand_z")
        row = self._supply.row(moment)
        pcts = {"inflation": inflation_pct, "supply": known_or_none(self._supply.pct[row]) if is_us and row >= 0 else None}
        found = clearing_pressure(inflation.value, supply.value, demand.value, pcts, self._params)
        parts = {f"{where}.z_inflation": inflation, f"{where}.z_supply": supply, f"{where}.z_demand": demand}
        betas, r2, unexplained = self._sensitivities(self._ridge(moment) if is_us else None, moment)
        return board.Clearing(
            decomposition={},
            z_inflation=inflation,
            z_supply=supply,
            z_demand=demand,
            pressure=self._inputs.computed(
                found.cp,
                "z",
                "clearing_pressure",
                (),
                moment,
                parts={path: reading for path, reading in parts.items() if reading.value is not None},
                note=f"{found.n}/3" + ("" if found.n >= 2 else ", two are needed"),
            ),
            arrows={
                name: term.arrow
                for name, term in (("inflation", found.inflation), ("supply", found.supply), ("demand", found.demand))
                if term.arrow
            },
            words={
                **{name: term.word for name, term in (("inflation", found.inflation), ("supply", found.supply)) if term.word},
                "demand": marginal_buyer_word(demand.value, self._params),
            },
            betas=betas,
            r2=r2,
            unexplained=unexplained,
            tips=self._tips.demand(moment) if is_us else board.Word(formula="tips_demand", note=NO_LINKER),
            split=self._tips.split(moment) if is_us else board.Word(formula="tips_split", note=NO_LINKER),
        )

    def _inflation_at(self, spec: MarketSpec, moment: Moment) -> tuple[board.Reading, float | None]:
        """z of the breakeven's change, and the percentile of its level; of the first breakeven series that has any value."""
        names = _breakevens(spec)
        if not names:
            return self._inputs.unknown("no breakeven series", "z", "z_inflation"), None
        name = next((each for each in names if self._inputs.upto(each, moment)), names[0])
        n = self._inputs.upto(name, moment)
        z = known_or_none(self._inflation[name][n - 1]) if n else None
        return self._inputs.computed(z, "z", "z_inflation", (name,), moment), self._level[name][n]

    def _decomposition(self, spec: MarketSpec, moment: Moment) -> dict[str, dict[str, board.Reading]]:
        """The parts of the yield's change, by window and name; an identity that lacks a leg is unknown with the reason."""
        out, today = {window: dict(self._never[spec.id]) for window in WINDOWS}, session(moment)
        for each in self._splits[spec.id]:
            known = self._inputs.counts(each.legs, moment)
            found = self._identities_of(each).at(known, today)
            if found is None:
                for named in out.values():
                    named.update(_unknown_parts(each, _missing(each, known)))
                continue
            day, by_window = found
            numbers = self._inputs.numbers(each.legs, moment, day=day)
            for named, parted in zip(out.values(), by_window, strict=True):
                if parted is None or any(row < n - LEG_ROWS for row, n in zip(parted.since, known, strict=True)):
                    named.update(_unknown_parts(each, _missing(each, known)))
                else:
                    for name, value in zip(each.names, parted.parts, strict=True):
                        named[name] = numbers(value, "bp", FORMULAS[name], parted.note)
        return out

    def _identities_of(self, split: _Split) -> Identities:
        found = self._identities.get(split.legs)
        if found is None:
            legs = shared_legs([self._inputs.native(name) for name in split.legs])
            found = self._identities[split.legs] = Identities(legs, split.split, split.names, tuple(WINDOWS.values()), self._params)
        return found

    def _splits_of(self, spec: MarketSpec) -> tuple[_Split, ...]:
        """The three identities of a market. Both points of a slope are to be of one source."""
        ten, curve = spec.ten_year, (spec.curve.get("10y", ""), spec.curve.get("2y", ""))
        path = "" if all(curve) else "a leg has no series" if curve[1] else "no series of one curve"
        if len({self._inputs.track(name).source for name in curve if name}) > 1:
            path = "its two legs come from different sources"
        real, premium = (ten, spec.real, spec.breakeven), (ten, spec.term_premium)
        return (
            _Split(("path", "term"), curve, path_and_term, path),
            _Split(("real", "breakeven"), real, real_and_breakeven, "" if all(real) else "a leg has no series"),
            _Split(("expected", "tp"), premium, expected_and_premium, "" if all(premium) else "no series of one curve"),
        )

    def _ridge(self, moment: Moment) -> Ridge | None:
        """The regression of the last month known; nothing else can change it."""
        row = self._supply.row(moment)
        if self._ridge_seen is None or self._ridge_seen[0] != row:
            self._ridge_seen = row, self._regression(row) if row >= 0 else None
        return self._ridge_seen[1]

    def _regression(self, row: int) -> Ridge | None:
        flows = self._supply.flows
        months = flows.month_ends[: row + 1]
        y10, y2, breakeven = (BP_PER_PERCENT * changes(month_end_values(self._inputs.native(name), months)) for name in MONTHLY)
        supply, demand = changes(flows.supply[: row + 1]), changes(flows.demand[: row + 1])
        return monthly_ridge(y10, {"breakeven": breakeven, "y2": y2, "supply": supply, "demand": demand}, self._params)

    def _sensitivities(self, ridge: Ridge | None, moment: Moment) -> tuple[dict[str, board.Reading], board.Reading, board.Reading]:
        """Sensitivities by regressor (none without a regression), the share that they explain, and what they leave of the last month."""
        if ridge is None:
            unknown = self._inputs.unknown
            return {}, unknown(NO_RIDGE, "", "clearing_r2"), unknown(NO_RIDGE, "bp", "clearing_unexplained")
        numbers = self._inputs.numbers((*MONTHLY, *self._supply.used(moment)), moment, day=self._supply.month_end(moment))
        months = f"{ridge.months} months"
        betas = {
            name: numbers(beta.value, "bp per unit", "clearing_beta", f"wrong sign, {months}" if beta.wrong_sign else months)
            for name, beta in ridge.betas.items()
        }
        unexplained = numbers(ridge.unexplained_bp, "bp", "clearing_unexplained", months)
        return betas, numbers(ridge.r2, "", "clearing_r2", months), unexplained


@cache
def _unknown_parts(split: _Split, why: str) -> Mapping[str, board.Reading]:
    """Most markets lack most legs, on every day: made once."""
    used = tuple(name for name in split.legs if name)
    return {name: board.Reading(unit="bp", formula=f"clearing_{name}", inputs=used, note=why) for name in split.names}


def _missing(split: _Split, known: Sequence[int]) -> str:
    return "a leg is missing: " + ", ".join(name for name, n in zip(split.legs, known, strict=True) if not n)


def _breakevens(spec: MarketSpec) -> tuple[str, ...]:
    """Series of a market's inflation term, the first that has values counts."""
    own = (spec.breakeven,) if spec.breakeven else ()
    return (US_FORWARD, *own) if spec.id == "us" else own
