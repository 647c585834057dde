"""Prints feeds/closed_days.py anew, from the `holidays` library:

    uv run python .ci/closed_days.py > feeds/closed_days.py
"""

from collections.abc import Callable, Iterable
from datetime import date

import holidays

YEARS = range(1990, 2051)
HEAD = '''"""Weekdays without business, by market and year, as month and day.

Made by .ci/closed_days.py from the `holidays` library, which takes longer to load than most commands to answer; a test compares.
"""

TABLE = """
'''


def england(year: int) -> Iterable[date]:
    return holidays.country_holidays("GB", subdiv="ENG", years=year)


def good_friday(year: int) -> date:
    return next(d for d in england(year) if d.weekday() == 4 and d.month in (3, 4))


def united_states(year: int) -> Iterable[date]:
    """The bond market's."""
    return (*holidays.country_holidays("US", years=year), good_friday(year))


def japan(year: int) -> Iterable[date]:
    return (*holidays.country_holidays("JP", years=year), *(date(year, 1, d) for d in (1, 2, 3)), date(year, 12, 31))


def sweden(year: int) -> Iterable[date]:
    """With Midsummer Eve (the Friday between 19 and 25 June), Christmas Eve and New Year's Eve: bank holidays in all but law."""
    midsummer_eve = next(date(year, 6, d) for d in range(19, 26) if date(year, 6, d).weekday() == 4)
    return (*holidays.country_holidays("SE", years=year), midsummer_eve, date(year, 12, 24), date(year, 12, 31))


MARKETS: dict[str, Callable[[int], Iterable[date]]] = {
    "us": united_states,
    "nyse": lambda year: holidays.financial_holidays("NYSE", years=year),
    "uk": england,
    "jp": japan,
    "ea": lambda year: holidays.financial_holidays("ECB", years=year),
    "se": sweden,
    "ca": lambda year: holidays.country_holidays("CA", subdiv="ON", years=year),
}


def table() -> str:
    """One line a market and year; the Eurosystem has none before 1999."""
    lines = []
    for market, closed in MARKETS.items():
        for year in YEARS:
            days = sorted({d for d in closed(year) if d.year == year and d.weekday() < 5})
            if days:
                lines.append(f"{market} {year} " + " ".join(f"{d:%m%d}" for d in days) + "\n")
    return "".join(lines)


if __name__ == "__main__":
    print(HEAD + table() + '"""')  # noqa: T201
