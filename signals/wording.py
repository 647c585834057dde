"""Numbers in sentences, the same everywhere: a true minus sign, and a space before a unit in letters (bp, pp, yen) but none before % or σ.

Numbers in machine formats are numbers; these are words.
"""

_CLOSE = ("%", "σ", "×", "z", "bn", "mn")  # stand at the number, as a size or a sign does


def true_minus(number: str) -> str:
    """A printed number with the sign people read; what rounds to nought carries none."""
    return number.replace("-", "−") if number.strip("+-0.,%") else number.lstrip("+-")


def with_unit(number: str, unit: str) -> str:
    """A printed number and its unit; `unit` may be a whole phrase that begins with one."""
    return f"{number}{'' if not unit or unit in _CLOSE else ' '}{unit}"


def worded(value: float, form: str, unit: str = "") -> str:
    """A number in a sentence: `worded(-2.31, "+.1f", "bp")` is `−2.3 bp`."""
    return with_unit(true_minus(f"{value:{form}}"), unit)
