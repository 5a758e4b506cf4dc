"""An entry as a row, and back."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from holdfast_calendar.domain.entry import Business, Entry, Resource
from holdfast_calendar.tables import entries
from holdfast_contracts.enums import BookingMode, BookingStatus

COLUMNS = ", ".join(column.name for column in entries.columns)


def entry_row(entry: Entry) -> dict[str, object]:
    """Return the row of an entry."""
    return {
        "tenant_id": entry.tenant_id,
        "booking_id": entry.booking_id,
        "version": entry.version,
        "uid": entry.uid,
        "sequence": entry.sequence,
        "subject": entry.subject,
        "booking_number": entry.booking_number,
        "status": entry.status,
        "booking_mode": entry.booking_mode,
        "starts_at": entry.starts_at,
        "ends_at": entry.ends_at,
        "timezone": entry.timezone,
        "title": entry.title,
        "venue": entry.venue,
        "resources": [{"id": resource.id, "name": resource.name} for resource in entry.resources],
        "guest_count": entry.guest_count,
        "business_name": entry.business.name,
        "business_timezone": entry.business.timezone,
        "created_at": entry.created_at,
        "changed_at": entry.changed_at,
    }


def read_entry(row: asyncpg.Record) -> Entry:
    """Return the entry of a row."""
    return Entry(
        tenant_id=row["tenant_id"],
        booking_id=row["booking_id"],
        version=row["version"],
        uid=row["uid"],
        sequence=row["sequence"],
        subject=row["subject"],
        booking_number=row["booking_number"],
        status=BookingStatus(row["status"]),
        booking_mode=BookingMode(row["booking_mode"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        timezone=row["timezone"],
        title=row["title"],
        venue=row["venue"],
        resources=tuple(Resource(UUID(resource["id"]), resource["name"]) for resource in row["resources"]),
        guest_count=row["guest_count"],
        business=Business(row["business_name"], row["business_timezone"]),
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )
