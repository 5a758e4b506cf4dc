"""A bookable resource: a person, place or asset with a zone and a schedule."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from holdfast_contracts.enums import ResourceStatus
from holdfast_inventory.domain.local_time import edge, local
from holdfast_inventory.domain.schedule import Opening, Schedule, openings, stays

HOUR = 3_600
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Resource:
    """What the rules of capacity, time and price need of a resource; durations in minutes."""

    id: UUID
    tenant_id: UUID
    name: str
    status: ResourceStatus
    timezone: str
    currency: str
    decimals: int
    schedule: Schedule | None = None
    default_duration: int = 60
    slot_interval: int | None = None
    buffer_before: int = 0
    buffer_after: int = 0
    advance_days: int | None = None
    notice_hours: int | None = None
    max_bookings: int | None = None
    capacity: int = 1
    units: int = 1
    price: Decimal | None = None
    price_per_hour: Decimal | None = None

    @property
    def shared(self) -> bool:
        """Whether several parties may be there at the same time: a capacity above 1 counts guests."""
        return self.capacity > 1

    @property
    def active(self) -> bool:
        """Whether it can be booked at all."""
        return self.status == ResourceStatus.ACTIVE

    @property
    def total(self) -> int:
        """How much there is when nothing is taken: guests of a shared resource, units of an exclusive one."""
        if self.shared:
            return self.capacity * self.units
        return self.units if self.max_bookings is None else min(self.units, self.max_bookings)

    @property
    def gap(self) -> int:
        """Seconds between two bookings: the larger of what A asks after itself and B before itself.

        The parties of a shared resource may overlap, so there is no gap between them.
        """
        return 0 if self.shared else max(self.buffer_after, self.buffer_before) * MINUTE

    def step(self, duration: int) -> int:
        """Seconds between two starts of the grid for a duration in seconds."""
        return self.slot_interval * MINUTE if self.slot_interval else duration

    def earliest(self, now: int) -> int:
        """First start that the minimum notice allows."""
        return now + (self.notice_hours or 0) * HOUR

    def latest(self, now: int) -> int | None:
        """Starts must lie before this instant: the end of the last local day that can be booked in advance."""
        if self.advance_days is None:
            return None
        last = local(now, self.timezone).date() + timedelta(days=self.advance_days)
        return edge(last, 24 * 60, self.timezone)

    def openings(self, first: date, last: date, until: int | None = None) -> tuple[Opening, ...]:
        """Windows of the local days from first to last, in UTC, and of later ones `until` an instant.

        Without a schedule: closed.
        """
        if self.schedule is None:
            return ()
        if until is not None:  # the windows of the day after the last are always there
            last = max(last, local(until, self.timezone).date() - timedelta(days=1))
        return openings(self.schedule, self.timezone, first, last)

    def grid_size(self, first: date, last: date, duration: int) -> int:
        """At most how many slots of a duration in seconds the days from first to last have, in whatever zone."""
        step = self.step(duration)
        return sum(len(range(opens, closes, step)) for opens, closes in self.openings(first, last))

    def starts(self, windows: tuple[Opening, ...], duration: int) -> Iterator[int]:
        """Starts of the grid, anchored at each window's start, whose duration lies in it and in those it adjoins."""
        step = self.step(duration)
        for opens, closes, until in stays(windows):
            yield from range(opens, min(closes, until - duration + 1), step)

    def on_grid(self, start: int, end: int) -> bool:
        """Whether the interval is one of the grid, inside the opening hours."""
        day = local(start, self.timezone).date()
        step = self.step(end - start)
        return any(
            opens <= start < closes and end <= until and (start - opens) % step == 0
            for opens, closes, until in stays(self.openings(day, day, end))
        )
