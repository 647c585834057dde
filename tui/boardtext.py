"""A Board as text of at most 80 columns: one table a pane, for `bondtop board`."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..signals.board import Board, Change, Condition, Reading
from ..signals.wording import worded

Pane = Callable[[Board], Iterator[RenderableType]]
GLYPHS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "MET": ("●", "green"),
        "APPROACHING": ("◐", "yellow"),
        "NOT": ("○", ""),
        "REVERSED": ("↩", "magenta"),
        "MANUAL": ("◇", "cyan"),
        "STALE": ("?", "dim"),
        "UNKNOWN": ("?", "dim"),
    }
)
_SEVERITY: Mapping[str, str] = MappingProxyType({"alarm": "bold red", "watch": "yellow", "info": ""})
_LATE = ("stale", "dead", "suspect")


def headline(board: Board) -> Text:
    """The line that is read first: regime, how long, how sure, index, and that it is simulated."""
    regime, composite = board.regime, board.composite
    parts = [f"{(regime.held.word or 'regime unknown').upper()}"]
    if regime.sessions is not None:
        parts.append(f"{regime.sessions} sessions")
    if regime.agreement.value is not None:
        parts.append(f"agreement {regime.agreement.value:.0%}")
    if regime.turning:
        parts.append(f"turning towards {regime.turning}")
    if regime.nearest is not None:
        parts.append(f"nearest {regime.nearest.regime} {regime.nearest.coordinate}{regime.nearest.x:.2f}")
    parts.append(composite.text)
    out = Text("DEMO simulated ▪ " if board.demo else "", "bold reverse" if board.demo else "")
    return out.append(" ▪ ".join(part for part in parts if part), "bold")


def put(reading: Reading, form: str = ",.2f", unit: str = "") -> Text:
    """A number in its cell: dim with a ~ when late, ? when unknown."""
    if reading.value is None:
        return Text("?", "dim")
    text = worded(reading.value, form, unit)
    return Text(f"{text}~", "dim") if str(reading.status) in _LATE else Text(text)


def table(*columns: str) -> Table:
    """A plain table. The first column is left, the others right; "<name" is words on the left, that wrap."""
    out = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for place, name in enumerate(columns):
        words = name.startswith("<")
        out.add_column(name.removeprefix("<"), justify="left" if words or place == 0 else "right", no_wrap=not words)
    return out


def state(board: Board) -> Iterator[RenderableType]:
    """The state vector."""
    yield Text("State vector", "bold")
    out = table("Market", "10Y", "1D", "1W", "1M", "YTD", "σ1D", "s1M", "idio", "10Y%", "vs US", "<State")
    for key, market in board.markets.items():
        ten = market.tenors.get("10y")
        if ten is None:
            continue
        changes = (put(each, "+.0f") for each in (ten.d1, ten.w1, ten.m1, ten.ytd))
        unsure = market.label.confidence not in (None, 1.0) and market.label.word and not market.label.word.endswith("?")
        label = market.label.word + ("?" if unsure else "")
        out.add_row(
            market.name, put(ten.level, ".3f"), *changes, put(ten.z1, "+.1f"), put(market.s1m, "+.1f"), put(market.idio, "+.1f"),
            put(ten.pct10y, ".0f"), "–" if key == "us" else put(market.vs_us, "+.0f"), Text(f"{market.arrow} {label}".strip() or "?"),
        )  # fmt: skip
    yield out
    large = [
        f"{market.name} {tenor}: {put(point.d1, '+.1f', 'bp')}, {put(point.z1, '+.1f', 'σ')} {point.z_word}"
        + (f", 1 in {point.one_in:,} sessions" if point.one_in else "")
        for market in board.markets.values()
        for tenor, point in market.tenors.items()
        if point.z_word
    ]
    yield from (Text(f"▸ {line}") for line in large[:5])


def regime(board: Board) -> Iterator[RenderableType]:
    """The regime map in numbers: headline and long end, gate, votes, distances."""
    yield Text("Regime", "bold")
    out = table("Map", "m σ", "D σ", "κ", "ρ̄", "H", "gate", "<held", "<votes")
    for name, one in (("10Y", board.regime), ("30Y", board.long_regime)):
        if one is None:
            continue
        votes = ", ".join(f"{label} {share:.0%}" for label, share in list(one.votes.items())[:3])
        own = f" ({one.own_prints}/{len(one.markets)} own prints)" if one.provisional else ""
        numbers = (put(one.m, "+.2f"), put(one.D), put(one.kappa, "+.2f"), put(one.rho), put(one.H))
        out.add_row(name, *numbers, one.gate.word or "?", (one.held.word or "?") + own, votes)
    yield out
    strip = "  ".join(f"{name} {cell.regime or '?'}" for name, cell in board.regime.horizons.items())
    yield Text(f"Horizons  {strip}")
    gate = "  ".join(f"{name} {put(part.level)}/{put(part.acute)}" for name, part in board.regime.components.items())
    yield Text(f"Gate      {gate} (level/acute)")
    for away in board.regime.distances:
        crossed = away.x <= 0 and away.need
        words = f"in {away.need - away.days} of {away.need} days" if crossed else away.coordinate + worded(away.x, ".2f")
        yield Text(f"Distance  {away.regime}: {words}")
    if board.regime.subtype.word:
        yield Text(f"Stress    {board.regime.subtype.word}")
    pillars = "  ".join(f"{name} {put(pillar.p)}" for name, pillar in board.composite.pillars.items())
    yield Text(f"{board.composite.text}\nPillars   {pillars} (1 = stressed)")


def confirmation(board: Board) -> Iterator[RenderableType]:
    """What the other markets say."""
    seen = board.confirmation
    yield Text(f"Cross-asset confirmation: {seen.verdict}", "bold")
    out = table("Line", "level", "1D", "1M", "z", "<reads", "<confirms")
    for line in seen.lines.values():
        verdict = {True: "● yes", False: "○ no", None: "?"}[line.confirms]
        out.add_row(
            line.name, put(line.level), put(line.d1, "+.2f"), put(line.m1, "+.2f"), put(line.z, "+.1f"), line.state.word or "?", verdict
        )
    yield out
    assets = "  ".join(f"{asset.name} {put(asset.m1, '+.1f')}%" for asset in seen.assets.values())
    yield Text(f"Over a month  {assets}  (risk-off: {seen.risk_off_k if seen.risk_off_k is not None else '?'} of {seen.risk_off_n})")
    yield Text(f"Stock–bond correlation {put(seen.stock_bond, '+.2f')}: {seen.stock_bond_word.word or '?'}")
    through = "  ".join(f"{name} {word.word or '?'}" for name, word in seen.transmission.items())
    yield Text(f"Dollar {seen.dollar.word or '?'}  {through}")


def watch(board: Board) -> Iterator[RenderableType]:
    """The watch list by group, and the levels."""
    for group in board.groups.values():
        glyph, style = GLYPHS[group.state]
        yield Text(f"{glyph} {group.title}  {group.met}/{len(group.members)}", f"bold {style}")
        yield _conditions([board.watch[name] for name in group.members if name in board.watch])
    yield Text("Levels", "bold")
    yield _conditions(list(board.levels.values()))


def _conditions(items: list[Condition]) -> Table:
    out = Table(box=None, show_header=False, padding=(0, 1, 0, 1), pad_edge=False)
    out.add_column(no_wrap=True)
    out.add_column(overflow="fold", ratio=2)
    out.add_column(overflow="fold", ratio=3)
    for item in items:
        glyph, style = GLYPHS[item.state]
        name = f"{item.id} " if item.group else ""
        words = f"{item.state.lower()}" + (f", {item.progress_text}" if item.progress_text else "")
        out.add_row(Text(glyph, style), Text(f"{name}{item.title}", "bold" if item.key else ""), Text(f"{words}; {item.evidence}", style))
    return out


def sequence(board: Board) -> Iterator[RenderableType]:
    """The loops and the starter."""
    for loop in board.sequence.loops.values():
        yield Text(f"Loop {loop.name}: {loop.status}", "bold")
        out = table("Gate", "<what", "<state", "latched on", "elapsed")
        for gate in loop.gates:
            elapsed = f"{gate.elapsed}/{gate.window}" if gate.elapsed is not None else ""
            latched = "skipped" if gate.skipped else str(gate.latched_on or "")
            out.add_row(gate.id, gate.title, f"{GLYPHS.get(gate.state, ('?', ''))[0]} {gate.state}", latched, elapsed)
        yield out
        if loop.sentence:
            yield Text(loop.sentence)
    starter = board.sequence.starter
    yield Text(f"Starter {starter.id} {starter.title}: {starter.state}")


def clearing(board: Board) -> Iterator[RenderableType]:
    """Decomposition, pressure, positioning, inflection."""
    yield Text("Duration clearing, bp over a month and z", "bold")
    out = table("Market", "path", "term", "real", "be", "pressure", "infl.", "supply", "demand")
    for name, one in board.clearing.items():
        month = one.decomposition.get("1m", {})
        cells = [put(month[key], "+.1f") if key in month else Text("") for key in ("path", "term", "real", "breakeven")]
        z = [put(each, "+.1f") for each in (one.pressure, one.z_inflation, one.z_supply, one.z_demand)]
        out.add_row(_name(board, name), *cells, *z)
    yield out
    yield Text("Capital allocation", "bold")
    rank = table("Market", "rank", "score", "liquidity", "policy", "value", "<driver")
    for name, place in board.allocation.items():
        cells = [put(each) for each in (place.score, place.liquidity, place.policy, place.value)]
        rank.add_row(_name(board, name), str(place.rank or "?"), *cells, place.driver)
    yield rank
    p = board.positioning
    short = f"short p{put(p.lev_pct, '.0f')}, 4w z {put(p.lev_d4_z, '+.1f')}"
    yield Text(f"Leveraged funds {put(p.lev_net, ',.0f')} contracts (10Y eq.), {short}, {p.report}")
    yield Text(f"De-risking {p.breadth_word or '?'} ({put(p.breadth, '.0%')} of markets)")
    i = board.inflection
    slope = f"{put(i.b, '+.2f')} [{put(i.lo, '+.2f')}, {put(i.hi, '+.2f')}]"
    yield Text(f"d(Demand)/d(Supply) {slope}: {i.quadrant.word or '?'}, {i.state.word or '?'}")


def auctions(board: Board) -> Iterator[RenderableType]:
    """The last auction of each term."""
    yield Text("Auctions", "bold")
    out = table("Term", "held", "cover", "indirect %", "dealer %", "tail bp", "score", "<word")
    for one in board.auctions.values():
        cells = (put(one.bid_to_cover), put(one.indirect, ".1f"), put(one.dealer, ".1f"), put(one.tail, ".1f"), put(one.score, "+.1f"))
        out.add_row(one.term, str(one.held or ""), *cells, one.word)
    yield out


def spillover(board: Board) -> Iterator[RenderableType]:
    """Who moves whom, and the yen carry."""
    found = board.spillover
    yield Text(f"Spillover, % (total {put(found.total, '.0f')})", "bold")
    out = table("Market", "to", "from", "net")
    for name in found.to:
        out.add_row(name, put(found.to[name], ".0f"), put(found.frm[name], ".0f"), put(found.net[name], "+.0f"))
    yield out
    for tenor, beta in found.beta.items():
        yield Text(f"JGB→UST {tenor}: {beta.text or '?'}; bleed-over {beta.flag.word or '?'}")
    carry = board.carry
    words = f"unwind {carry.unwind.word or '?'}; Japan {carry.flows_word.word or '?'}"
    yield Text(f"Yen carry {put(carry.carry)}%, carry to vol {put(carry.carry_to_vol)}; {words}")
    for investor, one in carry.hedged.items():
        yield Text("  ".join([f"Hedged into {investor}:", *(f"{name} {put(value, unit=value.unit)}" for name, value in one.items())]))
    for scenario in board.scenarios.values():
        values = ", ".join(f"{name} {put(value, '.3g', value.unit)}" for name, value in scenario.values.items())
        yield Text(f"SCENARIO {scenario.name}: {values}", "dim")


def structure(board: Board) -> Iterator[RenderableType]:
    """Slow facts by market."""
    yield Text("Structure, %", "bold")
    out = table("Market", "CB share", "debt/GDP", "policy", "CPI", "real", "12m bp", "tp 10Y", "<step")
    for name, one in board.structure.items():
        cells = (
            put(each, ".2f") for each in (one.cb_share, one.debt_gdp, one.policy, one.cpi, one.real_policy, one.path12m, one.term_premium)
        )
        out.add_row(_name(board, name), *cells, one.out_of_step.word)
    yield out


def changes(board: Board) -> Iterator[RenderableType]:
    """What changed since the session before, and what did not."""
    yield Text("Changed since the session before", "bold")
    yield from (change_line(change) for change in board.changes) if board.changes else iter((Text("nothing"),))
    yield from (Text(f"unchanged: {line}", "dim") for line in board.unchanged)


def change_line(change: Change) -> Text:
    """One change in a line."""
    text = f"{change.at} {change.severity:<5} {change.kind:<12} {change.subject}: {change.before} → {change.after}"
    out = Text(text, _SEVERITY[change.severity])
    return out.append(f"  {change.evidence}", "dim") if change.evidence else out


def health(board: Board) -> Iterator[RenderableType]:
    """Series that are not fresh."""
    late = {name: one for name, one in board.inputs.items() if str(one.status) in _LATE}
    yield Text(f"{len(board.inputs)} series, {len(late)} late or suspect", "bold")
    for name, one in late.items():
        yield Text(f"{name}  {one.status}  as of {one.as_of}  {one.source}", "dim")


def _name(board: Board, market: str) -> str:
    return board.markets[market].name if market in board.markets else market


PANES: Mapping[str, Pane] = MappingProxyType(
    {
        "state": state,
        "regime": regime,
        "confirmation": confirmation,
        "watch": watch,
        "sequence": sequence,
        "clearing": clearing,
        "auctions": auctions,
        "spillover": spillover,
        "structure": structure,
        "changes": changes,
        "health": health,
    }
)
SHOWN = ("state", "regime", "confirmation", "watch", "sequence", "changes")


def board_text(board: Board, panes: tuple[str, ...] = SHOWN) -> RenderableType:
    """The Board, or some of its panes."""
    parts: list[RenderableType] = [headline(board), Text(f"as of {board.as_of:%Y-%m-%d %H:%M}Z", "dim")]
    for name in panes:
        parts += [*PANES[name](board), Text("")]
    return Group(*parts, Text(board.line))
