"""Events of booking as the calendar hears them."""

from __future__ import annotations

from uuid import UUID, uuid4

from calendar_samples import BOOKING, TENANT

from holdfast_contracts import booking as messages
from holdfast_contracts.enums import BookingStatus
from holdfast_contracts.message import TenantFacts
from holdfast_platform.units.messages import Incoming

OTHER_TENANT = UUID("7a0d2e63-4b68-4d1f-8b62-3a2f2f8a1b02")
CONTENT = UUID("77aa88bb-99cc-4dde-8eff-001122334455")
OCCURRED = "2027-01-10T09:01:00Z"

PRICE = {
    "base": "50.00",
    "lines": [],
    "rules": [],
    "fees": [],
    "tax": "0.00",
    "total": "50.00",
    "currency": "EUR",
    "deposit": "0.00",
    "quotedAt": OCCURRED,
}


def state(tenant: UUID, booking: UUID, version: int, status: BookingStatus, **other: object) -> dict[str, object]:
    return {
        "id": str(booking),
        "tenantId": str(tenant),
        "version": version,
        "bookingNumber": "BK-7Q2M9KX4",
        "ticketCode": "4H7KQ2M9XW3T",
        "status": status,
        "type": "event",
        "bookingMode": "session",
        "contentId": str(CONTENT),
        "resourceId": None,
        "resourceData": {"assignments": []},
        "schedulePayload": {},
        "startsAt": "2027-06-12T18:00:00Z",
        "endsAt": "2027-06-12T20:00:00Z",
        "durationMinutes": 120,
        "timezone": "Europe/Berlin",
        "localStart": "2027-06-12T20:00:00+02:00",
        "offset": "+02:00",
        "actorType": "guest",
        "origin": "storefront",
        "customerId": None,
        "orderId": None,
        "seriesId": None,
        "guestCount": 2,
        "guests": [{"name": "Ida Berg", "email": "ida@example.com", "kind": "adult"}],
        "customerName": "Ida Berg",
        "customerEmail": "ida@example.com",
        "customerPhone": "+4930123456",
        "customerNote": "Near the aisle",
        "internalNote": "Pays late",
        "price": PRICE,
        "paymentStatus": "not_required",
        "policy": {},
        "data": {},
        "pendingExpiresAt": None,
        "confirmedAt": OCCURRED,
        "checkedInAt": None,
        "cancelledAt": None,
        "cancelledBy": None,
        "reasonCode": None,
        "createdAt": OCCURRED,
        "updatedAt": OCCURRED,
        **other,
    }


def told(
    name: str = "BookingConfirmed",
    *,
    tenant: UUID = TENANT,
    booking: UUID = BOOKING,
    version: int = 1,
    status: BookingStatus = BookingStatus.CONFIRMED,
    occurred_at: str = OCCURRED,
    venue: str = "Pier 7",
    message_id: UUID | None = None,
    **other: object,
) -> Incoming:
    """One event; `other` are fields of the booking, in the spelling of the contract."""
    body: dict[str, object] = {
        "bookingId": booking,
        "version": version,
        "occurredAt": occurred_at,
        "previousStatus": None,
        "status": status,
        "booking": state(tenant, booking, version, status, **other),
        "content": {
            "id": CONTENT,
            "title": "Harbour concert",
            "venue": venue,
            "timezone": "Europe/Berlin",
            "tiers": [],
        },
        "tenant": TenantFacts(
            id=tenant, slug="demo", name="Demo", domain="demo.example", timezone="Europe/Berlin", currency="EUR"
        ),
        "subject": "visitor-1",
    }
    if name == "BookingCheckedIn":
        body["via"] = "staff"
    message = getattr(messages, name).model_validate(body)
    return Incoming(message_id or uuid4(), tenant, message, key=str(booking))
