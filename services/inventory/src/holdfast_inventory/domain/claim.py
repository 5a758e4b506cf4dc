"""Claims: capacity taken by a booking or a hold, inventory's internal record."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from holdfast_inventory.domain.place import Place
from holdfast_inventory.domain.wish import SessionWish, Wish


class ClaimStatus(StrEnum):
    """Only a live claim holds capacity, and it ends once."""

    LIVE = "live"
    RELEASED = "released"
    EXPIRED = "expired"
    CONVERTED = "converted"


@dataclass(slots=True)
class Claim:
    """What a booking or a hold has; each claim has its own id, so that a late release never frees a newer one."""

    id: UUID
    tenant_id: UUID
    content_id: UUID | None
    wish: Wish
    booking_id: UUID | None = None
    hold_id: UUID | None = None
    place: Place | None = None
    status: ClaimStatus = ClaimStatus.LIVE

    @property
    def live(self) -> bool:
        """Whether it still holds what it took."""
        return self.status is ClaimStatus.LIVE

    @property
    def session_id(self) -> UUID | None:
        """The dated occurrence it takes from."""
        return self.wish.session_id if isinstance(self.wish, SessionWish) else None

    @property
    def resource_id(self) -> UUID | None:
        """The resource it takes from."""
        return None if isinstance(self.wish, SessionWish) else self.wish.resource_id

    @property
    def contended(self) -> UUID:
        """What it takes from: also the key of the messages about it."""
        return self.wish.session_id if isinstance(self.wish, SessionWish) else self.wish.resource_id
