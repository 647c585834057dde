"""Quotes of other markets: prices and indices with their newest changes, how rare these are, and whether they still speak."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from ...feeds.calendars import age
from ..board import Line, Reading, Word
from ..confirmation import UNKNOWN, Codes
from ..inputs import Inputs, Moment
from ..momentum import Momentum, momentum
from ..riskassets import weekdays_only
from ..rows import Native
from ..stats import Days, Floats, changes
from .asknown import row_on
from .neighbours import Columns, Ranked

MAX_AGE = 3  # business days of its own market after which a quote no longer speaks
DECADE = (2520, 500)
DOLLARS = ("usd.broad", "dxy")
LEVELS = ("vix", "move", *DOLLARS)  # of which the percentile counts, too
QUOTES = ("spx", "ndx", "nky", "vix", "move", "usd.broad", "dxy", "usdjpy", "hy.oas", "gold", "btc")
POINTS: Mapping[str, str] = MappingProxyType({"vix": "points", "move": "points", "hy.oas": "bp"})  # of a change; the others' are in %
CRYPTO = "btc"
NO_STATE = Word()


class Quote(msgspec.Struct, frozen=True):
    """One price or index on its own dates (crypto on weekdays), a row for each."""

    days: Days
    values: Floats
    momentum: Momentum


class Quoted(NamedTuple):
    """A quote's newest row on the Board: its level, and the changes of a day and a month (in points or %), and z."""

    day: int | None
    level: Reading
    moved: tuple[float | None, float | None, float | None]


class Quotes:
    """Momentum of every quote by its own rows."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._quotes = {name: self._quote(inputs.native(name), name) for name in QUOTES}
        self._shown = {name: self._columns(name, quote) for name, quote in self._quotes.items()}
        self._ranked = {name: Ranked(inputs.native(name)[1], *DECADE) for name in LEVELS}
        units = {name: POINTS.get(name, "%") for name in QUOTES}
        self._named = {name: ((unit, "quote.d1"), (unit, "quote.m1"), ("σ", "quote.z")) for name, unit in units.items()}
        self.titles = {name: inputs.catalogue[name].title for name in QUOTES}

    def momentum(self, name: str) -> Momentum:
        """The whole history of a quote."""
        return self._quotes[name].momentum

    def at(self, name: str, moment: Moment) -> Quoted:
        """The newest row of a quote."""
        n, level = self._upto(name, moment), self._inputs.reading(name, moment)
        if n == 0:
            return Quoted(None, level, (None, None, None))
        day, *moved = self._shown[name][n - 1]
        return Quoted(day, level, tuple(moved))

    def line(self, name: str, now: Quoted, moment: Moment) -> Line:
        """A quote in the table."""
        number = self._inputs.numbers((name,), moment, day=now.day if name == CRYPTO else None)  # others are of their newest day
        d1, m1, z = number.several(now.moved, self._named[name])
        return Line(self.titles[name], now.level, d1, m1, z, NO_STATE, None)

    def is_recent(self, name: str, moment: Moment) -> bool:
        """Whether a series still speaks."""
        day = self._inputs.last_day(name, moment)
        if day is None:
            return False
        return moment.day - day < MAX_AGE or age(self._inputs.catalogue[name], day, moment.at) <= MAX_AGE

    def code(self, name: str, codes: Codes, moment: Moment) -> int:
        """The state on the newest row; unknown where the quote is too old."""
        n = self._upto(name, moment)
        return int(codes[n - 1]) if n and self.is_recent(name, moment) else UNKNOWN

    def level(self, name: str, moment: Moment) -> tuple[float | None, float | None]:
        """Value and 10-year percentile 0…1; unknown where too old."""
        if not self.is_recent(name, moment):
            return None, None
        return self._inputs.last_value(name, moment), self._ranked[name][self._inputs.upto(name, moment)]

    def _upto(self, name: str, moment: Moment) -> int:
        """Rows of a quote known at the moment."""
        if name != CRYPTO:
            return self._inputs.upto(name, moment)
        last = self._inputs.last_day(name, moment)
        return 0 if last is None else row_on(self._quotes[name].days, last) + 1

    def _quote(self, native: Native, name: str) -> Quote:
        days, values = weekdays_only(*native) if name == CRYPTO else native
        return Quote(days, values, momentum(days, values, self._inputs.settings.momentum))

    def _columns(self, name: str, quote: Quote) -> Columns:
        """Day, change of a day and of a month, and z of every row."""
        m = quote.momentum
        moved = (m.day_return_pct, m.return_pct)
        if name in POINTS:
            moved = (changes(quote.values), changes(quote.values, self._inputs.settings.momentum.horizon))
        return Columns(quote.days, *moved, m.z)
