"""Splits in runs are those of each date alone, whichever moments are asked for."""

import numpy as np
from bondtop.signals.clearing import ClearingParams, path_and_term, shared_legs
from bondtop.signals.parts.identities import Identities
from hypothesis import given, settings
from hypothesis import strategies as st

WINDOWS = (5, 21)


@st.composite
def legs(draw):
    """Two legs on dates of their own, some shared."""
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    out = []
    for share in draw(st.tuples(st.sampled_from([0.0, 0.6, 0.9, 1.0]), st.sampled_from([0.6, 1.0]))):
        days = np.flatnonzero(rng.random(draw(st.sampled_from([3, 40, 170]))) < share).astype(np.int32)
        out.append((days, rng.normal(4, 1, len(days))))
    return out


@settings(max_examples=80, deadline=None)
@given(legs(), st.lists(st.tuples(st.integers(0, 170), st.integers(0, 170), st.integers(-1, 180)), max_size=12))
def test_a_split_in_a_run_is_that_of_the_date(legs, asked):
    shared = shared_legs(legs)
    quick = Identities(shared, path_and_term, ("path", "term"), WINDOWS, ClearingParams())
    for first, second, as_of in asked:
        known = [min(n, len(days)) for n, (days, _) in zip((first, second), legs, strict=True)]
        found = quick.at(known, as_of)
        for place, steps in enumerate(WINDOWS):
            alone = shared.changes_bp(known, as_of, steps, 1000)
            parted = found[1][place] if found else None
            assert (parted is None) == (alone is None)
            if found and parted and alone:
                own = path_and_term(*alone[1])
                assert (found[0], parted.parts) == (alone[0], (own.parts["path"], own.parts["term"]))
                assert parted.since == tuple(int(rows[shared.last(known, as_of) - steps]) for rows in shared.rows)
                assert parted.note.startswith("of ")
