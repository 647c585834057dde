"""Explain: what a number on the Board is, how it came about, and what it rests on, down to the observations.

The formula comes in words with its numbers put in; each parameter says whether it is published, scored on history or a rule of thumb.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TypedDict

import msgspec

from ..cache.status import Status
from ..feeds.catalogue import Catalogue, default_catalogue
from ..feeds.series import Series
from .board import Board, Change, Condition, Distance, Gate, Group, Input, Loop, Reading, Word
from .formulas import STANDINGS, Formula, formula_of, put_in, setting
from .paths import NoSuchPath, find, nodes, parts_of
from .settings import Settings
from .wording import true_minus, with_unit, worded

STATUS_WORDS: Mapping[Status, str] = MappingProxyType(
    {
        Status.FRESH: "fresh: nothing newer should exist",
        Status.AGEING: "ageing: something newer is due",
        Status.STALE: "stale: older than it should ever be",
        Status.DEAD: "dead: so old that the source has probably ended",
        Status.MANUAL: "manual: entered by a person",
        Status.PROXY: "proxy: stands in for what cannot be had",
        Status.SUSPECT: "suspect: probably a bad print",
        Status.UNKNOWN: "unknown",
    }
)
Observe = Callable[[str], float | None]
_DECIMALS = MappingProxyType(
    {"%": 3, "bp": 1, "σ": 2, "rank": 2, "share": 2, "points": 1, "JPY": 2, "z": 2, "index": 2, "bp/yr": 0, "ratio": 2}
)
_SIGNED = ("bp", "σ", "z")


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of a formula."""

    name: str
    value: str
    standing: str


class Threshold(msgspec.Struct, frozen=True):
    """One level that matters to a value, and how far it is: level less value, in the value's unit unless it says another."""

    name: str
    level: float
    distance: float | None
    distance_unit: str = ""


class Explanation(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything there is to say of one name. `inputs` are explained in turn; `parts` are names below it that can be asked for."""

    path: str
    title: str
    text: str  # the value with its unit, or the word
    value: float | None = None
    unit: str = ""
    status: str = ""
    as_of: date | None = None
    updated: datetime | None = None
    source: str = ""
    since: date | None = None
    formula: str = ""
    words: str = ""
    standing: str = ""
    reference: str = ""
    note: str = ""
    publication: str = ""
    evidence: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    changes: tuple[Change, ...] = ()
    inputs: tuple["Explanation", ...] = ()
    parts: tuple[str, ...] = ()
    series: str = ""  # the id of the series, when the value is an observation


def explain(
    board: Board, path: str, settings: Settings | None = None, catalogue: Catalogue | None = None, observe: Observe = lambda _: None
) -> Explanation:
    """What the name means on this Board; short forms are understood.

    Args:
        observe: the newest value of a series, for those of which the Board holds no Reading.

    Raises:
        NoSuchPath: nothing is called that; the message offers the nearest names.
    """
    catalogue = catalogue or default_catalogue()
    try:
        full, _ = find(board, path)
    except NoSuchPath:
        if path not in catalogue.series:
            raise
        full = f"inputs.{path}"
    return _Explainer(board, settings or Settings(), catalogue, observe).explain(full, frozenset())


def in_unit(value: float | None, unit: str) -> str:
    """A value as it is printed, with its unit."""
    if value is None:
        return "unknown"
    decimals = _DECIMALS.get(unit)
    sign = "+" if unit in _SIGNED else ""
    text = f"{value:{sign},.{decimals}f}" if decimals is not None else f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.4g}"
    return with_unit(true_minus(text), "" if unit in ("rank", "z", "share", "ratio", "index") else unit)


class _Explainer:
    def __init__(self, board: Board, settings: Settings, catalogue: Catalogue, observe: Observe) -> None:
        self._board, self._settings, self._catalogue, self._observe = board, settings, catalogue, observe
        self._named = nodes(board)
        read = [
            node for node in self._named.values() if isinstance(node, Reading) and node.formula == "observation" and len(node.inputs) == 1
        ]
        self._observed = {one.inputs[0]: one for one in reversed(read)}
        self._tails = {
            node.inputs[0]: path for path, node in self._named.items() if isinstance(node, Reading) and node.formula == "auction_tail_trend"
        }

    def explain(self, path: str, above: frozenset[str]) -> Explanation:
        """`above`: names that led here; none is explained within itself."""
        node, above = self._named.get(path), above | {path}
        match node:
            case Reading():
                return self._computed(path, node, above)
            case Word():
                return self._word(path, node, above)
            case Condition():
                return self._condition(path, node, above)
            case Group():
                inputs = tuple(self.explain(f"watch.{name}", above) for name in node.members if f"watch.{name}" in self._named)
                return Explanation(path, node.title, node.state, since=node.since, inputs=inputs, changes=self._changes(path))
            case Loop():
                gates = tuple(self.explain(f"{path}.gates.{gate.id}", above) for gate in node.gates)
                return Explanation(
                    path,
                    f"Loop {node.name}",
                    node.status,
                    words=node.sentence,
                    evidence=node.events,
                    inputs=gates,
                    changes=self._changes(path),
                )
            case Gate():
                return Explanation(path, f"{node.id} {node.title}", node.state, since=node.latched_on, note=_latched(node))
            case Distance():
                return Explanation(path, f"Distance to {node.regime}", _crossing(node), reference="methods §4.6")
            case Input() | None:
                return self._series(path.removeprefix("inputs."))
            case msgspec.Struct() | dict() | tuple():
                return Explanation(path, _title(path), "", parts=self._parts(path))
            case _:
                return Explanation(path, _title(path), "unknown" if node in (None, "") else str(node))

    def _computed(self, path: str, reading: Reading, above: frozenset[str]) -> Explanation:
        if reading.formula == "observation" and len(reading.inputs) == 1 and reading.inputs[0]:
            return msgspec.structs.replace(self._series(reading.inputs[0], reading), path=path, note=reading.note)
        formula = formula_of(reading.formula)
        return Explanation(
            path=path,
            title=formula.title if formula else _title(path),
            text=in_unit(reading.value, reading.unit),
            value=reading.value,
            unit=reading.unit,
            status=STATUS_WORDS[reading.status],
            as_of=reading.as_of,
            updated=reading.updated,
            source=reading.source or "computed",
            note=reading.note,
            changes=self._changes(path),
            thresholds=tuple(self._thresholds(formula, reading.value)) if formula else (),
            inputs=self._inputs(path, reading.inputs, formula, above),
            **self._founded(path, reading.formula, formula, in_unit(reading.value, reading.unit), reading.inputs),
        )

    def _word(self, path: str, word: Word, above: frozenset[str]) -> Explanation:
        formula = formula_of(word.formula)
        text = word.word or "unknown"
        return Explanation(
            path=path,
            title=formula.title if formula else _title(path),
            text=text if word.confidence is None else f"{text} (confidence {word.confidence:.0%})",
            status=STATUS_WORDS[word.status],
            as_of=word.as_of,
            since=word.since,
            source="computed",
            note=word.note,
            evidence=word.evidence,
            changes=self._changes(path),
            inputs=self._inputs(path, word.inputs, formula, above),
            **self._founded(path, word.formula, formula, text, word.inputs),
        )

    def _condition(self, path: str, item: Condition, above: frozenset[str]) -> Explanation:
        limits = []
        if item.threshold.value is not None:
            limits = [Threshold("threshold", item.threshold.value, item.distance.value, item.distance.unit)]
        notes = [
            item.progress_text,
            f"proxy: {item.proxy}" if item.proxy else "",
            item.mark,
            f"last state {item.last_state}" if item.last_state else "",
        ]
        return Explanation(
            path=path,
            title=f"{item.id} {item.title}" if not path.startswith("levels") else item.title,
            text=item.state,
            value=item.value.value,
            unit=item.value.unit,
            status=STATUS_WORDS[item.value.status],
            as_of=item.value.as_of,
            updated=item.value.updated,
            since=item.since,
            source="watch list",
            words=item.evidence,
            reference=item.reference,
            note="; ".join(note for note in notes if note),
            thresholds=tuple(limits),
            changes=self._changes(path),
            inputs=self._inputs(path, tuple(self._tails.get(name, name) for name in item.value.inputs), None, above),  # term by term
        )

    def _series(self, series_id: str, reading: Reading | None = None) -> Explanation:
        series, health = self._catalogue.series.get(series_id), self._board.inputs.get(series_id)
        if reading is None:
            reading = self._observed.get(series_id)
        unit = series.unit if series else ""
        value = reading.value if reading else self._observe(series_id)
        status = reading.status if reading else health.status if health else Status.UNKNOWN
        return Explanation(
            path=f"inputs.{series_id}",
            title=series.title if series else series_id,
            text=in_unit(value, unit),
            value=value,
            unit=unit,
            status=STATUS_WORDS[status],
            as_of=reading.as_of if reading else health.as_of if health else None,
            updated=reading.updated if reading else health.updated if health else None,
            source=(reading.source if reading else "") or (health.source if health else "") or "no source has it",
            formula="observation",
            words=f"as {series_id} was printed" if series else "",
            series=series_id,
            publication=_publication(series) if series else "",
        )

    def _founded(self, path: str, formula_id: str, formula: Formula | None, text: str, inputs: tuple[str, ...]) -> "_Founded":
        """Formula, words, standing, reference and parameters."""
        if formula is None:
            return _Founded(formula=formula_id)
        used = {name: setting(self._settings, where) for name, where in formula.parameters.items()}

        def look_up(place: str) -> str:
            if place == "value":
                return text
            if place == "inputs":
                return ", ".join(self._short(name) for name in inputs) or "nothing"
            if place.startswith("p:"):
                return _plain(used[place[2:]].value)
            return self._text(_beside(path, place))

        return _Founded(
            formula=formula_id,
            words=put_in(formula.words, look_up),
            standing=STANDINGS[formula.standing],
            reference=formula.reference,
            parameters=tuple(Parameter(name, _plain(found.value), found.standing) for name, found in used.items()),
        )

    def _inputs(self, path: str, names: tuple[str, ...], formula: Formula | None, above: frozenset[str]) -> tuple[Explanation, ...]:
        found = [_beside(path, part) for part in formula.parts] if formula else []
        found = [each for part in found for each in (self._parts(part) if isinstance(self._named.get(part), dict) else (part,))]
        known = [name if name in self._named else f"inputs.{name}" for name in names if name]
        twice = {f"inputs.{series}" for name in found for series in self._printed(name)}  # stands there by its name on the Board
        wanted = [name for name in dict.fromkeys((*found, *known)) if name not in above and name not in twice]
        return tuple(self.explain(name, above) for name in wanted if name in self._named or name.startswith("inputs."))

    def _printed(self, path: str) -> tuple[str, ...]:
        """The series whose newest observation the name is, if it is one."""
        node = self._named.get(path)
        return node.inputs if isinstance(node, Reading) and node.formula == "observation" and len(node.inputs) == 1 else ()

    def _thresholds(self, formula: Formula, value: float | None) -> Iterator[Threshold]:
        for limit in formula.limits:
            if limit.setting:
                level = setting(self._settings, limit.setting).number
            else:
                node = self._named.get(limit.path)
                level = node.value if isinstance(node, Reading) else float(node) if isinstance(node, int | float) else None
            if level is not None:
                yield Threshold(limit.name, level, None if value is None else level - value)

    def _text(self, path: str) -> str:
        node = self._named.get(path)
        if isinstance(node, dict):
            return ", ".join(f"{name} {self._text(f'{path}.{name}')}" for name in node) or "nothing"
        match node:
            case Reading():
                return in_unit(node.value, node.unit)
            case Word():
                return node.word or "unknown"
            case float():
                return worded(node, ".3g")
            case None | "":
                return "unknown"
            case _:
                return str(node)

    def _short(self, name: str) -> str:
        if name in self._named:
            return f"{name} {self._text(name)}"
        observed = self._observed.get(name)
        return f"{name} {in_unit(observed.value, observed.unit)}" if observed else name

    def _changes(self, path: str) -> tuple[Change, ...]:
        return tuple(change for change in self._board.changes if change.subject == path or path.startswith(f"{change.subject}."))

    def _parts(self, path: str) -> tuple[str, ...]:
        return parts_of(self._named, path)


class _Founded(TypedDict, total=False):
    """What a formula adds to an Explanation."""

    formula: str
    words: str
    standing: str
    reference: str
    parameters: tuple[Parameter, ...]


def _beside(path: str, place: str) -> str:
    """A place of a formula as a path: ".G" stands beside the value."""
    return path.rpartition(".")[0] + place if place.startswith(".") else place


def _latched(gate: Gate) -> str:
    if gate.skipped:
        return "skipped: the loop was entered behind it"
    return f"latched, day {gate.elapsed} of {gate.window}" if gate.latched_on else f"not latched; window {gate.window} business days"


def _crossing(away: Distance) -> str:
    if away.need:
        return f"across, day {away.days} of {away.need}"
    return f"{away.coordinate}{worded(away.x, '.2f')}"


def _plain(value: object) -> str:
    match value:
        case Mapping():
            return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
        case tuple():
            return ", ".join(map(_plain, value))
        case float():
            return worded(value, "g")
        case _:
            return str(value)


def _title(path: str) -> str:
    return path.split(".")[-1].replace("_", " ")


def _publication(series: Series) -> str:
    rule = series.publication
    lag = "the same day" if rule.lag == 0 else "the next business day" if rule.lag == 1 else f"{rule.lag} business days later"
    return f"{series.frequency}, published {lag} at {rule.at:%H:%M} {rule.zone}"
