"""A user's own series and watch lists: merged strictly, every mistake with file, line and the nearest valid name."""

from datetime import UTC, date, datetime

import pytest
from bondtop.cache.store import Store
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.fred import Fred
from bondtop.feeds.series import Answer, Column, Frequency, Need, Observations, Request, to_day
from bondtop.tui.cli import main
from bondtop.tui.config import Config, ConfigError, load_config, parse_config
from bondtop.tui.configtext import schema, template
from bondtop.tui.desk import settings_of

GOOD = """\
[series.my.copper]
yahoo = "HG=F"
unit = "USD"

[series."my.aaa"]
fred = "AAA10Y"
unit = "%"

[series.my.btp]
spread = ["it.10y", "de.10y"]

[[watch.level]]
id = "btp"
title = "BTP over Bund 200 bp"
series = "my.btp"
level = 200

[[watch.condition]]
id = "X1"
group = "F"
title = "Copper above 100"
series = ["my.copper"]
operator = { kind = "sustained", level = 100, n = 5 }
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "config.toml", mode: int = 0o600):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(mode)
        return tmp_path / name

    return write


def test_series_of_every_kind_are_in_the_catalogue_behind_ours(write):
    config = load_config(write(GOOD))
    known = config.catalogue
    assert [s.id for s in known][: len(default_catalogue())] == [s.id for s in default_catalogue()]
    copper, aaa, btp = known["my.copper"], known["my.aaa"], known["my.btp"]
    assert [(s.sources[0].feed, s.sources[0].code, s.own) for s in (copper, aaa, btp)] == [
        ("yahoo", "HG=F", True), ("fred", "AAA10Y", True), ("spread", "it.10y - de.10y", True),
    ]  # fmt: skip
    assert (btp.unit, btp.sources[0].factor, btp.revised) == ("bp", 100.0, True)
    assert btp.publication in (known["it.10y"].publication, known["de.10y"].publication)
    assert Config().catalogue is default_catalogue()


def test_conditions_and_levels_of_the_same_file_may_name_them(write):
    settings = settings_of(load_config(write(GOOD)))
    ((name, text),) = settings.watchlists
    assert name.endswith("config.toml") and text.splitlines()[11] == "[[level]]"  # the twelfth line, as in the file


def test_files_are_looked_for_beside_the_settings(write):
    write('[[level]]\nid = "own"\ntitle = "t"\nseries = "us.10y"\nlevel = 5\n', "mine.toml")
    config = load_config(write('[watch]\nfiles = ["mine.toml"]\n'))
    assert [name.rpartition("/")[2] for name, _ in config.watchlists] == ["mine.toml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[series.my.x]\nfredd = "A"\n', "config.toml line 2: unknown key 'fredd' of series my.x; did you mean 'fred'?"),
        ('[series.my.x]\nunit = "%"\n', "config.toml line 1: series my.x: needs one of fred, yahoo and spread"),
        ('[series.my.x]\nfred = "A"\nyahoo = "B"\n', "has fred and yahoo"),
        ('[series.my.x]\nfred = "dgs10; x"\n', "config.toml line 2: series my.x: 'dgs10; x' is no FRED id"),
        ('[series.my.x]\nyahoo = "a b"\n', "is no Yahoo symbol"),
        ('[series.my.x]\nfred = "A"\nfrequency = "dayly"\n', "config.toml line 3: series my.x: frequency = 'dayly'"),
        ('[series.my.x]\nfred = "DGS10"\n', "config.toml line 1: fred:DGS10 is us.10y already"),
        ('[series.us.10y]\nfred = "A"\n', "config.toml line 1: us.10y is in the catalogue already"),
        ('[series.X]\nfred = "A"\n', "config.toml line 1: series 'X': an id is like 'my.copper'"),
        ('[series.my.x]\nspread = ["us.10y", "jp.10yr"]\n', "config.toml line 1: no series 'jp.10yr'; did you mean"),
        ('[series.my.x]\nspread = ["us.10y", "move"]\n', "us.10y is in %"),
        ('[series.my.x]\nspread = ["us.10y"]\n', "config.toml line 2: series my.x: spread"),
        ('[series.my.x]\nfred = "A"\npublished = "late"\n', "published 'late' is not like"),
        ('[series.my.x]\nfred = "A"\nrange = [5, 1]\n', "the lower first"),
        ("[series]\nx = 1\n", "config.toml"),
        ('[serie.my.x]\nfred = "A"\n', "did you mean 'series'?"),
        ('[watch]\nfiles = ["none.toml"]\n', "config.toml line 2: "),
        ('[watch]\nfile = ["a"]\n', "did you mean 'files'?"),
        (
            '\n[[watch.level]]\nid = "a"\ntitle = "t"\nseries = "us.10yr"\nlevel = 5\n',
            "config.toml:5: level a: no series 'us.10yr'; did you mean",
        ),
        (
            '[[watch.level]]\nid = "a"\ntitle = "t"\nseries = "us.10y"\nlevl = 5\n',
            "config.toml:5: level a: unknown key 'levl'; did you mean 'level'?",
        ),
    ],
)
def test_mistakes(write, capfd, text, said):
    path = write(text)
    with pytest.raises(ConfigError) as e:
        load_config(path)
    assert said in str(e.value)
    assert main(["config", "check", "--config", str(path)]) == 2
    assert said in capfd.readouterr().err


def test_a_mistake_in_a_named_file_is_said_with_that_file(write):
    write('[[condition]]\nid = "F1"\noperator = { kind = "sustaind", level = 1 }\n', "mine.toml")
    with pytest.raises(ConfigError, match=r"mine\.toml:3: condition F1: unknown operator 'sustaind'; did you mean 'sustained'\?"):
        load_config(write('[watch]\nfiles = ["mine.toml"]\n'))


@pytest.mark.parametrize("secret", ['[keys]\nfred = "k"\n', '[alerts]\nwebhook = "https://example.org/s"\n'])
def test_a_secret_stands_only_in_a_private_file(write, secret):
    load_config(write(secret))
    with pytest.raises(ConfigError, match="chmod 600") as e:
        load_config(write(secret, mode=0o640))
    assert "example.org" not in str(e.value)


def test_the_template_is_well_formed_and_the_schema_holds_no_more_than_settings():
    assert parse_config(template(), "template") == Config()
    assert '"series"' in schema() and "watchlists" not in schema()


def test_a_users_fred_series_is_asked_by_itself_and_dated_at_the_end_of_its_month():
    config = parse_config('[series.my.m1]\nfred = "M1SL"\nfrequency = "monthly"\n', "t")
    feed = Fred(config.catalogue.of_feed("fred"))
    need = Need({"my.m1": None, "us.10y": None}, date(2026, 4, 1))
    assert [(r.part, r.reader) for r in feed.requests(need) if "M1SL" in r.reader] == [("M1SL", "M1SL")]
    request = Request("M1SL", "https://fred.stlouisfed.org/", "M1SL")
    read = feed.read(Answer(request, b"observation_date,M1SL\n2026-01-01,5.5\n2026-02-01,6\n", datetime(2026, 4, 1, tzinfo=UTC)))
    assert list(read.columns["my.m1"].days) == [to_day(date(2026, 1, 31)), to_day(date(2026, 2, 28))]
    assert config.catalogue["my.m1"].frequency is Frequency.MONTHLY


def test_the_commands_know_them(write, tmp_path, capfd):
    path = write(GOOD)
    config = load_config(path)
    days = [to_day(date(2026, 3, 30)) + i for i in range(2)]
    with Store.open(tmp_path / "cache", catalogue=config.catalogue) as store:
        at = datetime(2026, 4, 2, tzinfo=UTC)
        for name, feed, values in (("it.10y", "cnbc", [3.5, 3.75]), ("de.10y", "bundesbank", [2.5, 2.5])):
            store.ingest(
                feed, "t", Observations({name: Column(days, values)}), Answer(Request("t", "https://example.org/"), name.encode(), at)
            )
    places = ["--config", str(path), "--cache-dir", str(tmp_path / "cache")]
    assert main(["board", "--json", *places]) == 0
    assert '"btp"' in capfd.readouterr().out
    assert main(["series", "my.btp", "--csv", *places]) == 0
    assert [line.split(",")[1] for line in capfd.readouterr().out.splitlines()] == ["value", "100.0", "125.0"]
    assert main(["watch", "btp", *places]) == 0
    assert "BTP over Bund 200 bp" in capfd.readouterr().out
