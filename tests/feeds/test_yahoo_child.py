"""The process that yfinance has to itself: its end, its errors, its silence."""

import asyncio
import json
import os
from datetime import UTC, date, datetime
from email.utils import format_datetime

import pytest
from bondtop.feeds import apart, yahoo_child
from bondtop.feeds.clock import Clock
from bondtop.feeds.errors import RateLimited, TooLarge, Unreachable, WrongFormat
from bondtop.feeds.yahoo_child import Child

QUESTION = ("^MOVE", date(2026, 6, 26), date(2026, 7, 2))
LIMITS = {"read_s": 20.0, "answer_s": 60.0}
THEN = datetime(2026, 6, 30, 22, tzinfo=UTC)


@pytest.fixture
def child(monkeypatch, tmp_path):
    """A Child over a program that says these replies, one for each question, and notes what it is asked."""

    def make(*replies, then="sys.exit()", clock=None):
        program = tmp_path / "program.py"
        program.write_text(
            f"import sys, time\nasked = open({str(tmp_path / 'asked')!r}, 'w')\n"
            "print(sys.stdin.readline(), file=asked, flush=True)\n"
            f"for reply in {replies!r}:\n    print(sys.stdin.readline(), file=asked, flush=True)\n    print(reply, flush=True)\n{then}\n"
        )

        class Executable:
            executable, path = "/bin/sh", []

        script = tmp_path / "python"
        script.write_text(f"#!/bin/sh\nexec {apart.sys.executable} {program}\n")
        script.chmod(0o700)
        Executable.executable = str(script)
        monkeypatch.setattr(apart, "sys", Executable)
        return Child(("a.example",), tmp_path / "cache", "http://127.0.0.1:1", clock or Clock(), **LIMITS)

    return make


async def ask(child):
    async with child:
        return await child.bars(*QUESTION)


def reply(**more):
    return json.dumps({"date": None, **more})


async def test_question_and_answer(child, tmp_path):
    clock = Clock()
    assert await ask(child(reply(csv="a,b\n", date=format_datetime(THEN, usegmt=True)), clock=clock)) == b"a,b\n"
    settings, question = [json.loads(line) for line in (tmp_path / "asked").read_text().splitlines() if line]
    assert settings == {"hosts": ["a.example"], "cache_dir": str(tmp_path / "cache"), "mirror": "http://127.0.0.1:1", **LIMITS}
    assert question == ["^MOVE", "2026-06-26", "2026-07-02"]
    assert abs((clock.now() - THEN).total_seconds()) < 60


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (reply(error="RateLimited", words="later", status=429, retry_after_s=900.0), RateLimited),
        (reply(error="TooLarge", words="later", status=0, retry_after_s=None), TooLarge),
        (reply(error="KeyError", words="later", status=0, retry_after_s=None), WrongFormat),
    ],
)
async def test_errors_are_ours_again(child, said, kind):
    with pytest.raises(kind, match="later") as caught:
        await ask(child(said))
    assert type(caught.value) is kind
    if kind is RateLimited:
        assert (caught.value.status, caught.value.retry_after_s) == (429, 900.0)


@pytest.mark.parametrize("replies", [(), ("no JSON",)])
async def test_a_process_that_fails_is_nobody_there(child, replies):
    with pytest.raises(Unreachable, match="nothing came"):
        await ask(child(*replies))


async def test_silence_is_given_up(child, monkeypatch):
    monkeypatch.setattr(yahoo_child, "_PATIENCE_S", 0.2)
    with pytest.raises(Unreachable, match="TimeoutError"):
        await ask(child(then="time.sleep(60)"))


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_the_process_ends_with_the_block_even_when_it_is_cancelled(child):
    silent = child(reply(csv=""), then="time.sleep(60)")
    async with silent:
        await silent.bars(*QUESTION)
        pid = silent._process.pid
        assert not gone(pid)
    assert gone(pid)
    waiting = child(then="time.sleep(60)")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0), waiting:
            waiting._process = process = await apart.start(yahoo_child.__name__)
            await waiting.bars(*QUESTION)
    assert gone(process.pid)


async def test_the_real_process_ends_with_its_input():
    process = await apart.start(yahoo_child.__name__)
    process.stdin.write(json.dumps({"hosts": [], "cache_dir": None, "mirror": None, **LIMITS}).encode() + b"\n")
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 30) == 0


@pytest.mark.parametrize("turns", range(5))
async def test_a_wish_to_end_that_comes_with_the_answer_is_heard(child, monkeypatch, turns):
    answered = asyncio.Event()

    async def turn(*_):
        await answered.wait()
        return {"date": None, "csv": "a,b\n"}

    monkeypatch.setattr(Child, "_turn", turn)
    async with child(then="time.sleep(60)") as asked:
        asking = asyncio.create_task(asked.bars(*QUESTION))
        while asked._process is None:  # noqa: ASYNC110 (it has no event)
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        answered.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        if asking.cancel():
            with pytest.raises(asyncio.CancelledError):
                await asking
        else:
            assert await asking == b"a,b\n"
