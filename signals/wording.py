"""Numbers in sentences, the same everywhere: a true minus sign, and a space before a unit in letters (bp, pp, yen) but none before % or σ.

Numbers in machine formats are numbers; these are words.
"""

_CLOSE = ("%", "σ", "×", "bn", "mn")  # what begins so stands at the number, as a sign or a size does


def true_minus(number: str) -> str:
    """A printed number with the sign people read; what rounds to nought carries none."""
    return number.replace("-", "−") if number.strip("+-0.,%") else number.lstrip("+-")


def with_unit(number: str, unit: str) -> str:
    """A printed number and its unit."""
    return f"{number}{'' if not unit or unit.startswith(_CLOSE) else ' '}{unit}"


def worded(value: float, form: str, unit: str = "") -> str:
    """A number in a sentence: `worded(-2.31, "+.1f", "bp")` is `−2.3 bp`."""
    number = format(value, form)
    if value <= 1.0:  # what is larger has neither a minus nor rounds to nought
        number = true_minus(number)
    return with_unit(number, unit) if unit else number
