"""Give a hold's capacity back before its time is up."""

from holdfast_contracts.inventory import ReleaseHold
from holdfast_inventory.domain.claim import ClaimStatus
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.services.telling import GONE, hold_released
from holdfast_inventory.usecases.extend_hold import check_usable, own_hold
from holdfast_platform.units.messages import Incoming, Outcome


class ReleaseHoldUseCase:
    """Release a hold, once."""

    def execute(self, given: Incoming[ReleaseHold], stock: Stock) -> Outcome:
        """Answer 204. Raises 404, then VERSION_MISMATCH, then HOLD_EXPIRED."""
        hold = own_hold(given, stock, given.message.actor)
        check_usable(hold, given.message.if_match, stock.now)
        stock.drop(hold, ClaimStatus.RELEASED)
        return Outcome(GONE, [hold_released(given, hold, stock.now)])
