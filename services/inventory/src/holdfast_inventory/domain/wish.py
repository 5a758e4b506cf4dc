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

    def fulfils(self, held: object) -> bool:
        """Tell whether what was held can become this: the same, in whatever order the tiers are named.

        Seats may be chosen as late as this, where none were held.
        """
        if not isinstance(held, SessionWish) or self.session_id != held.session_id:
            return False
        return len(self.items) == len(held.items) and self.unseated_of(held) is not None

    def unseated_of(self, held: "SessionWish") -> tuple[Item, ...] | None:
        """Return the items whose seats the hold has not chosen; None where an item is not what was held."""
        known = {item.tier_id: item for item in held.items}
        found: list[Item] = []
        for item in self.items:
            before = known.get(item.tier_id)
            if before is None or before.quantity != item.quantity or before.seats not in ((), item.seats):
                return None
            if before.seats != item.seats:
                found.append(item)
        return tuple(found)


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

    def fulfils(self, held: object) -> bool:
        """Tell whether what was held is this."""
        return self == held


Wish = SessionWish | SlotWish
