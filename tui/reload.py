"""Looks whether the settings, or the watch lists they name, have changed on disk, and reads them anew once the writing rests."""

from collections.abc import Iterable
from pathlib import Path

from .config import Config, ConfigError, load_config

Stamp = tuple[int, int, int] | None


class SettingsWatch:
    """One settings file and the files it names. `look` is to be called every second or so, in a thread.

    Args:
        config: what was read from it at the start.
    """

    def __init__(self, path: Path, config: Config) -> None:
        self._path, self._config = path, config
        self._last = self._stamps()
        once = path.exists() and not path.is_file()  # a pipe gives what it has but once
        self._read: tuple[Stamp, ...] = self._last if once else ()  # nothing: they may have changed since they were read
        self._broken = ""

    def look(self) -> Config | str | None:
        """New settings; or what is wrong with them, once, "" when that is over; None when there is nothing to say.

        Files that changed since the last look are left until the next one: an editor may not have finished.
        """
        now = self._stamps()
        resting, self._last = now == self._last, now
        if now == self._read or not resting:
            return None
        self._read = now
        try:
            config = load_config(self._path)
        except ConfigError as e:
            self._broken = str(e)
            first, *more = str(e).splitlines()
            others = f" (and {len(more)} more: `bondtop config check`)" if more else ""
            return f"{first}{others}; the settings before stay in force"
        mended, self._broken = self._broken, ""
        if config == self._config:
            return "" if mended else None
        self._config = config
        self._read = self._last = self._stamps()  # it may name other files now
        return config

    def _stamps(self) -> tuple[Stamp, ...]:
        return tuple(_stamp(file) for file in files_of(self._path, self._config))


def files_of(path: Path, config: Config) -> Iterable[Path]:
    """The settings file and the watch lists it names."""
    return (path, *(path.parent / Path(each).expanduser() for each in config.watch.files))


def changed_at(path: Path, config: Config) -> float:
    """When any of them was last changed, seconds since 1970; 0 where there are none."""
    return max((stamp[0] / 1e9 for file in files_of(path, config) if (stamp := _stamp(file))), default=0.0)


def asks_otherwise(before: Config, after: Config) -> bool:
    """Whether other settings mean that providers are asked otherwise."""
    return any(getattr(before, part) != getattr(after, part) for part in ("network", "keys", "feeds", "cache", "series"))


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
