"""The terminal as the monitor uses it: Textual's own driver with economy of output, and an end when the terminal is gone."""

import os
import signal
import sys
import time
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from .economy import Economy, Output, Plain
from .outlet import Outlet
from .terminal_input import StopSign, Well, read_keys
from .terminal_writer import erases_in_colour

if TYPE_CHECKING:
    from textual.app import App

GONE = 129  # exit code, as of a shell's child that a hang-up ended
_GRACE_S = 4.0  # an orderly end takes less
_TURN_S = 0.001  # the threads of keys and output wait no longer than this for the loop to let them in; Python's 5 ms twice are seen


class Behind(Message, bubble=False):
    """The terminal does not keep up, or has caught up again.

    Attributes:
        age_s: of the oldest thing not yet shown; 0.0 when everything is.
    """

    def __init__(self, age_s: float) -> None:
        super().__init__()
        self.age_s = age_s

    def can_replace(self, message: Message) -> bool:
        """Only the newest matters."""
        return isinstance(message, Behind)


class ThriftyDriver(LinuxDriver):
    """Sends only cells that differ."""

    interval_s = 0.0
    asks = True
    silence_s = 0.0  # a terminal that answers nothing for so long is gone; 0: never
    motion = True  # whether the mouse reports where it goes without a button

    def __init__(self, app: "App[Any]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._outlet: Outlet | None = None
        self._output: Output | None = None
        self._ended = Event()
        self._has_answered = False

    # ---------------------------------------------------------------------------------------------------------- output
    def make_output(self, width: int, height: int) -> Output:
        """What stands between Textual and the wire."""
        return Economy(width, height, in_colour=erases_in_colour(os.environ.get("TERM", "")))

    def start_application_mode(self) -> None:
        """Begin, or begin again after a suspension. (Textual starts a writer of its own, which stays idle.)"""
        if self._outlet is not None and self._outlet.runs:  # stopped and continued by somebody who did not ask us
            self.stop_application_mode()
            self.close()
        self._output = self.make_output(*super()._get_terminal_size())
        fd = next((f.fileno() for f in (sys.__stderr__, sys.__stdout__) if f is not None and f.isatty()), 2)
        self._outlet = Outlet(
            fd,
            self._output,
            interval_s=self.interval_s,
            asks=self.asks,
            silence_s=self.silence_s,
            on_gone=self._lose,
            on_behind=self._say_behind,
        )
        sys.setswitchinterval(_TURN_S)
        self._outlet.start()
        self.exit_event: StopSign = StopSign()  # Textual's name for what ends the thread that reads the keys
        for number in (signal.SIGHUP, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._loop.add_signal_handler(number, self._end, 128 + number)
        self._loop.add_signal_handler(signal.SIGTSTP, self._sigtstp_application)  # Textual's own come in the middle of a frame
        self._loop.add_signal_handler(signal.SIGCONT, self._sigcont_application)
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._loop.add_signal_handler(signal.SIGWINCH, self._say_size)

    def resume_application_mode(self) -> None:
        """Begin again and have all drawn anew: Textual draws when the size has changed, and a shell has written over the screen."""
        super().resume_application_mode()
        self._app.refresh(layout=True)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        if self._outlet is not None:
            self._outlet.ask_no_more()
        super().stop_application_mode()

    def write(self, data: str) -> None:
        """Take what Textual writes; never blocks."""
        if self._outlet is not None:
            self._outlet.write(data)

    def close(self) -> None:
        """Send what is left."""
        if self._outlet is not None:
            self._outlet.stop()
        super().close()
        if isinstance(self.exit_event, StopSign):
            self.exit_event.close()

    def _get_terminal_size(self) -> tuple[int, int]:
        size = super()._get_terminal_size()  # asked at the start and after every resize
        if self._output is not None:
            self._output.resize(*size)
        return size

    def _say_size(self) -> None:
        """Tell the size there is now. Textual's own handler may be interrupted by itself, and then tells the older size last."""
        size = Size(*self._get_terminal_size())
        self.send_message(Resize(size, size))

    def _say_behind(self, age_s: float) -> None:
        self.send_message(Behind(age_s))

    # ----------------------------------------------------------------------------------------------------------- input
    def process_message(self, message: Message) -> None:
        """Keep the terminal's answers to the outlet's questions from the app, all but the first about synchronized updates."""
        if self._outlet is not None:
            self._outlet.heard()
        if isinstance(message, Well):
            if self._outlet is not None:
                self._outlet.said_well()
            return
        if isinstance(message, TerminalSupportsSynchronizedOutput) and self._outlet is not None:
            self._outlet.answered()
            if self._has_answered:
                return
            self._has_answered = True
        super().process_message(message)

    def _enable_mouse_support(self) -> None:
        if self.motion:
            super()._enable_mouse_support()
        elif self._mouse:
            self.write("\x1b[?1000h\x1b[?1006h")

    def _query_in_band_window_resize(self) -> None:
        """Not asked: the answer is used with smooth scrolling only, which is off."""

    def _run_input_thread(self) -> None:
        try:
            read_keys(self.fileno, self.exit_event, self.process_message)
        except OSError:
            self._lose()
        except Exception as e:  # noqa: BLE001  (a bug of ours: reported as every other)
            self._loop.call_soon_threadsafe(self._app._handle_exception, e)

    # ------------------------------------------------------------------------------------------------------------- end
    def _lose(self) -> None:
        """The terminal is gone; called from a thread."""
        self.exit_event.set()
        self._limit_end(GONE)  # here, for the loop may be busy
        with suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._end, GONE)

    def _end(self, code: int) -> None:
        """End the app in order; after some seconds out of it. What dies holds no lease, and the store is written in transactions."""
        self._limit_end(code)
        self._app.exit(return_code=code)

    def _limit_end(self, code: int) -> None:
        if not self._ended.is_set():
            self._ended.set()
            Thread(target=_end_process, args=(code,), name="bondtop-end", daemon=True).start()


class SlimDriver(ThriftyDriver):
    """For slow links: two frames a second at most, and a mouse that only clicks."""

    interval_s = 0.5
    motion = False


class PlainDriver(ThriftyDriver):
    """Sends everything that Textual writes."""

    asks = False

    def make_output(self, width: int, height: int) -> Output:
        """No economy."""
        return Plain()


def _end_process(code: int) -> None:
    time.sleep(_GRACE_S)
    os._exit(code)
