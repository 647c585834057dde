"""Threads for blocking calls that nobody has to wait for at the end: names that the system looks up for half a minute, transfers."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class Daemons(ThreadPoolExecutor):
    """A daemon thread for each call. Unlike a pool's threads, they keep no process alive, and no event loop that ends.

    It is a pool by name only: event loops accept nothing else as their own executor.
    """

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

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing is waited for."""
