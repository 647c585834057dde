"""Alerts from the journal: each new Change that the rules want is told once, by one process on this machine, and never in the loop's way.

Whoever holds the lease writes the journal and queues alerts in the same transaction. They are told by that process; a session that only
follows steps in when nobody does. What belongs on a screen is shown by the first session that has one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from sqlite3 import Connection

from ..cache.alerts import DROPPED, TOLD, AlertBook, Queued, queue
from ..cache.journal import Entry
from ..cache.store import Store
from ..feeds.clock import Clock
from ..feeds.errors import BondtopError
from ..signals.board import Board, decode
from ..signals.facts import facts
from .alertrules import ON_SCREEN, OUTWARD, AlertSettings, Rules, below
from .delivery import bell, command, desktop, webhook
from .delivery.message import Message, Undelivered
from .record import entry_from, record
from .source import Notice

log = logging.getLogger(__name__)
POLL_S = 1.0
GRACE_S = 15  # how long a session that only follows leaves an alert to whoever holds the lease
FRESH_S = 60  # what was told longer ago rings on no screen any more
OPEN_S = 86_400  # how long an alert waits for somebody to tell it
_FAR = 1 << 40  # later than anything
SHOWN = 3  # alerts at once that are put in words on a screen
WEBHOOK = "BONDTOP_ALERT_WEBHOOK"
Tell = Callable[[Notice], None]


class Alerts:
    """The alerts of one process.

    Args:
        holds: whether this process holds the lease.
        tell: shows a Notice on this process's screen; None where there is none.
        outward: whether this process may run the command and call the webhook.
        environment: of the process; may hold the webhook's address.
    """

    def __init__(
        self,
        store: Store,
        settings: AlertSettings,
        clock: Clock,
        *,
        environment: Mapping[str, str],
        holds: Callable[[], bool],
        tell: Tell | None = None,
        outward: bool = True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store, self._clock, self._environment, self._holds, self._tell = store, clock, environment, holds, tell
        self._outward, self._sleep = outward, sleep
        self._book = AlertBook(store.database)
        self._settings, self._rules = settings, Rules(settings)
        self._seen: set[int] = set()  # alerts whose screen part is settled, here or elsewhere
        self._queued = True  # whether an alert may become ripe without anybody writing anything
        self._under_way: set[asyncio.Task[None]] = set()
        self._stirred = asyncio.Event()

    def adopt(self, settings: AlertSettings) -> None:
        """Other rules from now on."""
        self._settings, self._rules, self._queued = settings, Rules(settings), True
        self.stir()

    def stir(self) -> None:
        """Somebody has written to the cache: there may be something to tell."""
        self._stirred.set()

    # ---------------------------------------------------------------------------------------------------------- from Boards
    def take(self, board: Board) -> tuple[Entry, ...]:
        """Write what a new Board brings, and queue what is to be told. To be called in a thread, by whoever holds the lease."""
        due = self._rules.due(self._clock.seconds())

        def beside(connection: Connection, entries: Sequence[Entry]) -> None:
            if self._settings.deliver:
                queue(connection, [entry for entry in entries if self._rules.wants(entry)], due)

        try:
            return record(self._store, board, beside)
        except BondtopError as e:
            log.warning("journal: %s", e)  # the next Board brings it
            return ()

    # ------------------------------------------------------------------------------------------------------------- telling
    async def run(self) -> None:
        """Tell what is to be told, until cancelled. Where nobody stirs and nothing waits, there is nothing to look for."""
        try:
            while True:
                try:
                    await self.look()
                except BondtopError as e:
                    log.warning("alerts: %s", e)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S if self._queued else None):
                        await self._stirred.wait()
                self._stirred.clear()
        finally:
            for task in self._under_way:
                task.cancel()

    async def look(self) -> None:
        """Tell everything that may be told now."""
        if self._store.read_only or not self._settings.deliver:
            return
        for message in await asyncio.to_thread(self._ripe):
            if self._outward:
                await self._send(message)
        if self._tell is not None and (shown := await asyncio.to_thread(self._for_screen)):
            channels = {channel for _, claimed in shown for channel in claimed}
            self._tell(notice([message for message, _ in shown], channels, self._settings.desktop, self._environment))

    async def finish(self) -> None:
        """Wait for what is on its way."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    def _ripe(self) -> list[Message]:
        """What this process is to tell now; what nobody wants to hear any more is dropped."""
        now, told = self._clock.seconds(), list[Queued]()
        queued = self._book.waiting(_FAR)
        self._queued = bool(queued)
        waiting = [alert for alert in queued if alert.due <= (now if self._holds() else now - GRACE_S)]
        muted = self._book.muted(now) if waiting else {}
        standing: dict[str, str] | None = None
        for alert in waiting:
            entry, reason = alert.entry, ""
            if below(entry.subject, muted) or not self._rules.wants(entry):
                reason = "muted"
            elif now - alert.due > OPEN_S:
                reason = "too old"
            elif self._rules.silent(entry, self._clock.now()):
                continue
            elif self._rules.must_last() or now - alert.due > FRESH_S:
                standing = self._standing() if standing is None else standing
                if standing.get(f"{entry.kind} {entry.subject}", entry.after) != entry.after:
                    reason = "did not last"
            if self._book.settle(entry.id, DROPPED if reason else TOLD, now, reason) and not reason:
                told.append(alert)
        return self._messages(told)

    def _standing(self) -> dict[str, str]:
        """What each state is now, in words; of what only rises, whether it is gone."""
        board = stored_board(self._store)
        return {name: fact.words for name, fact in facts(board).items() if not (fact.rises and fact.value)} if board else {}

    def _messages(self, alerts: Sequence[Queued]) -> list[Message]:
        board = stored_board(self._store) if alerts else None
        return [Message(alert.entry, board=board) for alert in alerts]

    def _for_screen(self) -> list[tuple[Message, list[str]]]:
        now = self._clock.seconds()
        found: list[Queued] = []
        ways: list[list[str]] = []
        wanted: list[str] = [channel for channel in ON_SCREEN if channel in self._settings.deliver]
        for alert in self._book.told(now - FRESH_S) if wanted else ():
            if alert.entry.id in self._seen:
                continue
            self._seen.add(alert.entry.id)
            claimed = [channel for channel in wanted if self._book.claim(alert.entry.id, channel, now)]
            for channel in claimed:
                self._book.note(alert.entry.id, channel, "shown")
            if claimed:
                found.append(alert)
                ways.append(claimed)
        return list(zip(self._messages(found), ways, strict=True))

    async def _send(self, message: Message) -> None:
        """Start each delivery that leaves this process; they end by themselves."""
        for channel in OUTWARD:
            if channel in self._settings.deliver and await asyncio.to_thread(
                self._book.claim, message.entry.id, channel, self._clock.seconds()
            ):
                task = asyncio.create_task(self._deliver(channel, message), name=f"alert by {channel}")
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def _deliver(self, channel: str, message: Message) -> None:
        outcome = "interrupted"
        try:
            await deliver(channel, message, self._settings, self._environment, self._sleep)
            outcome = "delivered"
        except Undelivered as e:
            outcome = str(e)
        except Exception as e:
            log.exception("alert by %s", channel)
            outcome = f"internal error, please report: {type(e).__name__}"
        finally:
            with suppress(BondtopError):
                self._book.note(message.entry.id, channel, outcome)
        if outcome != "delivered":
            log.warning("alert by %s: %s", channel, outcome)
            if self._tell is not None:
                self._tell(Notice("an alert was not delivered", f"{channel}: {outcome}", "warning"))


def stored_board(store: Store) -> Board | None:
    """The Board that is kept, where there is one that this version reads: it knows the names of what changed."""
    kept = store.board()
    with suppress(BondtopError):
        return decode(kept[0]) if kept else None
    return None


async def deliver(
    channel: str,
    message: Message,
    settings: AlertSettings,
    environment: Mapping[str, str],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Deliver one message by command or webhook.

    Raises:
        Undelivered: it did not arrive.
    """
    if channel == "command":
        await command.run(settings.command, message, environment, settings.command_s)
        return
    address = environment.get(WEBHOOK) or settings.webhook
    if not address:
        raise Undelivered(f"no address: set {WEBHOOK} or alerts.webhook")
    await webhook.send(address, message, settings.webhook_shape, settings.webhook_s, settings.webhook_tries, sleep)


def notice(messages: Sequence[Message], channels: Iterable[str], sequence: str, environment: Mapping[str, str]) -> Notice:
    """Several alerts as one thing on a screen."""
    gravest = max(messages, key=lambda each: ("careful", "warning", "critical").index(each.severity))
    lines = [each.text for each in messages[:SHOWN]]
    if len(messages) > SHOWN:
        lines.append(f"and {len(messages) - SHOWN} more: j")
    codes = (bell.bell() if "bell" in channels else "") + (
        desktop.notification(gravest, sequence, environment) if "desktop" in channels else ""
    )
    return Notice(gravest.title if "toast" in channels else "", "\n".join(lines), gravest.severity, codes)


def simulated_notice(board: Board, settings: AlertSettings, origin: str, environment: Mapping[str, str]) -> Notice | None:
    """What the changes of a Board that is not of now would ring; None when nothing, or when that was not asked for."""
    if not settings.simulated:
        return None
    rules = Rules(settings)
    wanted = [entry for change in board.changes if rules.wants(entry := entry_from(change, board))]
    channels = [channel for channel in settings.deliver if channel in ON_SCREEN]
    if not wanted or not channels:
        return None
    return notice([Message(entry, origin, board) for entry in wanted], channels, settings.desktop, environment)
