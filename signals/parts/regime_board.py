"""One row of the regime map, written as the Board says it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ...feeds.series import from_day
from .. import board
from ..board import Component, Distance, Horizon, Reading, Word
from ..gate import COMPONENTS
from ..inputs import Inputs, Moment
from ..regime import KnownMap, RegimeParams
from ..regime_reading import RegimeReading
from ..rows import KnownRows
from ..rule import UNKNOWN, Regime, regime_or_none
from ..stats import known_or_none
from ..wording import worded
from .prints import STRESS

TRAIL = 21
UNITS: Mapping[str, str] = MappingProxyType({"vix": "index", "move": "index", "rv": "bp/day", "fsi": "index", "turb": "×"})
DIRECTIONS: Mapping[str, str] = MappingProxyType(
    {"H_up": "H +", "m_up": "m +", "m_down": "m −", "D_up": "D +", "D_down": "D −", "abs_m_down": "|m| −"}
)
TOO_FEW = "a map needs three markets"


def regime_on_board(
    inputs: Inputs,
    moment: Moment,
    name: str,
    markets: tuple[str, ...],
    rows: KnownRows,
    history: KnownMap,
    reading: RegimeReading | None,
    pressure: tuple[Word, ...],
) -> board.Regime:
    """The newest of `rows`; `reading` None where there is none. `name` is the part's path on the Board, `markets` its series."""
    writer = _Writer(inputs, moment, name, markets, rows, reading)
    params = history.params
    held = reading.regime if reading else None
    thresholds = params.thresholds.in_force(UNKNOWN if held is None else held, params.hysteresis)
    distances = tuple(_distances(reading, params)) if reading else ()
    return board.Regime(
        held=writer.held(),
        sessions=reading.sessions if reading and held is not None else None,
        raw=_word(reading.raw) if reading else "",
        provisional=reading.provisional if reading else False,
        own_prints=rows.own_prints,
        markets=rows.markets,
        m=writer.number("m", "σ"),
        D=writer.number("D", "σ"),
        kappa=writer.number("kappa", ""),
        rho=writer.number("rho", ""),
        rho_pct=writer.number("rho_pct", "rank"),
        H=writer.number("H", "rank", with_stress=True),
        G=writer.number("G", "rank", with_stress=True),
        A=writer.number("A", "rank", with_stress=True),
        gate=writer.gate(),
        off_count=reading.off_count if reading else 0,
        components={each: writer.component(each) for each in COMPONENTS},
        m0=thresholds.m0,
        D0=thresholds.D0,
        c=thresholds.c,
        away=tuple(each.word for each in reading.away) if reading else (),
        votes={each.word: share for each, share in reading.votes} if reading else {},
        agreement=writer.number("agreement", "share", with_stress=True),
        turning=_word(reading.turning) if reading else "",
        distances=distances,
        nearest=_nearest(reading, distances),
        horizons={each: _horizon(history, each, len(rows.days) - 1) for each in history.strip},
        subtype=writer.subtype(),
        pressure=pressure if held is Regime.STRESS else (),
        trail=_trail(history, len(rows.days)),
    )


class _Writer:
    """Readings and Words of one row, all on the same session."""

    def __init__(
        self, inputs: Inputs, moment: Moment, name: str, markets: tuple[str, ...], rows: KnownRows, reading: RegimeReading | None
    ) -> None:
        self._inputs, self._moment, self._name, self._markets = inputs, moment, name, markets
        self._rows, self._reading = rows, reading
        known = reading.components if reading else {}
        self._levels = sum(each.level is not None for each in known.values())
        self._stress = tuple(series for each, series in STRESS.items() if each in known and known[each].level is not None)
        self._day = reading.as_of if reading else None
        self._alone = inputs.numbers(markets, moment, day=self._day)
        self._both = inputs.numbers((*markets, *self._stress), moment, day=self._day)

    def number(self, what: str, unit: str, *, with_stress: bool = False) -> Reading:
        """A field of the reading."""
        value = getattr(self._reading, what) if self._reading else None
        number, note = self._both if with_stress else self._alone, TOO_FEW if len(self._markets) < 3 else ""
        if what in ("H", "G", "A") and value is not None:
            note = f"{self._levels} of {len(COMPONENTS)} components" if self._levels < len(COMPONENTS) else ""
        return number(value, unit, f"regime.{what}", note)

    def component(self, name: str) -> Component:
        """One component of the gate, in its own unit and as percentiles."""
        number = self._inputs.numbers((STRESS[name],), self._moment, day=self._day) if name in STRESS else self._alone
        found = self._reading.components[name] if self._reading else None
        value, level, acute = (found.value, found.level, found.acute) if found else (None, None, None)
        return Component(
            number(value, UNITS[name], "regime.component.value"),
            number(level, "rank", "regime.component.level"),
            number(acute, "rank", "regime.component.acute"),
        )

    def held(self) -> Word:
        """The regime shown, since when, and how sure."""
        reading = self._reading
        if reading is None or reading.regime is None:
            return Word(formula="regime", inputs=self._markets, note=self._why_unknown())
        m, D, H = reading.m, reading.D, reading.H
        plane = f"m {worded(m, '+.2f', 'σ')}, D {D:.2f}σ" if m is not None and D is not None else ""
        evidence = [plane, f"H {H:.2f}" if H is not None else "H unknown"]
        since = int(self._rows.days[len(self._rows.days) - reading.sessions])
        return self._word(reading.regime.word, "regime", tuple(filter(None, evidence)), since, reading.agreement)

    def gate(self) -> Word:
        """Whether the stress gate is on."""
        reading = self._reading
        if reading is None or reading.H is None:
            return Word(formula="regime.gate", inputs=(*self._markets, *STRESS.values()), note=self._why_unknown())
        return self._word("on" if reading.gate_on else "off", "regime.gate", (f"H {reading.H:.2f}",))

    def subtype(self) -> Word:
        """The kind of stress; a word without text off Stress."""
        reading = self._reading
        if reading is None or reading.subtype is None:
            return Word(formula="regime.subtype", note="" if reading and reading.regime else self._why_unknown())
        return self._word(reading.subtype.words, "regime.subtype", ())

    def _word(self, text: str, formula: str, evidence: tuple[str, ...], since: int | None = None, confidence: float | None = None) -> Word:
        return Word(
            word=text,
            status=self._both.status,
            as_of=from_day(int(self._rows.days[-1])),
            since=None if since is None else from_day(since),
            confidence=confidence,
            evidence=evidence,
            formula=formula,
            inputs=self._both.inputs,
        )

    def _why_unknown(self) -> str:
        if len(self._markets) < 3:
            return TOO_FEW
        missing = [each for each in self._markets if not self._inputs.upto(each, self._moment)]
        return f"no data: {', '.join(missing)}" if missing else "too little history"


def _distances(reading: RegimeReading, params: RegimeParams) -> Iterator[Distance]:
    found = reading.distances
    if found is None:
        return
    need = params.dwell_out_of_stress if reading.regime is Regime.STRESS else params.dwell
    for regime, steps in found.to.items():
        for coordinate, x in steps.items():
            waiting = x <= 0
            yield Distance(regime.word, DIRECTIONS[coordinate], x, len(reading.away) if waiting else 0, need if waiting else 0)
    if found.release is not None:
        yield Distance("gate off", "H −", found.release.H_down, found.release.days_below, found.release.days_needed)


def _nearest(reading: RegimeReading | None, distances: tuple[Distance, ...]) -> Distance | None:
    if reading is None or reading.distances is None or reading.distances.nearest is None:
        return None
    to = [each for each in distances if each.regime == _word(reading.distances.nearest)]
    return max(to, key=lambda each: each.x, default=None)


def _horizon(history: KnownMap, name: str, row: int) -> Horizon:
    if row < 0:
        return Horizon("", None, None)
    track = history.strip[name]
    regime = regime_or_none(int(track.labels.held[row]))
    return Horizon(_word(regime), known_or_none(track.at.m[row]), known_or_none(track.at.D[row]))


def _trail(history: KnownMap, length: int) -> tuple[tuple[float, float], ...]:
    at, rows = history.headline.at, slice(max(length - TRAIL, 0), length)
    points = zip(at.m[rows].tolist(), at.D[rows].tolist(), strict=True)
    return tuple([(m, D) for m, D in points if m == m and D == D])  # an unknown value does not equal itself


def _word(regime: Regime | None) -> str:
    return "" if regime is None else regime.word
