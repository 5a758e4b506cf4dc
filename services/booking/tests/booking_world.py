"""Messages to booking as inventory, the gateway and tickets send them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from booking_samples import CONCERT_POLICY, TENANT, price

from holdfast_booking.domain.states import allowed_from
from holdfast_contracts import envelope
from holdfast_contracts.booking import CancelBooking, CheckInBooking, ConfirmBooking, ExpireBooking
from holdfast_contracts.enums import (
    BookingActorType,
    BookingMode,
    BookingOrigin,
    BookingStatus,
    BookingType,
    Role,
    ScanDirection,
    ScanResult,
)
from holdfast_contracts.ids import derived_id
from holdfast_contracts.inventory import ClaimPlaced
from holdfast_contracts.message import Actor, TenantFacts
from holdfast_contracts.public.bookings import CancelBookingDto, CreateBookingDto, Quote
from holdfast_contracts.public.contents import ContentSnapshot
from holdfast_contracts.public.policies import Policies
from holdfast_contracts.tickets import TicketScanned, TicketsIssued
from holdfast_platform.messaging.reading import Source
from holdfast_platform.units.messages import Incoming

OTHER_TENANT = UUID("7a0d2e63-4b68-4d1f-8b62-3a2f2f8a1b02")


def facts_of_tenant(tenant: UUID = TENANT) -> TenantFacts:
    return TenantFacts(
        id=tenant, slug="demo", name="Demo", domain="demo.example", timezone="Europe/Berlin", currency="EUR"
    )


def staff(subject: str = "acc-42") -> Actor:
    return Actor(
        subject=subject, role=Role.STAFF, type=BookingActorType.STAFF, origin=BookingOrigin.DASHBOARD, staff=True
    )


def guest(subject: str = "visitor-1") -> Actor:
    return Actor(
        subject=subject, role=Role.GUEST, type=BookingActorType.GUEST, origin=BookingOrigin.STOREFRONT, staff=False
    )


def claim(
    *,
    tenant: UUID = TENANT,
    command: UUID | None = None,
    claim_id: UUID | None = None,
    actor: Actor | None = None,
    policy: dict[str, object] | None = None,
    starts_in: timedelta = timedelta(days=30),
    email: str | None = "ida@example.com",
    phone: str | None = "+4930123456",
    name: str = "Ida Berg",
    total: str = "50.00",
    replies: list[str] | None = None,
    **body: object,
) -> Incoming[ClaimPlaced]:
    command_id, session, tier = command or uuid4(), uuid4(), uuid4()
    actor = actor or guest()
    starts_at = datetime.now(UTC).replace(microsecond=0) + starts_in
    content = uuid4()
    payload = {"sessionId": str(session), "items": [{"tierId": str(tier), "quantity": 2}]}
    message = ClaimPlaced(
        claim_id=claim_id or derived_id(command_id, "claim"),
        claim_key=str(session),
        booking_id=derived_id(command_id, "booking"),
        tenant=facts_of_tenant(tenant),
        actor=actor,
        body=CreateBookingDto.model_validate(
            {
                "content_id": content,
                "booking_mode": BookingMode.SESSION,
                "schedule_payload": {"session_id": session, "items": [{"tier_id": tier, "quantity": 2}]},
                "customer_name": name,
                "customer_email": email,
                "customer_phone": phone,
                **body,
            }
        ),
        type=BookingType.EVENT,
        content=ContentSnapshot(
            id=content, title="Harbour concert", venue="Pier 7", timezone="Europe/Berlin", tiers=[]
        ),
        resource_id=None,
        assignments=[],
        schedule_payload=payload,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        duration_minutes=120,
        timezone="Europe/Berlin",
        guest_count=2,
        quote=Quote.model_validate(price(total)),
        policy=Policies.model_validate_json(_json(CONCERT_POLICY if policy is None else policy)),
        placed_at=datetime.now(UTC),
    )
    headers = {
        envelope.SUBJECT: actor.subject,
        envelope.INSTANCE: "/bookings",
        envelope.OPERATION: "CreateBooking",
        envelope.CLAIM: str(message.claim_id),
        envelope.CLAIM_KEY: message.claim_key,
    }
    source = Source("inventory.claims.v1", 0, 0, str(message.booking_id), message.encode(), headers)
    return Incoming(command_id, tenant, message, headers=headers, replies=list(replies or []), source=source)


def _json(document: dict[str, object]) -> bytes:
    return json.dumps(document).encode()


def _command(tenant: UUID, message: object, instance: str, replies: list[str] | None) -> Incoming:
    headers = {envelope.SUBJECT: message.actor.subject, envelope.INSTANCE: instance}
    source = Source("booking.commands.v1", 0, 0, str(message.booking_id), message.encode(), headers)
    return Incoming(uuid4(), tenant, message, headers=headers, replies=list(replies or []), source=source)


def cancel(
    booking: UUID,
    *,
    tenant: UUID = TENANT,
    actor: Actor | None = None,
    if_match: int | None = None,
    replies: list[str] | None = None,
    **body: object,
) -> Incoming[CancelBooking]:
    message = CancelBooking(
        tenant=facts_of_tenant(tenant),
        actor=actor or guest(),
        if_match=if_match,
        booking_id=booking,
        body=CancelBookingDto.model_validate(body),
    )
    return _command(tenant, message, f"/bookings/{booking}/cancel", replies)


def confirm(booking: UUID, *, tenant: UUID = TENANT, if_match: int | None = None) -> Incoming[ConfirmBooking]:
    message = ConfirmBooking(tenant=facts_of_tenant(tenant), actor=staff(), if_match=if_match, booking_id=booking)
    return _command(tenant, message, f"/bookings/{booking}/confirm", None)


def check_in(booking: UUID, *, tenant: UUID = TENANT, if_match: int | None = None) -> Incoming[CheckInBooking]:
    message = CheckInBooking(tenant=facts_of_tenant(tenant), actor=staff(), if_match=if_match, booking_id=booking)
    return _command(tenant, message, f"/bookings/{booking}/check-in", None)


def expire(booking: UUID, version: int = 1, *, tenant: UUID = TENANT) -> Incoming[ExpireBooking]:
    return Incoming(derived_id(booking, "expire", version), tenant, ExpireBooking(booking_id=booking))


def scanned(
    booking: UUID, *, tenant: UUID = TENANT, admitted: bool = True, direction: ScanDirection = ScanDirection.ENTRY
) -> Incoming[TicketScanned]:
    message = TicketScanned(
        scan_id=uuid4(),
        booking_id=booking,
        ticket_id=uuid4(),
        result=ScanResult.VALID if admitted else ScanResult.ALREADY_CHECKED_IN,
        admitted=admitted,
        direction=direction,
        forced=False,
        gate="North",
        device_id="door-3",
        booking_status=BookingStatus.CONFIRMED,
        actor=staff("door-1"),
        occurred_at=datetime.now(UTC),
    )
    return Incoming(uuid4(), tenant, message)


def issued(booking: UUID, *, tenant: UUID = TENANT) -> Incoming[TicketsIssued]:
    message = TicketsIssued(booking_id=booking, booking_version=1, tickets=[], occurred_at=datetime.now(UTC))
    return Incoming(uuid4(), tenant, message)


async def booked(world, **of) -> UUID:
    given = claim(**of)
    (answer,) = await world.claims(given)
    assert answer.status == 201
    return given.message.booking_id


async def legal(world, booking: UUID) -> bool:
    """Versions without gaps, steps that are allowed, and one event for each version, in their order (I11)."""
    steps = await world.versions(booking)
    assert [version for version, _, _ in steps] == list(range(1, len(steps) + 1))
    for _, source, target in steps[1:]:
        assert source == target or target in allowed_from(BookingStatus(source))
    told = [row["json"] for row in await world.outbox("booking.events.v1") if row["key"] == str(booking)]
    assert [event["version"] for event in told] == [version for version, _, _ in steps]
    return True


async def time_is_up(world, *bookings: UUID) -> None:
    """Let pending bookings have waited long enough."""
    await world.admin.execute(
        "UPDATE bookings SET pending_expires_at = clock_timestamp() - interval '1 s' WHERE id = ANY($1::uuid[])",
        list(bookings),
    )
