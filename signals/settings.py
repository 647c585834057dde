"""What a user may set of the signals; the defaults are those of the published method."""

from dataclasses import dataclass, field

from .badprints import BadPrintParams
from .composite import CompositeParams
from .confirmation import ConfirmationParams
from .dollar import DollarParams
from .hedging import HedgingParams
from .labels import LabelParams
from .momentum import MomentumParams
from .moves import MovesParams
from .regime import RegimeParams
from .residual import ResidualParams
from .riskassets import RiskAssetParams
from .rows import RowParams
from .shape import ShapeParams
from .subtype import SubtypeParams


@dataclass(frozen=True, slots=True)
class Settings:
    """Markets and parameters. `panel` makes the regime map, `long_panel` (series) the map of the long end, `shown` the state vector."""

    panel: tuple[str, ...] = ("us", "uk", "fr", "jp")
    long_panel: tuple[str, ...] = ("us.30y", "jp.30y", "de.30y", "uk.30y.spot")
    shown: tuple[str, ...] = ("us", "uk", "fr", "jp", "de", "it", "ca")
    demo: bool = False
    rows: RowParams = field(default_factory=RowParams)
    bad_prints: BadPrintParams = field(default_factory=BadPrintParams)
    regime: RegimeParams = field(default_factory=RegimeParams)
    subtype: SubtypeParams = field(default_factory=SubtypeParams)
    composite: CompositeParams = field(default_factory=CompositeParams)
    residual: ResidualParams = field(default_factory=ResidualParams)
    moves: MovesParams = field(default_factory=MovesParams)
    shape: ShapeParams = field(default_factory=ShapeParams)
    labels: LabelParams = field(default_factory=LabelParams)
    confirmation: ConfirmationParams = field(default_factory=ConfirmationParams)
    dollar: DollarParams = field(default_factory=DollarParams)
    momentum: MomentumParams = field(default_factory=MomentumParams)
    risk_assets: RiskAssetParams = field(default_factory=RiskAssetParams)
    hedging: HedgingParams = field(default_factory=HedgingParams)

    @property
    def markets(self) -> tuple[str, ...]:
        """Every market a Board speaks of: the panel first, then what else is shown."""
        return tuple(dict.fromkeys((*self.panel, *self.shown)))
