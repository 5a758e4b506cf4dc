"""Give back what a booking's claim took."""

from holdfast_contracts.inventory import ReleaseClaim
from holdfast_inventory.domain.claim import ClaimStatus
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.services.telling import RELEASED, claim_released
from holdfast_platform.units.messages import Incoming, Outcome


class ReleaseClaimUseCase:
    """Free a live claim, once. It names the claim, so that it never frees a newer one of the booking (I2)."""

    def execute(self, given: Incoming[ReleaseClaim], stock: Stock) -> Outcome:
        """Answer that nothing is held any more, with `ClaimReleased` where something was."""
        claim = stock.claim(given.tenant_id, given.message.claim_id)
        if claim is None or not claim.live or claim.booking_id != given.message.booking_id:
            return Outcome(RELEASED)
        stock.end(claim, ClaimStatus.RELEASED)
        return Outcome(RELEASED, [claim_released(given, claim, given.message.booking_id, stock.now)])
