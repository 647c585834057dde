"""The government-bond markets and their series: which point of which curve is what."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

HOME_RATE: Mapping[str, str] = MappingProxyType({"jpy": "jp.call", "eur": "ea.aaa.3m"})
"""The short rate of each investor who hedges."""

PAIRS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "2s10s": ("2y", "10y"),
        "5s10s": ("5y", "10y"),
        "5s30s": ("5y", "30y"),
        "10s20s": ("10y", "20y"),
        "10s30s": ("10y", "30y"),
        "10s40s": ("10y", "40y"),
    }
)


class MarketSpec(msgspec.Struct, frozen=True):
    """One market. `tenors` gives the series of each point shown, `curve` those of one and the same curve, from which slopes are taken.

    `real`, `breakeven` and `term_premium` are series of the 10-year point, "" where there is none. `debt_office` sells its bonds and
    `central_bank` holds some: whose word is missing where no source has it.
    """

    id: str
    name: str
    tenors: Mapping[str, str]
    curve: Mapping[str, str]
    pairs: tuple[str, ...] = ("2s10s", "5s30s", "10s30s")
    is_euro: bool = False
    real: str = ""
    breakeven: str = ""
    term_premium: str = ""
    policy: str = ""
    cpi: str = ""
    debt_gdp: str = ""
    currency: str = ""
    debt_office: str = ""
    central_bank: str = ""
    short_rate: str = ""  # what three months of its currency cost, or the nearest to it that is published

    @property
    def no_supply(self) -> str:
        """Why nobody knows its supply."""
        return f"issues and redemptions of {self.debt_office} are not among the sources"

    @property
    def no_demand(self) -> str:
        """Why nobody knows the demand at its auctions."""
        return f"auction results of {self.debt_office} are not among the sources"

    @property
    def ten_year(self) -> str:
        """The series of the 10-year yield."""
        return self.tenors["10y"]

    @property
    def two_year(self) -> str:
        """The series of the 2-year yield, "" where there is none."""
        return self.tenors.get("2y", "")


def _curve(template: str, *tenors: str) -> Mapping[str, str]:
    return MappingProxyType({tenor: template.format(tenor) for tenor in tenors})


_US = _curve("us.{}", "3m", "6m", "1y", "2y", "3y", "5y", "7y", "10y", "20y", "30y")
_UK_SPOT = _curve("uk.{}.spot", "2y", "30y", "40y")
_UK_PAR = _curve("uk.{}", "5y", "10y", "20y")
_FR_TEC = _curve("fr.{}.tec", "2y", "5y", "10y", "20y", "30y")
_JP = _curve("jp.{}", "1y", "2y", "5y", "7y", "10y", "20y", "30y", "40y")
_DE = _curve("de.{}", "2y", "5y", "10y", "30y")

MARKETS: Mapping[str, MarketSpec] = MappingProxyType(
    {
        spec.id: spec
        for spec in (
            MarketSpec(
                "us",
                "US",
                _US,
                _US,
                real="us.10y.real",
                breakeven="us.10y.breakeven",
                term_premium="us.term_premium.acm",
                policy="us.policy",
                cpi="us.cpi.yoy",
                debt_gdp="us.debt_gdp",
                currency="usd",
                debt_office="the US Treasury",
                central_bank="the Federal Reserve",
                short_rate="us.3m",
            ),
            MarketSpec(
                "uk",
                "UK",
                MappingProxyType({"2y": "uk.2y.spot", **_UK_PAR, "30y": "uk.30y.spot", "40y": "uk.40y.spot"}),
                _UK_PAR,
                pairs=("5s10s", "10s20s"),
                policy="uk.policy",
                cpi="uk.cpi.yoy",
                debt_gdp="uk.debt_gdp",
                currency="gbp",
                debt_office="the UK Debt Management Office",
                central_bank="the Bank of England",
                short_rate="uk.sonia",
            ),
            MarketSpec(
                "fr",
                "France",
                MappingProxyType({**_FR_TEC, "5y": "fr.5y", "10y": "fr.10y"}),
                _FR_TEC,
                is_euro=True,
                policy="ea.dfr",
                cpi="fr.cpi.yoy",
                debt_gdp="fr.debt_gdp",
                currency="eur",
                debt_office="Agence France Trésor",
                central_bank="the Banque de France",
                short_rate="ea.aaa.3m",
            ),
            MarketSpec(
                "jp",
                "Japan",
                _JP,
                _JP,
                pairs=("2s10s", "5s30s", "10s30s", "10s40s"),
                policy="jp.policy",
                cpi="jp.cpi.core.yoy",
                debt_gdp="jp.debt_gdp",
                currency="jpy",
                debt_office="Japan's Ministry of Finance",
                central_bank="the Bank of Japan",
                short_rate="jp.call",
            ),
            MarketSpec(
                "de",
                "Germany",
                _DE,
                _DE,
                is_euro=True,
                policy="ea.dfr",
                cpi="de.cpi.yoy",
                debt_gdp="de.debt_gdp",
                currency="eur",
                debt_office="the German Finance Agency",
                central_bank="the Bundesbank",
                short_rate="ea.aaa.3m",
            ),
            MarketSpec(
                "it",
                "Italy",
                _curve("it.{}", "5y", "10y"),
                _curve("it.{}", "5y", "10y"),
                pairs=("5s10s",),
                is_euro=True,
                policy="ea.dfr",
                cpi="it.cpi.yoy",
                debt_gdp="it.debt_gdp",
                currency="eur",
                debt_office="the Italian Treasury",
                central_bank="the Banca d'Italia",
                short_rate="ea.aaa.3m",
            ),
            MarketSpec(
                "ca",
                "Canada",
                MappingProxyType({**_curve("ca.{}", "2y", "5y", "10y"), "30y": "ca.long"}),
                MappingProxyType({**_curve("ca.{}", "2y", "5y", "10y"), "30y": "ca.long"}),
                policy="ca.policy",
                cpi="ca.cpi.yoy",
                debt_gdp="ca.debt_gdp",
                currency="cad",
                debt_office="Canada's Department of Finance",
                central_bank="the Bank of Canada",
            ),
        )
    }
)


def years_of(tenor: str) -> float:
    """The maturity of a tenor name such as 3m or 10y."""
    return float(tenor[:-1]) / (12.0 if tenor.endswith("m") else 1.0)
