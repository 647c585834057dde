"""Each way an alert leaves the program, against a real receiver: a server on loopback, a terminal's other end, a program."""

import asyncio
import json
import os
import pty
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from bondtop.cache.alerts import AlertBook
from bondtop.cache.journal import Entry
from bondtop.cache.store import Store
from bondtop.tui.delivery import command, webhook
from bondtop.tui.delivery.bell import bell
from bondtop.tui.delivery.desktop import notification
from bondtop.tui.delivery.message import Message, Undelivered
from delivered import Receiver, receiving
from journals import HandClock, alerts_of, noon, seen, watching
from msgspec.structs import replace

ENTRY = Entry(datetime(2026, 4, 1, 14, tzinfo=UTC), date(2026, 4, 1), "regime", "regime", "Stable", "Stress", "alarm", "m −1.25σ, H <0.93>")
MESSAGE = Message(ENTRY)


class Waits:
    """Sleeping that only remembers for how long."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


# ---------------------------------------------------------------------------------------------------------------- webhook
async def test_plain_json_arrives():
    with receiving(receiver := Receiver()) as address:
        await webhook.send(address, MESSAGE, "json", 5, 1)
    ((headers, body),) = receiver.got
    told = json.loads(body)
    assert headers["Content-Type"] == "application/json"
    assert (told["severity"], told["before"], told["after"], told["session"]) == ("critical", "Stable", "Stress", "2026-04-01")
    assert told["seen"] == "2026-04-01T14:00:00Z" and told["text"].startswith("bondtop critical: regime: Stable → Stress (m −1.25σ")


async def test_people_read_names_and_states_in_words_and_the_ids_stand_beside_them():
    entry = replace(ENTRY, kind="condition", subject="watch.F1", before="MET", after="REVERSED", evidence="")
    message = Message(entry, board=watching(ENTRY.seen, F1="REVERSED"))
    assert message.text == "Watch list F1 MOVE > 130: met → reversed"
    told = message.plain()
    assert (told["subject"], told["before"], told["after"]) == ("watch.F1", "MET", "REVERSED")
    assert told["name"] == "Watch list F1 MOVE > 130" and told["text"].endswith(message.text)
    assert Message(replace(entry, subject="watch.X9"), board=message.board).name == "Watch list X9"  # not on the list any more


async def test_slack_takes_text_with_its_signs_escaped():
    with receiving(receiver := Receiver()) as address:
        await webhook.send(address, MESSAGE, "slack", 5, 1)
    assert json.loads(receiver.got[0][1]) == {"text": "bondtop critical: regime: Stable → Stress (m −1.25σ, H &lt;0.93&gt;)"}


async def test_ntfy_takes_the_text_as_body_and_the_rest_in_headers():
    with receiving(receiver := Receiver()) as address:
        await webhook.send(address, MESSAGE, "ntfy", 5, 1)
    ((headers, body),) = receiver.got
    assert body.decode() == "regime: Stable → Stress (m −1.25σ, H <0.93>)"
    assert (headers["Title"], headers["Priority"], headers["Tags"]) == ("bondtop critical", "5", "bondtop,regime")


async def test_it_is_tried_again_ever_more_patiently_until_it_arrives():
    waits = Waits()
    with receiving(receiver := Receiver(503, 500, 200)) as address:
        await webhook.send(address, MESSAGE, "json", 5, 4, waits)
    assert len(receiver.got) == 3 and waits.seconds == [1.0, 2.0]


async def test_the_receivers_own_wish_is_heeded_within_reason():
    waits = Waits()
    with receiving(Receiver(429, headers={"Retry-After": "7"})) as address, pytest.raises(Undelivered, match=r"^HTTP 429$"):
        await webhook.send(address, MESSAGE, "json", 5, 3, waits)
    assert waits.seconds == [7.0, 7.0]


@pytest.mark.parametrize("status", [301, 400, 404])
async def test_what_will_not_be_wanted_later_is_not_sent_again(status):
    with receiving(receiver := Receiver(status, headers={"Location": "http://127.0.0.1:9/"})) as address, pytest.raises(Undelivered):
        await webhook.send(address, MESSAGE, "json", 5, 4, Waits())
    assert len(receiver.got) == 1


async def test_a_receiver_that_says_nothing_costs_its_time_and_no_more():
    with receiving(Receiver("hang")) as address:
        began = time.monotonic()
        with pytest.raises(Undelivered, match=r"^no answer in time$"):
            await webhook.send(address, MESSAGE, "json", 0.2, 2, Waits())
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("address", ["http://example.org/x", "ftp://127.0.0.1/", "secret", "https://"])
async def test_nothing_is_sent_in_the_clear(address):
    with pytest.raises(Undelivered) as e:
        await webhook.send(address, MESSAGE, "json", 1, 1)
    assert str(e.value) == "the address does not begin with https://"


async def test_nobody_there_is_said_without_the_address():
    with pytest.raises(Undelivered) as e:
        await webhook.send("http://127.0.0.1:9/secret-token", MESSAGE, "json", 1, 2, Waits())
    assert str(e.value) == "ConnectError"


async def test_a_dead_webhook_does_not_hold_up_the_loop_and_is_shown(tmp_path, caplog):
    notices = []
    with Store.open(tmp_path) as store, receiving(receiver := Receiver("hang")) as address:
        clock = HandClock(noon())
        alerts = alerts_of(
            store, clock, tell=notices.append, environment={"BONDTOP_ALERT_WEBHOOK": address}, sleep=Waits(),
            deliver=("webhook",), webhook_s=60.0, webhook_tries=1,
        )  # fmt: skip
        for state in ("NOT", "MET"):
            seen(store, alerts, watching(clock.now(), F1=state))
        await alerts.look()
        assert AlertBook(store.database).outcomes(1) == {"webhook": "under way"}
        receiver.release.set()
        await alerts.finish()
        assert AlertBook(store.database).outcomes(1) == {"webhook": "RemoteProtocolError"}
    assert [n.text for n in notices] == ["webhook: RemoteProtocolError"]
    assert "secret-token" not in caplog.text


# ---------------------------------------------------------------------------------------------------------------- command
def script(body: str) -> tuple[str, ...]:
    return sys.executable, "-c", body


async def test_a_program_gets_the_change_in_its_environment_and_on_its_standard_input(tmp_path):
    out = tmp_path / "out"
    body = "import json,os,sys; json.dump([dict(os.environ), json.load(sys.stdin), sys.argv], open(sys.argv[1], 'w'))"
    argv = (*script(body), str(out), "$(touch /tmp/no); `id`")
    kept = {"PATH": os.environ["PATH"], "BONDTOP_KEY_FRED": "k", "BONDTOP_ALERT_WEBHOOK": "w"}
    await command.run(argv, MESSAGE, kept, 20)
    environment, told, words = json.loads(out.read_text(encoding="utf-8"))
    assert environment["BONDTOP_ALERT_SUBJECT"] == "regime" and environment["BONDTOP_ALERT_AFTER"] == "Stress"
    assert "BONDTOP_KEY_FRED" not in environment and environment.get("BONDTOP_ALERT_WEBHOOK") is None
    assert told == MESSAGE.plain() and words[-1] == "$(touch /tmp/no); `id`"  # no shell has read it


async def test_a_program_that_does_not_listen_is_none_the_worse():
    await command.run(script("pass"), MESSAGE, {}, 20)


@pytest.mark.parametrize(
    ("body", "said"), [("raise SystemExit(7)", "ended with code 7"), ("import os; os.kill(os.getpid(), 9)", "ended with code -9")]
)
async def test_a_program_that_fails_is_said(body, said):
    with pytest.raises(Undelivered, match=said):
        await command.run(script(body), MESSAGE, {}, 20)


async def test_a_program_that_stays_is_ended_with_what_it_started(tmp_path):
    note = tmp_path / "pid"
    body = (
        "import subprocess,sys,time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid)); time.sleep(60)"
    )
    with pytest.raises(Undelivered, match="took longer than 2 s"):
        await command.run(script(body), MESSAGE, {}, 2)
    pid = int(note.read_text())
    for _ in range(200):
        if not _runs(pid):
            break
        await asyncio.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# --------------------------------------------------------------------------------------------------------------- terminal
def test_sequences():
    hostile = Message(Entry(ENTRY.seen, ENTRY.at, "regime", "regime", "a;b", "\x1b]0;title\x07", "watch", "x\x9cy"))
    assert bell() == "\a"
    assert notification(MESSAGE, "osc9", {}) == f"\x1b]9;bondtop critical: {MESSAGE.text}\x1b\\"
    found = notification(hostile, "osc777", {})
    assert found.startswith("\x1b]777;notify;bondtop warning;regime: a,b → ") and found.count("\x1b") == 2 and found.count(";") == 3
    assert not set("\x07\x9c") & set(found)
    wrapped = notification(MESSAGE, "osc9", {"TMUX": "/tmp/tmux"})
    assert wrapped.startswith("\x1bPtmux;\x1b\x1b]9;") and wrapped.endswith("\x1b\x1b\\\x1b\\")


@pytest.mark.parametrize(
    ("sequence", "start"), [("osc9", b"\x1b]9;bondtop TEST warning: "), ("osc777", b"\x1b]777;notify;bondtop TEST warning;")]
)
def test_bell_and_notification_reach_a_real_terminal(tmp_path, sequence, start):
    config = tmp_path / "config.toml"
    config.write_text(f'[alerts]\ndeliver = ["bell", "desktop"]\ndesktop = "{sequence}"\n', encoding="utf-8")
    got = on_terminal([sys.executable, "-m", "bondtop", "alerts", "test", "--config", str(config), "--cache-dir", str(tmp_path)])
    assert got.count(b"\a") == 1 and start in got and got.count(b"\x1b\\") == 1
    assert b"bell: delivered" in got and b"desktop: delivered" in got


def on_terminal(argv: list[str]) -> bytes:
    """What a program writes to its terminal."""
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "TMUX" and not k.startswith("BONDTOP_")}
    with subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        got = b""
        try:
            while chunk := os.read(ours, 65536):
                got += chunk
        except OSError:  # the other end is closed
            pass
        process.wait(30)
    os.close(ours)
    return got
