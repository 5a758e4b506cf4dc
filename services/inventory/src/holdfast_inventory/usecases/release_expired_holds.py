"""End holds whose time is up, for the sweeper. It only deletes and tells: nobody's sale waits for it."""

from holdfast_contracts.inventory import ExpireHold
from holdfast_inventory.domain.claim import ClaimStatus
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.services.telling import ENDED, GONE, holds_expired
from holdfast_platform.units.messages import Incoming, Outcome


class ReleaseExpiredHoldsUseCase:
    """End one hold that the sweeper found, if it is still there and still expired (I8)."""

    def execute(self, given: Incoming[ExpireHold], stock: Stock) -> Outcome:
        """Give back what the hold had, with `HoldExpired`. A hold that was extended or is gone is left alone."""
        hold = stock.holds.get(given.message.hold_id)
        if hold is None or hold.key.tenant_id != given.tenant_id or hold.live(stock.now):
            return Outcome(GONE)
        stock.drop(hold, ClaimStatus.EXPIRED)
        return Outcome(ENDED, holds_expired(given, [hold], stock.now))
