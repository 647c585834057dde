"""Duration clearing: how each market's 10-year yield moved in parts that add up, and the pressure of inflation, supply and demand."""

from collections.abc import Callable, Mapping
from functools import cache

from .. import board
from ..clearing import (
    Identity,
    Ridge,
    SharedLegs,
    clearing_pressure,
    expected_and_premium,
    inflation_z,
    marginal_buyer_word,
    monthly_ridge,
    path_and_term,
    printed_residual_bp,
    real_and_breakeven,
    shared_legs,
)
from ..inputs import Inputs, Moment
from ..markets import MARKETS, MarketSpec
from ..stats import BP_PER_PERCENT, changes, known_or_none
from ..supply import month_end_values
from ..wording import worded
from .asknown import rank_of_last, session
from .auctions import AuctionsPart
from .supply import SupplyPart
from .tips import TipsPart

WINDOWS: Mapping[str, int] = {"1w": 5, "1m": 21}
LEG_ROWS = 90  # of the newest observations, among which 21 shared dates are to be
US_FORWARD = "us.5y5y.breakeven"
MONTHLY = ("us.10y", "us.2y", "us.10y.breakeven")
NO_LINKER = "no inflation-linked series"


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
        self._legs: dict[tuple[str, ...], SharedLegs] = {}
        self._ridge_seen: tuple[int, Ridge | None] | None = None

    def at(self, moment: Moment) -> dict[str, board.Clearing]:
        """Every market at a moment."""
        return {market: self._clearing(MARKETS[market], moment) for market in self._inputs.settings.markets}

    def _clearing(self, spec: MarketSpec, moment: Moment) -> board.Clearing:
        where = f"clearing.{spec.id}"
        inflation, inflation_pct = self._inflation_at(spec, moment)
        supply = self._supply.supply_z(moment, spec.id)
        is_us = spec.id == "us"
        demand = self._auctions.demand_z(moment) if is_us else self._inputs.unknown(spec.no_demand, "z", "demand_z")
        row = self._supply.row(moment)
        pcts = {"inflation": inflation_pct, "supply": known_or_none(self._supply.pct[row]) if is_us and row >= 0 else None}
        found = clearing_pressure(inflation.value, supply.value, demand.value, pcts, self._params)
        parts = {f"{where}.z_inflation": inflation, f"{where}.z_supply": supply, f"{where}.z_demand": demand}
        ridge = self._ridge(moment) if is_us else None
        return board.Clearing(
            decomposition={window: self._decomposition(spec, steps, moment) for window, steps in WINDOWS.items()},
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
            betas=self._betas(ridge, moment),
            r2=self._of_ridge(ridge.r2 if ridge else None, "", "clearing_r2", ridge, moment),
            unexplained=self._of_ridge(ridge.unexplained_bp if ridge else None, "bp", "clearing_unexplained", ridge, moment),
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
        pct = rank_of_last(self._inputs.known(name, moment)[1])
        return self._inputs.computed(z, "z", "z_inflation", (name,), moment), pct

    def _decomposition(self, spec: MarketSpec, steps: int, moment: Moment) -> dict[str, board.Reading]:
        """The parts of the yield's change, by name; an identity that lacks a leg is unknown with the reason."""
        ten, curve = spec.ten_year, (spec.curve.get("10y", ""), spec.curve.get("2y", ""))
        path = self._identity(curve, steps, moment, path_and_term)
        if len({self._inputs.track(name).source for name in curve if name}) > 1:
            path = "its two legs come from different sources"
        return {
            **self._parts(("path", "term"), path, curve, moment),
            **self._parts(
                ("real", "breakeven"),
                self._identity((ten, spec.real, spec.breakeven), steps, moment, real_and_breakeven),
                (ten, spec.real, spec.breakeven),
                moment,
            ),
            **self._parts(
                ("expected", "tp"),
                self._identity((ten, spec.term_premium), steps, moment, expected_and_premium),
                (ten, spec.term_premium),
                moment,
            ),
        }

    def _identity(
        self, legs: tuple[str, ...], steps: int, moment: Moment, split: Callable[..., Identity | None]
    ) -> tuple[int, Identity] | str:
        """The identity of the newest date that all legs share, or why there is none."""
        if not all(legs):
            return "no series of one curve" if len(legs) == 2 and not legs[1] else "a leg has no series"
        shared = self._legs.get(legs)
        if shared is None:
            shared = self._legs[legs] = shared_legs([self._inputs.native(name) for name in legs])
        known = [self._inputs.upto(name, moment) for name in legs]
        moved = shared.changes_bp(known, session(moment), steps, LEG_ROWS)
        if moved is None:
            return "a leg is missing: " + ", ".join(name for name in legs if not self._inputs.upto(name, moment))
        found = split(*moved[1])
        return (moved[0], found) if found is not None else "a leg is missing"

    def _parts(
        self, names: tuple[str, ...], found: tuple[int, Identity] | str, legs: tuple[str, ...], moment: Moment
    ) -> Mapping[str, board.Reading]:
        if isinstance(found, str):
            return _unknown_parts(names, found, legs)
        day, identity = found
        residual = printed_residual_bp(identity, self._params)
        note = f"of {worded(identity.total_bp, '+.1f', 'bp')}"
        note += f", rounding {worded(residual, '+.1f', 'bp')}" if residual is not None else ""
        numbers = self._inputs.numbers(legs, moment, day=day)
        return {name: numbers(identity.parts[name], "bp", f"clearing_{name}", note) for name in names}

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

    def _betas(self, ridge: Ridge | None, moment: Moment) -> dict[str, board.Reading]:
        """Sensitivities by regressor; none without a regression."""
        if ridge is None:
            return {}
        return {
            name: self._of_ridge(beta.value, "bp per unit", "clearing_beta", ridge, moment, "wrong sign" if beta.wrong_sign else "")
            for name, beta in ridge.betas.items()
        }

    def _of_ridge(self, value: float | None, unit: str, formula: str, ridge: Ridge | None, moment: Moment, note: str = "") -> board.Reading:
        if ridge is None:
            return self._inputs.unknown("fewer than 36 complete months, or the last is incomplete", unit, formula)
        months = f"{ridge.months} months"
        day = self._supply.month_end(moment)
        used = (*MONTHLY, *self._supply.used(moment))
        return self._inputs.computed(value, unit, formula, used, moment, day=day, note=f"{note}, {months}" if note else months)


@cache
def _unknown_parts(names: tuple[str, ...], why: str, legs: tuple[str, ...]) -> Mapping[str, board.Reading]:
    """Most markets lack most legs, on every day: made once."""
    used = tuple(name for name in legs if name)
    return {name: board.Reading(unit="bp", formula=f"clearing_{name}", inputs=used, note=why) for name in names}


def _breakevens(spec: MarketSpec) -> tuple[str, ...]:
    """Series of a market's inflation term, the first that has values counts."""
    own = (spec.breakeven,) if spec.breakeven else ()
    return (US_FORWARD, *own) if spec.id == "us" else own
