"""Things to book, made through the public API, and bodies to book them with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
from e2e_world import Caller, Json, Tenant, created, eventually, ok

TIERS = (
    {"name": "Standard", "kind": "paid", "price": "25.00", "quantity": 10},
    {"name": "Family", "kind": "paid", "price": "60.00", "quantity": 5, "admits": 4},
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_WEEK = {"weekly": {day: [{"start": "09:00", "end": "17:00"}] for day in DAYS}}
CONTACT = {"customerName": "Ida Berg", "customerEmail": "ida@example.com"}
NOWHERE = "00000000-0000-4000-8000-000000000000"


def instant(moment: datetime) -> str:
    """As the API shows instants: UTC, `Z`, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def ahead(**delta: float) -> datetime:
    """A moment so long from now, in whole seconds."""
    return (datetime.now(UTC) + timedelta(**delta)).replace(microsecond=0)


def day_ahead(days: int = 14) -> str:
    """A date so many days from now (UTC)."""
    return f"{datetime.now(UTC).date() + timedelta(days=days)}"


def next_change(zone_name: str, *, forward: bool) -> date:
    """The local date of the zone's next change to (`forward`) or from summer time that is ahead by a week or more."""
    zone = ZoneInfo(zone_name)
    moment = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=7)
    for _ in range(24 * 800):
        later = moment + timedelta(hours=1)
        before, after = moment.astimezone(zone).utcoffset(), later.astimezone(zone).utcoffset()
        if before != after and (after > before) is forward:
            return later.astimezone(zone).date()
        moment = later
    raise AssertionError(f"{zone_name} has no such change within two years")


def content_body(**fields: Any) -> Json:
    """A published event with two tiers."""
    body = {
        "kind": "event",
        "mode": "session",
        "title": "Harbour concert",
        "venue": "Pier 7",
        "durationMinutes": 120,
        "status": "published",
        "tiers": [dict(tier) for tier in TIERS],
    }
    return {**body, **fields}


@dataclass(frozen=True)
class Concert:
    """A content with one session, and ways to book it."""

    tenant: Tenant
    content: Json
    session: Json

    @property
    def id(self) -> str:
        return str(self.session["id"])

    def tier(self, index: int = 0) -> str:
        return str(self.content["tiers"][index]["id"])

    def items(self, quantity: int = 1, tier: int = 0, seats: list[str] | None = None) -> Json:
        """A `schedulePayload` for so many units of a tier."""
        item: Json = {"tierId": self.tier(tier), "quantity": quantity}
        if seats is not None:
            item["seatLabels"] = seats
        return {"sessionId": self.id, "items": [item]}

    def body(self, quantity: int = 1, tier: int = 0, seats: list[str] | None = None, **fields: Any) -> Json:
        """Body of `POST /bookings`."""
        schedule = self.items(quantity, tier, seats)
        base = {"contentId": self.content["id"], "bookingMode": "session", "schedulePayload": schedule, **CONTACT}
        return {name: value for name, value in {**base, **fields}.items() if value is not None}

    def book(self, caller: Caller, quantity: int = 1, *, key: str | None = None, **fields: Any) -> httpx.Response:
        return caller.post("/bookings", self.body(quantity, **fields), key=key)

    def booked(self, caller: Caller, quantity: int = 1, **fields: Any) -> Json:
        """A booking that must succeed."""
        return created(self.book(caller, quantity, **fields))

    def hold(self, caller: Caller, quantity: int = 1, tier: int = 0, **fields: Any) -> httpx.Response:
        body = {"contentId": self.content["id"], "schedulePayload": self.items(quantity, tier), **fields}
        return caller.post("/bookings/holds", body)

    def held(self, caller: Caller, quantity: int = 1, tier: int = 0, **fields: Any) -> Json:
        return created(self.hold(caller, quantity, tier, **fields))

    def now(self) -> Json:
        """The session as it stands."""
        listed = ok(self.tenant.owner.get(f"/contents/{self.content['id']}/sessions"))["data"]
        return next(session for session in listed if session["id"] == self.id)

    def remaining(self, tier: int = 0) -> int:
        """How many of a tier are left."""
        return next(one["remaining"] for one in self.now()["tiers"] if one["tierId"] == self.tier(tier))

    def another(self, starts_at: datetime, **fields: Any) -> Concert:
        """The same content at another time."""
        body = {"startsAt": instant(starts_at), **fields}
        session = created(self.tenant.owner.post(f"/contents/{self.content['id']}/sessions", body))
        return Concert(self.tenant, self.content, session)


def concert(
    tenant: Tenant, *, starts_at: datetime | None = None, session: Json | None = None, **fields: Any
) -> Concert:
    """A published event with one session, by default a month ahead."""
    content = created(tenant.owner.post("/contents", content_body(**fields)))
    body = {"startsAt": instant(starts_at or ahead(days=30)), **(session or {})}
    made = created(tenant.owner.post(f"/contents/{content['id']}/sessions", body))
    return Concert(tenant, content, made)


def cancelling(**cancellation: Any) -> Json:
    """`policies` with this cancellation part."""
    return {"cancellation": cancellation}


def resource_body(**fields: Any) -> Json:
    """Somebody who can be booked every day from 09:00 to 17:00 UTC for half an hour."""
    body = {
        "type": "staff",
        "name": f"Ana {uuid4().hex[:6]}",
        "timezone": "UTC",
        "schedule": ALL_WEEK,
        "defaultDurationMinutes": 30,
        "slotIntervalMinutes": 30,
        "price": "40.00",
    }
    return {**body, **fields}


def resource(tenant: Tenant, **fields: Any) -> Json:
    """A resource that must be created."""
    return created(tenant.owner.post("/bookings/resources", resource_body(**fields)))


def slot_body(resource_id: str, day: str, start: str, **fields: Any) -> Json:
    """Body of `POST /bookings` for a slot; `payload` adds to its `schedulePayload`."""
    payload = {"date": day, "startTime": start, **fields.pop("payload", {})}
    base = {"resourceId": resource_id, "bookingMode": "time_slot", "schedulePayload": payload, **CONTACT}
    return {**base, **fields}


def slots(caller: Caller, resource_id: str, day: str, **query: Any) -> Json:
    """Availability of a resource on one day."""
    return ok(caller.get("/bookings/availability", resourceId=resource_id, dateFrom=day, dateTo=day, **query))


def tickets_of(caller: Caller, booking: Json, count: int) -> list[Json]:
    """The tickets of a booking as soon as all of them are issued."""
    path = f"/bookings/{booking['id']}/tickets"

    def all_issued() -> list[Json] | None:
        found = ok(caller.get(path))
        return found if len(found) == count else None

    return eventually(all_issued) or []


def scan(caller: Caller, code: str, *, path: str = "/bookings/scan", **fields: Any) -> Json:
    """One scan that must be evaluated."""
    return ok(caller.post(path, {"code": code, **fields}))


def asset(link: str, **query: object) -> str:
    """Path and query of a link, with more parameters."""
    parts = urlsplit(link)
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return f"{parts.path}?{parts.query}{more}"


def moment(text: str) -> datetime:
    """The instant that the API shows as this text."""
    return datetime.fromisoformat(text)


def step(caller: Caller, booking: Json, name: str, body: object = None, **options: Any) -> httpx.Response:
    """Ask for a transition of a booking: `confirm`, `cancel`, `check-in`."""
    return caller.patch(f"/bookings/{booking['id']}/{name}", body, **options)


def history(tenant: Tenant, booking: Json) -> list[Json]:
    """Every transition of a booking."""
    return ok(tenant.staff.get(f"/bookings/{booking['id']}/history"))
