"""Stock–bond sign, correlations on shared dates and the risk-off count."""

import csv
from datetime import date

import numpy as np
import pytest
from bondtop.signals.riskassets import (
    STANDING,
    RiskAssetParams,
    correlation_with_prices,
    correlation_with_yield,
    risk_asset,
    risk_off_count,
    shock_word,
    weekdays_only,
)
from bondtop.signals.stats import ewma_correlation
from msgspec.structs import fields

DAYS = np.arange(10_000, 10_300, dtype=np.int32)
RNG = np.random.default_rng(8)
PRICES = 100 * np.exp(np.cumsum(RNG.normal(0, 0.01, 300)))
YIELDS = 4 + np.cumsum(RNG.normal(0, 0.05, 300))


def test_correlation_uses_changes_between_shared_dates():
    shared = np.delete(np.arange(300), [50, 51, 200])
    there = correlation_with_yield(DAYS, PRICES, DAYS[shared], YIELDS[shared])
    moves = np.diff(np.log(PRICES[shared])), np.diff(YIELDS[shared])
    assert np.array_equal(there.days, DAYS[shared])
    assert np.allclose(there.values[1:], ewma_correlation(*moves), equal_nan=True)
    assert np.isnan(there.values[:60]).all() and not np.isnan(there.values[60:]).any()


def test_correlation_of_an_asset_with_itself_is_one():
    values = correlation_with_prices(DAYS, PRICES, DAYS, PRICES).values
    assert values[60:] == pytest.approx(1.0)


def test_risk_asset_joins_momentum_and_correlations():
    asset = risk_asset((DAYS, PRICES), (DAYS, YIELDS), (DAYS, PRICES))
    assert asset.with_equities.values[-1] == pytest.approx(1.0)
    assert asset.with_yield.values[-1] == correlation_with_yield(DAYS, PRICES, DAYS, YIELDS).values[-1]
    assert not np.isnan(asset.momentum.z[-1])


@pytest.mark.parametrize(
    ("correlation", "expected"),
    [(0.21, "growth or risk-off shock"), (0.2, "mixed"), (-0.2, "mixed"), (-0.21, "rate shock"), (None, None), (float("nan"), None)],
)
def test_shock_word(correlation, expected):
    assert shock_word(correlation) == expected


def test_weekdays_only():
    days = np.arange(20_000, 20_014, dtype=np.int32)
    kept, values = weekdays_only(days, days.astype(np.float64))
    assert np.array_equal(kept, [day for day in days if date.fromordinal(int(day) + date(1970, 1, 1).toordinal()).weekday() < 5])
    assert np.array_equal(values, kept)


def test_risk_off_count():
    assert risk_off_count({"btc": -6.2, "nky": -3.9, "gold": 0.8, "spx": -4.1}).text == "3 of 3"
    assert risk_off_count({"btc": 6.2, "nky": None, "gold": 0.0}).text == "0 of 2"


@pytest.mark.recorded
def test_golden_stock_bond(recorded, golden_panel):
    with (recorded / "panel.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = np.array([date.fromisoformat(row["date"]).toordinal() - date(1970, 1, 1).toordinal() for row in rows], dtype=np.int32)
    spx, us10 = (np.array([float(row[name] or "nan") for row in rows]) for name in ("spx", "us10"))
    found = correlation_with_yield(days, spx, days, us10)
    for when, expected in golden_panel["stock_bond"]["corr"].items():
        row = np.searchsorted(found.days, date.fromisoformat(when).toordinal() - date(1970, 1, 1).toordinal())
        assert found.values[row] == pytest.approx(expected, abs=1e-4)


def test_every_parameter_has_a_standing():
    assert set(STANDING) == {field.name for field in fields(RiskAssetParams)}
