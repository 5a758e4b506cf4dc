"""Places: stretches of a resource's time that claims and holds occupy."""

from collections.abc import Iterable
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


def merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges `[start, end)` as disjoint ones: those that overlap or adjoin become one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
