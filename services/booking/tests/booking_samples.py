"""Bookings, people and policies for tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from holdfast_booking.domain.booking import Booking, Change
from holdfast_booking.domain.facts import Customer, Facts, Place
from holdfast_booking.domain.history import Author
from holdfast_booking.domain.policy import Terms
from holdfast_contracts.enums import BookingActorType, BookingMode, BookingOrigin, BookingType
from holdfast_contracts.ids import draw_booking_number, draw_ticket_code

START = datetime(2027, 6, 12, 18, tzinfo=UTC)
END = START + timedelta(hours=2)
EARLY = datetime(2027, 1, 10, 9, 1, tzinfo=UTC)
TENANT = UUID("6f9c1d52-3a57-4c0e-9a51-2f1f7f6f0a01")

GUEST = Author(BookingActorType.GUEST, "visitor-1", staff=False)
STRANGER = Author(BookingActorType.GUEST, "visitor-2", staff=False)
STAFF = Author(BookingActorType.STAFF, "acc-42", staff=True)

CONCERT_POLICY: dict[str, object] = {
    "booking": {"autoConfirm": True, "approval": "none", "pendingMinutes": 30, "noShowGraceMinutes": 15},
    "cancellation": {
        "customerCancel": True,
        "freeUntilHours": 24,
        "tiers": [{"hoursBefore": 0, "feeType": "percent", "value": "50"}],
    },
    "reschedule": {"customerReschedule": True, "noticeHours": 24, "maxReschedules": 3, "reprice": "keep"},
}


def price(total: str = "50.00", deposit: str = "0.00", currency: str = "EUR") -> dict[str, object]:
    return {
        "base": total,
        "lines": [],
        "rules": [],
        "fees": [],
        "tax": "0.00",
        "total": total,
        "currency": currency,
        "deposit": deposit,
        "quotedAt": "2027-01-10T09:00:00Z",
    }


def facts(
    *, policy: dict[str, object] | None = None, quote: dict[str, object] | None = None, guest_count: int = 2
) -> Facts:
    session = uuid4()
    return Facts(
        type=BookingType.EVENT,
        mode=BookingMode.SESSION,
        place=Place(
            content_id=uuid4(),
            resource_id=None,
            resource_data={"assignments": []},
            schedule_payload={"sessionId": str(session), "items": [{"tierId": str(uuid4()), "quantity": 2}]},
            starts_at=START,
            ends_at=END,
            duration_minutes=120,
            timezone="Europe/Berlin",
            claim_id=uuid4(),
            claim_key=str(session),
        ),
        customer=Customer(None, "Ida Berg", "ida@example.com", "+4930123456", "Near the aisle"),
        actor_type=BookingActorType.GUEST,
        origin=BookingOrigin.STOREFRONT,
        subject=GUEST.subject,
        order_id=None,
        series_id=None,
        guest_count=guest_count,
        guests=[
            {"name": "Ida Berg", "email": "ida@example.com", "phone": None, "kind": "adult", "age": None, "note": None}
        ],
        internal_note=None,
        price=price() if quote is None else quote,
        policy=CONCERT_POLICY if policy is None else policy,
        terms=Terms.read(CONCERT_POLICY if policy is None else policy),
        data={},
        content={"id": None, "title": "Harbour concert", "venue": "Pier 7", "timezone": "Europe/Berlin", "tiers": []},
        tenant={
            "id": str(TENANT),
            "slug": "demo",
            "name": "Demo",
            "domain": None,
            "timezone": "Europe/Berlin",
            "currency": "EUR",
        },
    )


def begun(*, payable: bool = False, now: datetime = EARLY, **of: object) -> Change:
    codes = (draw_booking_number(), draw_ticket_code())
    return Booking.begin((uuid4(), TENANT), codes, facts(**of), payable=payable, by=GUEST, now=now)


def confirmed(**of: object) -> Booking:
    return begun(**of).booking


def pending(**of: object) -> Booking:
    return begun(policy={**CONCERT_POLICY, "booking": {"approval": "always", "pendingMinutes": 30}}, **of).booking
