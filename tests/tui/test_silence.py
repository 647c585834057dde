"""When a terminal that says nothing counts as gone."""

from bondtop.tui.silence import Silence


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def pass_time(silence: Silence, time: Time, seconds: float, *, asks: bool = True, answers: bool = False) -> bool:
    """Let that time pass as the outlet does; whether the terminal counted as gone in it."""
    stop = time.now + seconds
    while time.now < stop:
        patience = silence.patience_s
        time.now = min(stop, time.now + (stop - time.now if patience is None else max(patience, 0.01)))
        if asks and silence.wants_question:
            silence.asked()
            if answers:
                silence.heard()
        if silence.is_over():
            return True
    return False


def test_it_is_asked_after_half_the_time_and_has_the_other_half_to_answer():
    time = Time()
    silence = Silence(5.0, time)
    assert not pass_time(silence, time, 4.9)
    assert pass_time(silence, time, 0.2) and time.now == 105.0


def test_answers_keep_it_alive():
    time = Time()
    assert not pass_time(Silence(5.0, time), time, 1000, answers=True)


def test_nothing_is_judged_without_a_question():
    time = Time()
    assert not pass_time(Silence(5.0, time), time, 1000, asks=False)


def test_zero_is_never():
    time = Time()
    silence = Silence(0.0, time)
    assert silence.patience_s is None and not pass_time(silence, time, 1e6) and not silence.wants_question


def test_a_question_before_a_full_line_has_half_the_time_too():
    time = Time()
    silence = Silence(5.0, time)
    time.now += 1.0
    silence.asked()
    assert not pass_time(silence, time, 3.9)
    assert pass_time(silence, time, 0.2)


def test_who_slept_does_not_judge():
    """Stopped and continued: the answer may lie unread."""
    time = Time()
    silence = Silence(5.0, time)
    assert not pass_time(silence, time, 3.0)
    time.now += 3600
    assert not silence.is_over()
    assert not pass_time(silence, time, 4.9)
    assert pass_time(silence, time, 0.2)
