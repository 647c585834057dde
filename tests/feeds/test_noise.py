import csv
import math
from datetime import date

import numpy as np
import pytest
from bondtop.feeds import noise as s
from hypothesis import given, settings
from hypothesis import strategies as st


def day(iso):
    return (date.fromisoformat(iso) - date(1970, 1, 1)).days


TODAY = day("2025-03-14")


def zero_curve(years, betas=(0.045, 0.008, -0.02, 0.015), first=1.3, second=6.0):
    """A Svensson curve, continuously compounded."""
    a, b = years / first, years / second
    slope, other = -np.expm1(-a) / a, -np.expm1(-b) / b
    return betas[0] + betas[1] * slope + betas[2] * (slope - np.exp(-a)) + betas[3] * (other - np.exp(-b))


def bonds(n=120, seed=0):
    """Maturity days and coupons of made-up bonds, 1 to 10 years."""
    rng = np.random.default_rng(seed)
    return (TODAY + rng.uniform(1.1, 9.9, n) * 365.25).astype(np.int32), np.round(rng.uniform(0.25, 5, n) * 8) / 8


def priced_off(curve, maturities, coupons):
    flows = s.cash_flows(TODAY, maturities, coupons)
    return (flows.amount * np.exp(-curve(np.maximum(flows.years, 1e-9)) * flows.years)).sum(axis=1) - flows.accrued


def disturbed(prices, maturities, coupons, yield_error):
    flows = s.cash_flows(TODAY, maturities, coupons)
    yields = s.continuous_yield(flows, prices) + yield_error
    return (flows.amount * np.exp(-yields[:, None] * flows.years)).sum(axis=1) - flows.accrued


def test_bonds_on_one_smooth_curve_make_no_noise():
    maturities, coupons = bonds()
    measured = s.noise(TODAY, maturities, coupons, priced_off(zero_curve, maturities, coupons))
    assert measured.noise_bp < 0.1 and (measured.n, measured.dropped) == (120, 0)


def test_the_size_of_a_known_disturbance_is_found():
    maturities, coupons = bonds(300)
    error = np.random.default_rng(1).choice([-5e-4, 5e-4], 300)
    prices = disturbed(priced_off(zero_curve, maturities, coupons), maturities, coupons, error)
    assert s.noise(TODAY, maturities, coupons, prices).noise_bp == pytest.approx(5.0, rel=0.03)


def test_one_absurd_price_is_dropped():
    maturities, coupons = bonds()
    prices = disturbed(priced_off(zero_curve, maturities, coupons), maturities, coupons, np.where(np.arange(120) % 2, 2e-4, -2e-4))
    plain = s.noise(TODAY, maturities, coupons, prices)
    prices[7] *= 0.9
    spoiled = s.noise(TODAY, maturities, coupons, prices)
    assert spoiled.dropped == 1 and spoiled.noise_bp == pytest.approx(plain.noise_bp, rel=0.05)


def test_what_is_left_out():
    maturities, coupons = bonds()
    prices = priced_off(zero_curve, maturities, coupons)
    extra = np.array([TODAY + 200, TODAY + 5000, TODAY + 1500, TODAY + 1500, TODAY + 1500], dtype=np.int32)
    outside = np.array([50.0, 50.0, 0.0, math.nan, 50.0])  # too short, too long, no price, no price, a bill
    joined = s.noise(
        TODAY, np.append(maturities, extra), np.append(coupons, [3.0, 3.0, 3.0, 3.0, 0.0]).astype(np.float64), np.append(prices, outside)
    )
    assert joined == s.noise(TODAY, maturities, coupons, prices)


def test_fewer_than_sixty_securities_are_unknown():
    maturities, coupons = bonds(60)
    prices = priced_off(zero_curve, maturities, coupons)
    assert s.noise(TODAY, maturities, coupons, prices).noise_bp is not None
    assert s.noise(TODAY, maturities[1:], coupons[1:], prices[1:]) == s.Noise(None, 59, 0)
    none = np.array([])
    assert s.noise(TODAY, none.astype(np.int32), none, none) == s.Noise(None, 0, 0)


def test_a_par_bond_yields_its_coupon():
    maturity = np.array([day("2030-03-14"), day("2027-03-14")], dtype=np.int32)
    coupon = np.array([4.0, 0.5])
    flows = s.cash_flows(TODAY, maturity, coupon)
    assert flows.accrued == pytest.approx([0.0, 0.0])
    assert s.continuous_yield(flows, np.array([100.0, 100.0])) == pytest.approx(2 * np.log1p(coupon / 200), abs=1e-12)


def test_accrued_interest_is_actual_over_actual():
    flows = s.cash_flows(TODAY, np.array([day("2027-05-15")], dtype=np.int32), np.array([4.0]))
    # 15 November 2024 to 14 March 2025 is 119 days of the 181 to 15 May.
    assert flows.accrued == pytest.approx([2.0 * 119 / 181])
    assert flows.years[0, :5] == pytest.approx([(62 / 181 + k) / 2 for k in (4, 3, 2, 1, 0)])
    assert flows.amount[0, :5].tolist() == [102.0, 2.0, 2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("maturity", "earlier"),
    [
        ("2027-02-28", ["2026-08-31", "2026-02-28", "2025-08-31"]),  # a month end stays one
        ("2028-02-29", ["2027-08-31", "2027-02-28", "2026-08-31"]),
        ("2026-12-31", ["2026-06-30", "2025-12-31", "2025-06-30"]),
        ("2026-08-15", ["2026-02-15", "2025-08-15", "2025-02-15"]),
        ("2026-08-30", ["2026-02-28", "2025-08-30", "2025-02-28"]),
    ],
)
def test_coupon_dates(maturity, earlier):
    dates = s._coupon_dates(np.array([day(maturity)], dtype=np.int32), 4)
    assert dates[0].tolist() == [day(d) for d in (maturity, *earlier)]


@settings(max_examples=40, deadline=None)
@given(st.floats(-0.01, 0.12), st.integers(370, 3650), st.sampled_from([0.125, 1.0, 4.5, 9.0]))
def test_yield_inverts_price(y, days_left, coupon):
    flows = s.cash_flows(TODAY, np.array([TODAY + days_left], dtype=np.int32), np.array([coupon]))
    price = (flows.amount * np.exp(-y * flows.years)).sum(axis=1) - flows.accrued
    assert s.continuous_yield(flows, price) == pytest.approx([y], abs=1e-10)


@pytest.mark.recorded
def test_published_prices_give_plausible_yields(recorded):
    """A real price file: notes of mid-2024 yielded 4.4 to 5.6 %."""
    with (recorded / "samples" / "fedinvest_2024-06-26_excerpt.csv").open(encoding="ascii", newline="") as file:
        notes = [row for row in csv.reader(file) if row[1].endswith("NOTE") and float(row[5]) > 0]
    maturity = np.array([day(f"{d[6:]}-{d[:2]}-{d[3:5]}") for d in (r[3] for r in notes)], dtype=np.int32)
    flows = s.cash_flows(day("2024-06-26"), maturity, np.array([100 * float(r[2]) for r in notes]))
    yields = s.continuous_yield(flows, np.array([float(r[5]) for r in notes]))
    assert len(notes) > 10 and (yields > 0.044).all() and (yields < 0.056).all()
