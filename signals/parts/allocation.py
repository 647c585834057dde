"""Capital allocation: the markets ranked by liquidity, policy constraint and relative value."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from .. import board
from ..allocation import Allocation, AllocationInputs, allocate, carry_roll_per_sigma, nine_year_yield
from ..hedging import rate_cost_pct
from ..inputs import Inputs, Moment
from ..markets import MARKETS, MarketSpec
from ..stats import ewma_mean_square, native_changes
from ..volatility import par_modified_duration, slow_volatility_bp_yr
from .asknown import newest, session, while_new
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
        self._looked_at = {market: _looked_at(MARKETS[market]) for market in inputs.settings.markets}
        self._used = {market: _used(MARKETS[market]) for market in inputs.settings.markets}

    def at(self, moment: Moment) -> dict[str, board.Allocation]:
        """Every market's bars, score and place at a moment."""
        markets, home = self._inputs.settings.markets, newest(self._inputs, HOME_RATE, moment)
        found = allocate({market: self._market(market, home, moment) for market in markets}, self._inputs.settings.allocation)
        return {market: self._shown(market, found[market], moment) for market in markets}

    def _market(self, market: str, home: float | None, moment: Moment) -> AllocationInputs:
        """What a market is ranked by; `home` is the investor's own short rate."""
        is_us, today = market == "us", session(moment)
        own, short_rate, policy, cpi, *points = self._inputs.found(self._looked_at[market], moment)
        y10, short = while_new(own, today), while_new(short_rate, today)
        curve = [while_new(each, today) for each in points]
        return AllocationInputs(
            sigma_fast_pct=self._fast[market][own.n],
            mean_tail_z=self._auctions.mean_tail_z(moment) if is_us else None,
            noise_pct=self._noise[self._inputs.upto(NOISE, moment)] if is_us else None,
            policy_rate=policy.value,
            core_cpi_yoy=cpi.value,
            hedged_yield=y10 if market == "jp" else self._hedged(y10, short, home),  # the home market needs none
            carry_roll_per_sigma=None if y10 is None else _carry_roll(curve, short, self._vol[market][own.n - 1][0] if own.n else None),
        )

    def _hedged(self, y10: float | None, short: float | None, home: float | None) -> float | None:
        """10-year yield in yen after rolling hedges."""
        if y10 is None or short is None or home is None:
            return None
        return y10 - rate_cost_pct(short, home, self._inputs.settings.hedging)

    def _shown(self, market: str, found: Allocation, moment: Moment) -> board.Allocation:
        used = self._used[market]
        known = self._inputs.counts(used, moment)
        number = self._inputs.numbers(used if all(known) else [name for name, n in zip(used, known, strict=True) if n], moment)
        return board.Allocation(
            liquidity=number(found.liquidity, "rank", "allocation_liquidity"),
            policy=number(found.policy, "rank", "allocation_policy"),
            value=number(found.value, "rank", "allocation_value"),
            score=number(found.score, "rank", "allocation_score", f"{found.n}/3 bars"),
            rank=found.rank,
            driver=found.driver or "",
        )


def _carry_roll(curve: Sequence[float | None], short: float | None, vol: float | None) -> float | None:
    """Roll-down along one and the same curve, of which these are the 10, 7, 5 and 9-year point."""
    ten, seven, five, nine = curve
    y9 = nine_year_yield(ten, seven, five, nine)
    md9, md10 = (None if y is None else par_modified_duration(y, years) for y, years in ((y9, 9.0), (ten, 10.0)))
    return carry_roll_per_sigma(ten, short, y9, md9, md10, vol)


def _looked_at(spec: MarketSpec) -> tuple[str, ...]:
    """A market's 10-year yield, short rate, policy rate and inflation, then the 10, 7, 5 and 9-year point of one curve; "" for none."""
    points = {**spec.curve, **BESIDE_TEN.get(spec.id, {})}
    rates = (spec.ten_year, SHORT_RATES.get(spec.id, ""), spec.policy, spec.cpi)
    return *rates, *(points.get(tenor, "") for tenor in ("10y", "7y", "5y", "9y"))


def _used(spec: MarketSpec) -> tuple[str, ...]:
    """The series named for a market's bars, each once."""
    return tuple(dict.fromkeys(filter(None, (spec.ten_year, spec.policy, spec.cpi, SHORT_RATES.get(spec.id, "")))))
