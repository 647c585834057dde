"""What the markets did on rows that were known differently equals the whole computation on what was known."""

from datetime import timedelta
from functools import cache

import numpy as np
from bondtop.signals.history import History
from bondtop.signals.inputs import moment_of
from bondtop.signals.newest_standing import forecast_errors
from bondtop.signals.residual import ResidualParams, forecast_error
from bondtop.signals.stats import lagged
from hypothesis import example, given, settings
from hypothesis import strategies as st
from synthetic import NOW, synthetic_panel


@cache
def history():
    return History(synthetic_panel())


def columns(standing):
    """Every column of a market by its name."""
    yield from standing.s.items()
    yield from ((name, getattr(standing.alone, name)) for name in ("z", "idio"))
    yield from ((name, getattr(standing, name)) for name in standing.__struct_fields__ if name not in ("s", "alone"))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 24 * 900))
@example(24 * 20_000)
def test_the_markets_at_a_moment_are_those_of_the_rows_known_then(hours):
    part, as_of = history()._standing, NOW - timedelta(hours=hours)
    known = part.view(moment_of(as_of))
    rows = known.regime.view.rows
    expected = part._standings(rows, known.regime.history) if known.regime.row >= 0 else {}
    assert known.markets.keys() == expected.keys()
    for market, whole in expected.items():
        for (name, old), (_, new) in zip(columns(whole), columns(known.markets[market]), strict=True):
            np.testing.assert_allclose(new[: len(rows.days)], old, rtol=1e-9, atol=1e-9, err_msg=f"{market} {name}")


def test_late_markets_are_continued():
    """Else the test above would compare the whole with itself."""
    part = history()._standing
    moments = [moment_of(NOW - timedelta(hours=6 * each)) for each in range(40)]
    assert any(part.view(each).markets["us"] is not part.whole["us"] for each in moments)


@given(st.integers(0, 9), st.integers(1, 4), st.sampled_from([None, 30, 52]), st.booleans())
def test_errors_of_a_few_rows_are_those_of_all(seed, tail, missing, flat):
    rng, params = np.random.default_rng(seed), ResidualParams(window=20)
    yields = 3 + np.cumsum(rng.normal(0, 0.05, (60, 5)), axis=0)
    if flat:
        yields[:, :4] = 2.0
    if missing is not None:
        yields[missing, 4] = np.nan  # the one outside the panel
    first = 60 - tail
    errors, others = forecast_errors(yields, 4, first, params)
    moved, moved_2 = (100 * (yields - np.vstack([np.full((steps, 5), np.nan), yields[:-steps]])) for steps in (1, 2))
    for market in range(5):
        columns_of_others = [each for each in range(4) if each != market]
        x, x_2 = (each[:, columns_of_others].mean(axis=1) for each in (moved, moved_2))
        expected = forecast_error(moved[:, market], np.column_stack([x, lagged(x)]), params.window)[first:]
        np.testing.assert_allclose([row[market] for row in errors], expected, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose([row[market] for row in others], x_2[first:], rtol=1e-9, atol=1e-9)
