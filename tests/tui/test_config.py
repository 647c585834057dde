"""Settings: strict, and every mistake named with its line and the nearest valid key."""

import json
import tomllib
from pathlib import Path

import msgspec
import pytest
from bondtop.tui.config import Config, ConfigError, keys_of, load_config, parse_config, schema, template
from bondtop.tui.own import INLINE
from hypothesis import given
from hypothesis import strategies as st


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_config(tmp_path / "none.toml") == Config()


def test_what_is_set_counts_and_the_rest_is_default() -> None:
    config = parse_config('[network]\nmirror = "http://gate:80"\nread_s = 5\n\n[feeds]\noff = ["yahoo"]\nopt_in = ["cnbc"]\n', "c")
    assert (config.network.mirror, config.network.read_s, config.network.connect_s) == ("http://gate:80", 5.0, Config().network.connect_s)
    assert (config.feeds.off, config.feeds.opt_in) == (("yahoo",), ("cnbc",))
    assert config.markets == Config().markets


def test_the_template_is_the_defaults() -> None:
    assert parse_config(template(), "template") == Config()


def test_the_template_explains_every_setting() -> None:
    lines = template().splitlines()
    settings = [i for i, line in enumerate(lines) if "=" in line and not line.startswith("#")]
    types = [field.type for field in msgspec.structs.fields(Config)]
    sections = [kind for kind in types if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    assert len(settings) == sum(len(msgspec.structs.fields(section)) for section in sections) - len(INLINE)  # tables, not settings
    for i in settings:
        assert lines[i - 1].startswith("# "), lines[i]
        assert len(lines[i - 1]) > 10, lines[i]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[networks]\n", "c line 1: unknown section [networks]; did you mean 'network'?"),
        ("\n[network]\nread = 5\n", "c line 3: unknown key network.read; did you mean 'read_s'?"),
        ("[network]\nxyzzy = 5\n", "c line 2: unknown key network.xyzzy; known: mirror, connect_s, read_s, answer_s"),
        ('[network]\nread_s = "5"\n', "c line 2: network.read_s = '5': Expected `float`, got `str`"),
        ("[network]\nread_s = 0\n", "c line 2: network.read_s = 0"),
        ("[feeds]\nquote_interval_s = 14\n", "c line 2: feeds.quote_interval_s = 14"),
        ('[feeds]\noff = ["treasur"]\n', "c line 2: unknown feed 'treasur' in feeds.off; did you mean 'treasury'?"),
        ('[feeds]\nopt_in = ["treasury"]\n', "c line 2: unknown unofficial feed 'treasury' in feeds.opt_in; known: cnbc"),
        ('[markets]\npanel = ["us", "uk"]\n', "c line 2: markets.panel = ['us', 'uk']"),
        ('[markets]\npanel = ["us", "us", "jp"]\n', "c line 2: markets.panel names something twice"),
        ("network = 1\n", "c line 1: [network] must be a table"),
        ("[network\n", "c: "),
        ("[cache]\nraw_answers_mb = -1\n", "c line 2: cache.raw_answers_mb = -1"),
    ],
)
def test_every_mistake_names_file_line_and_key(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "c")
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config("[network]\nread = 1\n[feed]\n[cache]\nraw_answers_mb = true\n", "c")
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["c line 2", "c line 3", "c line 5"]


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_number_of_seconds_is_finite(value: str) -> None:
    with pytest.raises(ConfigError):
        parse_config(f"[network]\nread_s = {value}\n", "c")


@given(st.text(max_size=200))
def test_any_text_is_settings_or_a_mistake(text: str) -> None:
    try:
        parse_config(text, "c")
    except ConfigError as e:
        assert str(e).startswith("c")


def test_an_unreadable_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"# caf\xe9\n")
    for path in (tmp_path, tmp_path / "latin"):
        with pytest.raises(ConfigError, match="cannot be read") as caught:
            load_config(path)
        assert "\n" not in str(caught.value)


def test_the_schema_knows_every_section() -> None:
    text = json.dumps(json.loads(schema()))
    for section in tomllib.loads(template()):
        assert f'"{section}"' in text


def test_the_environment_s_key_goes_first() -> None:
    config = parse_config('[keys]\nfred = "a"\nriksbank = "b"\n', "c")
    assert keys_of(config, {"BONDTOP_KEY_FRED": "z"}) == {"fred": "z", "riksbank": "b"}
    assert keys_of(Config(), {}) == {}
