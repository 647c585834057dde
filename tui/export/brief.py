"""The morning brief: one self-contained page that a desk reads, prints or sends. No scripts, nothing is loaded from anywhere."""

from collections.abc import Sequence
from importlib.resources import files

from ...signals.board import Board, Change, Distance, Line, Market, Reading, Tenor
from ...signals.wording import worded
from ...widgets.change_words import subject_words
from ...widgets.confirmation import NAMES as SHORT
from ...widgets.glyphs import UNICODE, level_text
from ...widgets.look import distance_text
from .brieflists import charts, conditions, health, loops, yields
from .briefparts import Cell, count, figure, plain, section, since_text, table, two, word
from .charts import Level, diverging_bars, sparkline, time_chart
from .markup import Element, joined, tag, together
from .plane import regime_plane
from .subject import Year

PILLARS = {"rates": "Rates", "funding": "Funding", "credit_risk": "Credit, risk", "dislocation": "Dislocation", "clearing": "Clearing"}
EDGES = (Level(75, "Supportive ↑"), Level(50, "Neutral ↑"), Level(25, "Defensive ↑"), Level(10, "Stressed ↑"))
CHANGES_SHOWN = 7
QUOTES = ("move", "hy_oas", "dxy", "usdjpy", "nky", "gold", "btc")  # shown beneath the lines that confirm
GRAVITY = ("alarm", "watch", "info")


def brief(board: Board, year: Year, *, is_replay: bool = False) -> str:
    """The page."""
    title = f"{'DEMO ' if board.demo else ''}bondtop brief {board.as_of.date().isoformat()}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", Element(files(__package__).joinpath("brief.css").read_text(encoding="utf-8"))),
    )
    body = tag(
        "body",
        *_top(board, is_replay=is_replay),
        two(_regime(board), _index(board, year)),
        _markets(board),
        yields(year),
        two(_confirmation(board), _changed(board, year)),
        tag("div", conditions(board), loops(board), charts(year), health(board), class_="turn"),
        _foot(board),
    )
    return "<!doctype html>\n" + tag("html", head, body, lang="en").markup + "\n"


def _top(board: Board, *, is_replay: bool) -> list[Element]:
    """The day, what must be said of it, the regime and the signal."""
    day, regime = board.as_of.date(), board.regime
    known = f"as known {day.isoformat()} {board.as_of:%H:%M} UTC"
    out = [
        tag(
            "header",
            tag("span", "bondtop", class_="strong"),
            tag("span", f"{day:%A} {day.day} {day:%B %Y}", class_="date"),
            tag("span", f"The market for duration, {known}", class_="known"),
        )
    ]
    if board.demo:
        out.append(tag("p", "DEMO: a simulated market. No number on this page is real.", class_="notice"))
    if is_replay:
        out.append(tag("p", f"REPLAY: a past day, as known at the end of {day.isoformat()}.", class_="notice"))
    parts = []
    if regime.sessions is not None:
        parts.append(f"for {count(regime.sessions, 'session')}")
    if regime.agreement.value is not None:
        parts.append(f"agreement {regime.agreement.value:.0%}")
    if regime.turning:
        parts.append(f"turning towards {regime.turning}")
    if regime.nearest is not None:
        parts.append(f"nearest {regime.nearest.regime}: {_away(regime.nearest)}")
    if regime.provisional:
        parts.append(f"provisional, {regime.own_prints} of {len(regime.markets)} own prints")
    if not regime.held.word:
        parts.append(regime.held.note)
    out.append(tag("h1", (regime.held.word or "State unknown").upper(), tag("span", "".join(f" · {part}" for part in parts if part))))
    out.append(tag("p", board.line, class_="lead"))
    return out


def _away(distance: Distance) -> str:
    unit = "" if distance.coordinate.startswith("H") or (distance.x <= 0 and distance.need) else "σ"
    return f"{distance_text(distance, UNICODE)}{unit}"


# ------------------------------------------------------------------------------------------------------ regime and index
def _regime(board: Board) -> Element:
    """Where it stands on the map, what its neighbours are, and what other windows say."""
    regime = board.regime
    position = joined(
        ", ",
        (
            together(tag("span", f"{name} ", class_="dim"), plain(figure(reading, 2, signed=name in "mκ", unit=unit)))
            for name, reading, unit in (("m", regime.m, "σ"), ("D", regime.D, "σ"), ("κ", regime.kappa, ""), ("ρ̄", regime.rho, ""))
        ),
    )
    gate = together(plain(word(regime.gate)), ", H ", plain(figure(regime.H, 2)), " (on from 0.90, off below 0.70)")
    votes = ", ".join(f"{name} {share:.0%}" for name, share in sorted(regime.votes.items(), key=lambda vote: -vote[1]) if share >= 0.005)
    to = ", ".join(f"{each.regime} {_away(each)}" for each in regime.distances)
    strip = joined(" · ", (together(tag("span", f"{name} ", class_="dim"), one.regime or "?") for name, one in regime.horizons.items()))
    long_end = board.long_regime
    facts: list[tuple[str, Element | str]] = [
        ("Horizons", strip),
        ("Now", position),
        ("Stress gate", gate),
        ("Votes", votes or "unknown"),
        ("Distance to", to or "unknown"),
    ]
    if long_end is not None:
        facts.append(("30-year map", together(plain(word(long_end.held)), ", m ", plain(figure(long_end.m, 2, signed=True)), "σ")))
    if regime.subtype.word:
        facts.append(("Kind of stress", regime.subtype.word))
    return section(
        "Regime",
        regime_plane(regime),
        tag("dl", *(together(tag("dt", name), tag("dd", what)) for name, what in facts)),
        beside=f"10-year yields of {', '.join(market.upper() for market in regime.markets)}; the last 21 sessions",
    )


def _index(board: Board, year: Year) -> Element:
    """The Duration Conditions Index: now, what it is made of, and its year with the regimes beneath."""
    composite = board.composite
    moves = together("1W ", plain(figure(composite.d5, 1, signed=True)), ", 1M ", plain(figure(composite.d21, 1, signed=True)))
    pillars = [
        (PILLARS.get(name, name), pillar.contribution.value, "?" if pillar.p.value is None else f"p {pillar.p.value:.2f}")
        for name, pillar in composite.pillars.items()
    ]
    return section(
        "Duration Conditions Index",
        tag("p", tag("span", composite.text, class_="strong")),
        time_chart("DCI", [year.dci], year.span, decimals=1, levels=EDGES, stretches=year.regimes, height=146, names=40),
        tag("h3", "Contributions to the distance from 50, points"),
        diverging_bars(pillars),
        tag("p", "Higher is healthier. Strip: the regime that held. p: how stressed a pillar is against ten years, 0 to 1.", class_="dim"),
        beside=moves,
    )


# ---------------------------------------------------------------------------------------------------------- state vector
def _markets(board: Board) -> Element:
    columns = ("<Market", "10Y %", "1D bp", "1W", "1M", "YTD", "σ 1D", "s 1M", "idio", "10Y pct", "slope", "vs UST", "30Y %", "1D bp")
    rows = [_market(name, market) for name, market in board.markets.items()]
    large = [
        f"{market.name} {tenor.upper()} {worded(point.d1.value, '+.1f', 'bp')}, {worded(point.z1.value, '+.1f', 'σ')} ({point.z_word}"
        + (f", 1 in {point.one_in:,} sessions)" if point.one_in else ")")
        for market in board.markets.values()
        for tenor, point in market.tenors.items()
        if point.z_word and point.d1.value is not None and point.z1.value is not None
    ]
    odd = [f"{market.name} {pair}" for market in board.markets.values() if (pair := next(iter(market.curves), "2s10s")) != "2s10s"]
    moves = tag("p", "Large moves: " + "; ".join(large[:3]), class_="strong") if large else None
    return section(
        "State vector",
        table((*columns, "60 sessions", "<State"), rows),
        moves,
        beside="changes and spreads in bp; moves in σ of their own volatility; slope 2s10s" + "".join(f", {each}" for each in odd),
    )


def _market(name: str, market: Market) -> list[Cell]:
    ten, thirty = market.tenors.get("10y"), market.tenors.get("30y")
    slope = next(iter(market.curves.values()), None)
    return [
        (market.name, "strong"),
        figure(ten.level if ten else None, 3),
        *(figure(each, 0, signed=True) for each in _moves(ten)),
        figure(ten.z1 if ten else None, 1, signed=True),
        figure(market.s1m, 1, signed=True),
        figure(market.idio, 1, signed=True),
        figure(ten.pct10y if ten else None, 0),
        figure(slope.slope if slope else None, 0, signed=True),
        figure(market.vs_us, 0, signed=True) if name != "us" else "–",
        figure(thirty.level if thirty else None, 3),
        figure(thirty.d1 if thirty else None, 0, signed=True),
        sparkline(market.name, market.trend),
        f"{market.arrow} {market.label.word}".strip() if market.label.word else ("? unknown", "unknown"),
    ]


def _moves(point: Tenor | None) -> tuple[Reading | None, ...]:
    return (None,) * 4 if point is None else (point.d1, point.w1, point.m1, point.ytd)


# --------------------------------------------------------------------------------------------- confirmation and changes
def _confirmation(board: Board) -> Element:
    """Whether other markets say the same."""
    seen = board.confirmation
    lines = [[SHORT.get(name, one.name), *_numbers(one), one.state.word or "unknown", _verdict(one)] for name, one in seen.lines.items()]
    quotes = [
        [(SHORT.get(name, line.name), "dim"), *_numbers(line), line.state.word, ""]
        for name in QUOTES
        if (line := seen.quotes.get(name)) is not None and line.level.value is not None
    ]
    transmission = "".join(f", {name.replace('_', ' ')} {one.word or '?'}" for name, one in seen.transmission.items())
    carry = board.carry
    more = (
        together("Stock–bond correlation ", plain(figure(seen.stock_bond, 2, signed=True)), ": ", plain(word(seen.stock_bond_word))),
        together("Dollar ", plain(word(seen.dollar)), transmission),
        together("Yen carry to vol ", plain(figure(carry.carry_to_vol, 2)), ", unwind flag ", plain(word(carry.unwind))),
        together("d(Demand)/d(Supply) ", plain(figure(board.inflection.b, 2, signed=True)), ": ", plain(word(board.inflection.state))),
    )
    return section(
        "Cross-asset confirmation",
        table(("<<", "level", "1D", "1M", "z", "<reads", "<confirms"), lines + quotes),
        *(tag("p", line) for line in more),
        beside=seen.verdict,
    )


def _numbers(line: Line) -> list[Cell]:
    level = figure(line.level, 2)
    shown = level if isinstance(level, tuple) else level_text(line.level.value, UNICODE) + ("σ" if line.level.unit == "σ" else "")
    return [shown, _move(line.d1), _move(line.m1), figure(line.z, 1, signed=True)]


def _move(reading: Reading) -> Cell:
    return "" if reading.value is None else figure(reading, 1, signed=True, unit="%" if reading.unit == "%" else "")


def _verdict(line: Line) -> Cell:
    return {True: ("● yes", "met"), False: ("○ no", "not"), None: ("? unknown", "unknown")}[line.confirms]


def _changed(board: Board, year: Year) -> Element:
    """What is different from the session before and from a week ago, and what is not."""
    before = {(change.kind, change.subject) for change in board.changes}
    return section(
        "What changed",
        tag("h3", "Since the session before"),
        _change_list(board, board.changes),
        tag("h3", "Since a week ago, besides"),
        _change_list(board, [change for change in year.week if (change.kind, change.subject) not in before]),
        tag("h3", "What did not"),
        tag("p", "; ".join(board.unchanged) or "unknown", class_="dim quiet"),
    )


def _change_list(board: Board, changes: Sequence[Change]) -> Element:
    if not changes:
        return tag("p", "nothing that matters", class_="dim")
    ordered = sorted(changes, key=lambda change: GRAVITY.index(change.severity) if change.severity in GRAVITY else len(GRAVITY))
    lines = [
        tag(
            "li",
            tag("span", {"alarm": "‼ ", "watch": "▲ "}.get(change.severity, "· ") + subject_words(board, change), class_=change.severity),
            f": {change.before or 'unknown'} → {change.after or 'unknown'}",
            tag("span", f" {since_text(change.at, board.as_of.date())}", class_="dim"),
        )
        for change in ordered[:CHANGES_SHOWN]
    ]
    more = tag("li", f"and {len(ordered) - CHANGES_SHOWN} more", class_="dim") if len(ordered) > CHANGES_SHOWN else None
    return tag("ul", *lines, more)


def _foot(board: Board) -> Element:
    sources = ", ".join(sorted({one.source for one in board.inputs.values() if one.source})) or "none"
    return tag(
        "footer",
        tag(
            "p",
            "bondtop describes; it never predicts. No advice. Regimes, bands and labels follow published and proposed rules; "
            "`bondtop explain` tells which. ≈ and “proxy” mark what stands in for something no free source gives; “?” is unknown.",
        ),
        tag("p", f"Sources in use: {sources}. Data belong to their providers. Board of {board.as_of:%Y-%m-%d %H:%M} UTC."),
    )
