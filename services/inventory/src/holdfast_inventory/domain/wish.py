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

    def same_as(self, other: object) -> bool:
        """Tell whether the other wants the same, in whatever order it names the tiers."""
        if not isinstance(other, SessionWish):
            return False
        return self.session_id == other.session_id and frozenset(self.items) == frozenset(other.items)


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

    def same_as(self, other: object) -> bool:
        """Tell whether the other wants the same."""
        return self == other


Wish = SessionWish | SlotWish
