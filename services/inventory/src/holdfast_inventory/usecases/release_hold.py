"""Give a hold's capacity back before its time is up."""

from holdfast_contracts.inventory import ReleaseHold
from holdfast_inventory.domain.claim import ClaimStatus
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.usecases.extend_hold import check_version, own_hold
from holdfast_inventory.usecases.telling import GONE, hold_released
from holdfast_platform.units.messages import Incoming, Outcome


class ReleaseHoldUseCase:
    """Release a hold, once."""

    def execute(self, given: Incoming[ReleaseHold], stock: Stock) -> Outcome:
        """Answer 204. Raises 404, HOLD_EXPIRED, VERSION_MISMATCH."""
        hold = own_hold(given, stock, given.message.actor)
        check_version(hold, given.message.if_match)
        stock.drop(hold, ClaimStatus.RELEASED)
        return Outcome(GONE, [hold_released(given, hold, stock.now)])
