"""The ledger: what a batch knows of bookings, and what it has decided so far.

A later message of the batch sees what an earlier one left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from holdfast_booking.domain.booking import Booking, Change
from holdfast_booking.domain.customers import Standing
from holdfast_booking.domain.history import Step
from holdfast_contracts.problems import not_found

Key = tuple[UUID, UUID]
"""Tenant and booking: another tenant's id is simply unknown (I12)."""


class Ledger:
    """Bookings of a batch by tenant and id, customers' active bookings, and the steps that were taken."""

    def __init__(self, now: datetime, bookings: Iterable[Booking] = ()) -> None:
        """`now` is the database's clock."""
        self.now = now
        self._bookings: dict[Key, Booking] = {(booking.tenant_id, booking.id): booking for booking in bookings}
        self._known = frozenset(self._bookings)
        self._standings: dict[UUID, Standing] = {}
        self._steps: list[tuple[Key, Step]] = []

    def find(self, tenant_id: UUID, booking_id: UUID) -> Booking | None:
        """Return a booking of the tenant, or None."""
        return self._bookings.get((tenant_id, booking_id))

    def booking(self, tenant_id: UUID, booking_id: UUID) -> Booking:
        """Return a booking of the tenant. Raises `NOT_FOUND`."""
        found = self.find(tenant_id, booking_id)
        if found is None:
            raise not_found("booking")
        return found

    def standing(self, tenant_id: UUID) -> Standing:
        """Return what is known of the tenant's customers; from then on the batch is counted, too."""
        return self._standings.setdefault(tenant_id, Standing())

    def enter(self, change: Change) -> None:
        """Take a change into the ledger: the booking as it is now, and its step."""
        if change.step is None:
            return
        booking = change.booking
        key = (booking.tenant_id, booking.id)
        self._bookings[key] = booking
        self._steps.append((key, change.step))
        self._count(booking)

    def _count(self, booking: Booking) -> None:
        standing = self._standings.get(booking.tenant_id)
        if standing is None:
            return
        keys = booking.facts.customer.keys
        if booking.is_active(self.now):
            standing.knows(keys, booking.id)
        else:
            standing.forgets(keys, booking.id)

    @property
    def steps(self) -> list[tuple[Key, Step]]:
        """All steps in the order they were decided."""
        return self._steps

    @property
    def begun(self) -> list[Booking]:
        """Bookings that this batch has made, as they are after it."""
        return [self._bookings[key] for key in self._touched() if key not in self._known]

    @property
    def changed(self) -> list[Booking]:
        """Bookings that were there before and have changed, as they are after the batch."""
        return [self._bookings[key] for key in self._touched() if key in self._known]

    def _touched(self) -> list[Key]:
        return list(dict.fromkeys(key for key, _ in self._steps))
