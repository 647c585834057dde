"""The watch list over a history: inputs, staleness, marks, groups, and the dates on which recorded markets met the conditions."""

import csv
from datetime import date, timedelta
from itertools import groupby

import msgspec
import numpy as np
import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.series import from_day, to_day
from bondtop.signals.states import APPROACHING, MANUAL, MET, NOT, REVERSED, STALE, STATES, UNKNOWN, State
from bondtop.signals.watch import evaluate_watchlist, group_codes
from bondtop.signals.watchfile import load_watchlist, parse_watchlist
from bondtop.signals.watchinput import Native, measured, month_turns
from bondtop.signals.watchspec import Accelerating, Growing, Measure
from bondtop.signals.watchview import Mark, WatchView
from bondtop.signals.wording import worded

KNOWN = default_catalogue().series
NO_HOLIDAYS = np.zeros(0, np.int32)


def weekdays(start, count):
    """`count` Monday–Friday day numbers from a date on."""
    days = np.arange(to_day(start), to_day(start) + 2 * count + 9, dtype=np.int32)
    return days[(days + 3) % 7 < 5][:count]


def native(days, values):
    return Native.of(np.asarray(days, np.int32), np.asarray(values, float))


def own_list(text):
    return parse_watchlist(KNOWN, ("own.toml", text))


VIX_WEEK = """
[[group]]
id = "G"
title = "Group"
met_when = [["A"]]

[[condition]]
id = "A"
group = "G"
title = "VIX above 30"
series = ["vix"]
operator = { kind = "sustained", level = 30, n = 2 }

[[condition]]
id = "M"
group = "G"
title = "A judgement"
cadence = "event"
operator = { kind = "mark" }
"""

DAYS = weekdays(date(2024, 1, 1), 12)
VIX = [20, 20, 29, 31, 31, 31, 20, 20, 20, 20, 20, 20]


def states_of(history, name="A"):
    return [STATES[code].value for code in history.conditions[name].state]


def test_states_follow_the_observations():
    history = evaluate_watchlist(own_list(VIX_WEEK), {"vix": native(DAYS, VIX)}, DAYS)
    assert states_of(history) == ["UNKNOWN", "NOT", *["APPROACHING"] * 2, "MET", "MET", "NOT", "NOT", *["REVERSED"] * 4]
    item = history.at(5).items[0]
    assert (item.state, item.run, item.progress) == (State.MET, 3, 1.0)
    assert item.since == DAYS[4] and item.as_of == DAYS[5] and item.value == 31
    assert "2 of 2" in item.evidence


def test_an_observation_counts_from_the_day_it_was_known():
    late = Native.of(DAYS, np.array(VIX, float), DAYS + 1)
    on_time = evaluate_watchlist(own_list(VIX_WEEK), {"vix": native(DAYS, VIX)}, DAYS).conditions["A"].state
    delayed = evaluate_watchlist(own_list(VIX_WEEK), {"vix": late}, DAYS).conditions["A"].state
    assert delayed[1:5].tolist() == on_time[:4].tolist()  # within the first week
    assert delayed[5] == on_time[4]  # Friday's value, known on Saturday, counts on Monday


def test_no_source_is_unknown_and_never_raises():
    history = evaluate_watchlist(load_watchlist(KNOWN), {}, DAYS)
    view = history.at()
    assert {item.state for item in view.items} == {State.UNKNOWN}
    assert {group.state for group in view.groups} == {State.UNKNOWN}
    assert {level.state for level in view.levels} == {State.UNKNOWN}
    assert view.items[0].evidence == "no source" and view.items[5].evidence == "no mark was set"


def test_stale_shows_and_groups_count_its_last_state():
    stale = np.zeros(len(DAYS), bool)
    stale[5:] = True
    stale[0] = True
    values = [20, 20, 29, 31, 31, 31] + [31] * 6
    history = evaluate_watchlist(own_list(VIX_WEEK), {"vix": native(DAYS, values)}, DAYS, stale={"vix": stale})
    track = history.conditions["A"]
    assert track.state[5] == STALE and track.counted[5] == MET and track.for_sequence[5] == STALE
    assert track.state[0] == UNKNOWN
    assert history.groups["G"][5] == MET


def mark(condition, value, at, until):
    return Mark(condition, value, "ana", DAYS_DATE(at), DAYS_DATE(until), "seen in the minutes")


def DAYS_DATE(i):  # noqa: N802
    return from_day(int(DAYS[i]))


def test_a_mark_decides_a_judgement_until_it_expires():
    marks = [mark("M", "approaching", 1, 3), mark("M", "met", 6, 8)]
    history = evaluate_watchlist(own_list(VIX_WEEK), {"vix": native(DAYS, VIX)}, DAYS, marks)
    track = history.conditions["M"]
    assert track.state.tolist() == [UNKNOWN] + [MANUAL] * 3 + [STALE] * 2 + [MANUAL] * 3 + [STALE] * 3
    assert track.counted.tolist() == [UNKNOWN] + [APPROACHING] * 5 + [MET] * 6
    view = history.at(6)
    assert view.items[1].state is State.MANUAL and view.items[1].counts_as is State.MET and view.items[1].progress == 1.0
    assert "met by ana" in view.items[1].evidence and "seen in the minutes" in view.items[1].evidence
    assert (view.met, view.manual) == (1, 1)
    assert "expired" in history.at(9).items[1].evidence


def test_a_view_survives_storage():
    history = evaluate_watchlist(own_list(VIX_WEEK), {"vix": native(DAYS, VIX)}, DAYS, [mark("M", "met", 6, 8)])
    for row in range(len(DAYS)):
        view = history.at(row)
        assert msgspec.json.decode(msgspec.json.encode(view), type=WatchView) == view


def test_a_mark_never_hides_missing_or_old_data():
    marks = [mark("A", "met", 0, 11)]
    stale = np.zeros(len(DAYS), bool)
    stale[8:] = True
    history = evaluate_watchlist(own_list(VIX_WEEK), {"vix": native(DAYS, VIX)}, DAYS, marks, {"vix": stale})
    track = history.conditions["A"]
    assert track.state.tolist() == [UNKNOWN] + [MANUAL] * 7 + [STALE] * 4
    assert track.counted[1] == MET and track.counted[8] == REVERSED
    expired = evaluate_watchlist(own_list(VIX_WEEK), {"vix": native(DAYS, VIX)}, DAYS, [mark("A", "met", 0, 2)])
    assert expired.conditions["A"].state[6] == NOT and expired.at(6).items[0].mark is None


def test_a_hint_gives_approaching_at_most_and_only_before_a_mark():
    text = """
[[group]]
id = "G"
title = "Group"
met_when = [["B3"]]

[[condition]]
id = "B3"
group = "G"
title = "A judgement"
cadence = "event"
operator = { kind = "mark" }
hint = { series = ["jp.2y", "jp.policy"], input = "spread_bp", operator = { kind = "fallen", steps = 2, by = 15 }, text = "2Y − policy" }
"""
    inputs = {"jp.2y": native(DAYS, [1.0] * 5 + [0.8] * 7), "jp.policy": native(DAYS, [0.5] * 12)}
    codes = evaluate_watchlist(own_list(text), inputs, DAYS).conditions["B3"].state
    assert codes.tolist() == [UNKNOWN] * 5 + [APPROACHING] * 2 + [UNKNOWN] * 5
    marked = evaluate_watchlist(own_list(text), inputs, DAYS, [mark("B3", "not", 5, 11)])
    assert marked.conditions["B3"].counted[6] == NOT
    assert "2Y − policy: " in marked.at(6).items[0].evidence


def group_of(codes_by_name, expression='[["A", "M"]]'):
    watchlist = own_list(VIX_WEEK.replace('[["A"]]', expression))
    counted = {name: np.array([code], np.int8) for name, code in codes_by_name.items()}
    return int(group_codes(watchlist.groups[0], watchlist.members("G"), counted, 1)[0])


def test_group_states():
    assert group_of({"A": MET, "M": MET}) == MET
    assert group_of({"A": MET, "M": NOT}) == APPROACHING
    assert group_of({"A": APPROACHING, "M": UNKNOWN}) == APPROACHING
    assert group_of({"A": UNKNOWN, "M": UNKNOWN}) == UNKNOWN
    assert group_of({"A": REVERSED, "M": UNKNOWN}) == NOT
    assert group_of({"A": MET, "M": NOT}, '[["A"]]') == MET


def test_the_second_measure_steps_in_without_the_first():
    weeks = np.array([to_day(date(2020, 1, 1)) + 7 * i for i in range(160)], np.int32)
    fails = np.concatenate((np.full(140, 10.0) + np.tile([0.1, -0.1], 70), 40 - np.arange(20)))
    history = evaluate_watchlist(load_watchlist(KNOWN), {"us.fails.otr.10y.deliver": native(weeks, fails)}, weeks)
    item = history.at().items[6]
    assert (item.id, item.state, item.unit) == ("R1", State.MET, "mn")
    assert item.proxy.startswith("on-the-run")


# --- inputs --------------------------------------------------------------------------------------------------------------------


def test_month_turns_are_the_last_business_day_and_its_neighbours():
    days = weekdays(date(2024, 3, 1), 30)  # March 2024 ended with Good Friday
    good_friday = to_day(date(2024, 3, 29))
    own = days[days != good_friday]
    flagged = {from_day(int(day)) for day in own[month_turns(own, NO_HOLIDAYS)]}
    assert {date(2024, 3, 27), date(2024, 3, 28), date(2024, 4, 1)} <= flagged
    assert date(2024, 3, 26) not in flagged and date(2024, 4, 2) not in flagged


def test_the_month_that_has_not_ended_is_judged_by_its_weekdays_and_holidays():
    own = weekdays(date(2024, 3, 1), 19)  # up to Wednesday 27
    assert not month_turns(own, NO_HOLIDAYS)[-1]
    assert month_turns(own, np.array([to_day(date(2024, 3, 29))], np.int32))[-1]


def test_weekly_sums_count_empty_weeks_and_wait_for_the_week_to_end():
    monday = to_day(date(2024, 1, 1))
    operations = native([monday, monday + 3, monday + 21], [2.0, 4.0, 5.0])
    measure = Measure(operator=Accelerating(), series=("us.buyback.accepted",), sample="week_sum")
    weekly = measured(measure, {"us.buyback.accepted": operations}, monday + 35, NO_HOLIDAYS)
    assert weekly.values.tolist() == [6.0, 0.0, 0.0, 5.0, 0.0, 0.0]
    assert weekly.days[0] == monday + 4 and weekly.known[0] == monday + 7
    last = measured(Measure(operator=Growing(k=4), series=("x",), sample="week_last"), {"x": operations}, monday + 35, NO_HOLIDAYS)
    assert last.values.tolist() == [4.0, 5.0]
    mean = measured(Measure(operator=Growing(k=4), series=("x",), sample="week_mean"), {"x": operations}, monday + 35, NO_HOLIDAYS)
    assert mean.values.tolist() == [3.0, 5.0]


def test_a_spread_is_exact_in_bp_and_needs_a_recent_second_leg():
    days = weekdays(date(2024, 1, 1), 20)
    measure = Measure(operator=Growing(k=4), series=("us.sofr", "us.ff.upper"), input="spread_bp")
    spread = measured(
        measure, {"us.sofr": native(days, [5.31] * 20), "us.ff.upper": native(days[:5], [5.33] * 5)}, int(days[-1]), NO_HOLIDAYS
    )
    assert set(spread.values) == {-2.0}
    assert spread.days[-1] - days[4] == 12
    assert measured(measure, {"us.sofr": native(days, [5.31] * 20)}, int(days[-1]), NO_HOLIDAYS) is None


def test_refunding_months_take_the_share_at_the_quarterly_refundings():
    ends = [date(2023, m + 1, 1) - timedelta(days=1) for m in range(1, 12)]
    days = np.array([to_day(d) for d in ends], np.int32)
    inputs = {"us.mspd.bills": native(days, np.arange(11.0)), "us.mspd.marketable": native(days, np.full(11, 50.0))}
    t1 = next(c for c in load_watchlist(KNOWN).conditions if c.id == "T1")
    share = measured(t1, inputs, int(days[-1]), NO_HOLIDAYS)
    assert [from_day(int(d)).month for d in share.days] == [2, 5, 8, 11]
    assert share.values.tolist() == [2.0, 8.0, 14.0, 20.0]


# --- conditions made of several tests --------------------------------------------------------------------------------------------


def one(condition_id, inputs, days):
    history = evaluate_watchlist(load_watchlist(KNOWN), inputs, days)
    return next(item for item in history.at().items if item.id == condition_id)


def weekly_days(count):
    return np.array([to_day(date(2010, 1, 6)) + 7 * i for i in range(count)], np.int32)


def test_custody_needs_a_recent_low():
    zigzag = np.tile([0.4, -0.4], 300)
    days = weekly_days(600)
    down_then_flat = np.concatenate((np.linspace(3300, 2800, 560), np.full(40, 2800.0))) + zigzag
    assert one("B1", {"us.custody": native(days, down_then_flat)}, days).state is State.MET
    up_then_flat = np.concatenate((np.linspace(2800, 3300, 560), np.full(40, 3300.0))) + zigzag
    item = one("B1", {"us.custody": native(days, up_then_flat)}, days)
    assert item.state is State.NOT and "no recent low" in item.evidence and item.progress == 0.0


def test_custody_says_when_a_fall_is_a_rotation():
    days = weekly_days(200)
    inputs = {"us.custody": native(days, np.linspace(3300, 2800, 200)), "us.foreign_rrp": native(days, np.linspace(300, 400, 200))}
    assert "rotation" in one("B1", inputs, days).evidence
    inputs["us.foreign_rrp"] = native(days, np.linspace(400, 300, 200))
    assert "rotation" not in one("B1", inputs, days).evidence


def test_the_net_short_needs_a_floor_older_than_the_newest_reports():
    days = weekly_days(130)
    wave = 100 + np.tile([0.5, -0.5], 65)
    low_then_flat = wave.copy()
    low_then_flat[-15] = 90.0
    assert one("R2", {"cftc.lev.short_10y": native(days, low_then_flat)}, days).state is State.MET
    fresh_low = wave.copy()
    fresh_low[-2] = 90.0
    item = one("R2", {"cftc.lev.short_10y": native(days, fresh_low)}, days)
    assert item.state is State.APPROACHING and "too fresh" in item.evidence


@pytest.mark.parametrize(("issuance", "state"), [("high", State.MET), ("low", State.APPROACHING), (None, State.APPROACHING)])
def test_a_drawdown_counts_when_coupons_are_issued_meanwhile(issuance, state):
    days = weekdays(date(2022, 1, 3), 700)
    balance = np.full(700, 800.0)
    balance[-20:] -= np.linspace(0, 60, 20)
    inputs = {"us.tga": native(days, balance)}
    if issuance:
        flow = np.full(140, 100.0)
        flow[-1] = 150.0 if issuance == "high" else 50.0
        inputs["us.coupons.net_4w"] = native(days[::5], flow)
    assert one("T3", inputs, days).state is state
    rising = {"us.tga": native(days, np.concatenate((np.full(680, 800.0), np.linspace(800, 900, 20))))}
    assert one("T3", rising, days).state is State.NOT


def test_repo_evidence_tells_how_much_of_the_market_pays():
    days = weekdays(date(2024, 1, 8), 10)
    inputs = {"us.sofr": native(days, [5.53] * 10), "us.ff.upper": native(days, [5.5] * 10), "us.sofr.p25": native(days, [5.51] * 10)}
    item = one("F3", inputs, days)
    assert item.state is State.MET and "most of the market" in item.evidence and "TGCR" not in item.evidence


def test_a_level_is_approached_within_two_daily_sigmas():
    days = weekdays(date(2023, 1, 2), 300)
    steps = np.tile([0.05, -0.05], 150)
    for offset, state in ((0.02, State.MET), (-0.08, State.APPROACHING), (-0.14, State.NOT)):
        yields = 4.9 + np.cumsum(steps) - np.cumsum(steps)[-1] + offset
        history = evaluate_watchlist(load_watchlist(KNOWN), {"us.30y": native(days, yields)}, days)
        level = history.at().levels[0]
        assert level.state is state, offset
        assert f"{worded(-100 * offset, '+.0f', 'bp')} to 4.9 ({worded(-20 * offset, '+.1f', 'σ')})" in level.evidence


# --- recorded markets -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def panel(recorded):
    with (recorded / "panel.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = np.array([to_day(date.fromisoformat(row["date"])) for row in rows], np.int32)

    def column(name):
        return Native.of(days, np.array([float(row[name] or "nan") for row in rows]))

    return column


def recorded_history(inputs, until=date(2025, 6, 30)):
    days = np.arange(to_day(date(1995, 1, 2)), to_day(until) + 1, dtype=np.int32)
    days = days[(days + 3) % 7 < 5]
    return evaluate_watchlist(load_watchlist(KNOWN), inputs, days)


def met_spells(history, name):
    """[first, last, observations] of each spell of MET, on the condition's own observations."""
    track = history.conditions[name]
    rows = zip(track.observed.days.tolist(), track.codes.tolist(), strict=True)
    spells = []
    for code, spell in groupby(rows, key=lambda pair: pair[1]):
        days = [day for day, _ in spell]
        if code == MET:
            spells.append([from_day(days[0]).isoformat(), from_day(days[-1]).isoformat(), len(days)])
    return spells


@pytest.mark.recorded
def test_move_above_130(panel, golden_panel):
    history = recorded_history({"move": panel("move")})
    assert [spell for spell in met_spells(history, "F1") if spell[0] < "2025-07"] == golden_panel["move"]["F1_met_spells"]


@pytest.mark.recorded
def test_repo_above_the_range(panel, golden_panel):
    expected = golden_panel["repo_above_range"]
    inputs = {"us.sofr": panel("sofr"), "us.ff.upper": panel("ff_upper")}
    history = recorded_history(inputs)
    assert [spell for spell in met_spells(history, "F3") if spell[0] < "2025-07"] == expected["met_spells"]
    track = history.conditions["F3"]
    changes = [
        [from_day(int(day)).isoformat(), STATES[code].value]
        for day, code, before in zip(track.observed.days[1:], track.codes[1:], track.codes[:-1], strict=True)
        if code != before
    ]
    assert [c for c in changes if "2019-06-15" <= c[0] <= "2019-10-31"] == expected["state_changes_2019-06-15_to_2019-10-31"]
    assert [c for c in changes if "2024-12" <= c[0] < "2025-07"] == expected["state_changes_from_2024-12"]
    plain = Measure(operator=Growing(k=4), series=("us.sofr", "us.ff.upper"), input="spread_bp")  # month turns left in
    gap = measured(plain, inputs, 0, NO_HOLIDAYS)
    above = [from_day(int(d)).isoformat() for d, x in zip(gap.days, gap.values, strict=True) if x > 0]
    assert [d for d in above if "2024" <= d < "2025-07"] == expected["dates_above_from_2024"]


@pytest.mark.recorded
def test_usdjpy_stable_above_145(panel, golden_panel):
    expected = golden_panel["usdjpy_above_145"]
    history = recorded_history({"usdjpy": panel("usdjpy")})
    assert [s for s in met_spells(history, "B2") if s[2] >= 8 and "2021" <= s[0] < "2025-07"] == expected["met_spells_of_8_or_more"]
    track = history.conditions["B2"]
    window = (track.observed.days >= to_day(date(2021, 1, 1))) & (track.observed.days <= to_day(date(2025, 6, 30)))
    assert np.mean(track.codes[window] == MET) == pytest.approx(expected["share_met"], abs=1e-4)
