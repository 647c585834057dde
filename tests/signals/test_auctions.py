import math
from datetime import date

import numpy as np
import pytest
from bondtop.signals import auctions as a
from bondtop.signals.stats import robust_z
from bondtop.signals.volatility import par_modified_duration
from hypothesis import given, settings
from hypothesis import strategies as st

SCATTER = (-1.2, 0.4, 0.9, -0.5, 0.1, 1.3, -0.8, -0.2, 0.6, -0.6)  # sums to zero, so that an average stays what it is


def day(iso):
    return (date.fromisoformat(iso) - date(1970, 1, 1)).days


def past(n=12, term="10y", start=19000, spacing=30, **centres):
    """Ordinary auctions around (centre, width) by field, hand-made."""
    return [
        a.Auction(start + spacing * i, term, 10.0, 4.0, **{k: c + w * SCATTER[i % len(SCATTER)] for k, (c, w) in centres.items()})
        for i in range(n)
    ]


def scored(d_a, on=19000, years=10.0, yield_pct=4.0, term="10y"):
    auction = a.Auction(on, term, years, yield_pct)
    return a.AuctionScore(auction, d_a, {}, None, None, 0, 0, {}, a.demand_word(d_a))


PUBLISHED = {  # parts as printed, and what ordinary auctions of that term looked like around the printed average
    "US 7Y 2021-02-25": ({"bid_to_cover": "bid_to_cover", "tail": "tail_bp"}, {"bid_to_cover": ("average", 0.08), "tail": (0.3, 0.7)}),
    "US 30Y 2023-11-09": ({"tail": "tail_bp", "dealer_share": "dealer_pct"}, {"tail": (0.3, 1.0), "dealer_share": ("dealer_average", 2.5)}),
    "US 20Y 2024-11-20": ({"tail": "tail_bp", "dealer_share": "dealer_pct"}, {"tail": (0.0, 1.0), "dealer_share": ("dealer_average", 3.0)}),
    "JGB 20Y 2025-05-20": (
        {"bid_to_cover": "bid_to_cover", "tail": "tail_yen"},
        {"bid_to_cover": ("previous", 0.3), "tail": ("previous_tail_yen", 0.15)},
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_weak_auctions_read_weak(golden, name):
    case = next(c for c in golden["auctions"]["cases"] if c["auction"] == name)
    printed, ordinary = PUBLISHED[name]
    centres = {k: (case[c] if isinstance(c, str) else c, w) for k, (c, w) in ordinary.items()}
    auction = a.Auction(day(name[-10:]), "10y", 10.0, 4.0, **{field: case[key] for field, key in printed.items()})
    score = a.score_auction(auction, past(10, **centres))
    assert score.n_parts == 2 and score.n_ref == 10 and score.tail_kind == "when-issued"
    assert score.D_a <= -1 and score.word in ("weak", "failed-ish")


def test_cover_alone_is_not_a_score_unless_asked(golden):
    """The 40-year JGB is sold at one price: it has a cover and no tail."""
    case = next(c for c in golden["auctions"]["cases"] if c["auction"] == "JGB 40Y 2025-05-28")
    auction = a.Auction(day("2025-05-28"), "40y", 40.0, 3.1, bid_to_cover=case["bid_to_cover"])
    ordinary = past(10, bid_to_cover=(case["previous"], 0.3))
    score = a.score_auction(auction, ordinary)
    assert score.D_a is None and score.word is None and score.parts["bid_to_cover"] <= -1
    assert a.score_auction(auction, ordinary, a.AuctionParams(min_parts=1)).D_a <= -1


def test_each_part_has_the_sign_of_demand_and_the_mean_is_plain():
    ordinary = past(bid_to_cover=(2.5, 0.1), indirect_share=(70.0, 3.0), dealer_share=(12.0, 2.0), dispersion=(5.0, 0.5))
    auction = a.Auction(20000, "10y", 10.0, 4.0, bid_to_cover=2.6, indirect_share=73.0, dealer_share=10.0, dispersion=4.5)
    score = a.score_auction(auction, ordinary)
    reference = {k: [getattr(o, k) for o in ordinary] for k in ("bid_to_cover", "indirect_share", "dealer_share", "dispersion")}
    assert score.parts == pytest.approx(
        {
            "bid_to_cover": robust_z(2.6, reference["bid_to_cover"]),
            "indirect_share": robust_z(73.0, reference["indirect_share"]),
            "dealer_share": -robust_z(10.0, reference["dealer_share"]),
            "tail": -robust_z(4.5, reference["dispersion"]),
        }
    )
    assert all(z > 0 for z in score.parts.values())
    assert score.D_a == pytest.approx(sum(score.parts.values()) / 4) and score.n_parts == 4
    assert (score.tail, score.tail_kind) == (4.5, "proxy")


def test_only_the_twelve_auctions_before_are_the_reference():
    wild = past(5, start=10000, bid_to_cover=(99.0, 30.0), tail=(99.0, 30.0))
    calm = past(12, bid_to_cover=(2.5, 0.1), tail=(0.0, 0.5))
    auction = a.Auction(20000, "10y", 10.0, 4.0, bid_to_cover=2.4, tail=1.0)
    assert a.score_auction(auction, wild + calm) == a.score_auction(auction, calm)
    assert a.score_auction(auction, wild + calm).n_ref == 12


def test_fewer_than_eight_references_are_unknown():
    auction = a.Auction(20000, "10y", 10.0, 4.0, bid_to_cover=2.4, tail=1.0)
    few = past(7, bid_to_cover=(2.5, 0.1), tail=(0.0, 0.5))
    score = a.score_auction(auction, few)
    assert (score.D_a, dict(score.parts), score.n_ref, score.word) == (None, {}, 7, None)
    assert a.score_auction(auction, past(8, bid_to_cover=(2.5, 0.1), tail=(0.0, 0.5))).D_a is not None


def test_a_true_tail_is_never_judged_against_dispersions():
    ordinary = past(12, bid_to_cover=(2.5, 0.1), dispersion=(5.0, 0.5))
    first_mark = a.Auction(20000, "10y", 10.0, 4.0, bid_to_cover=2.5, tail=0.2, dispersion=5.1)
    score = a.score_auction(first_mark, ordinary)
    assert (score.tail, score.tail_kind) == (5.1, "proxy")
    with_marks = past(8, bid_to_cover=(2.5, 0.1), tail=(0.0, 0.5), dispersion=(5.0, 0.5))
    assert a.score_auction(first_mark, with_marks).tail_kind == "when-issued"
    only_mark = a.Auction(20000, "10y", 10.0, 4.0, bid_to_cover=2.5, tail=0.2)
    lonely = a.score_auction(only_mark, ordinary)
    assert (lonely.tail, lonely.tail_kind) == (0.2, "when-issued") and "tail" not in lonely.parts


def test_terms_do_not_mix():
    tens = past(12, bid_to_cover=(2.5, 0.1), tail=(0.0, 0.5))
    bonds = past(12, term="30y", start=19003, bid_to_cover=(9.0, 2.0), tail=(5.0, 2.0))
    alone, mixed = a.score_auctions(tens), a.score_auctions(bonds + tens)
    assert [s for s in mixed if s.auction.term == "10y"] == list(alone)
    assert [s.auction.day for s in mixed] == sorted(s.auction.day for s in mixed)
    assert alone[7].D_a is None and alone[8].D_a is not None


def test_difference_from_the_last_six():
    ordinary = past(12, bid_to_cover=(2.5, 0.1))
    auction = a.Auction(20000, "10y", 10.0, 4.0, bid_to_cover=2.3, tail=1.0)
    average = sum(o.bid_to_cover for o in ordinary[-6:]) / 6
    assert a.score_auction(auction, ordinary).desk_gap == pytest.approx({"bid_to_cover": 2.3 - average})


@pytest.mark.parametrize(
    ("d_a", "word"), [(-2.0, "failed-ish"), (-1.0, "weak"), (-0.99, "ordinary"), (0.99, "ordinary"), (1.0, "strong"), (None, None)]
)
def test_words(d_a, word):
    assert a.demand_word(d_a) == word


@given(st.floats(-6, 6), st.floats(0, 3))
def test_grades_rise_with_demand(d_a, more):
    grades = ["F", "D", "C-", "C", "C+", "B-", "B", "B+", "A", "A+"]
    assert grades.index(a.letter_grade(d_a)) <= grades.index(a.letter_grade(d_a + more))


def test_grades_are_tenths_of_the_normal_law():
    from statistics import NormalDist

    middles = [NormalDist().inv_cdf((k + 0.5) / 10) for k in range(10)]
    assert [a.letter_grade(z) for z in middles] == ["F", "D", "C-", "C", "C+", "B-", "B", "B+", "A", "A+"]


def demand_of(scores):
    """Marginal demand after some scored auctions."""
    ordered = sorted(scores, key=lambda s: (s.auction.day, s.auction.years))
    D_a = np.array([math.nan if s.D_a is None else s.D_a for s in ordered])
    return a.market_demand(a.ScoreHistory(tuple(s.auction for s in ordered), D_a, np.full(len(ordered), math.nan)))


def test_market_demand_weighs_duration_and_age():
    scores = [scored(1.0, 100, 2.0), scored(-1.0, 130, 10.0), scored(0.5, 160, 30.0), scored(2.0, 190, 5.0)]
    weights = [par_modified_duration(4.0, s.auction.years) * 2 ** (-(3 - i) / 8) for i, s in enumerate(scores)]
    expected = sum(w * s.D_a for w, s in zip(weights, scores, strict=True)) / sum(weights)
    demand = demand_of(scores)
    assert demand.demand_z[-1] == pytest.approx(expected)
    assert np.isnan(demand.demand_z[:3]).all() and demand.n.tolist() == [1, 2, 3, 4]


def test_unscored_auctions_count_as_time_but_not_as_demand():
    scores = [scored(1.0, d) for d in (1, 2, 3, 4)] + [scored(None, 5)]
    demand = demand_of(scores)
    assert demand.n.tolist() == [1, 2, 3, 4, 4] and demand.demand_z[-1] == pytest.approx(1.0)
    assert np.isnan(demand_of([scored(1.0, d, yield_pct=None) for d in range(9)]).demand_z).all()


def test_only_the_last_24_auctions_count():
    recent = [scored(0.5, 100 + i) for i in range(24)]
    assert demand_of([scored(-5.0, 50), *recent]).demand_z[-1] == pytest.approx(0.5)


def test_several_auctions_of_one_day_make_one_row():
    demand = demand_of([scored(1.0, d, years) for d in (1, 2) for years in (2.0, 10.0)])
    assert demand.days.tolist() == [1, 2] and demand.n.tolist() == [2, 4]


@given(st.lists(st.floats(-5, 5), min_size=4, max_size=40))
def test_demand_lies_among_its_auctions_and_knows_no_future(values):
    scores = [scored(v, 100 + i) for i, v in enumerate(values)]
    demand = demand_of(scores)
    last = values[-24:]
    assert min(last) - 1e-9 <= demand.demand_z[-1] <= max(last) + 1e-9
    earlier = demand_of(scores[:-1])
    assert np.array_equal(earlier.demand_z, demand.demand_z[:-1], equal_nan=True)


def test_age_and_staleness_count_business_days():
    demand = demand_of([scored(1.0, day("2025-06-02") + i) for i in range(4)])  # the last on Thursday 5 June
    fresh = a.demand_at(demand, day("2025-07-17"))
    assert (fresh.age, fresh.stale, fresh.demand_z) == (30, False, pytest.approx(1.0))
    assert a.demand_at(demand, day("2025-07-18")).stale is True
    assert a.demand_at(demand, day("2025-06-01")) == a.DemandReading(None, 0, None, True)
    rows = a.demand_rows(demand, np.array([day("2025-06-01"), day("2025-06-05"), day("2025-07-17"), day("2025-07-18")], dtype=np.int32))
    assert np.isnan(rows[[0, 3]]).all() and rows[1:3] == pytest.approx([1.0, 1.0])


def test_auctions_from_series():
    days = np.array([1, 2, 3], dtype=np.int32)
    series = {"high_yield": (days, np.array([4.0, math.nan, 4.2])), "bid_to_cover": (days[2:], np.array([2.5]))}
    assert a.from_series("10y", 10.0, series) == (a.Auction(1, "10y", 10.0, 4.0), a.Auction(3, "10y", 10.0, 4.2, 2.5))


def test_no_auctions_at_all():
    nothing = demand_of([])
    assert len(nothing.days) == 0 and a.demand_at(nothing, 20000).demand_z is None
    assert np.isnan(a.demand_rows(nothing, np.array([20000], dtype=np.int32))).all()


NUMBER = st.none() | st.sampled_from([2.1, 2.3, 2.4, 2.5, 2.7, 3.0])


@settings(max_examples=25)
@given(
    st.lists(
        st.builds(
            a.Auction,
            day=st.integers(20000, 20400),
            term=st.sampled_from(["2y", "10y"]),
            years=st.just(5.0),
            bid_to_cover=NUMBER,
            indirect_share=NUMBER,
            dealer_share=NUMBER,
            tail=NUMBER,
            dispersion=NUMBER,
        ),
        max_size=60,
    )
)
def test_the_history_of_scores_is_each_auction_scored_alone(auctions):
    history, alone = a.score_history(auctions), a.score_auctions(auctions)
    assert history.auctions == tuple(score.auction for score in alone)
    assert history.D_a == pytest.approx([math.nan if s.D_a is None else s.D_a for s in alone], nan_ok=True)
    assert history.tail_z == pytest.approx([-s.parts["tail"] if "tail" in s.parts else math.nan for s in alone], nan_ok=True)
