"""What a user may set of the signals; the defaults are those of the published method."""

from datetime import date

import msgspec

from .allocation import AllocationParams
from .auctions import AuctionParams
from .badprints import BadPrintParams
from .carry import CarryParams
from .clearing import ClearingParams
from .composite import CompositeParams
from .confirmation import ConfirmationParams
from .connectedness import ConnectednessParams, ContagionParams
from .deleveraging import PUBLISHED_BASE_USD_BN, DeleveragingParams
from .dollar import DollarParams
from .hedging import HedgingParams
from .inflection import InflectionParams
from .labels import LabelParams
from .momentum import MomentumParams
from .moves import MovesParams
from .passthrough import PassThroughParams
from .positioning import PositioningParams
from .regime import RegimeParams
from .residual import ResidualParams
from .riskassets import RiskAssetParams
from .rows import RowParams
from .sequence import SequenceParams
from .sequencegates import GateParams
from .shape import ShapeParams
from .structure import StructureParams
from .subtype import SubtypeParams
from .supply import SupplyParams
from .tips import TipsParams


class Settings(msgspec.Struct, frozen=True):
    """Markets and parameters. `panel` makes the regime map, `long_panel` (series) the map of the long end, `shown` the state vector."""

    panel: tuple[str, ...] = ("us", "uk", "fr", "jp")
    long_panel: tuple[str, ...] = ("us.30y", "jp.30y", "de.30y", "uk.30y.spot")
    shown: tuple[str, ...] = ("us", "uk", "fr", "jp", "de", "it", "ca")
    demo: bool = False
    rows: RowParams = msgspec.field(default_factory=RowParams)
    bad_prints: BadPrintParams = msgspec.field(default_factory=BadPrintParams)
    regime: RegimeParams = msgspec.field(default_factory=RegimeParams)
    subtype: SubtypeParams = msgspec.field(default_factory=SubtypeParams)
    composite: CompositeParams = msgspec.field(default_factory=CompositeParams)
    residual: ResidualParams = msgspec.field(default_factory=ResidualParams)
    moves: MovesParams = msgspec.field(default_factory=MovesParams)
    shape: ShapeParams = msgspec.field(default_factory=ShapeParams)
    labels: LabelParams = msgspec.field(default_factory=LabelParams)
    confirmation: ConfirmationParams = msgspec.field(default_factory=ConfirmationParams)
    dollar: DollarParams = msgspec.field(default_factory=DollarParams)
    momentum: MomentumParams = msgspec.field(default_factory=MomentumParams)
    risk_assets: RiskAssetParams = msgspec.field(default_factory=RiskAssetParams)
    hedging: HedgingParams = msgspec.field(default_factory=HedgingParams)
    auctions: AuctionParams = msgspec.field(default_factory=AuctionParams)
    supply: SupplyParams = msgspec.field(default_factory=SupplyParams)
    positioning: PositioningParams = msgspec.field(default_factory=PositioningParams)
    inflection: InflectionParams = msgspec.field(default_factory=InflectionParams)
    clearing: ClearingParams = msgspec.field(default_factory=ClearingParams)
    tips: TipsParams = msgspec.field(default_factory=TipsParams)
    allocation: AllocationParams = msgspec.field(default_factory=AllocationParams)
    connectedness: ConnectednessParams = msgspec.field(default_factory=ConnectednessParams)
    contagion: ContagionParams = msgspec.field(default_factory=ContagionParams)
    pass_through: PassThroughParams = msgspec.field(default_factory=PassThroughParams)
    carry: CarryParams = msgspec.field(default_factory=CarryParams)
    structure: StructureParams = msgspec.field(default_factory=StructureParams)
    deleveraging: DeleveragingParams = msgspec.field(default_factory=DeleveragingParams)
    deleveraging_aum_usd_bn: float = PUBLISHED_BASE_USD_BN
    term_premium_since: date | None = None  # from when a shift of the term premium is counted; None: since the last year-end
    watchlists: tuple[tuple[str, str], ...] = ()  # the user's own: name for messages, TOML text
    sequence: SequenceParams = msgspec.field(default_factory=SequenceParams)
    gates: GateParams = msgspec.field(default_factory=GateParams)

    @property
    def markets(self) -> tuple[str, ...]:
        """Every market a Board speaks of: the panel first, then what else is shown."""
        return tuple(dict.fromkeys((*self.panel, *self.shown)))
