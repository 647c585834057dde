"""The process that makes Boards, from within: each once, the next one ahead, the latest remembered, and words where there is none."""

import os
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from bondtop.feeds.errors import BondtopError
from bondtop.signals.board import Board, decode
from bondtop.tui import evaluation
from bondtop.tui.evaluation import AHEAD, ANSWERS, BOARDS, Latest, Questions, Travel, answers
from bondtop.tui.sessions import end_of, session_before
from signal_boards import board as board_of

NOW = datetime(2026, 7, 1, 20, 0, tzinfo=UTC)  # a Wednesday


class Asked:
    """Boards, and the days they were asked for."""

    class panel:  # noqa: N801
        as_of = NOW

    def __init__(self) -> None:
        self.log: list[int] = []

    def board(self, as_of: datetime) -> Board:
        self.log.append(as_of.day)
        assert as_of <= NOW
        return board_of(as_of)

    def take(self) -> list[int]:
        log, self.log = self.log, []
        return log


class HandDesk:
    """What the process needs of a Desk."""

    def __init__(self) -> None:
        self.history = Asked()
        self.evaluated = 0

    def evaluate(self) -> Board:
        self.evaluated += 1
        return board_of(NOW)


@pytest.fixture
def asked():
    return Asked()


@pytest.fixture
def travel(asked):
    return Travel(asked, NOW)


def step(travel: Travel, asked: Asked, day: date) -> tuple[list[int], list[int]]:
    """The days that a step asked for itself, and those of what was made ahead of the next."""
    assert decode(travel.at(day)).as_of == min(end_of(day), NOW)
    own = asked.take()
    while travel.look_ahead():
        pass
    return own, asked.take()


# -------------------------------------------------------------------------------------------------------------- travelling
def test_a_step_in_either_direction_finds_its_answer_made(travel, asked):
    assert step(travel, asked, date(2026, 6, 24)) == ([24, 23], [22])
    assert step(travel, asked, date(2026, 6, 23)) == ([], [19, 18])
    assert step(travel, asked, date(2026, 6, 24)) == ([], [25])
    assert step(travel, asked, date(2026, 6, 25)) == ([], [26, 29])


def test_it_looks_the_further_ahead_the_longer_somebody_goes_one_way(travel, asked):
    day, window = date(2026, 6, 30), 1
    travel.at(day)
    for _ in range(8):
        asked.take()
        while travel.look_ahead():
            pass
        reached = day
        for _ in range(window):
            reached = session_before(reached)
        assert reached in travel._answers
        assert session_before(reached) not in travel._answers
        day, window = session_before(day), min(2 * window, AHEAD)
        asked.take()
        travel.at(day)
        assert asked.take() == []
    assert window == AHEAD
    travel.at(date(2026, 4, 1))  # a jump
    assert len(travel._ahead) == 1


def test_a_held_key_may_leave_sessions_out(travel):
    travel.at(date(2026, 6, 24))
    travel.at(date(2026, 6, 22))
    travel.at(date(2026, 6, 18))
    assert len(travel._ahead) == 4


def test_it_never_looks_beyond_now(travel, asked):
    assert step(travel, asked, date(2026, 6, 29)) == ([29, 26], [25])
    assert step(travel, asked, date(2026, 6, 30)) == ([30], [1, 30])  # now is the first of July: against the same time of the day before
    assert step(travel, asked, date(2026, 7, 1)) == ([], [])
    assert not travel.look_ahead()


def test_each_board_says_what_changed_since_the_session_before(travel):
    monday = decode(travel.at(date(2026, 6, 29)))
    assert monday.unchanged == ()  # the Boards by hand have no states
    assert monday.as_of == end_of(date(2026, 6, 29))


def test_long_travel_keeps_only_the_latest(travel, asked):
    day, first = date(2026, 6, 30), date(2026, 6, 29)
    for _ in range(ANSWERS + 1):
        day = session_before(day)
        travel.at(day)
    assert len(travel._made) == BOARDS
    assert len(travel._answers) == ANSWERS
    asked.take()
    travel.at(day)
    assert asked.take() == []
    travel.at(first)
    assert asked.take() == [29, 26]


def test_what_was_kept_once_more_is_not_the_oldest():
    latest: Latest[int, str] = Latest(2)
    for key in (1, 2, 1, 3):
        latest.keep(key, str(key))
    assert list(latest) == [1, 3]


# --------------------------------------------------------------------------------------------------------------- questions
@pytest.fixture
def line():
    """Both ends of a pipe."""
    read, write = os.pipe()
    yield Questions(read), write
    os.close(read)


def test_lines_come_whole_however_they_were_cut(line):
    questions, fd = line
    assert not questions.wait(0.0)
    os.write(fd, b"one\ntwo\nthr")
    assert questions.wait(0.0) and questions.next() == b"one"
    assert questions.wait(0.0) and questions.next() == b"two"
    os.write(fd, b"ee\n")
    assert questions.next() == b"three"
    os.close(fd)
    assert questions.wait(0.0) and questions.next() is None


def test_each_question_has_one_answer_until_nobody_asks(line):
    questions, fd = line
    desk = HandDesk()
    os.write(fd, b"now\n2026-06-24\nnonsense\n2026-06-23\n")
    os.close(fd)
    now, first, none, second = answers(desk, questions)
    assert (decode(now).as_of, decode(first).as_of.day, decode(second).as_of.day) == (NOW, 24, 23)
    assert "internal error" in msgspec.json.decode(none, type=str)
    assert desk.evaluated == 1


def test_why_there_is_no_board_is_said(line):
    questions, fd = line
    desk = HandDesk()

    def fails(_):
        raise BondtopError("the disk fails")

    desk.history.board = fails
    os.write(fd, b"2026-06-24\n")
    os.close(fd)
    assert list(answers(desk, questions)) == [b'"the disk fails"']


def test_the_next_day_is_made_only_while_no_question_waits(line):
    questions, fd = line
    desk = HandDesk()
    found = answers(desk, questions)
    os.write(fd, b"2026-06-24\n2026-06-11\n")
    next(found)
    desk.history.take()
    next(found)
    assert desk.history.take() == [11, 10]
    os.write(fd, b"2026-06-10\n")
    next(found)
    assert desk.history.take() == [9]
    os.close(fd)
    assert list(found) == []
    assert desk.history.take() == []


def test_a_reader_is_told_from_a_held_key_by_the_time_between_two_questions():
    read, write = os.pipe()
    now = 100.0
    questions = Questions(read, lambda: now)
    calm = []
    for pause in (0.0, 0.03, 0.03, 0.5, 0.03):
        now += pause
        os.write(write, b"2026-06-24\n")
        questions.next()
        calm.append(questions.are_calm)
    os.close(write)
    os.close(read)
    assert calm == [True, False, False, True, False]


def test_no_board_is_made_beside_the_drawing_of_one_that_is_read(line, monkeypatch):
    questions, fd = line
    desk = HandDesk()
    patience: list[float] = []
    wait = questions.wait
    monkeypatch.setattr(questions, "wait", lambda within_s: patience.append(within_s) or wait(within_s if within_s < 1 else 0.0))
    found = answers(desk, questions)
    os.write(fd, b"2026-06-24\n")
    next(found)
    desk.history.take()
    patience.clear()
    assert list(found) == []
    assert patience[0] == evaluation.BREATH_S and desk.history.take() == [22]  # the next one, but only after a while
    os.close(fd)


def test_it_ends_when_it_is_asked_for_nothing(line, monkeypatch):
    questions, fd = line
    monkeypatch.setattr(evaluation, "IDLE_S", 0.01)
    os.write(fd, b"2026-06-24\n")
    assert len(list(answers(HandDesk(), questions))) == 1
    os.close(fd)


def test_the_day_before_a_monday_is_a_friday():
    assert session_before(date(2026, 6, 29)) == date(2026, 6, 29) - timedelta(days=3)
