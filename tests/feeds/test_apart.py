"""Answers that are read in a process of their own."""

import asyncio
import os
from pathlib import Path

import pytest
from bondtop.feeds import apart
from bondtop.feeds.apart import read_apart
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.errors import CutShort, WrongFormat
from bondtop.feeds.feed import Feed
from bondtop.feeds.registry import make_feed
from wires import answer, values

FILE = (
    "Interest Rate (June 2026),,,,,,,,,,,,,,,(Unit : %)\r\nDate,1Y,2Y,3Y,4Y,5Y,6Y,7Y,8Y,9Y,10Y,15Y,20Y,25Y,30Y,40Y\r\n"
    "2026/6/29,1.173,1.411,1.547,1.753,1.916,2.053,2.201,2.367,2.513,2.644,3.204,3.54,3.791,3.785,3.715\r\n"
)


@pytest.fixture
def feed() -> Feed:
    return make_feed("mof", default_catalogue())


async def test_it_says_what_reading_here_says(feed: Feed) -> None:
    assert values(await read_apart(feed, answer(FILE))) == values(feed.read(answer(FILE)))


async def test_errors_come_back_as_they_are(feed: Feed) -> None:
    with pytest.raises(CutShort) as there:
        await read_apart(feed, answer(FILE[:-20]))
    with pytest.raises(CutShort) as here:
        feed.read(answer(FILE[:-20]))
    assert str(there.value) == str(here.value)


async def test_a_reader_that_breaks_down_costs_its_answer_only(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "name", "no such feed", raising=False)
    with pytest.raises(WrongFormat, match="broke down"):
        await read_apart(feed, answer(FILE))


def sleeper(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in place of ours, which reads for ever; and where it notes its number."""
    note, program = folder / "pid", folder / "python"
    program.write_text(f"#!/bin/sh\necho $$ > {note}.new && mv {note}.new {note}\nexec sleep 600\n")
    program.chmod(0o700)
    monkeypatch.setattr(apart.sys, "executable", str(program))
    return note


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_it_ends_with_whoever_waits(feed: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = sleeper(tmp_path, monkeypatch)
    reading = asyncio.create_task(read_apart(feed, answer(FILE)))
    async with asyncio.timeout(60):
        while not note.exists():  # noqa: ASYNC110 (another process makes it)
            await asyncio.sleep(0.01)
    reading.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert is_gone(int(note.read_text()))


async def test_its_patience_ends(feed: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper(tmp_path, monkeypatch)
    monkeypatch.setattr(apart, "_PATIENCE_S", 0.05)
    with pytest.raises(WrongFormat, match="takes more than"):
        await read_apart(feed, answer(FILE))


async def test_one_whose_answer_nobody_takes_can_be_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pipe is full and nobody reads: the end of that pipe would never be seen."""
    (tmp_path / "flood.py").write_text("import sys\nwhile True:\n    sys.stdout.write('x' * 65536)\n")
    monkeypatch.syspath_prepend(tmp_path)
    process = await apart.start("flood")
    assert process.stdout is not None
    await process.stdout.readexactly(1)
    await asyncio.sleep(0.3)  # as much arrives as is kept unread
    await asyncio.wait_for(apart.end(process), 20)
    assert process.returncode is not None


async def test_whom_it_has_started_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds the same pipe: the end of that would not be seen before it is gone too."""
    (tmp_path / "parent.py").write_text(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\ntime.sleep(600)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    process = await apart.start("parent")
    assert process.stdout is not None
    assert not is_gone(int(await asyncio.wait_for(process.stdout.readline(), 60)))
    await asyncio.wait_for(apart.end(process), 20)
    assert process.returncode is not None
