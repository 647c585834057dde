"""Blocking calls beside the event loop that nobody has to wait for: when we are told to stop, they are left behind."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")


class Daemons(Executor):
    """A daemon thread for each call. Unlike a pool's threads, they keep no process alive."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As `Executor.submit`."""
        outcome: Future[Any] = Future()
        outcome.set_running_or_notify_cancel()

        def run() -> None:
            try:
                result = fn(*args, **kwargs)
            except Exception as e:  # noqa: BLE001 (it is raised where the result is awaited)
                outcome.set_exception(e)
            else:
                outcome.set_result(result)

        threading.Thread(target=run, daemon=True, name="bondtop-aside").start()
        return outcome


async def aside(call: Callable[..., T], *args: object) -> T:
    """What `call(*args)` gives, without holding up the loop; a cancelled one goes on unheard.

    Raises:
        whatever the call raises.
    """
    return await asyncio.get_running_loop().run_in_executor(Daemons(), call, *args)
