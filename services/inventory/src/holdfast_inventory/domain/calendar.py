"""The calendar of a resource: which slots it has, which are free, and which unit a booking gets (I1, I2)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self
from uuid import UUID

from holdfast_contracts.enums import SlotStatus
from holdfast_inventory.domain.local_time import edge
from holdfast_inventory.domain.occupancy import Profile, by_unit, units_taken
from holdfast_inventory.domain.place import Interval, Place
from holdfast_inventory.domain.resource import Resource
from holdfast_inventory.domain.schedule import excepted
from holdfast_inventory.domain.slot import Reason, Slot, plenty

FAR = 1 << 62
"""Later than every instant."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: local days of a zone (inclusive), a duration in seconds, a party."""

    first: date
    last: date
    zone: str
    duration: int
    guests: int
    now: int
    unavailable: bool = False

    def of(self, first: date, last: date) -> Self:
        """The same, free slots only, on other days."""
        return replace(self, first=first, last=last, unavailable=False)

    @property
    def span(self) -> Interval:
        """The days as instants."""
        return Interval(edge(self.first, 0, self.zone), edge(self.last, 24 * 60, self.zone))


class Calendar:
    """A resource with the places that are taken of it; a later command sees what an earlier one took."""

    def __init__(self, resource: Resource, places: Iterable[Place]) -> None:
        self.resource = resource
        self.places: list[Place] = sorted(places, key=_by_start)
        self.changes = 0
        self._starts_of_places = [place.start for place in self.places]
        self._longest = max((place.free_from - place.start for place in self.places), default=0)

    # -- questions ---------------------------------------------------------------------------------------------

    def slots(self, search: Search) -> list[Slot]:
        """Free slots of the grid, or with `unavailable` all of them with the reason of each refused one."""
        if not self.resource.active:
            return self._all_closed(search) if search.unavailable else []
        starts = self._starts(search)
        left = self.remaining(starts, search.duration)
        bookable = self._bookable(search.now)
        if not search.unavailable:
            return self._free(starts, left, search, bookable)
        slots = [self._slot(start, count, search, bookable) for start, count in zip(starts, left, strict=True)]
        taken = set(starts)
        return sorted([*slots, *(slot for slot in self._excepted(search) if slot.start not in taken)])

    def remaining(self, starts: Sequence[int], duration: int) -> list[int]:
        """What is left at each start: guests of a shared resource, units of an exclusive one."""
        free = self._shared(starts, duration) if self.resource.shared else self._exclusive(starts, duration)
        if self.resource.max_bookings is None:
            return free
        profile, most = Profile(self.places), self.resource.max_bookings
        more = [most - profile.bookings(start, start + duration) for start in starts]
        if self.resource.shared:  # guests of how many bookings cannot be known: all, or none
            return [count if left > 0 else 0 for count, left in zip(free, more, strict=True)]
        return [max(0, min(count, left)) for count, left in zip(free, more, strict=True)]

    def unit_for(self, wish: Interval, guests: int) -> int | None:
        """First unit that can take the party for the whole interval, or None."""
        resource, near = self.resource, self._near(wish)
        most = resource.max_bookings
        if most is not None and Profile(near).bookings(*wish) >= most:
            return None
        if not resource.shared:
            busy = {place.unit for place in near}
            return next((unit for unit in range(resource.units) if unit not in busy), None)
        for unit, places in enumerate(by_unit(near, resource.units)):
            if Profile(places).guests(*wish) + guests <= resource.capacity:
                return unit
        return None

    def left(self, wish: Interval) -> int:
        """What one booking can have for the interval: guests of one unit of a shared resource, else units."""
        starts, duration = [wish.start], wish.end - wish.start
        (left,) = self.remaining(starts, duration)
        if not self.resource.shared or not left:
            return left
        return max(room for (room,) in self._rooms(starts, duration))

    # -- changes -----------------------------------------------------------------------------------------------

    def occupy(self, claim_id: UUID, wish: Interval, guests: int, *, held: bool) -> Place | None:
        """Take the interval for a claim or hold; None where no unit is free."""
        unit = self.unit_for(wish, guests)
        if unit is None:
            return None
        place = Place(claim_id, unit, wish.start, wish.end, wish.end + self.resource.gap, guests, held)
        self.put(place)
        return place

    def put(self, place: Place) -> None:
        """Note a place that is taken."""
        position = bisect_right(self._starts_of_places, place.start)
        self.places.insert(position, place)
        self._starts_of_places.insert(position, place.start)
        self._longest = max(self._longest, place.free_from - place.start)
        self.changes += 1

    def vacate(self, claim_id: UUID) -> None:
        """Give back all that a claim had of the resource."""
        self.places = [place for place in self.places if place.claim_id != claim_id]
        self._starts_of_places = [place.start for place in self.places]
        self.changes += 1

    # -- inside ------------------------------------------------------------------------------------------------

    def _near(self, wish: Interval) -> list[Place]:
        """Places that overlap the interval, with the gap kept on both sides."""
        first = bisect_right(self._starts_of_places, wish.start - self._longest)
        last = bisect_left(self._starts_of_places, wish.end + self.resource.gap)
        return [place for place in self.places[first:last] if wish.start < place.free_from]

    def _starts(self, search: Search) -> list[int]:
        span = search.span
        windows = self.resource.openings(search.first, search.last, span.end + search.duration)
        return sorted({s for s in self.resource.starts(windows, search.duration) if span.start <= s < span.end})

    def _exclusive(self, starts: Sequence[int], duration: int) -> list[int]:
        taken = units_taken(starts, duration, self.resource.gap, self.places)
        return [self.resource.units - count for count in taken]

    def _shared(self, starts: Sequence[int], duration: int) -> list[int]:
        return [sum(rooms) for rooms in zip(*self._rooms(starts, duration), strict=True)]

    def _rooms(self, starts: Sequence[int], duration: int) -> list[list[int]]:
        """For each unit of a shared resource, how many guests it has room for at each start."""
        profiles = [Profile(places) for places in by_unit(self.places, self.resource.units)]
        capacity = self.resource.capacity
        return [[capacity - profile.guests(start, start + duration) for start in starts] for profile in profiles]

    def _fits(self, start: int, count: int, search: Search) -> bool:
        if not self.resource.shared:
            return count > 0
        if count < search.guests:
            return False
        return (
            self.resource.units == 1
            or self.unit_for(Interval(start, start + search.duration), search.guests) is not None
        )

    def _free(self, starts: list[int], left: list[int], search: Search, bookable: Interval) -> list[Slot]:
        """Those slots of the grid that can be booked; statuses are worked out once for each count."""
        total, duration = self.resource.total, search.duration
        status = {count: plenty(count, total) for count in set(left)}
        least = search.guests if self.resource.shared else 1
        simple = not self.resource.shared or self.resource.units == 1
        return [
            Slot(start, start + duration, count, status[count])
            for start, count in zip(starts, left, strict=True)
            if count >= least and bookable.start <= start < bookable.end
            if simple or self._fits(start, count, search)
        ]

    def _bookable(self, now: int) -> Interval:
        """Between the minimum notice and the last day that can be booked in advance."""
        latest = self.resource.latest(now)
        return Interval(self.resource.earliest(now), FAR if latest is None else latest)

    def _slot(self, start: int, count: int, search: Search, bookable: Interval) -> Slot:
        end = start + search.duration
        if start < bookable.start:
            return Slot(start, end, 0, SlotStatus.TOO_SOON, Reason.NOTICE)
        if start >= bookable.end:
            return Slot(start, end, 0, SlotStatus.TOO_FAR, Reason.CLOSED)
        if self._fits(start, count, search):
            return Slot(start, end, count, plenty(count, self.resource.total))
        return Slot(start, end, max(count, 0), *self._why(Interval(start, end)))

    def _why(self, wish: Interval) -> tuple[SlotStatus, Reason]:
        """Why nothing is free: holds alone, bookings, or only the buffer around them."""
        near = self._near(wish)
        overlapping = [place for place in near if place.start < wish.end and wish.start < place.end]
        if not overlapping and near:
            return SlotStatus.FULL, Reason.BUFFER
        if overlapping and all(place.held for place in overlapping):
            return SlotStatus.HELD, Reason.HELD
        return SlotStatus.FULL, Reason.BOOKED

    def _excepted(self, search: Search) -> Iterator[Slot]:
        """The usual grid of days on which an exception holds, as closed."""
        schedule, span = self.resource.schedule, search.span
        if schedule is None:
            return
        for start in self.resource.starts(
            excepted(schedule, self.resource.timezone, search.first, search.last), search.duration
        ):
            if span.start <= start < span.end:
                yield Slot(start, start + search.duration, 0, SlotStatus.CLOSED, Reason.CLOSED)

    def _all_closed(self, search: Search) -> list[Slot]:
        return [Slot(s, s + search.duration, 0, SlotStatus.CLOSED, Reason.CLOSED) for s in self._starts(search)]


def _by_start(place: Place) -> int:
    return place.start
