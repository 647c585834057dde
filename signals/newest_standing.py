"""The newest rows of what each market did, where they were known differently from what they became; see `newest`."""

import math
from collections.abc import Mapping
from functools import partial

import msgspec
import numpy as np

from .columns import Column, Continued
from .regime import RegimeParams
from .residual import ResidualParams
from .running import Count, Deviation, Sums
from .stats import BP_PER_PERCENT, Floats, changes

MONTH = 21  # rows over which a spread is looked at
WITH_OTHERS_LAM, WITH_OTHERS_MIN = 0.97, 60
WITH_OTHERS_STEPS = 2

Row = list[float]


class KnownResiduals(msgspec.Struct, frozen=True):
    """What one market did alone, on every row, in σ: of the day and of a month."""

    z: Column[np.float64]
    idio: Column[np.float64]


class Residuals(KnownResiduals, frozen=True):
    """The same of a whole history, with the residual in bp."""

    z: Floats
    idio: Floats
    e: Floats


class KnownStanding(msgspec.Struct, frozen=True):
    """One market on every row. `s` by horizon in σ; `with_others` is the correlation of 2-row changes.

    `alone.z` is to be shown only on rows for which the market printed itself. The month's change of the spread to the Bund and the slow σ
    of its daily change, through the row before, in bp, are known of other euro-area markets only.
    """

    s: Mapping[str, Column[np.float64]]
    alone: KnownResiduals
    with_others: Column[np.float64]
    bund_month_bp: Column[np.float64]
    bund_sigma_bp: Column[np.float64]


class Standing(KnownStanding, frozen=True):
    """The same of a whole history."""

    s: Mapping[str, Floats]
    alone: Residuals
    with_others: Floats
    bund_month_bp: Floats
    bund_sigma_bp: Floats


class Newest(msgspec.Struct, frozen=True):
    """The rows of one market from `first` on, where they were known differently.

    `own` and `bund` in %, from `before` rows earlier on; `e`, its residual, and `others`, the mean change of the other markets over
    `WITH_OTHERS_STEPS` rows, both in bp, from `first` on.
    """

    first: int
    before: int
    own: Row
    bund: Row
    e: Row
    others: Row

    def changes_bp(self, steps: int, base: Row | None = None) -> Row:
        """Changes of the yield, or of its spread to another, over some rows; from `first` on."""
        level = self.own if base is None else [a - b for a, b in zip(self.own, base, strict=True)]
        places = range(self.before, len(level))
        return [BP_PER_PERCENT * (level[place] - level[place - steps]) if place >= steps else math.nan for place in places]


class NewestMarket:
    """One market over a whole history, to be continued from any row; `own`, `others` (rows, markets) and `bund` are yields in %."""

    def __init__(
        self, whole: Standing, own: Floats, others: Floats, bund: Floats | None, residual: ResidualParams, map_: RegimeParams
    ) -> None:
        self._whole, self._residual, self._map = whole, residual, map_
        scale, e = residual.sigma, whole.alone.e
        self._fast, self._slow = Deviation(e, scale.lam_fast, scale.min_fast), Deviation(e, scale.lam_slow, scale.min_slow)
        daily = partial(Deviation, lam=map_.sigma.lam_slow, min_obs=map_.sigma.min_slow)
        self._daily = daily(BP_PER_PERCENT * changes(own))
        self._spread = None if bund is None else daily(BP_PER_PERCENT * changes(own - bund))
        known = np.zeros(len(own), np.bool_)
        known[WITH_OTHERS_STEPS:] = (own == own)[WITH_OTHERS_STEPS:] & (own == own)[:-WITH_OTHERS_STEPS]  # unknown does not equal itself
        self._count = Count(known, WITH_OTHERS_MIN)
        self._together = Sums(partial(_products, own, others), len(own), WITH_OTHERS_LAM)

    def known(self, new: Newest, s_of_map: Mapping[str, Column[np.float64]] | None) -> KnownStanding:
        """The market with its newest rows as they were known; a market of the map has its moves in σ from there."""
        whole, first = self._whole, new.first
        month, sigma = whole.bund_month_bp, whole.bund_sigma_bp
        known_month: Column[np.float64] = month
        known_sigma: Column[np.float64] = sigma
        if self._spread is not None:
            known_month = Continued(month, first, new.changes_bp(MONTH, new.bund))
            known_sigma = Continued(sigma, first, self._spread.before(first, new.changes_bp(1, new.bund)))
        return KnownStanding(
            s=self._moves(new) if s_of_map is None else s_of_map,
            alone=self._alone(new),
            with_others=Continued(whole.with_others, first, self._with_others(new)),
            bund_month_bp=known_month,
            bund_sigma_bp=known_sigma,
        )

    def _moves(self, new: Newest) -> Mapping[str, Column[np.float64]]:
        """s of a market outside the panel, by the definition of the map."""
        sigma = [max(each, self._map.sigma.floor) if each == each else each for each in self._daily.before(new.first, new.changes_bp(1))]
        out = {}
        for name, steps in self._map.strip.items():
            root = math.sqrt(steps)
            newest = [moved / (scale * root) for moved, scale in zip(new.changes_bp(steps), sigma, strict=True)]
            out[name] = Continued(self._whole.s[name], new.first, newest)
        return out

    def _alone(self, new: Newest) -> KnownResiduals:
        params, alone, first = self._residual, self._whole.alone, new.first
        start = max(first - params.horizon + 1, 0)
        e = [*alone.e[start:first].tolist(), *new.e]
        root, floor = math.sqrt(params.horizon), params.sigma.floor
        z, idio = [], []
        scales = zip(self._fast.before(first, new.e), self._slow.before(first, new.e), strict=True)
        for place, (fast, slow) in enumerate(scales, first - start):
            unknown = fast != fast or slow != slow
            z.append(math.nan if unknown else e[place] / max(fast, slow, floor))
            month = e[max(place - params.horizon + 1, 0) : place + 1]
            idio.append(sum(month) / (max(slow, floor) * root) if slow == slow and len(month) == params.horizon else math.nan)
        return KnownResiduals(Continued(alone.z, first, z), Continued(alone.idio, first, idio))

    def _with_others(self, new: Newest) -> Row:
        """`stats.ewma_correlation` with the others' changes."""
        (xx, yy, xy), count = self._together.before(new.first), self._count.before(new.first)
        out = []
        for x, y in zip(new.changes_bp(WITH_OTHERS_STEPS), new.others, strict=True):
            if x == x and y == y:  # other rows keep the last value
                xx, yy, xy = (WITH_OTHERS_LAM * old + product for old, product in ((xx, x * x), (yy, y * y), (xy, x * y)))
                count += 1
            out.append(xy / math.sqrt(xx * yy) if count >= WITH_OTHERS_MIN and xx * yy > 0 else math.nan)
        return out


def forecast_errors(table: Floats, panel: int, first: int, params: ResidualParams) -> tuple[list[Row], list[Row]]:
    """`residual.forecast_error` of the rows from `first` on, and the others' changes over `WITH_OTHERS_STEPS` rows; bp, by row and market.

    `table`: yields in %, (rows, markets), the `panel` first, against which all are measured; from `window` + 2 rows earlier on.
    """
    weights = _of_others(panel, table.shape[1])
    moved = BP_PER_PERCENT * (table[1:] - table[:-1])
    others = moved[:, :panel] @ weights
    over_steps = BP_PER_PERCENT * (table[first:, :panel] - table[first - WITH_OTHERS_STEPS : -WITH_OTHERS_STEPS, :panel]) @ weights
    errors = [_errors(moved, others, row - 1, params.window) for row in range(first, len(table))]
    return errors, over_steps.tolist()


def _errors(moved: Floats, others: Floats, row: int, window: int) -> Row:
    """One row less what OLS with intercept over the `window` rows before says of the others' changes, today's and yesterday's."""
    if row - window - 1 < 0:
        return [math.nan] * moved.shape[1]
    past = np.stack([others[row - window : row], others[row - window - 1 : row - 1], moved[row - window : row]])
    means = past.sum(axis=1) / window
    past -= means[:, None]
    moments = (np.einsum("itm,jtm->ijm", past, past) / window).tolist()
    a, b, y = (np.stack([others[row], others[row - 1], moved[row]]) - means).tolist()
    return [_less_fitted(*each) for each in zip(a, b, y, *moments[0], *moments[1][1:], strict=True)]


def _less_fitted(a: float, b: float, y: float, aa: float, ab: float, ay: float, bb: float, by: float) -> float:
    """A change less what two others say of it, all from their means; unknown where these did not vary."""
    determinant = aa * bb - ab * ab
    if not determinant > 1e-10 * aa * bb:
        return math.nan
    return y - (bb * ay - ab * by) / determinant * a - (aa * by - ab * ay) / determinant * b


def _of_others(panel: int, markets: int) -> Floats:
    """Weights that make the mean of the others, (panel, markets)."""
    weights = np.full((panel, markets), 1.0 / panel)
    weights[:, :panel] = 1.0 / (panel - 1)
    np.fill_diagonal(weights, 0.0)
    return weights


def _products(own: Floats, others: Floats, start: int, stop: int) -> Floats:
    """Squares and products of a market's and the others' changes over two rows, where both are known."""
    out = np.zeros((stop - start, 3))
    begin = max(start, WITH_OTHERS_STEPS)
    if begin < stop:
        x, y = (BP_PER_PERCENT * (z[begin:stop] - z[begin - WITH_OTHERS_STEPS : stop - WITH_OTHERS_STEPS]) for z in (own, others))
        y = np.where(x == x, y @ np.full(y.shape[1], 1.0 / y.shape[1]), 0.0)  # an unknown value does not equal itself
        x = np.where(x == x, x, 0.0)
        out[begin - start :, 0], out[begin - start :, 1], out[begin - start :, 2] = x * x, y * y, x * y
    return out
