"""Examples of requests and answers, word for word as the specification gives them [spec/09]."""

from __future__ import annotations

from typing import Any, Final

from holdfast_contracts.golden_messages import golden

Example = dict[str, Any]

TENANT: Final = "6f9c1d52-3a57-4c0e-9a51-2f1f7f6f0a01"
CONTENT: Final = "77aa88bb-99cc-4dde-8eff-001122334455"
SESSION: Final = "c4d5e6f7-0819-4a2b-8c3d-4e5f60718293"
TIER: Final = "5a1d2c3b-7e6f-4a80-9b1c-2d3e4f5a6b7c"
RESOURCE: Final = "1f2e3d4c-5b6a-4978-8899-aabbccddeeff"
BOOKING: Final = "e1f20314-2536-4475-8697-a8b9cadbecfd"
HOLD: Final = "2b3c4d5e-6f70-4182-93a4-b5c6d7e8f901"
VISITOR: Final = "b7c6a1de-90a4-4b7c-8a3d-0f4f5b6c7d8e"
OPERATION: Final = "0c1d2e3f-4051-4263-8475-8697a8b9cadb"

RESOURCE_ANSWER: Final[Example] = golden("ResourceCreated").payload["resource"]
CONTENT_ANSWER: Final[Example] = golden("ContentCreated").payload["content"]


def page_of(example: Example) -> Example:
    """Return a list that has this one on its only page."""
    return {"data": [example], "total": 1, "page": 1, "limit": 20}


VISITOR_SESSION: Final[Example] = {
    "token": "eyJhbGciOi…",
    "sessionId": VISITOR,
    "expiresAt": "2027-03-01T12:00:00Z",
}

CREATE_RESOURCE: Final[Example] = {
    "categoryId": "0d3c9f6e-54b1-4b0a-a6a7-5d5f0c1e2b11",
    "type": "staff",
    "name": "Ana",
    "timezone": "America/New_York",
    "schedule": {
        "weekly": {"mon": [{"start": "09:00", "end": "12:30"}, {"start": "13:30", "end": "18:00"}]},
        "exceptions": [{"date": "2027-03-15", "closed": True, "label": "Holiday"}],
    },
    "defaultDurationMinutes": 30,
    "slotIntervalMinutes": 30,
    "bufferMinutes": 10,
    "bufferBeforeMinutes": 0,
    "advanceBookingDays": 400,
    "minNoticeHours": 0,
    "maxBookingsPerSlot": None,
    "capacity": 1,
    "units": 1,
    "price": "40.00",
    "pricePerHour": None,
    "currency": "USD",
    "skills": ["colour"],
    "metadata": {"custom": {"languages": "en, pt"}},
}

CREATE_CONTENT: Final[Example] = {
    "kind": "event",
    "mode": "session",
    "title": "Harbour concert",
    "venue": "Pier 7",
    "timezone": "Europe/Berlin",
    "durationMinutes": 120,
    "status": "published",
    "tiers": [
        {
            "name": "Standard",
            "kind": "paid",
            "price": "25.00",
            "currency": "EUR",
            "quantity": 100,
            "minPerOrder": 1,
            "maxPerOrder": 10,
        },
        {"name": "Family", "kind": "paid", "price": "60.00", "currency": "EUR", "quantity": 20, "admits": 4},
    ],
    "policies": {
        "booking": {"autoConfirm": True, "approval": "none", "pendingMinutes": 30, "noShowGraceMinutes": 15},
        "cancellation": {
            "customerCancel": True,
            "freeUntilHours": 24,
            "tiers": [{"hoursBefore": 0, "feeType": "percent", "value": "50"}],
        },
        "reschedule": {"customerReschedule": True, "noticeHours": 24, "maxReschedules": 3, "reprice": "keep"},
    },
}

CREATE_SESSION: Final[Example] = {
    "startsAt": "2027-06-12T18:00:00Z",
    "endsAt": "2027-06-12T20:00:00Z",
    "capacity": 110,
    "tiers": [{"tierId": TIER, "quantity": 90}],
}

SESSION_ANSWER: Final[Example] = {
    "id": SESSION,
    "tenantId": TENANT,
    "contentId": CONTENT,
    "startsAt": "2027-06-12T18:00:00Z",
    "endsAt": "2027-06-12T20:00:00Z",
    "timezone": "Europe/Berlin",
    "localStart": "2027-06-12T20:00:00+02:00",
    "offset": "+02:00",
    "status": "scheduled",
    "capacity": 110,
    "remaining": 110,
    "tiers": [
        {
            "tierId": TIER,
            "name": "Standard",
            "quantity": 90,
            "remaining": 90,
            "price": "25.00",
            "currency": "EUR",
        }
    ],
    "createdAt": "2027-01-10T09:00:00Z",
    "updatedAt": "2027-01-10T09:00:00Z",
    "version": 1,
}

AVAILABILITY: Final[Example] = {
    "slots": [
        {
            "start": "2027-03-22T13:00:00Z",
            "end": "2027-03-22T13:30:00Z",
            "localStart": "2027-03-22T09:00:00-04:00",
            "offset": "-04:00",
            "remaining": 1,
            "resources": [{"id": RESOURCE, "name": "Ana"}],
            "price": {"total": "40.00", "currency": "USD"},
            "status": "available",
            "reason": None,
            "sessionId": None,
            "tiers": [],
        }
    ],
    "nextAvailable": "2027-03-22T13:00:00Z",
    "waitlist": False,
    "timezone": "America/New_York",
}

_WISH: Final[Example] = {"sessionId": SESSION, "items": [{"tierId": TIER, "quantity": 2}]}

CREATE_HOLD: Final[Example] = {
    "contentId": CONTENT,
    "holdType": "cart",
    "sessionId": VISITOR,
    "schedulePayload": _WISH,
}

HOLD_ANSWER: Final[Example] = {
    "id": HOLD,
    "tenantId": TENANT,
    "contentId": CONTENT,
    "resourceId": None,
    "holdType": "cart",
    "sessionId": VISITOR,
    "quantity": 2,
    "schedulePayload": _WISH,
    "startsAt": "2027-06-12T18:00:00Z",
    "endsAt": "2027-06-12T20:00:00Z",
    "expiresAt": "2027-01-10T09:10:00Z",
    "price": {"total": "50.00", "currency": "EUR"},
    "createdAt": "2027-01-10T09:00:00Z",
    "updatedAt": "2027-01-10T09:00:00Z",
    "version": 1,
}

EXTEND_HOLD: Final[Example] = {"expiresAt": "2027-01-10T09:20:00Z"}

_GUESTS: Final = [
    {"name": "Ida Berg", "email": "ida@example.com", "kind": "adult"},
    {"name": "Ole Berg", "kind": "adult"},
]
_SEATS: Final[Example] = {
    "sessionId": SESSION,
    "items": [{"tierId": TIER, "quantity": 2, "seatLabels": ["A1", "A2"]}],
}

CREATE_BOOKING: Final[Example] = {
    "contentId": CONTENT,
    "bookingMode": "session",
    "schedulePayload": _SEATS,
    "guests": _GUESTS,
    "customerName": "Ida Berg",
    "customerEmail": "ida@example.com",
    "customerPhone": "+4930123456",
    "customerNote": "Near the aisle",
    "holdId": HOLD,
    "sessionId": VISITOR,
}

CREATE_APPOINTMENT: Final[Example] = {
    "contentId": "88bb99cc-aadd-4eef-8f00-112233445566",
    "resourceId": RESOURCE,
    "bookingMode": "time_slot",
    "schedulePayload": {
        "date": "2027-03-22",
        "startTime": "09:00",
        "durationMinutes": 30,
        "timezone": "America/New_York",
    },
    "guestCount": 1,
    "customerName": "Lee Wong",
    "customerPhone": "+12125550123",
}

_ASSETS: Final = f"https://demo.example/booking-assets/{BOOKING}"
_LINE: Final[Example] = {
    "label": "Standard",
    "tierId": TIER,
    "quantity": 2,
    "unitPrice": "25.00",
    "total": "50.00",
}

BOOKING_ANSWER: Final[Example] = {
    "id": BOOKING,
    "tenantId": TENANT,
    "version": 1,
    "bookingNumber": "BK-7Q2M9KX4",
    "ticketCode": "4H7KQ2M9XW3T",
    "status": "confirmed",
    "type": "event",
    "bookingMode": "session",
    "contentId": CONTENT,
    "resourceId": None,
    "resourceData": {"assignments": []},
    "schedulePayload": _SEATS,
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
    "guests": _GUESTS,
    "customerName": "Ida Berg",
    "customerEmail": "ida@example.com",
    "customerPhone": "+4930123456",
    "customerNote": "Near the aisle",
    "internalNote": None,
    "price": {
        "base": "50.00",
        "lines": [_LINE],
        "rules": [],
        "fees": [],
        "tax": "0.00",
        "total": "50.00",
        "currency": "EUR",
        "deposit": "0.00",
        "quotedAt": "2027-01-10T09:00:00Z",
    },
    "paymentStatus": "not_required",
    "policy": {"cancellation": {"customerCancel": True, "freeUntilHours": 24}},
    "data": {},
    "pendingExpiresAt": None,
    "confirmedAt": "2027-01-10T09:01:00Z",
    "checkedInAt": None,
    "cancelledAt": None,
    "cancelledBy": None,
    "reasonCode": None,
    "pendingChange": False,
    "cancellableUntil": "2027-06-12T18:00:00Z",
    "reschedulableUntil": "2027-06-11T18:00:00Z",
    "cancellationFeeNow": "0.00",
    "links": {
        "calendar": f"{_ASSETS}/calendar.ics?exp=1815422400&kid=k1&sig=…",
        "qr": f"{_ASSETS}/qr.png?exp=1815422400&kid=k1&sig=…",
        "ticketsPdf": f"{_ASSETS}/tickets/pdf?exp=1815422400&kid=k1&sig=…",
    },
    "createdAt": "2027-01-10T09:01:00Z",
    "updatedAt": "2027-01-10T09:01:00Z",
}

CANCEL: Final[Example] = {"reason": "Customer is ill", "reasonCode": "customer_request", "waiveFee": False}

TICKETS: Final[list[Example]] = [
    {
        "id": "a0b1c2d3-e4f5-4061-8273-8495a6b7c8d9",
        "tenantId": TENANT,
        "bookingId": BOOKING,
        "ticketCode": "9XK2M4QT7HWC",
        "tierId": TIER,
        "seatLabel": "A1",
        "attendeeName": "Ida Berg",
        "attendeeEmail": "ida@example.com",
        "checkedInAt": None,
        "status": "valid",
        "entryPolicy": "once",
        "codeVersion": 1,
        "data": {},
        "version": 1,
        "createdAt": "2027-01-10T09:01:01Z",
        "updatedAt": "2027-01-10T09:01:01Z",
    }
]

SCAN: Final[Example] = {
    "code": "9XK2M4QT7HWC",
    "direction": "entry",
    "gate": "North",
    "deviceId": "door-3",
    "nonce": "5f0c2b7e",
    "sessionId": SESSION,
}

_SCANNED_TICKET: Final[Example] = {
    "id": "a0b1c2d3-e4f5-4061-8273-8495a6b7c8d9",
    "ticketCode": "9XK2M4QT7HWC",
    "status": "checked_in",
    "attendeeName": "Ida Berg",
    "tierId": TIER,
    "tierName": "Standard",
    "seatLabel": "A1",
}

SCAN_ANSWER: Final[Example] = {
    "result": "already_checked_in",
    "admitted": False,
    "direction": "entry",
    "scannedAt": "2027-06-12T17:31:00Z",
    "forced": False,
    "dryRun": False,
    "ticket": _SCANNED_TICKET,
    "booking": {
        "id": BOOKING,
        "bookingNumber": "BK-7Q2M9KX4",
        "status": "checked_in",
        "customerNote": "Near the aisle",
    },
    "event": {
        "contentId": CONTENT,
        "title": "Harbour concert",
        "sessionId": SESSION,
        "startsAt": "2027-06-12T18:00:00Z",
    },
    "firstAdmission": {"at": "2027-06-12T17:30:12Z", "gate": "North", "deviceId": "door-1"},
    "party": {"admitted": 1, "total": 2},
    "tickets": [_SCANNED_TICKET],
}

CREATE_TENANT: Final[Example] = {
    "slug": "harbour",
    "name": "Harbour Concerts",
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "domains": ["tickets.harbour.example"],
    "settings": {"assetLinks": "signed"},
}

TENANT_ANSWER: Final[Example] = {
    **CREATE_TENANT,
    "id": TENANT,
    "status": "active",
    "createdAt": "2027-01-02T10:00:00Z",
    "updatedAt": "2027-01-02T10:00:00Z",
    "version": 1,
}

UPDATE_TENANT: Final[Example] = {"name": "Harbour Concerts and Boats", "settings": {"assetLinks": "open"}}

PENDING_OPERATION: Final[Example] = {
    "id": OPERATION,
    "command": "CreateBooking",
    "status": "pending",
    "statusCode": None,
    "progress": None,
    "problem": None,
    "result": None,
    "createdAt": "2027-01-10T09:01:00Z",
    "completedAt": None,
}

OPERATION_ANSWER: Final[Example] = {
    "id": OPERATION,
    "command": "CreateBooking",
    "status": "succeeded",
    "statusCode": 201,
    "progress": None,
    "problem": None,
    "result": {"id": BOOKING, "status": "confirmed"},
    "createdAt": "2027-01-10T09:01:00Z",
    "completedAt": "2027-01-10T09:01:01Z",
}
