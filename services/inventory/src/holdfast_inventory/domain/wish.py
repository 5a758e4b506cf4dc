"""Wishes: what somebody wants to book or to hold, with local times already resolved to instants."""

from dataclasses import dataclass
from uuid import UUID

from holdfast_inventory.domain.place import Interval


@dataclass(frozen=True, slots=True)
class Item:
    """So many units of one tier; `seats` has a label for each unit, or none."""

    tier_id: UUID
    quantity: int
    seats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionWish:
    """Units of the tiers of one dated occurrence."""

    session_id: UUID
    items: tuple[Item, ...]

    @property
    def quantity(self) -> int:
        """Units of all tiers together."""
        return sum(item.quantity for item in self.items)


@dataclass(frozen=True, slots=True)
class SlotWish:
    """A time of a resource for a party."""

    resource_id: UUID
    interval: Interval
    guests: int

    @property
    def quantity(self) -> int:
        """Guests of the party."""
        return self.guests


Wish = SessionWish | SlotWish
