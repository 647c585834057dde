"""Where things are, and that they are the user's alone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from bondtop.feeds.errors import BondtopError
from bondtop.tui.paths import ENVIRONMENT, find_paths, private_directory, write_private


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """The usual one, under which files are readable by all unless somebody takes care."""
    usual = os.umask(0o022)
    yield
    os.umask(usual)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_option_goes_before_the_environment_goes_before_custom(tmp_path: Path) -> None:
    custom = find_paths({})
    assert custom.config.name == "config.toml"
    assert all("bondtop" in str(p) for p in (custom.config, custom.cache, custom.state, custom.log))
    environment = {ENVIRONMENT[kind]: str(tmp_path / kind) for kind in ENVIRONMENT}
    named = find_paths(environment)
    assert (named.config, named.cache, named.state, named.log) == tuple(tmp_path / k for k in ("config", "cache", "state", "log"))
    assert find_paths(environment, cache=str(tmp_path / "mine")).cache == tmp_path / "mine"
    assert find_paths({"BONDTOP_CACHE_DIR": ""}).cache == custom.cache


def test_paths_are_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert find_paths({}, cache="~/here").cache == tmp_path / "here"
    assert find_paths({}, cache="there").cache == tmp_path / "there"


def test_nothing_is_made_before_it_is_needed(tmp_path: Path) -> None:
    find_paths({}, cache=str(tmp_path / "a"), config=str(tmp_path / "b" / "c.toml"))
    assert list(tmp_path.iterdir()) == []


def test_directories_and_files_are_private(tmp_path: Path) -> None:
    made = private_directory(tmp_path / "one" / "two")
    assert mode(made) == 0o700
    write_private(made / "three" / "file.toml", "x = 1\n")
    assert mode(made / "three") == 0o700
    assert mode(made / "three" / "file.toml") == 0o600
    assert [p.name for p in (made / "three").iterdir()] == ["file.toml"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_private(path, "long " * 100)
    write_private(path, "short")
    assert path.read_text(encoding="utf-8") == "short"


def test_a_place_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(BondtopError) as caught:
            private_directory(place)
        assert str(caught.value).startswith(str(place))
        assert "\n" not in str(caught.value)
    with pytest.raises(BondtopError):
        write_private(tmp_path / "file" / "x", "y")
