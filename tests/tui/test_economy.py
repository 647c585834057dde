"""The economy of output: the terminal shows the same with it as without."""

import pytest
from bondtop.tui.economy import Economy, Plain
from bondtop.tui.terminal_reader import Reader, changed_pen
from bondtop.tui.terminal_screen import PLAIN, Grid, Pen
from bondtop.tui.terminal_writer import erases_in_colour
from hypothesis import given, settings
from hypothesis import strategies as st
from terminals import Terminal

W, H = 24, 6
STYLES = ("", "1", "3;31", "4;38;2;10;20;30", "7;48;2;1;2;3", "38;5;200;48;5;17", "9;92;104", "1;38;2;10;20;30;48;2;1;2;3", "44")
CODES = ("0", "1", "2", "22", "4", "24", "21", "7", "27", "31", "39", "48;5;3", "49", "9", "29", "53", "55", "5", "8")


class Pair:
    """The same text to two terminals, one behind an Economy."""

    def __init__(self, *, in_colour: bool = True, width: int = W, height: int = H) -> None:
        self.economy = Economy(width, height, in_colour=in_colour)
        self.plain, self.thrifty = Terminal(width, height), Terminal(width, height)
        self.sent = 0

    def write(self, text: str) -> None:
        self.plain.receive(text.encode())
        self.economy.feed(text)

    def take(self, limit: int = 1 << 30) -> bytes:
        data = self.economy.take(limit)
        self.thrifty.receive(data)
        self.sent += len(data)
        return data

    def settle(self) -> None:
        for _ in range(2 * H + 4):
            self.take()
        assert not self.economy.waiting()

    def assert_same(self) -> None:
        self.settle()
        assert self.thrifty.cells() == self.plain.cells()

    def assert_costs(self, at_most: int) -> None:
        before = self.sent
        self.assert_same()
        assert self.sent - before <= at_most


def at(x: int, y: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H"


signs = st.text(alphabet="aZ0 +−─│█▁●◐σ⠿", max_size=30)
wide = st.sampled_from(["日", "本国", "a日b", "🏦", "é", "x̂y"])
styled = st.builds(lambda s, t: f"\x1b[{s}m{t}\x1b[0m" if s else t, st.sampled_from(STYLES), st.one_of(signs, signs, wide))
place = st.builds(at, st.integers(0, W - 1), st.integers(0, H - 1))
drawing = st.builds(lambda p, parts: p + "".join(parts), place, st.lists(styled, min_size=1, max_size=4))
ERASURES = ("K", "1K", "2K", "J", "1J", "2J", "3X", "X")
MOVES = ("\x1b[A", "\x1b[2B", "\x1b[3C", "\x1b[4D", "\r", "\b", "\n", "\x1b[2G", "\x1b[3d")
STRANGE = ("\x1bM", "\x1b7\x1b[2;2H\x1b8", "\t", "\x1b[2L", "\x1b[P", "\x1bD", "\x1b[2;4r", "\x1b[r", "\x1b[4h")
CONTROLS = ("\a", "\x1b[?2004h", "\x1b]0;title\x07", "\x1b[?2026h", "\x1b[?2026l", "\x1b[?25l", "\x1b[?25h", "\x1b]52;c;aGk=\x07")
erasing = st.builds(
    lambda p, s, e: p + f"\x1b[{s}m\x1b[{e}\x1b[0m", place, st.sampled_from(["", "44", "48;2;9;9;9"]), st.sampled_from(ERASURES)
)
moving = st.builds(lambda p, m, t: p + m + t, place, st.sampled_from(MOVES), styled)
strange = st.builds(lambda p, s, t: p + s + t, place, st.sampled_from(STRANGE), styled)
control = st.sampled_from(CONTROLS)
session = st.lists(st.one_of(drawing, drawing, drawing, erasing, moving, strange, control, st.integers(1, 400)), max_size=25)


@settings(max_examples=120, deadline=None)
@given(session, st.booleans())
def test_the_terminal_shows_the_same(steps: list[str | int], in_colour: bool) -> None:
    pair = Pair(in_colour=in_colour)
    pair.write("\x1b[?7l")
    for step in steps:
        if isinstance(step, int):
            pair.take(step)
        else:
            pair.write(step)
    pair.write("\x1b[?2026l")
    pair.assert_same()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(drawing, control), max_size=12), st.data())
def test_text_may_break_off_anywhere(steps: list[str], data: st.DataObject) -> None:
    pair, text = Pair(), "\x1b[?7l" + "".join(steps) + "\x1b[?2026l"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    for start, stop in zip([0, *cuts], [*cuts, len(text)], strict=True):
        pair.write(text[start:stop])
        pair.take()
    pair.assert_same()


@settings(max_examples=50, deadline=None)
@given(st.lists(drawing, max_size=8), st.lists(drawing, max_size=8), st.integers(5, 30), st.integers(2, 9))
def test_after_a_resize_a_full_repaint_stands(before: list[str], after: list[str], width: int, height: int) -> None:
    pair = Pair()
    for text in before:
        pair.write(text)
        pair.take()
    pair.economy.resize(width, height)
    for terminal in (pair.plain, pair.thrifty):
        terminal.resize(width, height)
    pair.write("\x1b[?7l" + "".join(at(0, y) + "\x1b[44m" + " " * width + "\x1b[0m" for y in range(height)))
    for text in after:
        pair.write(text)
    pair.assert_same()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(["x", "█", " "])), max_size=20))
def test_every_style_arrives(cells: list[tuple[str, str]]) -> None:
    """Styles that pyte does not know, read back by the reader itself."""
    economy, back = Economy(W, H, in_colour=True), Grid(W, H)
    reader = Reader(back, economy)
    for style, text in cells:
        economy.feed(f"\x1b[{style}m{text}")
    economy.feed("\x1b[H")
    reader.feed(economy.take().decode())
    assert [row[: len(cells)] for row in back.texts[:1]] == [row[: len(cells)] for row in economy.wanted.texts[:1]]
    assert [row[: len(cells)] for row in back.pens[:1]] == [row[: len(cells)] for row in economy.wanted.pens[:1]]


def test_a_link_is_opened_and_closed() -> None:
    economy, back = Economy(W, H, in_colour=True), Grid(W, H)
    economy.feed("\x1b[H\x1b]8;id=1;https://a.b/\x1b\\link\x1b]8;;\x1b\\ not")
    Reader(back, economy).feed(economy.take().decode())
    assert back.pens[0][:8] == [Pen(link="id=1;https://a.b/")] * 4 + [PLAIN] * 4


def test_what_stands_is_not_sent_again() -> None:
    pair = Pair()
    text = "\x1b[H\x1b[31mrepo above top of rng\x1b[0m"
    pair.write(text)
    pair.settle()
    pair.write(text)
    assert pair.take() == b""


def test_one_changed_quote_is_short() -> None:
    pair = Pair(width=120, height=40)
    pair.write("".join(at(0, y) + "\x1b[38;2;9;9;9;48;2;1;2;3m" + "5,612.25 " * 13 + "\x1b[0m" for y in range(40)) + at(0, 0))
    pair.settle()
    pair.write(at(18, 12) + "\x1b[38;2;9;9;9;48;2;1;2;3m5,613.75\x1b[0m" + at(0, 0))
    pair.assert_costs(24)


def test_frames_not_taken_are_never_sent() -> None:
    pair = Pair()
    for i in range(100):
        pair.write(at(0, 0) + f"{i:4d}" + at(0, 0))
    assert pair.take() == b"\x1b[H\x1b[m  99" or pair.take() == b""
    pair.assert_same()
    assert pair.sent < 20


def test_a_short_piece_brings_the_newest_row_first() -> None:
    pair = Pair()
    for y in range(H):
        pair.write(at(0, y) + "x" * W)
    pair.write(at(0, 4) + "newest")
    pair.take(1)
    assert pair.thrifty.screen.display[4].startswith("newest")
    assert pair.thrifty.screen.display[0].strip() == ""
    pair.assert_same()


def test_nothing_is_drawn_within_an_update() -> None:
    pair = Pair()
    pair.write("\x1b[?2026h")
    pair.write("\x1b[Hhalf")
    assert pair.take() == b""
    pair.write("\x1b[?2026l")
    assert b"half" in pair.take()


def test_a_long_frame_is_one_synchronized_update_where_the_terminal_has_them() -> None:
    pair = Pair(width=120, height=40)
    words = "".join(at(0, y) + "".join(chr(97 + (x * y) % 26) for x in range(120)) for y in range(40))
    pair.write(words)
    assert b"2026" not in pair.take()
    pair.write("\x1b[?2026h" + words.upper() + "\x1b[?2026l")
    data = pair.take()
    assert data.startswith(b"\x1b[?2026h") and data.endswith(b"\x1b[?2026l")


@pytest.mark.parametrize(
    "sequence", ["\x1b[2L", "\x1bPq#0;2;0;0;0#0~~\x1b\\", "\x1b_Ga=T;AAAA\x1b\\", "\x1b[4:3m", "\x1b[99m", "👩‍💻", "❤️", "\t"]
)
def test_what_is_not_understood_passes_untouched_at_its_place(sequence: str) -> None:
    economy = Economy(W, H, in_colour=True)
    economy.feed("\x1b[Hbefore" + at(3, 2) + sequence)
    data = economy.take().decode()
    assert data.endswith(sequence) and "before" in data and data.index("before") < data.index("\x1b[3;4H") < data.index(sequence)
    economy.feed("\x1b[0m\x1b[Hbefore")
    assert b"before" in economy.take()  # nobody knows whether it still stands there


@pytest.mark.parametrize("sequence", ["\x1b[2;4r", "\x1b[4h", "\x1b(0", "\x0e", "\x1b[?6h", "\x1b[5;3z"])
def test_after_what_lasts_everything_passes_until_another_screen_begins(sequence: str) -> None:
    economy = Economy(W, H, in_colour=True)
    economy.feed(sequence)
    economy.take()
    economy.feed("\x1b[0m\x1b[Hsame")
    economy.feed("\x1b[0m\x1b[Hsame")
    assert economy.take() == b"\x1b[0m\x1b[Hsame" * 2
    economy.feed("\x1b[?1049h\x1b[Hsame")
    economy.take()
    economy.feed("\x1b[Hsame")
    assert economy.take() == b""


def test_the_alternate_screen_begins_unknown_and_ends_without_a_last_frame() -> None:
    economy = Economy(W, H, in_colour=True)
    economy.feed("\x1b[?1049h\x1b[H\x1b[31mx\x1b[0m")
    assert b"x" in economy.take()
    economy.feed("\x1b[Hlate")
    economy.feed("\x1b[?1049l\x1b[?25h")
    data = economy.take()
    assert b"late" not in data and data.endswith(b"\x1b[?1049l\x1b[?25h") and b"\x1b[m" in data


def test_a_visible_cursor_stands_where_it_was_put() -> None:
    pair = Pair()
    pair.write("\x1b[?25h" + at(0, 3) + "name" + at(9, 5))
    pair.settle()
    assert (pair.thrifty.screen.cursor.x, pair.thrifty.screen.cursor.y) == (9, 5)
    pair.write(at(4, 5))
    pair.settle()
    assert (pair.thrifty.screen.cursor.x, pair.thrifty.screen.cursor.y) == (4, 5)


def test_a_terminal_that_takes_nothing_costs_no_memory_and_is_right_when_it_wakes() -> None:
    pair = Pair()
    pair.write("\x1b[Hstands")
    pair.settle()
    for _ in range(40):
        pair.economy.feed("\x1b]52;c;" + "A" * 60_000 + "\x07")
    pair.write(at(0, 1) + "as well")
    assert len(pair.take()) < 1 << 21
    pair.assert_same()


def test_plain_sends_everything() -> None:
    plain = Plain()
    plain.feed("\x1b[1mé")
    plain.feed("\x1b[1mé")
    assert plain.waiting()
    assert plain.take() == "\x1b[1mé\x1b[1mé".encode()
    assert not plain.waiting()


@pytest.mark.parametrize(("before", "params", "after"), [
    (PLAIN, "", PLAIN), (Pen("31"), "", PLAIN), (PLAIN, "1;31", Pen("31", "", 1)), (Pen("31", "", 3), "22", Pen("31")),
    (PLAIN, "38;2;1;2;3;48;5;9", Pen("38;2;1;2;3", "48;5;9")), (PLAIN, "38;9", None), (PLAIN, "38;2;1", None), (PLAIN, "4:3", None),
    (PLAIN, "77", None),
])  # fmt: skip
def test_styles(before: Pen, params: str, after: Pen | None) -> None:
    assert changed_pen(before, params) == after


def test_gnu_screen_erases_without_colour() -> None:
    assert not erases_in_colour("screen-256color")
    assert erases_in_colour("xterm-256color") and erases_in_colour("tmux-256color")
