"""Settings: strict, and every mistake named with its line and the nearest valid key."""

import json
import tomllib
from pathlib import Path

import msgspec
import pytest
from bondtop.tui.config import Config, ConfigError, keys_of, load_config, parse_config
from bondtop.tui.configtext import schema, template, without_secrets
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


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"# " + b"x" * 1_000_001, "cannot be read: File too large"),
        (b"\x80\x04\x95", "cannot be read: byte 1 is no UTF-8 text"),
        (b"a = " + b"[" * 20_000, "nested too deeply"),
        (b"\x00\x00", "c.toml: "),
        (b'[watch]\nfiles = ["~nobody-of-that-name/x", "a\\u0000b"]\n', "c.toml line 2: "),
        (b'[watch]\nlevel = [{id = "a", title = "t", series = "us.10y", level = 5}]\n', "each level needs a header line of its own"),
    ],
)
def test_what_is_no_settings_file_at_all(tmp_path: Path, body: bytes, said: str) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(body)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert said in str(caught.value) and len(str(caught.value)) < 1000


def test_windows_writes_a_mark_before_its_text(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b'\xef\xbb\xbf[monitor]\r\ntheme = "light"\r\n')
    assert load_config(tmp_path / "c.toml").monitor.theme == "light"


EVERYTHING = """[network]
read = 1
[alerts]
deliver = ["command"]
[series.my.a]
fred = "DGS10"
[series.my.b]
spread = ["us.10y", "my.a"]
[series.my.c]
spread = ["us.10y", "jp.10yy"]
"""
LISTS = """[watch]
files = ["none.toml", "bad.toml"]
[[watch.level]]
id = "a"
title = "t"
series = "us.10yr"
level = 1
[[watch.level]]
id = "b"
title = "t"
series = "us.10y"
levl = 1
"""


def test_no_mistake_hides_another(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(EVERYTHING, "c")
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["c line 2", "c line 4", "c line 5", "c line 9"]
    path = tmp_path / "c"
    path.write_text("[monitor]\ntheme = 1\n" + LISTS, encoding="utf-8")
    (tmp_path / "bad.toml").write_text('[[level]]\nid = "x"\ntitle = "t"\nseries = "us.2y"\nlevel = "high"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    places = [line.removeprefix(f"{tmp_path}/").split(": ")[0] for line in str(caught.value).splitlines()]
    assert places == ["c line 2", "c line 4", "bad.toml:5", "c:14", "c:8"]


@pytest.mark.parametrize("line", ["[keys]\nfred = 12345678", '[alerts]\nwebhook = ["https://12345678"]', '[alerts]\nwebhook = "http://12345678"'])
def test_a_mistaken_secret_is_not_repeated(line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(line, "c")
    assert "line 2" in str(caught.value) and "12345678" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '[keys]\nfred = "hush-1" # mine\n[alerts]\nwebhook = "https://example.org/hush-2"\n[monitor]\ntheme = "light"\n',
        'keys = { fred = "hush-1" }\nalerts.webhook = "https://example.org/hush\\u002d2"\nmonitor.theme = "light"\n',
    ],
)
def test_the_settings_are_shown_without_secrets(text: str) -> None:
    shown = without_secrets(text, parse_config(text, "c"))
    assert "hush" not in shown and shown.count("…") == 2
    assert parse_config(shown.replace('webhook = "…"', 'webhook = ""'), "c").monitor.theme == "light"


def test_the_schema_knows_every_section() -> None:
    text = json.dumps(json.loads(schema()))
    for section in tomllib.loads(template()):
        assert f'"{section}"' in text


def test_the_environment_s_key_goes_first() -> None:
    config = parse_config('[keys]\nfred = "a"\nriksbank = "b"\n', "c")
    assert keys_of(config, {"BONDTOP_KEY_FRED": "z"}) == {"fred": "z", "riksbank": "b"}
    assert keys_of(Config(), {}) == {}
