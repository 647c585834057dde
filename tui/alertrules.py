"""What is worth an alert, when it may ring, and where it goes: the section [alerts] of the settings, and the rules it means."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

if TYPE_CHECKING:
    from ..cache.journal import Entry

SEVERITIES: Mapping[str, str] = MappingProxyType(
    {"info": "careful", "watch": "warning", "alarm": "critical"}
)  # of a Change, as alerts say it
ORDER = ("careful", "warning", "critical")
KINDS = (
    *("regime", "gate", "subtype", "turning", "band", "label", "move", "flag", "inflection", "confirmation"),
    *("condition", "group", "level", "loop", "health"),
)
ON_SCREEN, OUTWARD = ("toast", "bell", "desktop"), ("command", "webhook")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
Channel = Literal["toast", "bell", "desktop", "command", "webhook"]


class AlertSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What calls you, when and how. One process on a host delivers; nothing is told twice."""

    deliver: tuple[Channel, ...] = ("toast",)
    """Where alerts go: toast, bell, desktop (a notification through the terminal), command, webhook. Empty: nowhere."""
    severity: Literal["careful", "warning", "critical"] = "warning"
    """The least severity that is told."""
    kinds: tuple[str, ...] = ()
    """Only these kinds of change (regime, band, condition, gate, level, move, flag, health …); empty: all."""
    dwell_minutes: Annotated[float, msgspec.Meta(ge=0, le=10080)] = 0.0
    """Minutes for which a new state must last before it is told; one that does not last is not told."""
    quiet: str = ""
    """Hours of the day in which nothing rings, "22:00-07:00"; what still holds at their end is told then. Empty: none."""
    quiet_zone: str = "UTC"
    """The time zone of the quiet hours, such as Europe/London."""
    quiet_passes: Literal["critical", "nothing"] = "critical"
    """What rings in quiet hours all the same."""
    muted: tuple[str, ...] = ()
    """Subjects that never ring, with what lies below them: "inputs", "watch.F2", "markets.it"."""
    simulated: bool = False
    """Whether the simulated market and replay ring too, on this screen; such alerts say so."""
    command: tuple[str, ...] = ()
    """A program and its arguments, run without a shell; the change is in BONDTOP_ALERT_… and, as JSON, on its standard input."""
    command_s: Annotated[float, msgspec.Meta(gt=0, le=600)] = 30.0
    """Seconds after which it is ended."""
    desktop: Literal["osc9", "osc777"] = "osc9"
    """The escape sequence for notifications that the terminal understands."""
    webhook: str = ""
    """An https address that is sent each alert. It is a secret: BONDTOP_ALERT_WEBHOOK goes first, and this file must be yours alone."""
    webhook_shape: Literal["json", "slack", "ntfy"] = "json"
    """How it is told there."""
    webhook_s: Annotated[float, msgspec.Meta(gt=0, le=120)] = 10.0
    """Seconds that one attempt may take."""
    webhook_tries: Annotated[int, msgspec.Meta(ge=1, le=8)] = 4
    """How often it is tried."""


def alert_mistakes(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(key, what is wrong) of what the types alone do not tell; empty for a section without mistakes."""
    if (quiet := values.get("quiet")) and not _QUIET.fullmatch(quiet):
        yield "quiet", f"alerts.quiet = {quiet!r} is not like '22:00-07:00'"
    if zone := values.get("quiet_zone"):
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield "quiet_zone", f"alerts.quiet_zone = {zone!r} is no time zone; one looks like 'Europe/London'"
    if (webhook := values.get("webhook")) and not is_safe(webhook):
        yield "webhook", "alerts.webhook must begin with https://"  # not repeated: it is a secret
    wanted = values.get("deliver", ())
    if "command" in wanted and not values.get("command"):
        yield "deliver", 'alerts.deliver names "command", but alerts.command is empty'


def is_safe(address: str) -> bool:
    """Whether an address may be told anything: https, or this machine."""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


class Rules:
    """The settings, put to use."""

    def __init__(self, settings: AlertSettings) -> None:
        from zoneinfo import ZoneInfo

        self._settings = settings
        self._zone = ZoneInfo(settings.quiet_zone)
        found = _QUIET.fullmatch(settings.quiet)
        hours = [int(each) for each in found.groups()] if found else []
        self._quiet = (time(hours[0], hours[1]), time(hours[2], hours[3])) if hours else None

    def wants(self, entry: "Entry") -> bool:
        """Whether such a change is told at all."""
        s = self._settings
        grave = ORDER.index(severity_of(entry)) >= ORDER.index(s.severity)
        return grave and (not s.kinds or entry.kind in s.kinds) and not below(entry.subject, s.muted)

    def due(self, now: int) -> int:
        """From when on a change of now may be told (UTC seconds)."""
        return now + int(60 * self._settings.dwell_minutes)

    def must_last(self) -> bool:
        """Whether a state is looked at again before it is told."""
        return self._settings.dwell_minutes > 0

    def silent(self, entry: "Entry", now: datetime) -> bool:
        """Whether it is quiet now for such a change."""
        passes = self._settings.quiet_passes == "critical" and severity_of(entry) == "critical"
        return not passes and self.is_quiet(now)

    def is_quiet(self, now: datetime) -> bool:
        """Whether the clock on the wall there stands within the quiet hours, whatever it was moved by."""
        if self._quiet is None:
            return False
        start, end = self._quiet
        wall = now.astimezone(self._zone).time().replace(second=0, microsecond=0)
        return start <= wall < end if start <= end else wall >= start or wall < end


def severity_of(entry: "Entry") -> str:
    """careful, warning or critical."""
    return SEVERITIES.get(entry.severity, "careful")


def below(subject: str, muted: Iterable[str]) -> bool:
    """Whether a subject, or what it is part of, is among these."""
    return any(subject == each or subject.startswith(f"{each}.") for each in muted)
