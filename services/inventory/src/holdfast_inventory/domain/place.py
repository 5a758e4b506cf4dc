"""Places: stretches of a resource's time that claims and holds occupy."""

from typing import NamedTuple
from uuid import UUID


class Place(NamedTuple):
    """One stretch of one unit of a resource: instants `[start, end)`, and `free_from`, when the next may begin.

    `free_from` is the end plus the gap that the resource's buffers ask for. The gap between two bookings of a
    resource is the same in both directions, so it is enough that each keeps it behind itself.
    """

    claim_id: UUID
    unit: int
    start: int
    end: int
    free_from: int
    guests: int
    held: bool


class Interval(NamedTuple):
    """Instants `[start, end)`."""

    start: int
    end: int
