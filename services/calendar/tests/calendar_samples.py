"""Entries and events to test with."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from holdfast_calendar.domain.entry import Business, Entry, Resource
from holdfast_contracts.enums import BookingMode, BookingStatus

TENANT = UUID("6f9c1d52-3a57-4c0e-9a51-2f1f7f6f0a01")
BOOKING = UUID("e1f20314-2536-4475-8697-a8b9cadbecfd")
ANA = Resource(UUID("1f2e3d4c-5b6a-4978-8899-aabbccddeeff"), "Ana")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def an_entry(**other) -> Entry:
    given = {
        "tenant_id": TENANT,
        "booking_id": BOOKING,
        "version": 1,
        "uid": f"{BOOKING}@demo.example",
        "sequence": 0,
        "subject": "visitor-1",
        "booking_number": "BK-7Q2M9KX4",
        "status": BookingStatus.CONFIRMED,
        "booking_mode": BookingMode.SESSION,
        "starts_at": at("2027-06-12T18:00:00Z"),
        "ends_at": at("2027-06-12T20:00:00Z"),
        "timezone": "Europe/Berlin",
        "title": "Harbour concert",
        "venue": "Pier 7",
        "resources": (),
        "guest_count": 2,
        "business": Business("Demo", "Europe/Berlin"),
        "created_at": at("2027-01-10T09:01:00Z"),
        "changed_at": at("2027-01-10T09:01:00Z"),
    }
    return Entry(**{**given, **other})
