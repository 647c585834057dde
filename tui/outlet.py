"""Sends to the terminal what an Output has for it, from a thread of its own, at the pace at which the terminal takes it.

The event loop never waits here. While the terminal is busy, frames are drawn into the Output and never sent; the next one sent is the
newest. Bytes that a network has swallowed but not delivered are noticed too: after some hundred bytes the terminal is asked something
harmless, and until it has answered nothing more is sent. On a slow line the pieces are made so short that a key's effect need not wait long
behind them.
"""

import os
import re
import select
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, RLock, Thread

from .economy import WHOLE, Output
from .silence import Silence

ASK = b"\x1b[?2026$p"  # "do you know synchronized updates?": Textual understands the answer, and it changes nothing
_LIFE = b"\x1b[5n"  # "are you well?": terminals have answered it since the VT100
_SIGN_EVERY = 512  # bytes from one such question to the next: on a slow line an answer must not wait behind a whole screen
_BEGINS = re.compile(rb"\x1b\[|\r")  # neither stands in the middle of a sequence or a sign
_ASK_FROM = 128  # bytes since the last question
_ANSWER_S = 10.0  # an answer that takes longer is lost: another terminal is attached, say
_PIECE_S = 0.1  # what one piece may take on the line
_SMALLEST, _FIRST, _LARGEST = 128, 4096, 1 << 16  # bytes of a piece
_BEHIND_S = 2.0  # a screen this late is called so
_WRITE = 4096
_FAREWELL = "bondtop has ended: this terminal answered nothing for {} seconds. silence_seconds = 0 under [monitor] has it wait.\r\n"


class Pace:
    """How much may be sent at once, from what the terminal's answers tell about the line."""

    def __init__(self) -> None:
        self.piece = _FIRST
        self._delay_s: float | None = None  # of the line without load

    def heard(self, size: int, took_s: float) -> None:
        """`size` bytes and the question behind them were answered after `took_s`; the first time with next to no bytes."""
        delay_s = self._delay_s = took_s if self._delay_s is None else min(took_s, self._delay_s)
        on_line_s = took_s - delay_s
        if on_line_s > _PIECE_S:
            self.piece = max(_SMALLEST, min(self.piece, int(size * _PIECE_S / on_line_s)))
        elif on_line_s < _PIECE_S / 2 and size * 2 >= self.piece:
            self.piece = min(_LARGEST, self.piece * 2)


class Outlet:
    """The thread and what it waits for.

    Args:
        fd: of the terminal, open for writing; a descriptor of its own is opened where that is possible, so that it need not block.
        interval_s: at least this long from one frame to the next.
        asks: whether the terminal is asked how far it is; of no use when nothing can be left out.
        silence_s: a terminal that has answered before and then says nothing for so long is no more; 0: it may be silent for ever.
        on_gone: called from the thread, once, when the terminal is no more. One that fell silent is still given back as it was, as far as
            the line takes it without waiting: its connection may come back to life.
        on_behind: called from the thread with the age in seconds of the oldest thing not shown, about once a second while it is old, and
            with 0.0 when the terminal has caught up.
    """

    def __init__(
        self,
        fd: int,
        output: Output,
        *,
        interval_s: float = 0.0,
        asks: bool = True,
        silence_s: float = 0.0,
        on_gone: Callable[[], None] = lambda: None,
        on_behind: Callable[[float], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._output, self._interval_s, self._clock = output, interval_s, clock
        self._on_gone, self._on_behind = on_gone, on_behind
        self._fd, self._is_own = _own(fd)
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._has_line = True
        self._thread = Thread(target=self._run, name="bondtop-output", daemon=True)
        self._stopping, self._gone = Event(), Event()
        self._lock = RLock()  # of what the thread that reads the keys changes, and of the wake-up line
        self._pace = Pace()
        self._asks, self._answer_came = asks, Event()
        self._silence_s = silence_s if asks else 0.0
        self._silence = Silence(self._silence_s, clock)
        self._answers = False  # the last question
        self._is_well = False  # it has said so once: its silence means something
        self._well_due = 0  # answers to that under way
        self._given_up = False
        self._asked_at: float | None = None
        self._asked_size = 0  # bytes before the question
        self._first_asked_at: float | None = None  # Textual asks the same at the start, when little else is on the line
        self._since_asked = 0
        self._dirty_since: float | None = None
        self._told_at: float | None = None
        self._next_frame = 0.0

    # --------------------------------------------------------------------------------------------------------- outside
    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def write(self, text: str) -> None:
        """Take what Textual writes; never blocks."""
        if self._gone.is_set() or self._stopping.is_set():
            return
        self._output.feed(text)
        if self._output.waiting():
            if self._dirty_since is None:
                self._dirty_since = self._clock()
            self._wake()

    def heard(self) -> None:
        """Something came from the terminal; called from the thread that reads the keys."""
        self._silence.heard()

    def answered(self) -> None:
        """The terminal has answered; called from the thread that reads the keys."""
        with self._lock:
            now = self._clock()
            if not self._answers and self._first_asked_at is not None:
                self._pace.heard(0, now - self._first_asked_at)
            self._answers, self._first_asked_at = True, None
            if self._asked_at is not None:
                self._pace.heard(self._asked_size, now - self._asked_at)
                self._asked_at = None
                self._answer_came.set()
        self._wake()

    def said_well(self) -> None:
        """The terminal has said that it is well; called from the thread that reads the keys."""
        with self._lock:
            self._is_well, self._well_due = True, max(self._well_due - 1, 0)
            self._answer_came.set()

    def ask_no_more(self, within_s: float = 1.0) -> None:
        """Wait for the answer that is under way; one that came later would be typed into the shell."""
        end = time.monotonic() + within_s
        with self._lock:
            self._asks = False
        while not (self._gone.is_set() or self._given_up):
            with self._lock:
                self._answer_came.clear()
                is_asked = self._well_due > 0 or self._asked_at is not None
            if not is_asked or not self._answer_came.wait(max(end - time.monotonic(), 0.0)):
                return

    def stop(self, within_s: float = 1.0) -> None:
        """Send what is left if the terminal takes it in that time, then end."""
        self._stopping.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(within_s)
        if not self._thread.is_alive():
            with self._lock:
                self._has_line = False
                os.close(self._wake_read)
                os.close(self._wake_write)

    @property
    def runs(self) -> bool:
        """Whether it sends: from its start until it is told to stop, or the terminal is gone."""
        return self._thread.is_alive() and not self._stopping.is_set()

    @property
    def gone(self) -> bool:
        """Whether the terminal is no more."""
        return self._gone.is_set()

    # --------------------------------------------------------------------------------------------------------- thread
    def _run(self) -> None:
        try:
            while not (self._stopping.is_set() or self._gone.is_set()):
                self._wait(self._patience_s())
                if self._may_send():
                    self._send_some(self._pace.piece if self._answers else WHOLE)
                elif self._silence.wants_question and not self._given_up:
                    self._ask_for_life()
                self._tell()
                self._judge_silence()
            if not self._gone.is_set():
                self._interval_s = 0.0
                self._send_some(WHOLE)
            if self._given_up:
                self._send(_FAREWELL.format(f"{self._silence_s:g}").encode())
        except OSError:
            self._lose()
        finally:
            if self._is_own:
                os.close(self._fd)

    def _may_send(self) -> bool:
        return self._output.waiting() and self._wait_of_answer_s() == 0 and self._clock() >= self._next_frame

    def _patience_s(self) -> float | None:
        """How long nothing needs to be done; None for ever."""
        patience_s = None if self._given_up else self._silence.patience_s
        waits = [] if patience_s is None else [patience_s]
        if self._output.waiting():
            waits.append(max(self._wait_of_answer_s(), self._next_frame - self._clock(), 0.0))
        if self._asked_at is not None or self._dirty_since is not None:
            waits.append(1.0)
        return min(waits, default=None)

    def _wait_of_answer_s(self) -> float:
        with self._lock:
            if self._asked_at is None or not self._answers:
                return 0.0
            left = self._asked_at + _ANSWER_S - self._clock()
            if left <= 0:
                self._asked_at, self._answers = None, False  # until it answers again
            return max(left, 0.0)

    def _send_some(self, limit: int) -> None:
        data = self._output.take(limit)
        if not data:
            return
        self._next_frame = self._clock() + self._interval_s
        self._since_asked += len(data)
        is_first = not self._answers and ASK in data
        if is_first:
            self._first_asked_at = self._clock()
        if self._silence_s and self._asks and (is_first or len(data) > _SIGN_EVERY):
            data = b"".join(self._with_signs(data))
        with self._lock:
            if self._since_asked >= _ASK_FROM and self._answers and self._asks:
                data += self._question()
        self._send(data)

    def _question(self) -> bytes:
        self._asked_at, self._asked_size, self._since_asked = self._clock(), self._since_asked, 0
        self._answer_came.clear()
        self._silence.asked()
        return ASK

    # --------------------------------------------------------------------------------------------------------- silence
    def _ask_for_life(self) -> None:
        with self._lock:
            if not self._asks or not self._is_well:
                self._silence.heard()  # it cannot be judged
                return
        self._silence.asked()
        self._send(self._ask_whether_well())

    def _ask_whether_well(self) -> bytes:
        with self._lock:
            self._well_due += 1
        return _LIFE

    def _with_signs(self, data: bytes) -> Iterator[bytes]:
        """Bytes for the terminal with the question after every few hundred of them, where nothing is torn, and at the end."""
        start = 0
        while found := _BEGINS.search(data, start + _SIGN_EVERY):
            yield data[start : found.start()]
            yield self._ask_whether_well()
            start = found.start()
        yield data[start:]
        yield self._ask_whether_well()

    def _judge_silence(self) -> None:
        if not self._given_up and self._silence.is_over():
            self._given_up = True
            self._output.take()  # what nobody has seen until now nobody waits for
            self._on_gone()

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view and not self._gone.is_set():
            poll = select.poll()
            poll.register(self._fd, select.POLLOUT)
            ready = poll.poll(0 if self._given_up else 500)
            if any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in ready):
                self._lose()
            elif ready:
                try:
                    view = view[os.write(self._fd, view[:_WRITE]) :]
                except BlockingIOError:
                    time.sleep(0.01)  # poll and write do not agree about how much room is enough
            elif self._given_up:
                return
            elif self._is_well:
                self._silence.asked()  # it takes nothing more: what it is asked stands before a full line
            self._tell()
            self._judge_silence()

    def _wait(self, patience_s: float | None) -> None:
        """Until something is to be done, or the terminal hangs up."""
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        poll.register(self._fd, 0)
        for fd, event in poll.poll(None if patience_s is None else max(patience_s, 0.0) * 1000):
            if fd == self._wake_read:
                os.read(self._wake_read, 4096)
            elif event:
                self._lose()

    # ---------------------------------------------------------------------------------------------------------- telling
    def _tell(self) -> None:
        """Say how late the screen is, when that has changed."""
        now = self._clock()
        if not self._output.waiting() and self._asked_at is None:
            self._dirty_since = None
            if self._told_at is not None:
                self._told_at = None
                self._on_behind(0.0)
        elif self._dirty_since is not None and now - self._dirty_since >= _BEHIND_S and now - (self._told_at or 0.0) >= 1.0:
            self._told_at = now
            self._on_behind(now - self._dirty_since)

    def _lose(self) -> None:
        if not self._gone.is_set():
            self._gone.set()
            self._output.take()  # whoever waits for room need not
            self._on_gone()

    def _wake(self) -> None:
        with self._lock, suppress(BlockingIOError):  # a full line has woken it already
            if self._has_line:
                os.write(self._wake_write, b".")


def _own(fd: int) -> tuple[int, bool]:
    """A descriptor of our own for the same terminal: not to block must not be forced upon the shell's."""
    try:
        return os.open(os.ttyname(fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC), True
    except OSError:
        return fd, False
