"""Where panes stand."""

import pytest
from bondtop.tui.arrange import CONFIRMATION, MAP, STATE, TABS, WATCH, layout_of, placed, signal_rows
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region, Size

WANTED = {STATE: 9, WATCH: 17, CONFIRMATION: 16, MAP: 14}


@pytest.mark.parametrize(
    ("size", "layout"),
    [((200, 50), "quad"), ((160, 45), "quad"), ((159, 45), "full"), ((120, 36), "full"), ((100, 30), "full"), ((99, 50), "one"),
     ((80, 24), "one"), ((60, 20), "one"), ((40, 10), "one"), ((39, 30), "tiny"), ((20, 5), "tiny")],
)  # fmt: skip
def test_the_layout_follows_the_size(size, layout):
    assert layout_of(*size) == layout


@given(st.integers(100, 300), st.integers(27, 120), st.sampled_from(["full", "quad"]), st.integers(3, 60), st.integers(3, 60))
def test_four_panes_fill_the_body_without_overlap(width, height, layout, state, watch):
    wanted = WANTED | {STATE: state, WATCH: watch}
    if layout == "quad":
        width, height = max(width, 160), max(height, 42)
    regions = placed(layout, STATE, Size(width, height), lambda name, _: wanted[name])
    assert set(regions) == {STATE, MAP, CONFIRMATION, WATCH}
    assert sum(r.area for r in regions.values()) == width * height
    for one in regions.values():
        assert one.height >= 3 and Region(0, 0, width, height).contains_region(one)
        assert all(one is other or not one.overlaps(other) for other in regions.values())


@pytest.mark.parametrize(
    ("size", "rows"), [((80, 24), 2), ((80, 23), 1), ((120, 36), 1), ((120, 40), 2), ((189, 50), 2), ((190, 50), 1), ((60, 20), 1)]
)
def test_the_signal_has_a_second_row_where_one_can_be_spared(size, rows):
    assert signal_rows(*size) == rows


@pytest.mark.parametrize(("width", "left"), [(160, 106), (180, 120), (200, 132), (240, 144)])
def test_beside_the_charts_there_is_room_for_whole_titles_as_soon_as_there_is_any(width, left):
    regions = placed("quad", STATE, Size(width, 45), lambda name, _: WANTED[name])
    assert regions[STATE].width == regions[WATCH].width == left


def test_one_pane_has_tabs_above_it_and_a_zoomed_one_has_all():
    assert placed("one", WATCH, Size(80, 21), lambda *_: 99) == {TABS: Region(0, 0, 80, 1), WATCH: Region(0, 1, 80, 20)}
    assert placed("zoomed", MAP, Size(120, 37), lambda *_: 99) == {MAP: Region(0, 0, 120, 37)}
