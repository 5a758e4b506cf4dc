"""Sessions: dated occurrences of a content, sold by quantity (I2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from holdfast_contracts.enums import SessionStatus
from holdfast_inventory.domain.wish import Item


@dataclass(slots=True)
class Counter:
    """How much of a counted capacity is taken; `capacity` None is unlimited."""

    capacity: int | None
    taken: int = 0
    loaded: int = field(init=False)

    def __post_init__(self) -> None:
        self.loaded = self.taken

    @property
    def change(self) -> int:
        """By how much it differs from what was loaded."""
        return self.taken - self.loaded

    @property
    def left(self) -> int | None:
        """What is left, None where there is no limit."""
        return None if self.capacity is None else self.capacity - self.taken


@dataclass(slots=True)
class Session:
    """A dated occurrence, instants `[starts_at, ends_at)`, with the counters of its tiers and of the whole."""

    id: UUID
    tenant_id: UUID
    content_id: UUID
    starts_at: int
    ends_at: int
    timezone: str
    status: SessionStatus
    whole: Counter
    tiers: dict[UUID, Counter]
    seats: set[str] = field(default_factory=set)
    """Labels taken, of those that the batch asks for."""
    changes: int = 0

    @property
    def takes_place(self) -> bool:
        """Whether it has not been cancelled."""
        return self.status == SessionStatus.SCHEDULED

    @property
    def left(self) -> int | None:
        """What is left in all: the least of the session's own and of all tiers together; None: no limit."""
        return self.left_among(self.tiers)

    @property
    def total(self) -> int | None:
        """What there would be if nothing were taken."""
        return self.total_among(self.tiers)

    def left_among(self, tiers: Iterable[UUID]) -> int | None:
        """What is left of these tiers together, and of the session; None: no limit."""
        return _least(self.whole.left, _together([self.tiers[each].left for each in tiers]))

    def total_among(self, tiers: Iterable[UUID]) -> int | None:
        """What there would be of these tiers together if nothing were taken."""
        return _least(self.whole.capacity, _together([self.tiers[each].capacity for each in tiers]))

    def left_of(self, tier_id: UUID) -> int | None:
        """What is left of a tier: the least of its own and of the session's; None where nothing limits it."""
        return _least(self.tiers[tier_id].left, self.whole.left)

    def has(self, items: Iterable[Item]) -> bool:
        """Whether all of the wish is left: of each tier, and together of the session."""
        total = 0
        for item in items:
            left = self.tiers[item.tier_id].left
            if left is not None and item.quantity > left:
                return False
            total += item.quantity
        whole = self.whole.left
        return whole is None or total <= whole

    def seats_taken(self, items: Iterable[Item]) -> list[str]:
        """Those labels of the wish that somebody else has."""
        return [label for item in items for label in item.seats if label in self.seats]

    def take(self, items: Sequence[Item]) -> None:
        """Take what was asked; `has` must have said yes."""
        self._count(items, 1)
        for item in items:
            self.seats.update(item.seats)

    def give_back(self, items: Sequence[Item]) -> None:
        """Give back what a claim had."""
        self._count(items, -1)
        for item in items:
            self.seats.difference_update(item.seats)

    def without(self, items: Iterable[Item]) -> "Session":
        """The session as it would be with these given back; this one stays as it is."""
        tiers = {tier_id: Counter(counter.capacity, counter.taken) for tier_id, counter in self.tiers.items()}
        copied = replace(self, whole=Counter(self.whole.capacity, self.whole.taken), tiers=tiers, seats=set(self.seats))
        copied.give_back(tuple(items))
        return copied

    def _count(self, items: Sequence[Item], sign: int) -> None:
        self.changes += 1
        for item in items:
            self.tiers[item.tier_id].taken += sign * item.quantity
            self.whole.taken += sign * item.quantity


def _least(first: int | None, second: int | None) -> int | None:
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)


def _together(parts: Sequence[int | None]) -> int | None:
    """Sum of the parts, None where one of them has no limit, or where there is none."""
    limited = [part for part in parts if part is not None]
    return sum(limited) if parts and len(limited) == len(parts) else None
