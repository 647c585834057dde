"""Who moves whom: the table of the panel, JGB against Treasury at two tenors, and contagion against interdependence."""

from collections.abc import Mapping, Sequence
from functools import partial

from ...feeds.series import from_day
from .. import board
from ..connectedness import Connectedness, Contagion, connectedness_rows, contagion_rows
from ..coordinates import changes_bp
from ..inputs import Inputs, Moment
from ..passthrough import FLAG_WORDING, PassThrough, PassThroughParams, PassThroughReading, SlopeReading, pass_through, pass_through_at
from ..rows import KnownRows, Native
from ..settings import Settings
from ..wording import worded
from .aligned import AlignedPart, View
from .asknown import AsKnown, row_on
from .prints import PrintsPart

TENORS: Mapping[str, tuple[str, str]] = {"10y": ("jp.10y", "us.10y"), "30y": ("jp.30y", "us.30y")}
SOURCE, TARGET = "jp", "us"  # of contagion
PAIR = (f"{SOURCE}.10y", f"{TARGET}.10y")
CLOSES = "Tokyo closes before Europe and New York: what the table says of JP → others on the same date is partly an artefact of dates"
RUN = 32  # rows of the panel
Found = tuple[Connectedness, Contagion]


class SpilloverPart:
    """Tables are computed in runs of neighbouring rows of the panel; the pass-through has a history per JGB print."""

    def __init__(self, inputs: Inputs, aligned: AlignedPart, prints: PrintsPart) -> None:
        self._inputs, self._aligned, self._params = inputs, aligned, inputs.settings
        both = {"us", "jp"} <= set(inputs.settings.markets)
        build = partial(_pass_through, params=self._params.pass_through)
        self._beta = {tenor: AsKnown(inputs, ids, build, prints) for tenor, ids in TENORS.items()} if both else {}
        self._late: tuple[View, Found] | None = None
        self._run: tuple[int, Sequence[Found]] = (0, ())

    def at(self, moment: Moment) -> board.Spillover:
        """What is known at a moment."""
        view = self._aligned.view(moment)
        table, spread = self._of_rows(view)
        day = int(view.rows.days[-1]) if view.last >= 0 else None
        used = self._aligned.series
        number = self._inputs.numbers(used, moment, day=day)

        why = table.reason or ""

        def by_market(values: Sequence[float] | None, formula: str) -> dict[str, board.Reading]:
            shares = values or (None,) * len(table.names)
            return {name: number(share, "%", formula, why) for name, share in zip(table.names, shares, strict=True)}

        of_pair = self._inputs.numbers([name for name in PAIR if name in used], moment, day=day)
        rose = "" if spread.delta is None else f"variance of the source {worded(spread.delta, '+.0%')} against the year before"
        return board.Spillover(
            markets=table.names,
            table=table.table or (),
            to=by_market(table.to, "spillover_to"),
            frm=by_market(table.from_, "spillover_from"),
            net=by_market(table.net, "spillover_net"),
            total=number(table.tci, "%", "spillover_total", why),
            note=table.reason or CLOSES,
            beta={tenor: self._tenor(tenor, moment) for tenor in TENORS},
            rho_raw=of_pair(spread.rho_raw, "correlation", "contagion_raw"),
            rho_adjusted=of_pair(spread.rho_adj, "correlation", "contagion_adjusted", rose),
        )

    def _of_rows(self, view: View) -> Found:
        """The newest row, of a run of them where it is as it became."""
        row = max(view.last, 0)
        if view.last < 0 or view.first_of(*view.rows.markets) <= row:  # nothing, or a market was late
            if self._late is None or self._late[0] is not view:
                self._late = view, _between(view.rows, row, row + 1, self._params)[0]
            return self._late[1]
        start, run = self._run
        if not start <= row < start + len(run):
            start = row // RUN * RUN
            run = _between(self._aligned.whole, start, min(start + RUN, len(self._aligned.whole.days)), self._params)
            self._run = start, run
        return run[row - start]

    def _tenor(self, tenor: str, moment: Moment) -> board.Beta:
        ids = TENORS[tenor]
        found = self._beta[tenor].at(moment) if tenor in self._beta else None
        row = row_on(found[0].days, found[1]) if found else -1
        if found is None or row < 0:
            why = ", ".join(name for name in ids if not self._inputs.upto(name, moment))
            names = ("beta", "se", "t", "reverse", "z_e", "z_us")
            none = {name: self._inputs.unknown(f"no data: {why}", formula=f"pass_through_{name}", inputs=ids) for name in names}
            return board.Beta(**none, text="", flag=board.Word(formula="bleed_over", inputs=ids, note=f"no data: {why}"))
        reading = pass_through_at(found[0], row, self._params.pass_through)
        return self._beta_of(reading, tenor, moment)

    def _beta_of(self, reading: PassThroughReading, tenor: str, moment: Moment) -> board.Beta:
        ids, slope = TENORS[tenor], reading.beta
        numbers = self._inputs.numbers(ids, moment, day=reading.flag.day)

        def number(value: float | None, unit: str, name: str, note: str = "") -> board.Reading:
            return numbers(value, unit, f"pass_through_{name}", note)

        reverse_note = "" if reading.reverse.distinct is not False else "not distinguishable from 0"
        return board.Beta(
            beta=number(slope.beta, "bp/bp", "beta", f"{slope.n} dates"),
            se=number(None if slope.se is None else slope.se / 10, "bp/bp", "se"),
            t=number(slope.t, "t", "t"),
            text=_text(slope),
            reverse=number(reading.reverse.beta, "bp/bp", "reverse", reverse_note),
            flag=self._flag(reading, ids, moment),
            z_e=number(reading.flag.z_e, "σ", "z_e"),
            z_us=number(reading.flag.z_us, "σ", "z_us", "" if reading.flag.z_us is not None else "no Treasury print on that date"),
        )

    def _flag(self, reading: PassThroughReading, ids: tuple[str, str], moment: Moment) -> board.Word:
        flag, as_of = reading.flag, from_day(reading.flag.day)
        if flag.on is None:
            return board.Word(as_of=as_of, formula="bleed_over", inputs=ids, note="one of the two moves is not known")
        status, _ = self._inputs.basis(ids, moment)
        sizes = (("JGB", flag.z_e), ("Treasury", flag.z_us))
        numbers = " · ".join(f"{name} {worded(z, '+.1f', 'σ')}" for name, z in sizes if z is not None)
        evidence = (numbers, FLAG_WORDING) if flag.on else (numbers,)
        return board.Word("on" if flag.on else "off", status, as_of, evidence=evidence, formula="bleed_over", inputs=ids)


def _text(slope: SlopeReading) -> str:
    """`10 bp JGB ⇒ x bp UST (±2se)`."""
    if slope.x_bp_per_10bp is None or slope.se is None:
        return "unknown: fewer than 60 dates"
    text = f"10 bp JGB ⇒ {worded(slope.x_bp_per_10bp, '+.1f', 'bp')} UST (±{2 * slope.se:.1f})"
    return text if slope.distinct else f"{text}, not distinguishable from 0"


def _pass_through(natives: Sequence[Native], params: PassThroughParams) -> PassThrough:
    (jgb_days, jgb), (ust_days, ust) = natives
    return pass_through(jgb_days, jgb, ust_days, ust, params)


def _between(rows: KnownRows, start: int, stop: int, params: Settings) -> list[Found]:
    """Table and contagion of each row from `start` to `stop`, its end excluded."""
    first = max(start - max(params.contagion.high_rows + params.contagion.low_rows, params.connectedness.rows), 0)
    recent, names = changes_bp(rows.yields[first:stop]).T, rows.markets
    tables = connectedness_rows(recent, start - first, stop - first, names, params.connectedness)
    if SOURCE not in names or TARGET not in names:
        return [(table, Contagion(None, None, None)) for table in tables]
    source, target = (recent[names.index(name)] for name in (SOURCE, TARGET))
    return list(zip(tables, contagion_rows(source, target, start - first, stop - first, params.contagion), strict=True))
