"""The folder of an export: files appear whole or not at all, readable by their user alone, and nobody else's file is overwritten."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ... import __version__
from ...feeds.errors import BondtopError

MANIFEST = "export.json"  # the names of the files that exports have made here
_MAKER = "bondtop"
Say = Callable[[Path, int], None]


class Folder:
    """A directory that takes an export.

    Args:
        path: made when it is not there.
        say: told of every file written, with its bytes.

    Raises:
        BondtopError: it cannot be made or read.
    """

    def __init__(self, path: Path, say: Say = lambda _path, _size: None) -> None:
        self.path, self._say = path, say
        with _troubles(path):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._own = self._read_manifest()

    def claim(self, names: Iterable[str]) -> None:
        """Say which files will be written; from now on they are ours.

        Raises:
            BondtopError: a file of that name is there and no export has made it; nothing was written.
        """
        wanted = set(names)
        for name in sorted(wanted - self._own):
            if os.path.lexists(self.path / name):
                raise BondtopError(f"{self.path / name} is there and is not of an export: move it away, or export into another folder")
        self._own |= wanted
        with self._file(MANIFEST) as file:
            file.write(json.dumps({"made_by": _MAKER, "version": __version__, "files": sorted(self._own)}, indent=1).encode() + b"\n")

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """A claimed file to write to; it takes the place of an earlier one when all is written.

        Raises:
            BondtopError: it cannot be written; the earlier one stays.
        """
        assert name in self._own
        with self._file(name) as file:
            yield file
        self._say(self.path / name, (self.path / name).stat().st_size)

    def write(self, name: str, data: str | bytes) -> None:
        """A claimed file in one go."""
        with self.file(name) as file:
            file.write(data.encode() if isinstance(data, str) else data)

    @contextmanager
    def _file(self, name: str) -> Iterator[BinaryIO]:
        target = self.path / name
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        with _troubles(target):
            target.parent.mkdir(exist_ok=True, mode=0o700)
            try:
                with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
                    yield file
                part.replace(target)
            finally:
                with suppress(OSError):
                    part.unlink()

    def _read_manifest(self) -> set[str]:
        path = self.path / MANIFEST
        if not os.path.lexists(path):
            return set()
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["made_by"] == _MAKER:
                return {str(name) for name in found["files"]}
        raise BondtopError(f"{path} is not of an export: move it away, or export into another folder")


@contextmanager
def _troubles(path: Path) -> Iterator[None]:
    """What the system says becomes one line."""
    try:
        yield
    except OSError as e:
        raise BondtopError(f"{e.filename or path}: {e.strerror or e}") from None
