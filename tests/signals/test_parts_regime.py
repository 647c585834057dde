"""The map, the composite and the confirmation as they stand on the Board."""

from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from boards import differences
from bondtop.cache.freshness import Status
from bondtop.signals.badprints import BadPrintParams
from bondtop.signals.coordinates import Coordinates
from bondtop.signals.history import History
from bondtop.signals.inputs import moment_of, panel_as_known
from bondtop.signals.rule import Regime
from bondtop.signals.settings import Settings
from bondtop.signals.subtype import subtype_at, subtype_history
from panels import day
from recorded import recorded_panel
from synthetic import NOW, as_of_day, only, synthetic_panel


@cache
def board(as_of=NOW):
    return _history().board(as_of)


@cache
def _history():
    return History(synthetic_panel())


def test_every_number_of_the_map_belongs_to_the_newest_row():
    regime = board().regime
    numbers = (regime.m, regime.D, regime.kappa, regime.rho, regime.H, regime.agreement)
    assert {each.as_of for each in numbers} == {regime.held.as_of}
    assert regime.m.inputs == ("us.10y", "uk.10y", "fr.10y", "jp.10y")
    assert regime.H.inputs == (*regime.m.inputs, "vix", "move", "ofr.fsi")
    assert regime.trail[-1] == pytest.approx((regime.m.value, regime.D.value))
    assert len(regime.trail) == 21


def test_the_coordinates_are_mean_and_spread_of_the_markets():
    regime, markets = board().regime, board().markets
    s = [markets[name].s1m.value for name in regime.markets]
    assert regime.m.value == pytest.approx(np.mean(s))
    assert regime.D.value == pytest.approx(np.std(s))


def test_votes_agreement_and_distances_go_together():
    regime = board().regime
    assert sum(regime.votes.values()) == pytest.approx(1.0)
    assert regime.agreement.value == pytest.approx(regime.votes.get(regime.held.word, 0.0))
    assert regime.held.word not in {each.regime for each in regime.distances}
    if regime.nearest:
        assert regime.nearest.x > 0
        assert regime.nearest in regime.distances


def test_sessions_and_since_agree():
    regime = board().regime
    rows = _history().aligned.whole.days
    assert (rows > day(str(regime.held.since))).sum() + 1 == regime.sessions


def test_stress_has_a_kind_and_lists_what_speaks_of_forced_selling():
    stressed = board(as_of_day("2024-08-14")).regime
    assert stressed.held.word == "Stress"
    assert stressed.gate.word == "on"
    assert stressed.subtype.word.split(", ")[0] in ("liquidation", "flight to quality", "mixed")
    assert [word.note for word in stressed.pressure if not word.word] == ["no feed of swap spreads", "no feed of bond funds' discounts"]
    assert board().regime.pressure == ()


def test_while_the_gate_is_on_the_board_says_what_it_waits_for():
    regime = board(as_of_day("2024-08-14")).regime
    release = next(each for each in regime.distances if each.regime == "gate off")
    assert (release.coordinate, release.need, release.days) == ("H −", 5, regime.off_count)
    assert release.x == pytest.approx(regime.H.value - 0.70)


def test_in_the_morning_the_newest_row_is_provisional():
    """London and Paris print at noon; Tokyo and New York have by six."""
    morning = board(as_of_day("2025-10-14") + timedelta(hours=6)).regime
    assert (morning.provisional, morning.own_prints) == (True, 2)
    assert morning.held.as_of.isoformat() == "2025-10-14"
    evening = board(as_of_day("2025-10-15")).regime
    assert (evening.provisional, evening.own_prints) == (False, 4)
    assert evening.held.as_of.isoformat() == "2025-10-14"


def test_contributions_lead_from_fifty_to_the_index():
    composite = board().composite
    total = sum(pillar.contribution.value for pillar in composite.pillars.values())
    assert composite.dci.value == pytest.approx(50 + total)
    assert composite.n == 5
    assert composite.text.startswith(f"DCI {composite.dci.value:.1f} → {composite.band.word}")
    assert composite.pillars["rates"].indicators["move"].value == board().regime.components["move"].level.value


def test_a_verdict_counts_its_lines():
    confirmation = board().confirmation
    assert confirmation.confirm_k == sum(line.confirms is True for line in confirmation.lines.values())
    assert confirmation.verdict == f"{confirmation.confirm_k}/4 confirm {board().regime.held.word.upper()}"
    assert confirmation.quotes["usd_broad"].level.inputs == ("usd.broad",)
    assert confirmation.quotes["vix"].d1.unit == "points"
    assert confirmation.assets["btc"].corr_spx.value is not None


def test_the_broad_dollar_gives_way_when_it_is_old():
    """Published once a week: four business days after its week it no longer speaks, and the dollar index does."""
    ids = {as_of: board(as_of_day(as_of)).confirmation.dollar.inputs for as_of in ("2026-03-17", "2026-03-20")}
    assert ids == {"2026-03-17": ("usd.broad",), "2026-03-20": ("dxy",)}


def test_without_equities_three_lines_are_left():
    panel = only(synthetic_panel(), lambda name: name != "spx")
    confirmation = History(panel).board(NOW).confirmation
    assert confirmation.confirm_n == 3
    assert confirmation.lines["equities"].state.note == "no recent data: spx"
    assert confirmation.stock_bond.status is Status.UNKNOWN


def test_the_kind_of_stress_is_that_of_the_history():
    part, seen = _history().regime, set()
    for back in range(0, 24 * 900, 60):
        known = part.view(moment_of(NOW - timedelta(hours=back)))
        if known.held is not Regime.STRESS:
            assert part.subtype(known) is None
            continue
        rows, history = known.view.rows, known.history
        upto = slice(0, known.row + 1)
        week = Coordinates(5, *(getattr(history.strip["1W"].at, name)[upto] for name in ("s", "m", "D", "kappa")))
        columns = (history.rho[upto], history.rho_pct[upto], rows.yield_of("us")[upto], rows.others["spx"][upto])
        assert part.subtype(known) == subtype_at(subtype_history(history.headline.labels.held[upto], week, *columns), -1)
        seen.add(part.subtype(known))
    assert seen


@pytest.fixture(scope="module")
def thirty_years(recorded):
    """The recorded panel, bad prints left in as in the reference values."""
    return History(recorded_panel(recorded), Settings(bad_prints=BadPrintParams(candidate_z=1e9)))


@pytest.mark.recorded
def test_the_maps_rows_agree_with_the_reference_days(thirty_years, golden_panel):
    rows, whole = thirty_years.aligned.whole, thirty_years.regime.whole
    for each in golden_panel["panel_days"]["days"]:
        row = int(np.searchsorted(rows.days, day(each["date"])))
        assert rows.days[row] == day(each["date"])
        assert whole.headline.at.m[row] == pytest.approx(each["m"], abs=1e-5), each["date"]
        assert whole.headline.at.D[row] == pytest.approx(each["D"], abs=1e-5)
        assert whole.stress.H[row] == pytest.approx(each["H"], abs=1e-5)
        assert thirty_years.composite.whole.dci[row] == pytest.approx(each["dci"], abs=1e-4)


@pytest.mark.recorded
def test_boards_of_the_past_hold_the_reference_regimes(thirty_years, golden_panel):
    """Two days on, the row of a reference day has all its prints; its regime is then that of the reference."""
    for each in golden_panel["panel_days"]["days"][-4:]:
        moment = as_of_day(str(np.datetime64(each["date"]) + np.timedelta64(4, "D")))
        view = thirty_years.regime.view(moment_of(moment))
        row = int(np.searchsorted(view.view.rows.days, day(each["date"])))
        codes = view.history.headline.labels.held
        assert Regime(int(codes[row])).word == each["held"]


@pytest.mark.recorded
def test_the_sign_of_stocks_and_bonds_agrees_with_the_reference(thirty_years, golden_panel):
    for when, expected in golden_panel["stock_bond"]["corr"].items():
        shown = thirty_years.board(as_of_day(when)).confirmation.stock_bond
        assert shown.as_of.isoformat() == when
        assert shown.value == pytest.approx(expected, abs=6e-5)


@pytest.mark.recorded
def test_six_sigma_of_the_30_year_jgb(thirty_years):
    """+19.7 bp on 8 April 2025, published the next morning: 6σ, 1 in 1,537 sessions (value dates)."""
    point = thirty_years.board(as_of_day("2025-04-09")).markets["jp"].tenors["30y"]
    assert point.d1.value == pytest.approx(19.7)
    assert point.z1.value == pytest.approx(6.0, abs=0.05)
    assert (point.z_word, point.one_in) == ("six-sigma", 1537)


@pytest.mark.recorded
@pytest.mark.parametrize("as_of", ["2019-05-07", "2022-09-26", "2025-04-18"])
def test_a_recorded_board_is_that_of_the_panel_as_known_then(recorded, thirty_years, as_of):
    settings = Settings(bad_prints=BadPrintParams(candidate_z=1e9))
    then = History(panel_as_known(recorded_panel(recorded), as_of_day(as_of)), settings)
    assert differences(thirty_years.board(as_of_day(as_of)), then.board(as_of_day(as_of))) == []
