"""What a minute changes: the booking that nobody approved [spec/03, State machine]."""

from __future__ import annotations

import icalendar
from e2e_samples import Concert, scan
from e2e_world import Json, Tenant, eventually, ok, refused


def test_a_pending_booking_expires_and_gives_its_place_back(tenant: Tenant, pending_for_a_minute: tuple[Concert, Json]):
    show, booking = pending_for_a_minute
    path = f"/bookings/{booking['id']}"

    eventually(lambda: ok(tenant.staff.get(path))["status"] == "expired", seconds=90, every=0.5)

    history = ok(tenant.staff.get(f"{path}/history"))
    assert [(one["from"], one["to"], one["actorType"]) for one in history] == [
        (None, "pending", "guest"),
        ("pending", "expired", "system"),
    ]
    eventually(lambda: show.remaining() == 1)
    refused(tenant.staff.patch(f"{path}/confirm"), 409, "INVALID_TRANSITION")
    eventually(lambda: scan(tenant.door, booking["ticketCode"])["result"] == "expired")
    calendar = tenant.guest.get(f"{path}/calendar.ics")
    (event,) = icalendar.Calendar.from_ical(calendar.content).walk("VEVENT")
    assert event["STATUS"] == "CANCELLED"
    show.booked(tenant.guest)
