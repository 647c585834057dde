import pytest
from bondtop.signals.wording import with_unit, worded
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("value", "form", "unit", "words"),
    [
        (-2.31, "+.1f", "bp", "−2.3 bp"),
        (20.3, "+.1f", "bp", "+20.3 bp"),
        (-0.2, "+.1f", "σ", "−0.2σ"),
        (22.13, ".1f", "%", "22.1%"),
        (0.3, "+.1f", "pp", "+0.3 pp"),
        (954.0, ",.0f", "bn", "954bn"),
        (3.6, ".1f", "%/yr", "3.6%/yr"),
        (-1.6, ".1f", "z", "−1.6 z"),
        (1.5, ".1f", "yen", "1.5 yen"),
        (-0.04, "+.1f", "bp", "0.0 bp"),
        (-0.001, "+.0%", "", "0%"),
        (-12345.6, ",.0f", "", "−12,346"),
    ],
)
def test_one_sign_and_one_spacing(value, form, unit, words):
    assert worded(value, form, unit) == words


def test_a_number_without_a_unit_stands_alone():
    assert with_unit("7", "") == "7"


@settings(max_examples=50)
@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_it_reads_as_the_number_it_is(value, decimals):
    text = worded(value, f"+.{decimals}f")
    assert "-" not in text and float(text.replace("−", "-")) == float(f"{value:.{decimals}f}")
    assert text[0] in "+−" or not float(text)
