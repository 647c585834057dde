"""Points of the curves: levels, changes, moves in σ and volatilities of single yields, on their own dates."""

from .. import board
from ..inputs import Inputs, Moment
from ..known import Newest
from ..markets import MARKETS, years_of
from ..stats import Floats
from ..volatility import RealisedVolatility
from .points import MONTH, NUMBERS, RUN, WEEK, Point, Rows, point_of
from .prints import PrintsPart

__all__ = ["MONTH", "WEEK", "TenorsPart"]
TREND = 60
_YEARS = {series: years_of(tenor) for spec in MARKETS.values() for tenor, series in spec.tenors.items()}
_PHASES = {series: RUN * place // len(_YEARS) for place, series in enumerate(_YEARS)}  # so that few runs end on one day


class TenorsPart:
    """Every yield of every market."""

    def __init__(self, inputs: Inputs, prints: PrintsPart) -> None:
        self._inputs, self.prints = inputs, prints
        self._whole: dict[str, Rows] = {}
        self._then: dict[str, tuple[int, Rows]] = {}
        self._written: dict[str, tuple[Newest, board.Tenor]] = {}  # the last of each series

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
        newest, held = self._inputs.newest(series_id, moment), self._written.get(series_id)
        if held is None or held[0] != newest:
            held = self._written[series_id] = newest, self._tenor(series_id, moment, newest.n)
        return held[1]

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
        return Rows(point_of(yields, settings), _YEARS[series_id], settings, _PHASES[series_id])

    def _tenor(self, series_id: str, moment: Moment, n: int) -> board.Tenor:
        row, number = self._rows(series_id, n)[n], self._inputs.numbers((series_id,), moment)
        note = "a jump that is not confirmed yet" if row.is_waiting and not row.is_suspect else ""
        d1, w1, m1, m3, ytd, sigma, pct1y, pct10y, vol, vol_price = number.several(row.numbers, NUMBERS)
        return board.Tenor(
            level=self._inputs.reading(series_id, moment, suspect=row.is_suspect, note=note),
            d1=d1,
            w1=w1,
            m1=m1,
            m3=m3,
            ytd=ytd,
            z1=number(row.z, "σ", "state.z1", row.rarity),
            z_fast=row.z_fast,
            z_slow=row.z_slow,
            sigma=sigma,
            z_word=row.word,
            one_in=row.one_in,
            sessions=row.sessions,
            pct1y=pct1y,
            pct10y=pct10y,
            vol_bp=vol,
            vol_price=vol_price,
        )
