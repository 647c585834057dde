"""Keeps secrets out of what is written for others to read: logs and crash reports."""

import logging
from collections.abc import Collection, Mapping

from .config import Config, secrets_of

_NAMES = ("BONDTOP_KEY_", "BONDTOP_ALERT_WEBHOOK")
HIDDEN = "…"


def all_secrets(config: Config, environment: Mapping[str, str]) -> frozenset[str]:
    """What nobody else may read, of the settings and of the environment."""
    given = {value for name, value in environment.items() if name.startswith(_NAMES) and value}
    return frozenset(given | {*secrets_of(config).values()})


def without(text: str, secrets: Collection[str]) -> str:
    """The text with "…" for every secret."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


class Hiding(logging.Formatter):
    """Writes log lines, tracebacks among them, without these."""

    def __init__(self, form: str, secrets: Collection[str]) -> None:
        super().__init__(form)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return without(super().format(record), self._secrets)
