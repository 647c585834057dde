"""Slopes of every market and how they got there; both legs from one curve."""

import msgspec

from .. import board
from ..board import Word
from ..inputs import Inputs, Moment, Numbers
from ..known import Newest
from ..markets import MARKETS, PAIRS
from ..shape import CurveMoves, Shape, curve_moves, shape_at
from ..stats import Days, Floats, common, known_or_none, native_changes
from ..wording import worded
from .asknown import row_on
from .prints import PrintsPart

WEEK, MONTH = 5, 21


class Pair(msgspec.Struct, frozen=True):
    """One slope: its moves over a week and over a month, a row for each date on which both legs printed."""

    short: str  # series of the legs
    long: str
    week: CurveMoves
    month: CurveMoves


class CurvesPart:
    """The pairs of all markets."""

    def __init__(self, inputs: Inputs, prints: PrintsPart) -> None:
        self._inputs, self._prints, self._params = inputs, prints, inputs.settings.shape
        self._whole = {(market, pair): self._pair(market, pair) for market in inputs.settings.markets for pair in MARKETS[market].pairs}
        self._then: dict[tuple[str, str], tuple[tuple[int, int], Pair]] = {}
        self._written: dict[tuple[str, str], tuple[tuple[Newest, Newest], board.Curve]] = {}

    def whole(self, market: str, pair: str) -> tuple[Pair, int]:
        """A slope with all of its dates."""
        found = self._whole[market, pair]
        return found, len(found.month.days)

    def pair(self, market: str, pair: str, moment: Moment) -> tuple[Pair, int]:
        """A slope and the number of its dates that were known."""
        whole = self._whole[market, pair]
        return self._known(market, pair, self._inputs.newest(whole.short, moment), self._inputs.newest(whole.long, moment))

    def _known(self, market: str, pair: str, short: Newest, long: Newest) -> tuple[Pair, int]:
        """The same by what was known of both legs."""
        whole, counts = self._whole[market, pair], (short.n, long.n)
        if self._prints[whole.short].is_settled(short.n) and self._prints[whole.long].is_settled(long.n):
            if short.day is None or long.day is None:
                return whole, 0
            return whole, row_on(whole.month.days, min(short.day, long.day)) + 1
        held = self._then.get((market, pair))
        if held is None or held[0] != counts:
            held = self._then[market, pair] = counts, self._pair(market, pair, counts)
        return held[1], len(held[1].month.days)

    def at(self, market: str, moment: Moment) -> dict[str, board.Curve]:
        """Every slope of a market on the Board."""
        return {pair: self._held(market, pair, moment) for pair in MARKETS[market].pairs}

    def _held(self, market: str, pair: str, moment: Moment) -> board.Curve:
        """A slope, the one written last while nothing is new of its legs."""
        whole, held = self._whole[market, pair], self._written.get((market, pair))
        legs = self._inputs.newest(whole.short, moment), self._inputs.newest(whole.long, moment)
        if held is None or held[0] != legs:
            held = self._written[market, pair] = legs, self._curve(*self._known(market, pair, *legs), moment)
        return held[1]

    def _curve(self, found: Pair, n: int, moment: Moment) -> board.Curve:
        legs = (found.short, found.long)
        if n == 0:
            missing = self._inputs.computed(None, "bp", "curve.slope", legs, moment)
            word = Word(formula="curve.shape", inputs=legs, note=missing.note)
            return board.Curve(missing, word, word, None)
        number = self._inputs.numbers(legs, moment, day=found.month.days.item(n - 1))
        slope = known_or_none(found.month.slope_bp.item(n - 1))
        week, month = _word(shape_at(found.week, n - 1, self._params), number), _word(shape_at(found.month, n - 1, self._params), number)
        return board.Curve(number(slope, "bp", "curve.slope"), week, month, None if slope is None else slope < 0)

    def _pair(self, market: str, pair: str, counts: tuple[int, int] | None = None) -> Pair:
        names = tuple(MARKETS[market].curve[tenor] for tenor in PAIRS[pair])
        short, long = names
        legs = [self._leg(leg, None if counts is None else n) for leg, n in zip(names, counts or (0, 0), strict=True)]
        days, a, b = common(*legs[0], *legs[1])
        month = curve_moves(days, a, days, b, MONTH, self._params)
        gap = self._params.max_gap_days
        a_week, b_week = native_changes(days, a, gap, WEEK), native_changes(days, b, gap, WEEK)
        return Pair(short, long, msgspec.structs.replace(month, window=WEEK, short_bp=a_week, long_bp=b_week), month)

    def _leg(self, series_id: str, n: int | None) -> tuple[Days, Floats]:
        yields = self._prints[series_id]
        return (yields.days, yields.clean) if n is None else (yields.days[:n], yields.clean_upto(n))


def _word(shape: Shape, number: Numbers) -> Word:
    """A shape in words, of the same legs and session as the slope."""
    if shape.shape is None or shape.dS is None or shape.dL is None or shape.band is None:
        return Word(as_of=number.as_of, formula="curve.shape", inputs=number.inputs, note="too little history")
    evidence = (
        f"slope {worded(shape.dS, '+.1f', 'bp')}, level {worded(shape.dL, '+.1f', 'bp')}, band {worded(shape.band, '.1f', 'bp')}",
        f"driven by {shape.driven_by}",
    )
    note = "band without σ: fewer than 120 slope changes" if shape.plain_band else ""
    return Word(shape.shape, number.status, number.as_of, None, None, evidence, "curve.shape", number.inputs, note)
