"""Where things are: configuration, cache, state and log, each movable by option or environment, all private to the user."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ..feeds.errors import BondtopError

ENVIRONMENT = {"config": "BONDTOP_CONFIG", "cache": "BONDTOP_CACHE_DIR", "state": "BONDTOP_STATE_DIR", "log": "BONDTOP_LOG_DIR"}


class Paths(msgspec.Struct, frozen=True):
    """`config` is a file, the others are directories. Nothing is created before it is needed."""

    config: Path
    cache: Path
    state: Path
    log: Path


def find_paths(
    environment: Mapping[str, str],
    *,
    config: str | None = None,
    cache: str | None = None,
    state: str | None = None,
    log: str | None = None,
) -> Paths:
    """The paths in force: an option first, then the environment, then the platform's custom."""

    def chosen(option: str | None, kind: str) -> Path:
        named = option or environment.get(ENVIRONMENT[kind])
        return Path(named).expanduser().absolute() if named else _customary(kind)

    return Paths(config=chosen(config, "config"), cache=chosen(cache, "cache"), state=chosen(state, "state"), log=chosen(log, "log"))


def _customary(kind: str) -> Path:
    """Where the platform keeps files of that kind."""
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("bondtop", appauthor=False)
    match kind:
        case "config":
            return dirs.user_config_path / "config.toml"
        case "cache":
            return dirs.user_cache_path
        case "state":
            return dirs.user_state_path
        case _:
            return dirs.user_log_path


def private_directory(path: Path) -> Path:
    """The directory, made if need be, readable by its user alone.

    Raises:
        BondtopError: it cannot be made or is something else.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as e:
        raise BondtopError(f"{path}: {e.strerror or e}; choose another place by option or environment (`bondtop config path`)") from None
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file that only its user may read, whole or not at all."""
    private_directory(path.parent)
    part = path.with_name(path.name + ".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
            f.write(text)
        part.replace(path)
    except OSError as e:
        raise BondtopError(f"{path}: {e.strerror or e}") from None
