"""A history continued from settled rows equals the whole computation on the changed inputs."""

from collections.abc import Mapping

import msgspec
import numpy as np
import pytest
from bondtop.signals.columns import Continued
from bondtop.signals.composite import CompositeParams, arranged, cmax, composite_history, raw_indicators
from bondtop.signals.newest import NewestMap
from bondtop.signals.newest_composite import NewestComposite, cmax_from
from bondtop.signals.regime import regime_history
from bondtop.signals.stats import percentile
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import generated_rows

ROWS = generated_rows()
STRESS = {name: ROWS.others[name] for name in ("vix", "move", "fsi")}
WHOLE = regime_history(ROWS.yields, *STRESS.values())
NEWEST = NewestMap(WHOLE, ROWS.yields)


def leaves(x, path=""):
    """Every array of a history with its path."""
    if isinstance(x, msgspec.Struct):
        for name in x.__struct_fields__:
            yield from leaves(getattr(x, name), f"{path}.{name}")
    elif isinstance(x, Mapping):
        for key in sorted(x, key=str):
            yield from leaves(x[key], f"{path}.{key}")
    elif isinstance(x, np.ndarray | Continued):
        yield path, x[:]


def assert_same(one, other, tolerance=1e-10):
    for (path, a), (_, b) in zip(leaves(one), leaves(other), strict=True):
        np.testing.assert_allclose(a.astype(float), b.astype(float), rtol=tolerance, atol=tolerance, err_msg=path)


def changed(length, tail, seed, yields_too):
    rng = np.random.default_rng(seed)
    first = length - tail
    yields = ROWS.yields[:length].copy()
    stress = {name: x[:length].copy() for name, x in STRESS.items()}
    if yields_too:
        yields[first:] += rng.normal(0, 0.15, (tail, yields.shape[1]))
    stress["fsi"][first:] = rng.normal(0, 3, tail)
    stress["vix"][first:] *= rng.uniform(0.8, 3, tail)
    stress["move"][length - 1] = np.nan
    return first, yields, stress


@settings(max_examples=12, deadline=None)
@given(st.integers(790, len(ROWS.days)), st.integers(1, 6), st.integers(0, 99), st.booleans())
def test_the_map_continued_equals_the_map_computed(length, tail, seed, yields_too):
    first, yields, stress = changed(length, tail, seed, yields_too)
    continued = NEWEST.known(first if yields_too else length, dict.fromkeys(STRESS, first), yields, stress)
    assert_same(continued, regime_history(yields, *stress.values()))


@pytest.mark.parametrize(("length", "tail"), [(8, 3), (150, 2), (260, 5), (520, 1)])
def test_the_map_can_be_continued_before_everything_is_known(length, tail):
    first, yields, stress = changed(length, tail, 3, True)
    assert_same(NEWEST.known(first, dict.fromkeys(STRESS, first), yields, stress), regime_history(yields, *stress.values()))


def indicators(map_, stocks, funding, credit):
    raw = raw_indicators(map_.headline.at.D, cmax(stocks), funding, credit)
    return arranged(map_.stress.level, {name: percentile(x) for name, x in raw.items()})


@pytest.mark.parametrize(
    ("length", "tail", "params"),
    [
        (1090, 3, CompositeParams()),
        (1090, 30, CompositeParams(always_extended=True)),
        (620, 9, CompositeParams(systemic_start=100)),
        (600, 4, CompositeParams(systemic_start=98)),
    ],
)
def test_the_composite_continued_equals_the_composite_computed(length, tail, params):
    rng = np.random.default_rng(5)
    stocks, funding, credit = (100 + np.cumsum(rng.normal(0, 1, len(ROWS.days))) for _ in range(3))
    spare = {"funding": {"sofr_iorb": percentile(stocks)}, "clearing": {"spreads": percentile(credit)}}
    whole = composite_history(indicators(WHOLE, stocks, funding, credit), spare, params)
    first, yields, stress = changed(length, tail, 8, True)
    map_ = regime_history(yields, *stress.values())
    later = [x[:length].copy() for x in (stocks, funding, credit)]
    for x in later:
        x[first:] += 30
    later[1][-1] = np.nan
    now = indicators(map_, *later)
    spare = {pillar: {name: x[:length] for name, x in each.items()} for pillar, each in spare.items()}
    assert_same(NewestComposite(whole, params).known(first, now, spare), composite_history(now, spare, params))


def test_the_fall_of_a_few_rows_equals_that_of_all():
    price = 100 * np.exp(np.cumsum(np.random.default_rng(2).normal(0, 0.01, 900)))
    price[[300, 610, 899]] = np.nan
    for first in (0, 240, 600, 897):
        np.testing.assert_array_equal(cmax_from(price, first, CompositeParams()), cmax(price)[first:])
