"""Yen carry and its unwind, what hedging costs a yen and a euro investor, and Japan's weekly flows."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

import numpy as np

from ...feeds.series import from_day
from .. import board
from ..carry import Carry, CarryParams, carry_at, yen_carry
from ..hedging import CAVEAT, Hedged, hedged_pickup, hedged_with, rate_cost_pct
from ..inputs import Inputs, Moment
from ..rows import Native, weekdays
from ..stats import Days, Floats, known_or_none
from ..structure import flow_word, japan_flows
from .asknown import AsKnown, newest, on_days, row_on, session
from .kept import Kept

FX, VIX = "usdjpy", "vix"
DOLLAR_RATE, YEN_RATE = "us.3m", "jp.call"
FLOWS = "jp.flows.foreign_bonds.net"
# Foreign yield, home yield, foreign and home short rate: what an investor who buys Treasuries looks at.
INVESTORS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {"jpy": ("us.10y", "jp.10y", DOLLAR_RATE, YEN_RATE), "eur": ("us.10y", "de.10y", DOLLAR_RATE, "ea.aaa.3m")}
)


class CarryPart:
    """`days` are weekdays; `hedged` holds, on each, what an investor knew at its end."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs, self._params = inputs, inputs.settings.carry
        self._unwind = AsKnown(inputs, (FX, VIX), partial(_yen_carry, params=self._params))
        self._kept: Kept[tuple[dict[str, board.Reading], board.Word]] = Kept(inputs)
        self._flows = japan_flows(inputs.native(FLOWS)[1], inputs.settings.structure)
        self.days = _weekdays_since(inputs)
        self.hedged: Mapping[str, Hedged] = {name: self._hedged(legs) for name, legs in INVESTORS.items()}

    def at(self, moment: Moment) -> board.Carry:
        """What is known at a moment."""
        found = self._unwind.at(moment)
        dollar, yen = newest(self._inputs, DOLLAR_RATE, moment), newest(self._inputs, YEN_RATE, moment)
        carry = dollar - yen if dollar is not None and yen is not None else None
        rates = (DOLLAR_RATE, YEN_RATE)
        note = "the call rate stands for a three-month yen rate" if carry is not None else "a rate is missing or old"
        reading = carry_at(found[0], row_on(found[0].days, found[1]), params=self._params) if found else None
        sigma_fx, r5, threshold, d5_vix = (
            (reading.sigma_fx, reading.r5, reading.threshold, reading.d5_vix) if reading else (None, None, None, None)
        )
        to_vol = carry / sigma_fx if carry is not None and sigma_fx else None
        day = reading.day if reading else None
        flows, word = self._kept("flows", (FLOWS,), moment, partial(self._weekly_flows, moment))
        of_fx, of_both = (self._inputs.numbers(ids, moment, day=day) for ids in ((FX,), (VIX, FX)))
        return board.Carry(
            carry=self._inputs.computed(carry, "%", "carry", rates, moment, note=note),
            sigma_fx=of_fx(sigma_fx, "%/yr", "sigma_fx", "realised, fast EWMA" if sigma_fx is not None else ""),
            carry_to_vol=self._inputs.computed(to_vol, "ratio", "carry_to_vol", (*rates, FX), moment, day=day),
            unwind=self._word(reading.flag if reading else None, day, moment),
            r5=of_fx(r5, "%", "carry_r5"),
            threshold=of_fx(threshold, "%", "carry_threshold"),
            d5_vix=of_both(d5_vix, "points", "carry_d5_vix"),
            amplifier="",
            hedged={name: self._investor(name, moment) for name in INVESTORS},
            flows=flows,
            flows_word=word,
        )

    def _word(self, flag: bool | None, day: int | None, moment: Moment) -> board.Word:
        as_of = None if day is None else from_day(day)
        if flag is None:
            return board.Word(as_of=as_of, formula="carry_unwind", inputs=(FX, VIX), note="too little history, or no VIX")
        status, _ = self._inputs.basis((FX, VIX), moment)
        return board.Word("unwind" if flag else "off", status, as_of, formula="carry_unwind", inputs=(FX, VIX))

    def _hedged(self, legs: tuple[str, str, str, str]) -> Hedged:
        foreign, home, foreign_3m, home_3m = (on_days(self._inputs, name, self.days) for name in legs)
        return hedged_pickup(foreign, home, foreign_3m, home_3m, params=self._inputs.settings.hedging)

    def _investor(self, name: str, moment: Moment) -> dict[str, board.Reading]:
        """A Treasury hedged into the investor's currency with the newest values of the moment; d21 against the screen 21 weekdays ago."""
        legs, params = INVESTORS[name], self._inputs.settings.hedging
        values = [newest(self._inputs, each, moment) for each in legs]
        foreign, home, foreign_3m, home_3m = (math.nan if value is None else value for value in values)
        cost = rate_cost_pct(foreign_3m, home_3m, params)
        hedged, pickup = hedged_with(foreign, home, cost)
        before = row_on(self.days, session(moment)) - params.horizon_rows
        d21 = pickup - self.hedged[name].pickup.item(before) if before >= 0 else math.nan
        missing = ", ".join(each for each, value in zip(legs, values, strict=True) if value is None)
        note = f"missing or old: {missing}" if missing else f"from rates and the default basis; {CAVEAT}"
        number = self._inputs.numbers(legs, moment, proxy=True)
        return {
            "hedged": number(hedged, "%", "hedged_hedged", note),
            "cost": number(cost, "%", "hedged_cost", note),
            "pickup": number(pickup, "bp", "hedged_pickup", note),
            "d21": number(d21, "bp", "hedged_d21", note),
        }

    def _weekly_flows(self, moment: Moment) -> tuple[dict[str, board.Reading], board.Word]:
        n = self._inputs.upto(FLOWS, moment)
        total, pct = (known_or_none(x[n - 1]) if n else None for x in (self._flows.sum_trn, self._flows.pct))
        flows = {
            "net_4w": self._inputs.computed(total, "JPY trn", "jp_flows", (FLOWS,), moment),
            "pct": self._inputs.computed(None if pct is None else 100 * pct, "pct", "jp_flows_pct", (FLOWS,), moment),
        }
        word = flow_word(total, self._inputs.settings.structure)
        status, _ = self._inputs.basis((FLOWS,), moment)
        if word is None:
            return flows, board.Word(formula="jp_flows_word", inputs=(FLOWS,), note="fewer than four weeks")
        return flows, board.Word(word, status, flows["net_4w"].as_of, formula="jp_flows_word", inputs=(FLOWS,))


def _weekdays_since(inputs: Inputs) -> Days:
    """Weekdays from the first observation of any leg to the last that has ended, or now runs."""
    firsts = [int(days[0]) for legs in INVESTORS.values() for name in legs if len(days := inputs.native(name)[0])]
    last = (int(inputs.panel.as_of.timestamp()) - 1) // 86_400
    return weekdays(min(firsts), last) if firsts else np.zeros(0, np.int32)


def pickup_on(part: CarryPart, days: Days, investor: str = "jpy") -> Floats:
    """Hedged pickup in bp as known at the end of each of `days`."""
    rows = np.searchsorted(part.days, days, side="right") - 1
    out = np.full(len(days), np.nan)
    out[rows >= 0] = part.hedged[investor].pickup[rows[rows >= 0]]
    return out


def _yen_carry(natives: Sequence[Native], params: CarryParams) -> Carry:
    (days, spot), (vix_days, vix) = natives
    return yen_carry(days, spot, vix_days, vix, params=params)
