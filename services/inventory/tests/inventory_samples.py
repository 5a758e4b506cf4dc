"""Commands as the gateway would send them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson

from holdfast_contracts import envelope
from holdfast_contracts.enums import BookingActorType, BookingMode, BookingOrigin, BookingType, ContentStatus, Role
from holdfast_contracts.inventory import (
    CreateContent,
    CreateResource,
    ExpireHold,
    ExtendHold,
    PlaceClaim,
    PlaceHold,
    ReleaseClaim,
    ReleaseHold,
    ScheduleSession,
)
from holdfast_contracts.message import Actor, Message, TenantFacts
from holdfast_contracts.public.bookings import CreateBookingDto
from holdfast_contracts.public.contents import CreateContentDto, CreateSessionDto
from holdfast_contracts.public.holds import CreateHoldDto, ExtendHoldDto
from holdfast_contracts.public.resources import CreateResourceDto
from holdfast_platform.units.messages import Incoming

ZONE = "Europe/Berlin"
ALWAYS = {
    "weekly": {day: [{"start": "00:00", "end": "24:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
}
"""A schedule that is open all day, every day."""
GUEST = Actor(
    subject="guest-1", role=Role.GUEST, type=BookingActorType.GUEST, origin=BookingOrigin.STOREFRONT, staff=False
)
STAFF = Actor(subject="acc-1", role=Role.STAFF, type=BookingActorType.STAFF, origin=BookingOrigin.DASHBOARD, staff=True)
MONDAY = date.today() + timedelta(days=(7 - date.today().weekday()) + 28)  # noqa: DTZ011 - any Monday some weeks on
WEEK = {day: [{"start": "09:00", "end": "17:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def tenant_facts(tenant_id: UUID) -> TenantFacts:
    return TenantFacts(id=tenant_id, slug="demo", name="Demo", domain=None, timezone=ZONE, currency="EUR")


def sent(tenant_id: UUID, message: Message, *, command_id: UUID | None = None, **headers: str) -> Incoming[Any]:
    base = {envelope.HASH: "h", envelope.OPERATION: "Op", envelope.SUBJECT: "guest-1", envelope.INSTANCE: "/bookings"}
    given = Incoming(command_id or uuid4(), tenant_id, message, key="key", headers={**base, **headers})
    given.replies = headers[envelope.REPLY].split(",") if envelope.REPLY in headers else []
    return given


def _common(tenant_id: UUID, actor: Actor) -> dict[str, Any]:
    return {"tenant": tenant_facts(tenant_id), "actor": actor}


def create_resource(tenant_id: UUID, **more: Any) -> Incoming[Any]:
    body = {"type": "staff", "name": "Ana", "timezone": ZONE, "schedule": {"weekly": WEEK}, "price": "40.00"}
    dto = CreateResourceDto.model_validate_json(_json({**body, "defaultDurationMinutes": 30, **more}))
    return sent(tenant_id, CreateResource(**_common(tenant_id, STAFF), body=dto))


def create_content(tenant_id: UUID, tiers: list[dict[str, Any]] | None = None, **more: Any) -> Incoming[Any]:
    body = {
        "kind": str(BookingType.EVENT), "mode": str(BookingMode.SESSION), "title": "Concert", "durationMinutes": 120,
        "status": str(ContentStatus.PUBLISHED), "timezone": ZONE,
        "tiers": tiers if tiers is not None else [{"name": "Standard", "price": "25.00", "quantity": 10}],
    }  # fmt: skip
    dto = CreateContentDto.model_validate_json(_json({**body, **more}))
    return sent(tenant_id, CreateContent(**_common(tenant_id, STAFF), body=dto))


def schedule_session(tenant_id: UUID, content_id: str, **more: Any) -> Incoming[Any]:
    body = {"startsAt": instant(days=30), **more}
    dto = CreateSessionDto.model_validate_json(_json(body))
    return sent(tenant_id, ScheduleSession(**_common(tenant_id, STAFF), content_id=UUID(content_id), body=dto))


def place_claim(
    tenant_id: UUID,
    payload: dict[str, Any],
    *,
    mode: str = "session",
    actor: Actor = GUEST,
    visitor: str = "guest-1",
    command_id: UUID | None = None,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Incoming[Any]:
    body = {"bookingMode": mode, "schedulePayload": payload, "customerName": "Ida", "customerEmail": "ida@example.com"}
    dto = CreateBookingDto.model_validate_json(_json({**body, **more}))
    message = PlaceClaim(**_common(tenant_id, actor), body=dto, visitor=visitor)
    return sent(tenant_id, message, command_id=command_id, **(headers or {}))


def place_hold(
    tenant_id: UUID, payload: dict[str, Any], *, visitor: str = "guest-1", actor: Actor = GUEST, **more: Any
) -> Incoming[Any]:
    dto = CreateHoldDto.model_validate_json(_json({"schedulePayload": payload, **more}))
    return sent(tenant_id, PlaceHold(**_common(tenant_id, actor), body=dto, visitor=visitor))


def extend_hold(tenant_id: UUID, hold_id: str, *, actor: Actor = GUEST, **more: Any) -> Incoming[Any]:
    if_match = more.pop("if_match", None)
    dto = ExtendHoldDto.model_validate_json(_json(more))
    common = _common(tenant_id, actor)
    return sent(tenant_id, ExtendHold(**common, hold_id=UUID(hold_id), body=dto, if_match=if_match))


def release_hold(tenant_id: UUID, hold_id: str, *, actor: Actor = GUEST) -> Incoming[Any]:
    return sent(tenant_id, ReleaseHold(**_common(tenant_id, actor), hold_id=UUID(hold_id)))


def expire_hold(tenant_id: UUID, hold_id: str) -> Incoming[Any]:
    return sent(tenant_id, ExpireHold(hold_id=UUID(hold_id)))


def release_claim(tenant_id: UUID, placed: dict[str, Any]) -> Incoming[Any]:
    message = ReleaseClaim(claim_id=UUID(placed["claimId"]), booking_id=UUID(placed["bookingId"]), reason="cancelled")
    return sent(tenant_id, message)


def instant(**later: float) -> str:
    return (datetime.now(UTC) + timedelta(**later)).strftime("%Y-%m-%dT%H:%M:%SZ")


def items(tier_id: str, quantity: int = 1, seats: list[str] | None = None) -> list[dict[str, Any]]:
    return [{"tierId": tier_id, "quantity": quantity, **({"seatLabels": seats} if seats else {})}]


def _json(body: dict[str, Any]) -> bytes:
    return orjson.dumps(body)
