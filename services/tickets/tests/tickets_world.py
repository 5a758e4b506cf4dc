"""Events of booking and scans of doors as tickets get them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

from holdfast_contracts import booking as messages
from holdfast_contracts import envelope
from holdfast_contracts.enums import BookingActorType, BookingOrigin, BookingStatus, Role
from holdfast_contracts.message import Actor, TenantFacts
from holdfast_contracts.public.tickets import ScanBookingDto
from holdfast_contracts.tickets import ScanCode
from holdfast_platform.testing.units import decide
from holdfast_platform.units.messages import Incoming

TENANT = UUID("6f9c1d52-3a57-4c0e-9a51-2f1f7f6f0a01")
OTHER_TENANT = UUID("7a0d2e63-4b68-4d1f-8b62-3a2f2f8a1b02")
BOOKING = UUID("e1f20314-2536-4475-8697-a8b9cadbecfd")
CONTENT = UUID("77aa88bb-99cc-4dde-8eff-001122334455")
SESSION = UUID("c4d5e6f7-0819-4a2b-8c3d-4e5f60718293")
STANDARD = UUID("5a1d2c3b-7e6f-4a80-9b1c-2d3e4f5a6b7c")
FAMILY = UUID("6b2e3d4c-8f70-4b91-8c2d-3e4f5a6b7c8d")
OCCURRED = "2027-01-10T09:01:00Z"
DOORS_OPEN = "2027-06-12T17:31:00Z"
GUESTS = [
    {"name": "Ida Berg", "email": "ida@example.com", "kind": "adult"},
    {"name": "Ole Berg", "kind": "adult"},
]
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


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def facts(tenant: UUID) -> TenantFacts:
    return TenantFacts(
        id=tenant, slug="demo", name="Demo", domain="demo.example", timezone="Europe/Berlin", currency="EUR"
    )


def tier(identity: UUID = STANDARD, name: str = "Standard", **other: object) -> dict[str, object]:
    return {
        "id": str(identity),
        "name": name,
        "admits": 1,
        "entryPolicy": "once",
        "checkInFrom": None,
        "checkInUntil": None,
        **other,
    }


def payload(*items: tuple[UUID, int, list[str] | None]) -> dict[str, object]:
    listed = [
        {"tierId": str(tier_id), "quantity": quantity} | ({"seatLabels": seats} if seats else {})
        for tier_id, quantity, seats in items
    ]
    return {"sessionId": str(SESSION), "items": listed}


def number_of(booking: UUID) -> str:
    return f"BK-{booking.hex[:8].upper()}"


def code_of(booking: UUID) -> str:
    return booking.hex[:12].upper()


def state(tenant: UUID, booking: UUID, version: int, status: BookingStatus, **other: object) -> dict[str, object]:
    return {
        "id": str(booking),
        "tenantId": str(tenant),
        "version": version,
        "bookingNumber": number_of(booking),
        "ticketCode": code_of(booking),
        "status": status,
        "type": "event",
        "bookingMode": "session",
        "contentId": str(CONTENT),
        "resourceId": None,
        "resourceData": {"assignments": []},
        "schedulePayload": payload((STANDARD, 2, ["A1", "A2"])),
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
        "guests": GUESTS,
        "customerName": "Eva Lund",
        "customerEmail": "eva@example.com",
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
    via: str = "staff",
    tiers: list[dict[str, object]] | None = None,
    message_id: UUID | None = None,
    subject: str = "visitor-1",
    **other: object,
) -> Incoming:
    """One event; `other` are fields of the booking, in the spelling of the contract."""
    body: dict[str, object] = {
        "bookingId": str(booking),
        "version": version,
        "occurredAt": OCCURRED,
        "previousStatus": None,
        "status": status,
        "booking": state(tenant, booking, version, status, **other),
        "content": {
            "id": str(CONTENT),
            "title": "Harbour concert",
            "venue": "Pier 7",
            "timezone": "Europe/Berlin",
            "tiers": tiers if tiers is not None else [tier(), tier(FAMILY, "Family", admits=4)],
        },
        "tenant": json.loads(facts(tenant).encode()),
        "subject": subject,
    }
    if name == "BookingCheckedIn":
        body["via"] = via
    message = getattr(messages, name).decode(json.dumps(body).encode())
    return Incoming(message_id or uuid4(), tenant, message, key=str(booking))


CANCELLED = {"version": 2, "status": BookingStatus.CANCELLED}


def presented(
    code: str,
    *,
    target: str = "any",
    tenant: UUID = TENANT,
    command_id: UUID | None = None,
    scanned_at: str | None = DOORS_OPEN,
    **body: object,
) -> Incoming:
    """One scan, as the gateway hands it over; `body` in the names of the contract's fields."""
    actor = Actor(
        subject="acc-42", role=Role.DOOR, type=BookingActorType.STAFF, origin=BookingOrigin.DASHBOARD, staff=False
    )
    dto = ScanBookingDto.model_validate(
        {"code": code, **({"scanned_at": at(scanned_at)} if scanned_at else {}), **body}, strict=False
    )
    command = ScanCode(tenant=facts(tenant), actor=actor, body=dto, target=target)
    headers = {envelope.INSTANCE: "/bookings/scan", envelope.HASH: dto.model_dump_json()}
    return Incoming(command_id or uuid4(), tenant, command, headers=headers)


async def scan(door, code: str, **given: object) -> dict[str, object]:
    """Scan once; return the result's body."""
    (answer,) = await decide(door, presented(code, **given))
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


async def codes_of(admin, booking: UUID = BOOKING, tenant: UUID = TENANT) -> list[str]:
    rows = await admin.fetch(
        "SELECT ticket_code FROM tickets WHERE tenant_id = $1 AND booking_id = $2 ORDER BY position", tenant, booking
    )
    return [row["ticket_code"] for row in rows]
