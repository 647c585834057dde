"""The shipped watch list, a user's changes to it, and mistakes told with file, line and nearest name."""

import subprocess
import sys

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.signals.watchfile import WatchlistError, load_watchlist, parse_watchlist
from bondtop.signals.watchspec import Stabilising, Sustained

KNOWN = default_catalogue().series


def with_user(text):
    return load_watchlist(KNOWN, ("mine.toml", text))


def found(watchlist, condition_id):
    return next(c for c in watchlist.conditions if c.id == condition_id)


def test_the_shipped_list_is_whole():
    watchlist = load_watchlist(KNOWN)
    assert [c.id for c in watchlist.conditions] == [f"{group}{i}" for group in "FBRTS" for i in (1, 2, 3)]
    assert {c.id for c in watchlist.conditions if c.key} == {"F1", "F3", "B1", "R1", "R2", "T1", "T2", "S2"}
    assert {g.id: g.met_when for g in watchlist.groups} == {
        "F": (("F1",), ("F3",)),
        "B": (("B1",),),
        "R": (("R1", "R2"),),
        "T": (("T1",), ("T2",)),
        "S": (("S2",),),
    }
    assert found(watchlist, "F1").operator == Sustained(level=130, n=12, grace=1)
    assert found(watchlist, "B2").operator == Stabilising(k=20, floor=145)
    assert [(level.series, level.level) for level in watchlist.levels] == [
        ("us.30y", 4.9),
        ("jp.30y", 4.0),
        ("jp.40y", 4.0),
        ("jp.40y", 4.2),
        ("usdjpy", 158),
        ("usdjpy", 160),
    ]
    assert all(c.reference and c.standing in ("published", "validated", "proposal") for c in watchlist.conditions)


def test_memory_depends_on_the_cadence():
    holds = {c.id: c.hold for c in load_watchlist(KNOWN).conditions}
    assert (holds["F1"], holds["B1"], holds["F2"], holds["T1"]) == (20, 8, 8, 3)


def test_a_user_changes_one_parameter_and_keeps_the_others():
    watchlist = with_user('[[condition]]\nid = "F1"\noperator = { level = 140 }\ntitle = "MOVE > 140"')
    assert found(watchlist, "F1").operator == Sustained(level=140, n=12, grace=1)
    assert found(watchlist, "F1").series == ("move",)
    assert watchlist.conditions[0].id == "F1"


def test_a_user_replaces_an_operator_by_another():
    watchlist = with_user('[[condition]]\nid = "R3"\nseries = []\nsample = "all"\noperator = { kind = "mark" }')
    assert found(watchlist, "R3").operator.__class__.__name__ == "Judgement"


def test_a_user_adds_and_switches_off():
    watchlist = with_user(
        """
[[condition]]
id = "F1"
off = true

[[group]]
id = "X"
title = "My own"
met_when = [["X1"]]

[[condition]]
id = "X1"
group = "X"
title = "VIX above 30 for a week"
series = ["vix"]
operator = { kind = "sustained", level = 30, n = 5 }

[[level]]
id = "usdjpy-160"
off = true
"""
    )
    ids = [c.id for c in watchlist.conditions]
    assert "F1" not in ids and ids[-1] == "X1"
    assert [g.id for g in watchlist.groups][-1] == "X"
    assert len(watchlist.levels) == 5


MISTAKES = [
    (
        '[[condition]]\nid = "F1"\noperator = { kind = "sustained", grce = 1 }',
        "mine.toml:3: condition F1: unknown key 'grce'; did you mean 'grace'?",
    ),
    ('[[condition]]\nid = "F1"\n\ncadense = "daily"', "mine.toml:4: condition F1: unknown key 'cadense'; did you mean 'cadence'?"),
    (
        '[[condition]]\nid = "F1"\noperator.kind = "sustaned"',
        "mine.toml:3: condition F1: unknown operator 'sustaned'; did you mean 'sustained'?",
    ),
    ('# mine\n[[condition]]\nid = "F1"\noperator.grace = 12', "mine.toml:4: condition F1: operator: grace must be smaller than n"),
    ('[[condition]]\nid = "F1"\noperator.n = "x"', "mine.toml:3: condition F1: operator.n: Expected `int`, got `str`"),
    ('[[condition]]\nid = "F1"\noperator.n = 0', "mine.toml:3: condition F1: operator.n: Expected `int` >= 1"),
    ('[[condition]]\nid = "F1"\n\nseries = ["mve"]', "mine.toml:4: condition F1: no series 'mve'; did you mean 'move'?"),
    ('[[condition]]\nid = "F1"\nseries = ["move", "vix"]', "mine.toml:3: condition F1: series needs 1 ids here, has 2"),
    ('[[condition]]\nid = "F1"\ncadence = "dayly"', "mine.toml:3: condition F1: cadence cannot be 'dayly'; did you mean 'daily'?"),
    ('[[condition]]\nid = "F1"\ngroup = "Q"', "mine.toml:3: condition F1: no group 'Q'; one of F, B, R, T, S"),
    ('[[condition]]\nid = "X1"\ntitle = "t"', "mine.toml:1: condition X1: missing required field `operator`"),
    ('[[condition]]\ntitle = "t"', "mine.toml:1: condition: needs an id"),
    (
        '[[conditions]]\nid = "F1"',
        "mine.toml:1: only [[group]], [[condition]] and [[level]] stand here, not 'conditions'; did you mean 'condition'?",
    ),
    ('condition = [{ id = "F1" }]', "mine.toml: every entry needs a header line of its own, such as [[condition]]"),
    ('[[level]]\nid = "us30-4.90"\nlevel = "high"', "mine.toml:3: level us30-4.90: level: Expected `float`, got `str`"),
    ('[[level]]\nid = "a"\n[[level]]\nid = "a"', "mine.toml:4: level a: stands twice in this file"),
    ('[[group]]\nid = "F"\nmet_when = [\n["F1"],\n["F9"]]', "mine.toml:5: group F: no condition 'F9'; one of F1, F2, F3"),
    (
        '[[condition]]\nid = "R1"\n[condition.instead]\nseries = ["move"]\noperator = { kind = "declining", windw = 3 }',
        "mine.toml:5: condition R1: unknown key 'windw'; did you mean 'window'?",
    ),
    (
        '[[condition]]\nid = "F3"\n[[condition.note]]\nkind = "abov"\nseries = "move"\ntext = "t"',
        "mine.toml:4: condition F3: kind cannot be 'abov'; did you mean 'above'?",
    ),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_mistake_names_file_line_and_nearest_name(text, message):
    with pytest.raises(WatchlistError) as told:
        with_user(text)
    assert str(told.value).startswith(message)


def test_broken_toml_names_the_file():
    with pytest.raises(WatchlistError, match=r"mine\.toml: .*line 1"):
        with_user("[[condition]\n")


def test_a_list_of_its_own_needs_no_shipped_one():
    watchlist = parse_watchlist({"vix"}, ("own.toml", '[[level]]\nid = "v"\ntitle = "VIX 30"\nseries = "vix"\nlevel = 30'))
    assert watchlist.conditions == () and watchlist.levels[0].level == 30


def test_what_a_board_shows_needs_no_numpy():
    code = "import sys, bondtop.signals.watchview, bondtop.signals.signal_line; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
