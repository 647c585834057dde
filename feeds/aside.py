"""Blocking calls beside the event loop that nobody has to wait for: when we are told to stop, they are left behind."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def aside(call: Callable[..., T], *args: object) -> T:
    """What `call(*args)` gives, from a daemon thread of its own. Unlike an executor's, it keeps no process alive.

    Raises:
        whatever the call raises.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: Exception | None) -> None:
        if outcome.done():  # cancelled meanwhile
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = call(*args)
        except Exception as e:  # noqa: BLE001 (it is raised where the result is awaited)
            error = e
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, daemon=True, name="bondtop-aside").start()
    return await outcome
