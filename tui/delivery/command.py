"""A program of the user's, run without a shell: the change in its environment and, as JSON, on its standard input."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress

from .message import Message, Undelivered

SECRET = ("BONDTOP_KEY_", "BONDTOP_ALERT_WEBHOOK")


async def run(argv: Sequence[str], message: Message, environment: Mapping[str, str], timeout_s: float) -> None:
    """Run it to its end.

    Raises:
        Undelivered: it cannot be started, took too long (it was then killed, with what it started), or gave another code than 0.
    """
    plain = message.plain()
    told = {f"BONDTOP_ALERT_{name.upper()}": str(value) for name, value in plain.items()}
    kept = {name: value for name, value in environment.items() if not name.startswith(SECRET)}
    nowhere = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            env={**kept, **told},
            stdin=asyncio.subprocess.PIPE,
            stdout=nowhere,
            stderr=nowhere,
            start_new_session=True,
        )
    except (OSError, ValueError) as e:
        raise Undelivered(f"cannot be started: {getattr(e, 'strerror', None) or e}") from None
    try:
        async with asyncio.timeout(timeout_s):
            with suppress(BrokenPipeError, ConnectionResetError):  # it need not listen
                await process.communicate(json.dumps(plain, ensure_ascii=False).encode() + b"\n")
            code = await process.wait()
    except TimeoutError:
        raise Undelivered(f"took longer than {timeout_s:g} s and was ended") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if code:
        raise Undelivered(f"ended with code {code}")
