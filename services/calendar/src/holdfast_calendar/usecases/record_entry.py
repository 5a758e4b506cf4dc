"""Keep the calendar's own copy of a booking."""

from __future__ import annotations

from uuid import UUID

from holdfast_calendar.domain.entries import Entries
from holdfast_calendar.domain.entry import Business, Entry, Resource
from holdfast_contracts.booking import BookingEvent
from holdfast_platform.units.messages import Incoming, Outcome


class RecordEntryUseCase:
    """Take over a version of a booking. Events carry whole state, so an older version is ignored."""

    def execute(self, given: Incoming[BookingEvent], entries: Entries) -> Outcome:
        """Decide in memory; nothing follows from it."""
        entries.record(entry_of(given.tenant_id, given.message))
        return Outcome()


def entry_of(tenant_id: UUID, event: BookingEvent) -> Entry:
    """Return what a calendar keeps of an event, as if it were the first of its booking."""
    booking, tenant = event.booking, event.tenant
    return Entry(
        tenant_id=tenant_id,
        booking_id=event.booking_id,
        version=event.version,
        uid=f"{event.booking_id}@{tenant.host}",
        sequence=0,
        subject=event.subject,
        booking_number=booking.booking_number,
        status=event.status,
        booking_mode=booking.booking_mode,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        timezone=booking.timezone,
        title=event.content.title,
        venue=event.content.venue,
        resources=tuple(Resource(one.resource_id, one.name) for one in booking.resource_data.assignments),
        guest_count=booking.guest_count,
        business=Business(tenant.name, tenant.timezone),
        created_at=booking.created_at,
        changed_at=event.occurred_at,
    )
