"""Sheets: cells, fitting, and the stretches in which two differ."""

from bondtop.widgets.columns import Column, fitting
from bondtop.widgets.glyphs import UNICODE
from bondtop.widgets.sheet import Sheet, differing, wrapped
from bondtop.widgets.tones import Tone
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len


def sheet_of(rows, width=20):
    sheet = Sheet(width, UNICODE)
    for pieces in rows:
        y, x = sheet.row(), 0
        for text in pieces:
            x = sheet.put(y, x, text, width=5) + 1
    return sheet.rows()


def test_equal_sheets_differ_nowhere():
    rows = sheet_of([["a", "b"], ["c"]])
    assert list(differing(rows, rows)) == []
    assert list(differing(rows, sheet_of([["a", "b"], ["c"]]))) == []


def test_one_changed_cell_is_one_stretch():
    assert list(differing(sheet_of([["a", "b"], ["c"]]), sheet_of([["a", "x"], ["c"]]))) == [(0, 6, 5)]


def test_a_change_of_tone_is_a_change():
    one, other = Sheet(9, UNICODE), Sheet(9, UNICODE)
    one.put(0, 0, "abc", Tone.TEXT)
    other.put(0, 0, "abc", Tone.ALARM)
    assert list(differing(one.rows(), other.rows())) == [(0, 0, 3)]


def test_a_row_that_went_is_repainted():
    assert list(differing(sheet_of([["a"], ["b"]]), sheet_of([["a"]]))) == [(1, 0, 5)]


@given(st.lists(st.tuples(st.integers(0, 30), st.text(max_size=20), st.integers(0, 12)), max_size=12), st.integers(0, 30))
def test_cells_never_overlap_nor_leave_the_sheet(pieces, width):
    sheet = Sheet(width, UNICODE)
    sheet.row()
    for x, text, size in pieces:
        sheet.put(0, x, text, width=size)
    (row,) = sheet.rows()
    end = 0
    for cell in row:
        assert cell.x >= end and cell_len(cell.text) == cell.width
        end = cell.end
    assert end <= width


@given(st.text(max_size=200), st.integers(1, 20))
def test_wrapped_lines_fit_and_lose_no_word(text, width):
    lines = list(wrapped(text, width))
    assert all(cell_len(line) <= max(width, 2) for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_right_pieces_give_way_before_what_stands_there():
    sheet = Sheet(20, UNICODE)
    sheet.put(0, 0, "a long beginning")
    sheet.put_right(0, [("first", Tone.TEXT), ("end", Tone.TEXT)])
    assert [c.text for c in sheet.rows()[0]] == ["a long beginning", "end"]


def test_columns_of_high_rank_give_way_first():
    columns = (Column("a", "", 5, 0), Column("b", "", 5, 2), Column("c", "", 5, 1))
    assert [c.key for c in fitting(columns, 17)] == ["a", "b", "c"]
    assert [c.key for c in fitting(columns, 16)] == ["a", "c"]
    assert [c.key for c in fitting(columns, 3)] == ["a"]
