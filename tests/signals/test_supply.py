"""Treasury supply and demand by month, against sums done by hand."""

from datetime import date

import numpy as np
import pytest
from bondtop.feeds.series import from_day, to_day
from bondtop.signals.supply import Awards, class_duration, month_end_values, net_coupons, treasury_flows
from bondtop.signals.volatility import par_modified_duration
from hypothesis import given, settings
from hypothesis import strategies as st

EMPTY = (np.array([], np.int32), np.array([], np.float64))


def native(pairs):
    return np.array([to_day(date.fromisoformat(d)) for d, _ in pairs], np.int32), np.array([v for _, v in pairs], np.float64)


def month_ends(count):
    """Month-ends from January 2024 on."""
    following = [date(2024 + (i + 1) // 12, (i + 1) % 12 + 1, 1) for i in range(count)]
    return [from_day(to_day(day) - 1).isoformat() for day in following]


def awards(term, dates, accepted=40.0, dealer=15.0, stop=4.0):
    days = np.array([to_day(date.fromisoformat(d)) for d in dates], np.int32)
    return Awards(term, days, *(np.full(len(days), float(x)) for x in (accepted, dealer, stop)))


def world(count=8, notes=20.0, bonds=5.0, fed=0.0):
    """Amounts outstanding that grow by a fixed sum a month, the Fed's by another; auctions on the tenth of every month."""
    dates = month_ends(count)
    outstanding = {
        "notes": native([(d, 1000 + notes * i) for i, d in enumerate(dates)]),
        "bonds": native([(d, 500 + bonds * i) for i, d in enumerate(dates)]),
    }
    held = native([(d, 300 + fed * i) for i, d in enumerate(dates)])
    auctioned = [awards(term, [f"{d[:8]}10" for d in dates]) for term in ("2y", "10y", "30y")]
    return auctioned, outstanding, held, native([(d, 4.0) for d in dates])


def test_supply_is_what_came_to_market_in_ten_year_equivalents():
    flows = treasury_flows(*world(notes=20, bonds=5, fed=3))
    md = {years: par_modified_duration(4.0, years) for years in (2.0, 10.0, 30.0)}
    of_notes = (md[2.0] + md[10.0]) / 2  # both were auctioned in equal amounts
    share = np.array([(1000 + 20 * i) / (1500 + 25 * i) for i in range(8)])  # of notes in what is outstanding
    monthly = ((20 - 3 * share) * of_notes + (5 - 3 * (1 - share)) * md[30.0]) / md[10.0]
    assert np.isnan(flows.supply[:3]).all()  # three changes need four month-ends
    assert flows.supply[3:] == pytest.approx([monthly[i - 2 : i + 1].sum() for i in range(3, 8)])


def test_demand_is_what_dealers_did_not_take():
    flows = treasury_flows(*world())
    md = {years: par_modified_duration(4.0, years) for years in (2.0, 10.0, 30.0)}
    assert flows.demand[2:] == pytest.approx(3 * 40 * 0.85 * sum(md.values()) / md[10.0])


def test_unknown_takers_make_their_three_months_unknown():
    auctioned, *rest = world()
    auctioned[1].dealer_share[4] = np.nan
    assert np.isnan(treasury_flows(auctioned, *rest).demand).tolist() == [True, True, False, False, True, True, True, False]


def test_without_the_fed_or_the_debt_there_is_no_supply():
    auctioned, outstanding, fed, y10 = world()
    assert np.isnan(treasury_flows(auctioned, outstanding, EMPTY, y10).supply).all()
    assert len(treasury_flows(auctioned, {"notes": outstanding["notes"], "bonds": EMPTY}, fed, y10).month_ends) == 0
    assert np.isnan(treasury_flows([], outstanding, fed, y10).demand).all()


def test_a_missing_month_is_a_row_without_a_value():
    auctioned, outstanding, fed, y10 = world()
    days, values = outstanding["bonds"]
    outstanding["bonds"] = np.delete(days, 4), np.delete(values, 4)
    flows = treasury_flows(auctioned, outstanding, fed, y10)
    assert len(flows.month_ends) == 8 and np.isnan(flows.supply[4:8]).all()


def test_a_value_from_long_before_is_no_month_end_value():
    month = np.array([to_day(date(2024, 3, 31))], np.int32)
    assert month_end_values(native([("2024-03-27", 5.0)]), month)[0] == 5.0
    assert np.isnan(month_end_values(native([("2024-03-15", 5.0)]), month)[0])
    assert np.isnan(month_end_values(native([("2024-04-01", 5.0)]), month)[0])


def test_duration_of_a_class_follows_what_it_auctions():
    ends_of_year = np.array([to_day(date.fromisoformat(d)) for d in month_ends(14)], np.int32)
    only_two, only_ten = awards("2y", ["2024-01-10"]), awards("10y", ["2024-06-10"], accepted=120)
    found = class_duration([only_two, only_ten], ends_of_year)
    md2, md10 = par_modified_duration(4.0, 2.0), par_modified_duration(4.0, 10.0)
    assert found[4] == pytest.approx(md2)
    assert found[5] == pytest.approx((40 * md2 + 120 * md10) / 160)
    assert found[12] == pytest.approx(md10)  # the two-year auction is more than twelve months old
    assert np.isnan(class_duration([], ends_of_year)).all()


def test_net_coupons_counts_what_falls_due_and_what_is_bought_back():
    two = awards("2y", ["2022-05-10", "2024-05-08", "2024-05-20", "2024-07-01"], accepted=40)
    two.accepted[0] = 30
    days, total = net_coupons([two], native([("2024-05-15", 4.0), ("2024-01-03", 9.0)][::-1]))
    by_day = dict(zip([from_day(int(d)).isoformat() for d in days], total, strict=True))
    assert by_day["2022-05-10"] == 30
    assert by_day["2024-05-08"] == 40  # the note of May 2022 falls due two days later
    assert by_day["2024-05-20"] == 80 - 30 - 4
    assert by_day["2024-07-01"] == 40
    assert len(net_coupons([], EMPTY)[0]) == 0


@settings(max_examples=20)
@given(st.floats(0.1, 50), st.floats(-20, 20), st.floats(-20, 20), st.floats(-20, 20))
def test_supply_scales_with_the_amounts(scale, notes, bonds, fed):
    auctioned, outstanding, held, y10 = world(notes=notes, bonds=bonds, fed=fed)
    larger = {name: (days, scale * values) for name, (days, values) in outstanding.items()}
    plain = treasury_flows(auctioned, outstanding, held, y10)
    scaled = treasury_flows(auctioned, larger, (held[0], scale * held[1]), y10)
    assert scaled.supply == pytest.approx(scale * plain.supply, nan_ok=True, abs=1e-6)
    assert scaled.demand == pytest.approx(plain.demand, nan_ok=True)
