"""The label of each market: the rules looked at over the last weeks, so that a word comes on screen as it would have."""

from typing import NamedTuple

from ...cache.status import Status
from ...feeds.series import from_day
from ..board import Reading, Word
from ..inputs import Inputs, Moment
from ..labels import UNDECIDED, Label, LabelInputs, ShownLabel, label, last_shown
from ..markets import MARKETS
from ..stats import Days
from .curves import CurvesPart
from .evidence import US, Evidence
from .labelfacts import SLOPES, LabelFacts, Values, slope_of
from .standing import BUND, StandingPart, StandingView
from .tenors import TenorsPart

Facts = tuple[float | bool | None, ...]

LOOK_BACK = 30  # rows; the start is forgotten as soon as two consecutive days agree
RUN, RUNS = 32, 3  # rows worked out at once, and how many such runs of each market are held
MOST_JUDGED = 2_000


class _Given(NamedTuple):
    """What is the same on all rows of a market."""

    market: str
    slope_name: str
    is_us: bool
    is_euro_ex_germany: bool
    cb_share_pct: float | None = None
    cb_share_stale: bool = False


class _Run:
    """Facts of neighbouring rows as they became, and the labels found so far with what was given."""

    def __init__(self, names: tuple[str, ...], facts: list[Facts]) -> None:
        self.names, self.facts = names, facts
        self.given: _Given | None = None
        self.labels: list[Label | None] = []


class LabelsPart:
    """Labels of all markets.

    What the rules look at on a row is what it became, unless something dated up to that row was not known yet: those few rows alone are
    worked out for the moment, the others in runs, once.
    """

    def __init__(self, inputs: Inputs, tenors: TenorsPart, curves: CurvesPart, standing: StandingPart) -> None:
        self._inputs, self._standing = inputs, standing
        self._facts = LabelFacts(inputs, tenors, curves)
        self._runs: dict[str, dict[int, _Run]] = {market: {} for market in inputs.settings.markets}
        self._judged: dict[object, Label] = {}
        self._same = {market: _Given(market, slope_of(market) or SLOPES[0], market == US, _is_beside_bund(market)) for market in self._runs}
        self._held: dict[str, tuple[Reading, _Given]] = {}  # with the share of its central bank
        panel = inputs.settings.panel
        self._series = {market: tuple(MARKETS[each].ten_year for each in dict.fromkeys((market, *panel))) for market in self._runs}

    def at(self, standing: StandingView, moment: Moment, evidence: Evidence) -> dict[str, Word]:
        """The labels on the Board."""
        if standing.regime.row < 0:
            return dict.fromkeys(self._runs, Word(formula="label", note="no rows: the panel has no common session"))
        days = standing.regime.view.rows.days
        start = max(len(days) - LOOK_BACK, 0)
        settled = max(min(self._facts.settled(standing, moment, evidence), len(days)), start)
        newest = self._facts.on(standing, slice(settled, len(days)), moment, evidence)
        shown = {market: self._shown(market, start, settled, newest[market], evidence) for market in self._runs}
        return {market: self._word(market, each, days[start:], moment) for market, each in shown.items()}

    def _shown(self, market: str, start: int, settled: int, newest: dict[str, Values], evidence: Evidence) -> ShownLabel:
        """The label on screen, from the rows since `start`, of which the `newest` are not settled."""
        given = self._given(market, evidence)
        judged = self._as_became(market, start, settled, given, evidence)
        names = tuple(newest)
        judged += [self._label(given, names, facts) for facts in zip(*newest.values(), strict=True)]
        return last_shown(judged)

    def _as_became(self, market: str, start: int, stop: int, given: _Given, evidence: Evidence) -> list[Label]:
        """The labels of settled rows."""
        out: list[Label] = []
        for number in range(start // RUN, (stop - 1) // RUN + 1) if start < stop else ():
            run = self._runs[market].get(number) or self._made_runs(number, evidence)[market]
            if run.given != given:
                run.given, run.labels = given, [None] * len(run.facts)
            first, past = max(start - number * RUN, 0), min(stop - number * RUN, RUN)
            for place, found in enumerate(run.labels[first:past], first):
                if found is None:
                    found = run.labels[place] = self._label(given, run.names, run.facts[place])
                out.append(found)
        return out

    def _made_runs(self, number: int, evidence: Evidence) -> dict[str, _Run]:
        """A run of all markets."""
        columns = self._facts.on(self._standing.everything, slice(number * RUN, (number + 1) * RUN), None, evidence)
        for market, runs in self._runs.items():
            while len(runs) >= RUNS:
                del runs[max(runs, key=lambda each: abs(each - number))]
            runs[number] = _Run(tuple(columns[market]), list(zip(*columns[market].values(), strict=True)))
        return {market: runs[number] for market, runs in self._runs.items()}

    def _label(self, given: _Given, names: tuple[str, ...], facts: Facts) -> Label:
        """The label of one row; what came late often changed nothing."""
        found = self._judged.get((given, facts))
        if found is None:
            if len(self._judged) >= MOST_JUDGED:
                self._judged.clear()
            same = given._asdict()
            del same["market"]
            x = LabelInputs(**same, **dict(zip(names, facts, strict=True)))  # type: ignore[arg-type]
            found = self._judged[given, facts] = label(x, self._inputs.settings.labels)
        return found

    def _given(self, market: str, evidence: Evidence) -> _Given:
        share = evidence.cb_share.get(market)
        if share is None:
            return self._same[market]
        held = self._held.get(market)
        if held is None or held[0] is not share:
            is_stale = share.status in (Status.STALE, Status.DEAD)
            held = self._held[market] = share, self._same[market]._replace(cb_share_pct=share.value, cb_share_stale=is_stale)
        return held[1]

    def _word(self, market: str, shown: ShownLabel, days: Days, moment: Moment) -> Word:
        series = self._series[market]
        as_of, found = from_day(int(days[-1])), shown.label
        if found.word == UNDECIDED:
            return Word(as_of=as_of, formula="label", inputs=series, evidence=found.evidence, note="too little history")
        return Word(
            word=found.text,
            status=self._inputs.basis(series, moment)[0],
            as_of=as_of,
            since=from_day(int(days[shown.since])) if shown.since else None,
            confidence=found.confidence,
            evidence=found.evidence,
            formula="label",
            inputs=series,
            note=f"{shown.pending} waits for its second day" if shown.pending else "",
        )


def _is_beside_bund(market: str) -> bool:
    return MARKETS[market].is_euro and market != BUND
