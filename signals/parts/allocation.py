"""Capital allocation: the markets ranked by liquidity, policy constraint and relative value."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from .. import board
from ..allocation import Allocation, AllocationInputs, allocate, carry_roll_per_sigma, nine_year_yield
from ..hedging import rate_cost_pct
from ..inputs import Inputs, Moment
from ..markets import MARKETS, MarketSpec
from ..stats import ewma_mean_square, native_changes
from ..volatility import par_modified_duration, slow_volatility_bp_yr
from .asknown import newest
from .auctions import AuctionsPart
from .neighbours import Columns, Ranked

NOISE = "us.noise"
HOME_RATE = "jp.call"  # the investor that hedged yields are for is Japanese
SHORT_RATES: Mapping[str, str] = MappingProxyType(
    {
        "us": "us.3m",
        "uk": "uk.sonia",
        "jp": HOME_RATE,
        "ca": "ca.policy",
        **dict.fromkeys(("fr", "de", "it"), "ea.aaa.3m"),
    }
)
BESIDE_TEN: Mapping[str, Mapping[str, str]] = MappingProxyType({"jp": {"9y": "jp.9y"}, "fr": {"7y": "fr.7y.tec"}})
"""Points of the same curve that nothing else looks at."""


class AllocationPart:
    """`_fast`: percentile of the fast σ, `_vol`: slow volatility in bp a year of each market's 10-year yield, by own observation."""

    def __init__(self, inputs: Inputs, auctions: AuctionsPart) -> None:
        self._inputs, self._auctions = inputs, auctions
        self._fast: dict[str, Ranked] = {}
        self._vol: dict[str, Columns] = {}
        self._noise = Ranked(inputs.native(NOISE)[1])
        params = inputs.settings.moves.sigma
        for market in inputs.settings.markets:
            change_bp = native_changes(*inputs.native(MARKETS[market].ten_year))
            self._fast[market] = Ranked(np.sqrt(ewma_mean_square(change_bp, params.lam_fast, params.min_fast)))
            self._vol[market] = Columns(slow_volatility_bp_yr(change_bp))
        self._points = {market: _points(MARKETS[market]) for market in inputs.settings.markets}
        self._used = {market: _used(MARKETS[market]) for market in inputs.settings.markets}

    def at(self, moment: Moment) -> dict[str, board.Allocation]:
        """Every market's bars, score and place at a moment."""
        markets = self._inputs.settings.markets
        found = allocate({market: self._market(MARKETS[market], moment) for market in markets}, self._inputs.settings.allocation)
        return {market: self._shown(MARKETS[market], found[market], moment) for market in markets}

    def _market(self, spec: MarketSpec, moment: Moment) -> AllocationInputs:
        is_us = spec.id == "us"
        n = self._inputs.upto(spec.ten_year, moment)
        y10, short = newest(self._inputs, spec.ten_year, moment), newest(self._inputs, SHORT_RATES.get(spec.id, ""), moment)
        return AllocationInputs(
            sigma_fast_pct=self._fast[spec.id][n],
            mean_tail_z=self._auctions.mean_tail_z(moment) if is_us else None,
            noise_pct=self._noise[self._inputs.upto(NOISE, moment)] if is_us else None,
            policy_rate=self._inputs.last_value(spec.policy, moment),
            core_cpi_yoy=self._inputs.last_value(spec.cpi, moment),
            hedged_yield=self._hedged(spec, y10, short, moment),
            carry_roll_per_sigma=self._carry_roll(spec, y10, short, self._vol[spec.id][n - 1][0] if n else None, moment),
        )

    def _hedged(self, spec: MarketSpec, y10: float | None, short: float | None, moment: Moment) -> float | None:
        """10-year yield in yen after rolling hedges; the home market needs none."""
        if spec.id == "jp" or y10 is None or short is None:
            return y10 if spec.id == "jp" else None
        home = newest(self._inputs, HOME_RATE, moment)
        if home is None:
            return None
        return y10 - rate_cost_pct(short, home, self._inputs.settings.hedging)

    def _carry_roll(self, spec: MarketSpec, y10: float | None, short: float | None, vol: float | None, moment: Moment) -> float | None:
        """Roll-down along one and the same curve."""
        ten, seven, five, nine = (newest(self._inputs, name, moment) for name in self._points[spec.id])
        y9 = nine_year_yield(ten, seven, five, nine)
        md9, md10 = (None if y is None else par_modified_duration(y, years) for y, years in ((y9, 9.0), (ten, 10.0)))
        return carry_roll_per_sigma(ten, short, y9, md9, md10, vol) if y10 is not None else None

    def _shown(self, spec: MarketSpec, found: Allocation, moment: Moment) -> board.Allocation:
        number = self._inputs.numbers([name for name in self._used[spec.id] if self._inputs.upto(name, moment)], moment)
        return board.Allocation(
            liquidity=number(found.liquidity, "rank", "allocation_liquidity"),
            policy=number(found.policy, "rank", "allocation_policy"),
            value=number(found.value, "rank", "allocation_value"),
            score=number(found.score, "rank", "allocation_score", f"{found.n}/3 bars"),
            rank=found.rank,
            driver=found.driver or "",
        )


def _points(spec: MarketSpec) -> tuple[str, ...]:
    """The series of the 10, 7, 5 and 9-year point of one curve, "" for none."""
    points = {**spec.curve, **BESIDE_TEN.get(spec.id, {})}
    return tuple(points.get(tenor, "") for tenor in ("10y", "7y", "5y", "9y"))


def _used(spec: MarketSpec) -> tuple[str, ...]:
    """The series named for a market's bars, each once."""
    return tuple(dict.fromkeys(filter(None, (spec.ten_year, spec.policy, spec.cpi, SHORT_RATES.get(spec.id, "")))))
