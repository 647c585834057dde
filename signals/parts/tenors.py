"""Points of the curves: levels, changes, moves in σ and volatilities of single yields, on their own dates."""

from ...cache.status import Status
from .. import board
from ..inputs import Inputs, Moment
from ..markets import MARKETS, years_of
from ..stats import Floats
from ..volatility import RealisedVolatility
from .points import MONTH, WEEK, Point, Rows, point_of
from .prints import PrintsPart

__all__ = ["MONTH", "WEEK", "TenorsPart"]
TREND = 60
_YEARS = {series: years_of(tenor) for spec in MARKETS.values() for tenor, series in spec.tenors.items()}


class TenorsPart:
    """Every yield of every market."""

    def __init__(self, inputs: Inputs, prints: PrintsPart) -> None:
        self._inputs, self.prints = inputs, prints
        self._whole: dict[str, Rows] = {}
        self._then: dict[str, tuple[int, Rows]] = {}
        self._written: dict[str, tuple[int, Status, board.Tenor]] = {}  # the last of each series

    def point(self, series_id: str, moment: Moment) -> tuple[Point, int]:
        """A series, and how many of its observations were known."""
        n = self._inputs.upto(series_id, moment)
        return self._rows(series_id, n).point, n

    def whole(self, series_id: str) -> tuple[Point, int]:
        """A series with all of its observations."""
        n = len(self.prints[series_id].days)
        return self._rows(series_id, n).point, n

    def tenor(self, series_id: str, moment: Moment) -> board.Tenor:
        """One point of a curve on the Board."""
        n, status = self._inputs.upto(series_id, moment), self._inputs.status(series_id, moment)
        held = self._written.get(series_id)
        if held is None or held[:2] != (n, status):
            held = self._written[series_id] = n, status, self._tenor(series_id, moment, n)
        return held[2]

    def trend(self, series_id: str, moment: Moment) -> tuple[float, ...]:
        """The last 60 own observations, %."""
        values: Floats = self._inputs.known(series_id, moment)[1][-TREND:]
        return tuple(values.tolist())

    def year_to_date(self, series_id: str, moment: Moment) -> RealisedVolatility | None:
        """Volatility of the calendar year to date; None without any observation."""
        n = self._inputs.upto(series_id, moment)
        return self._rows(series_id, n).year_to_date(n) if n else None

    def _rows(self, series_id: str, n: int) -> Rows:
        """The rows of a series as its first n observations showed it."""
        if self.prints[series_id].is_settled(n):
            found = self._whole.get(series_id)
            if found is None:
                found = self._whole[series_id] = self._made(series_id, None)
            return found
        then = self._then.get(series_id)
        if then is None or then[0] != n:
            then = self._then[series_id] = n, self._made(series_id, n)
        return then[1]

    def _made(self, series_id: str, n: int | None) -> Rows:
        settings = self._inputs.settings
        yields = self.prints[series_id] if n is None else self.prints.known(series_id, n)
        return Rows(point_of(yields, settings), _YEARS[series_id], settings)

    def _tenor(self, series_id: str, moment: Moment, n: int) -> board.Tenor:
        row, number = self._rows(series_id, n)[n], self._inputs.numbers((series_id,), moment)
        note = "a jump that is not confirmed yet" if row.is_waiting and not row.is_suspect else ""
        return board.Tenor(
            self._inputs.reading(series_id, moment, suspect=row.is_suspect, note=note),
            number(row.d1, "bp", "state.d1"),
            number(row.w1, "bp", "state.w1"),
            number(row.m1, "bp", "state.m1"),
            number(row.m3, "bp", "state.m3"),
            number(row.ytd, "bp", "state.ytd"),
            number(row.z, "σ", "state.z1", row.rarity),
            row.z_fast,
            row.z_slow,
            number(row.sigma, "bp/day", "state.sigma"),
            row.word,
            row.one_in,
            row.sessions,
            number(row.pct1y, "pct", "state.pct1y"),
            number(row.pct10y, "pct", "state.pct10y"),
            number(row.vol, "bp/yr", "state.vol"),
            number(row.vol_price, "%/yr", "state.vol_price"),
        )
