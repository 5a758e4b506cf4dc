"""What is taken of a resource, as integer sweeps over sorted intervals.

Exclusive units are subtracted, shared ones are swept for the peak of guests and of bookings at the same time.
All functions take the starts of the candidates in ascending order and answer one number for each.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate

from holdfast_inventory.domain.place import Place


def units_taken(starts: Sequence[int], duration: int, gap: int, places: Iterable[Place]) -> list[int]:
    """How many units are not free for `[start, start + duration)` with the gap kept on both sides.

    A place of a unit stands in the way of a start in the open interval (place.start - duration - gap,
    place.free_from). Places of one unit come in order, so a start that two of them block is counted once.
    """
    change = [0] * (len(starts) + 1)
    counted: dict[int, int] = {}
    reach = duration + gap
    for place in sorted(places, key=_by_start):
        low = max(bisect_right(starts, place.start - reach), counted.get(place.unit, 0))
        high = bisect_left(starts, place.free_from)
        if low < high:
            change[low] += 1
            change[high] -= 1
            counted[place.unit] = high
    return list(accumulate(change[:-1]))


def _by_start(place: Place) -> int:
    return place.start


class Profile:
    """How many guests and bookings are there at each moment."""

    def __init__(self, places: Iterable[Place]) -> None:
        guests: defaultdict[int, int] = defaultdict(int)
        bookings: defaultdict[int, int] = defaultdict(int)
        for place in places:
            guests[place.start] += place.guests
            guests[place.end] -= place.guests
            bookings[place.start] += 1
            bookings[place.end] -= 1
        self._edges = sorted(guests)
        self._guests = list(accumulate(guests[edge] for edge in self._edges))
        self._bookings = list(accumulate(bookings[edge] for edge in self._edges))

    def guests(self, start: int, end: int) -> int:
        """Peak of guests at the same time in `[start, end)`."""
        return self._peak(self._guests, start, end)

    def bookings(self, start: int, end: int) -> int:
        """Peak of bookings at the same time in `[start, end)`."""
        return self._peak(self._bookings, start, end)

    def _peak(self, levels: list[int], start: int, end: int) -> int:
        first = max(bisect_right(self._edges, start) - 1, 0)
        return max(levels[first : bisect_left(self._edges, end)], default=0)


def by_unit(places: Iterable[Place], units: int) -> list[list[Place]]:
    """Places of each unit, first unit first."""
    found: list[list[Place]] = [[] for _ in range(units)]
    for place in places:
        if place.unit < units:
            found[place.unit].append(place)
    return found
