"""Alerts: which changes, when, by whom, and never twice."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from bondtop.cache.alerts import AlertBook
from bondtop.cache.journal import Entry, Journal
from bondtop.cache.store import Store
from bondtop.signals.board import Change
from bondtop.tui.alertrules import AlertSettings, Rules
from bondtop.tui.alerts import GRACE_S, simulated_notice
from bondtop.tui.app import Monitor
from bondtop.tui.cli import main
from bondtop.tui.config import ConfigError, parse_config
from bondtop.tui.source import Notice
from handboards import full, replaced
from hypothesis import given
from hypothesis import strategies as st
from journals import HandClock, alerts_of, noon, seen, watching
from sources import HandSource


def entry(severity: str = "watch", kind: str = "condition", subject: str = "watch.F1") -> Entry:
    return Entry(noon(), noon().date(), kind, subject, "NOT", "MET", severity, "")


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "cache") as opened:
        yield opened


# ------------------------------------------------------------------------------------------------------------------ rules
@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, True),
        ({"severity": "critical"}, False),
        ({"severity": "careful"}, True),
        ({"kinds": ("band",)}, False),
        ({"kinds": ("band", "condition")}, True),
        ({"muted": ("watch.F1",)}, False),
        ({"muted": ("watch",)}, False),
        ({"muted": ("watch.F",)}, True),
    ],
)
def test_what_is_told(settings, told):
    assert Rules(AlertSettings(**settings)).wants(entry()) is told


def test_quiet_hours_follow_the_wall_clock_over_both_changes_of_the_clocks():
    """London: 2026-03-29 01:00Z forward, 2026-10-25 01:00Z back."""
    rules = Rules(AlertSettings(quiet="22:00-07:00", quiet_zone="Europe/London"))

    def quiet(*when: int) -> bool:
        return rules.is_quiet(datetime(*when, tzinfo=UTC))  # type: ignore[arg-type]

    assert (quiet(2026, 3, 28, 21, 59), quiet(2026, 3, 28, 22, 0)) == (False, True)  # winter: Z
    assert (quiet(2026, 3, 29, 5, 59), quiet(2026, 3, 29, 6, 0)) == (True, False)  # summer has begun: an hour earlier
    assert (quiet(2026, 10, 24, 20, 59), quiet(2026, 10, 24, 21, 0)) == (False, True)
    assert (quiet(2026, 10, 25, 6, 59), quiet(2026, 10, 25, 7, 0)) == (True, False)


@given(st.integers(0, 365 * 1440 - 1), st.sampled_from(["Europe/London", "America/New_York", "Asia/Tokyo"]))
def test_quiet_hours_are_what_the_wall_clock_says(minute_of_year, zone):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute_of_year)
    wall = at.astimezone(ZoneInfo(zone))
    minutes = 60 * wall.hour + wall.minute
    assert Rules(AlertSettings(quiet="01:30-09:15", quiet_zone=zone)).is_quiet(at) is (90 <= minutes < 555)
    assert Rules(AlertSettings(quiet="22:00-06:00", quiet_zone=zone)).is_quiet(at) is (minutes >= 1320 or minutes < 360)


def test_quiet_hours_let_pass_what_is_critical():
    night = datetime(2026, 4, 1, 23, tzinfo=UTC)
    rules, strict = (Rules(AlertSettings(quiet="22:00-07:00", quiet_passes=p)) for p in ("critical", "nothing"))
    assert (rules.silent(entry("alarm"), night), strict.silent(entry("alarm"), night), rules.silent(entry(), night)) == (False, True, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('quiet = "22-7"', "alerts.quiet = '22-7' is not like '22:00-07:00'"),
        ('quiet = "25:00-07:00"', "is not like"),
        ('quiet_zone = "Europe/Londn"', "is no time zone"),
        ('webhook = "http://example.org/secret"', "alerts.webhook must begin with https://"),
        ('deliver = ["command"]', "alerts.command is empty"),
        ('deliver = ["pigeon"]', "pigeon"),
        ('kinds = ["regimes"]', "did you mean 'regime'?"),
        ("dwell_minutes = -1", "alerts.dwell_minutes"),
        ("severities = 1", "did you mean 'severity'?"),
    ],
)
def test_mistakes_in_the_rules_are_named_with_their_line(line, said):
    with pytest.raises(ConfigError, match=r"config\.toml line 2: ") as e:
        parse_config(f"[alerts]\n{line}\n", "config.toml")
    assert said in str(e.value) and "secret" not in str(e.value)


# ---------------------------------------------------------------------------------------------------------------- telling
async def told(alerts, notices) -> list[str]:
    await alerts.look()
    await alerts.finish()
    found = [n.text.removesuffix(" (evidence)") for n in notices]
    notices.clear()
    return found


async def test_a_change_is_told_once_and_not_again_after_a_restart(store):
    clock, notices = HandClock(noon()), []
    alerts = alerts_of(store, clock, tell=notices.append)
    seen(store, alerts, watching(clock.now(), F1="NOT"))
    assert await told(alerts, notices) == []
    clock.pass_(60)
    seen(store, alerts, watching(clock.now(), F1="MET"))
    assert await told(alerts, notices) == ["Watch list F1 MOVE > 130: not met → met"]
    assert await told(alerts, notices) == []
    restarted = alerts_of(store, clock, tell=notices.append)
    seen(store, restarted, watching(clock.now(), F1="MET"))
    assert await told(restarted, notices) == []
    assert len(Journal(store.database).read()) == 1


async def test_two_sessions_one_delivery(store, tmp_path):
    """The holder tells; the other sees that it was told; and each channel is somebody's, once."""
    clock, one, two = HandClock(noon()), [], []
    script = ("sh", "-c", f"echo called >> {tmp_path}/calls")
    with Store.open(tmp_path / "cache") as other:
        settings = {"deliver": ("toast", "command"), "command": script}
        holder, follower = (
            alerts_of(store, clock, tell=one.append, **settings),
            alerts_of(other, clock, holds=False, tell=two.append, **settings),
        )
        seen(store, holder, watching(clock.now(), F1="NOT"))
        seen(store, holder, watching(clock.now(), F1="MET"))
        await asyncio.gather(holder.look(), follower.look())
        await asyncio.gather(holder.look(), follower.look())
        await asyncio.gather(holder.finish(), follower.finish())
    assert len(one) + len(two) == 1
    assert (tmp_path / "calls").read_text() == "called\n"


async def test_who_follows_steps_in_when_nobody_tells(store):
    clock, notices = HandClock(noon()), []
    holder, follower = alerts_of(store, clock), alerts_of(store, clock, holds=False, tell=notices.append)
    for state in ("NOT", "MET"):
        seen(store, holder, watching(clock.now(), F1=state))
    assert await told(follower, notices) == []
    clock.pass_(GRACE_S)
    assert await told(follower, notices) == ["Watch list F1 MOVE > 130: not met → met"]


async def test_an_hour_of_flapping_is_one_alert(store):
    """MOVE crosses its threshold and comes back every minute and a half."""
    clock, notices = HandClock(noon()), []
    alerts = alerts_of(store, clock, tell=notices.append)
    said = []
    for i in range(41):
        seen(store, alerts, watching(clock.now(), F1="MET" if i % 2 else "APPROACHING"))
        said += await told(alerts, notices)
        clock.pass_(90)
    assert said == ["Watch list F1 MOVE > 130: approaching → met"]


async def test_a_state_that_does_not_last_is_not_told(store):
    clock, notices = HandClock(noon()), []
    alerts = alerts_of(store, clock, tell=notices.append, dwell_minutes=10)
    for minutes, state in ((0, "NOT"), (5, "MET"), (5, "NOT")):
        clock.pass_(60 * minutes)
        seen(store, alerts, watching(clock.now(), F1=state))
        assert await told(alerts, notices) == []
    clock.pass_(600)
    assert await told(alerts, notices) == []
    assert next((q.state, q.reason) for q in AlertBook(store.database).recent(5)) == ("dropped", "did not last")


async def test_a_state_that_lasts_is_told_after_its_dwell(store):
    clock, notices = HandClock(noon()), []
    alerts = alerts_of(store, clock, tell=notices.append, dwell_minutes=10)
    for state in ("NOT", "MET"):
        seen(store, alerts, watching(clock.now(), F1=state))
    clock.pass_(599)
    assert await told(alerts, notices) == []
    clock.pass_(1)
    assert await told(alerts, notices) == ["Watch list F1 MOVE > 130: not met → met"]


async def test_what_happens_at_night_is_told_in_the_morning_if_it_still_holds(store):
    clock, notices = HandClock(datetime(2026, 3, 28, 23, tzinfo=UTC)), []
    alerts = alerts_of(store, clock, tell=notices.append, quiet="22:00-07:00", quiet_zone="Europe/London")
    seen(store, alerts, watching(clock.now(), F1="NOT", F2="NOT"))
    seen(store, alerts, watching(clock.now(), F1="MET", F2="MET"))
    assert await told(alerts, notices) == []
    clock.at = datetime(2026, 3, 29, 5, 59, tzinfo=UTC)
    seen(store, alerts, watching(clock.now(), F1="MET", F2="NOT"))
    assert await told(alerts, notices) == []
    clock.at = datetime(2026, 3, 29, 6, 0, tzinfo=UTC)  # seven o'clock: the clocks went forward
    assert await told(alerts, notices) == ["Watch list F1 MOVE > 130: not met → met"]


async def test_what_happens_at_night_is_told_in_the_morning_when_the_clocks_go_back(store):
    clock, notices = HandClock(datetime(2026, 10, 24, 22, tzinfo=UTC)), []  # eleven at night; seven in the morning is nine hours away
    alerts = alerts_of(store, clock, tell=notices.append, quiet="22:00-07:00", quiet_zone="Europe/London")
    for state in ("NOT", "MET"):
        seen(store, alerts, watching(clock.now(), F1=state))
    for hours, minutes in ((6, 0), (6, 59)):
        clock.at = datetime(2026, 10, 25, hours, minutes, tzinfo=UTC)
        assert await told(alerts, notices) == []
    clock.at = datetime(2026, 10, 25, 7, 0, tzinfo=UTC)
    assert await told(alerts, notices) == ["Watch list F1 MOVE > 130: not met → met"]


async def test_what_nobody_told_for_a_day_is_told_no_more(store):
    """A service without --alerts queues for a session with a screen, and none came."""
    clock, notices = HandClock(noon()), []
    alerts = alerts_of(store, clock, tell=notices.append)
    for state in ("NOT", "MET"):
        seen(store, alerts, watching(clock.now(), F1=state))
    clock.pass_(86_401)
    assert await told(alerts, notices) == []
    assert next((q.state, q.reason) for q in AlertBook(store.database).recent(5)) == ("dropped", "too old")


async def test_nothing_is_repeated_by_a_store_opened_anew(tmp_path):
    """Killed between writing and telling, the next process tells; killed after it, nobody does."""
    clock, notices = HandClock(noon()), []
    with Store.open(tmp_path / "c") as store:
        alerts = alerts_of(store, clock)
        for state in ("NOT", "MET"):
            seen(store, alerts, watching(clock.now(), F1=state))
    for expected in (["Watch list F1 MOVE > 130: not met → met"], [], []):
        clock.pass_(20)
        with Store.open(tmp_path / "c") as store:
            alerts = alerts_of(store, clock, tell=notices.append)
            seen(store, alerts, watching(clock.now(), F1="MET"))
            assert await told(alerts, notices) == expected


async def test_a_muted_subject_is_not_told(store):
    clock, notices = HandClock(noon()), []
    alerts = alerts_of(store, clock, tell=notices.append)
    AlertBook(store.database).mute("watch.F1", "ana", 0, clock.seconds() + 3600)
    for state in ("NOT", "MET"):
        seen(store, alerts, watching(clock.now(), F1=state, F2=state))
    assert await told(alerts, notices) == ["Watch list F2 MOVE > 130: not met → met"]


async def test_many_at_once_are_one_notice(store):
    clock, notices = HandClock(noon()), []
    alerts = alerts_of(store, clock, tell=notices.append, deliver=("bell", "desktop"))
    names = [f"F{i}" for i in range(9)]
    for state in ("NOT", "MET"):
        seen(store, alerts, watching(clock.now(), **dict.fromkeys(names, state)))
    await alerts.look()
    (only,) = notices
    assert only.text.count("→") == 3 and only.text.endswith("and 6 more: j")
    assert only.title == "" and only.codes.count("\a") == 1 and only.codes.count("\x1b]9;") == 1


async def test_nothing_is_queued_where_nothing_is_to_be_delivered(store):
    clock = HandClock(noon())
    alerts = alerts_of(store, clock, deliver=())
    for state in ("NOT", "MET"):
        seen(store, alerts, watching(clock.now(), F1=state))
    assert len(Journal(store.database).read()) == 1 and AlertBook(store.database).recent(5) == ()


async def test_a_failed_delivery_is_shown_and_kept(store):
    clock, notices = HandClock(noon()), []
    alerts = alerts_of(store, clock, tell=notices.append, deliver=("command",), command=("/nonexistent/program",))
    for state in ("NOT", "MET"):
        seen(store, alerts, watching(clock.now(), F1=state))
    assert await told(alerts, notices) == ["command: cannot be started: No such file or directory"]
    assert AlertBook(store.database).outcomes(1) == {"command": "cannot be started: No such file or directory"}


# ------------------------------------------------------------------------------------------------------ replay, demo, app
def test_replay_and_demo_are_silent_unless_asked():
    change = Change(noon().date(), "regime", "regime", "Stable", "Stress", "alarm", "")
    board = replaced(full(), changes=(change,))
    assert simulated_notice(board, AlertSettings(), "REPLAY", {}) is None
    found = simulated_notice(board, AlertSettings(simulated=True, deliver=("toast", "webhook")), "REPLAY", {})
    assert found == Notice("bondtop REPLAY critical", "regime: Stable → Stress", "critical")
    assert simulated_notice(full(), AlertSettings(simulated=True), "DEMO", {}) is None


async def test_the_app_shows_a_notice_without_reading_it_as_markup():
    source = HandSource(full())
    app = Monitor(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        source.send(Notice("bondtop critical", "[red]x[/] → [bold", "critical"))
        source.send(Notice("", "only codes", "warning", "\a"))
        await pilot.pause()
        (shown,) = app._notifications
        assert (shown.message, shown.severity) == ("[red]x[/] → [bold", "error")
        await pilot.press("A")
        await pilot.pause()
        assert any("2 alerts acknowledged" in n.message for n in app._notifications)


# ------------------------------------------------------------------------------------------------------------ command line
def test_the_journal_and_the_alerts_on_the_command_line(store, tmp_path, capfd):
    clock = HandClock(noon())
    alerts = alerts_of(store, clock)
    for state in ("NOT", "MET"):
        seen(store, alerts, watching(clock.now(), F1=state))
        clock.pass_(60)

    def run(*words: str):
        code = main([*words, "--cache-dir", str(tmp_path / "cache"), "--config", str(tmp_path / "none.toml")])
        out = capfd.readouterr()
        return code, out.out, out.err

    code, out, _ = run("journal", "--json")
    assert code == 0 and json.loads(out)["subject"] == "watch.F1" and json.loads(out)["seen"] == "2026-04-01T12:01:00Z"
    assert run("journal", "--json", "--kind", "band")[1] == "" and run("journal", "--since", "2026-04-02", "--json")[1] == ""
    assert run("journal", "--kind", "bands")[0] == 2
    assert "1 changes" in run("journal")[1]
    line = json.loads(run("alerts", "--json")[1])
    assert (line["subject"], line["state"], line["severity"]) == ("watch.F1", "waiting", "warning")
    assert run("alerts", "mute", "watch.F1", "--until", (datetime.now(UTC) + timedelta(9)).date().isoformat())[0] == 0
    assert "watch.F1 is muted" in run("alerts")[1]
    assert run("alerts", "unmute", "watch.F1")[0] == 0 and run("alerts", "unmute", "watch.F1")[0] == 1
    assert run("alerts", "ack")[1] == "0 alerts acknowledged\n"
    assert run("alerts", "mute")[0] == 2 and run("alerts", "ack", "one")[0] == 2
