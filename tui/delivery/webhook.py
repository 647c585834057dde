"""An address that is sent each alert: as plain JSON, as Slack takes it, or as ntfy does. The address is a secret and never shown."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from ..alertrules import is_safe
from .message import Message, Undelivered

_LONGEST_WAIT_S = 60.0
_PRIORITY = {"careful": "3", "warning": "4", "critical": "5"}
Sleep = Callable[[float], Awaitable[None]]


def written(message: Message, shape: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers."""
    match shape:
        case "slack":
            safe = f"{message.title}: {message.text}".replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            return json.dumps({"text": safe}).encode(), {"Content-Type": "application/json"}
        case "ntfy":
            headers = {"Title": message.title, "Priority": _PRIORITY[message.severity], "Tags": f"bondtop,{message.entry.kind}"}
            return message.text.encode(), {"Content-Type": "text/plain; charset=utf-8", **headers}
        case _:
            return json.dumps(message.plain(), ensure_ascii=False).encode(), {"Content-Type": "application/json"}


async def send(address: str, message: Message, shape: str, timeout_s: float, tries: int, sleep: Sleep = asyncio.sleep) -> None:
    """Send it; try again, ever more patiently, while that can help.

    Raises:
        Undelivered: no try got through, or the receiver does not want it.
    """
    import httpx  # not before there is something to send

    if not is_safe(address):
        raise Undelivered("the address does not begin with https://")
    body, headers = written(message, shape)
    reason, wait = "", 1.0
    async with httpx.AsyncClient(timeout=timeout_s, follow_redirects=False) as client:
        for attempt in range(tries):
            if attempt:
                await sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT_S)
            try:
                async with asyncio.timeout(timeout_s), client.stream("POST", address, content=body, headers=headers) as answer:
                    status, later = answer.status_code, answer.headers.get("retry-after", "")
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as e:
                reason = "no answer in time" if isinstance(e, TimeoutError | httpx.TimeoutException) else type(e).__name__
                continue
            if 200 <= status < 300:
                return
            reason = f"HTTP {status}"
            if status != 429 and status < 500:
                break  # it will not want it later either
            if later.isdigit():
                wait = min(float(later), _LONGEST_WAIT_S)
    raise Undelivered(reason)
