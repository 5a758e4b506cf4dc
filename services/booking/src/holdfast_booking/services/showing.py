"""A booking as it is shown: the public body with signed links, built once as bytes [spec/09, Booking].

Bodies are built as JSON objects in the contract's shape, and encoded once; a test holds them against the contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from holdfast_booking.domain.booking import Booking
from holdfast_booking.domain.history import Step
from holdfast_booking.domain.windows import shown
from holdfast_contracts.values import show_local
from holdfast_platform.links import LinkSigner
from holdfast_platform.units.messages import Answer

Json = dict[str, object]

OK: Final = 200
CREATED: Final = 201


def _text(identity: UUID | None) -> str | None:
    return None if identity is None else str(identity)


def state_of(booking: Booking) -> Json:
    """Return the contract's BookingState: all a booking is, less links and what is computed when it is read."""
    facts, place, customer = booking.facts, booking.facts.place, booking.facts.customer
    local_start, offset = show_local(place.starts_at, place.timezone)
    return {
        "id": str(booking.id),
        "tenantId": str(booking.tenant_id),
        "version": booking.version,
        "bookingNumber": booking.number,
        "ticketCode": booking.ticket_code,
        "status": booking.status,
        "type": facts.type,
        "bookingMode": facts.mode,
        "contentId": _text(place.content_id),
        "resourceId": _text(place.resource_id),
        "resourceData": place.resource_data,
        "schedulePayload": place.schedule_payload,
        "startsAt": shown(place.starts_at),
        "endsAt": shown(place.ends_at),
        "durationMinutes": place.duration_minutes,
        "timezone": place.timezone,
        "localStart": local_start,
        "offset": offset,
        "actorType": facts.actor_type,
        "origin": facts.origin,
        "customerId": _text(customer.id),
        "orderId": _text(facts.order_id),
        "seriesId": _text(facts.series_id),
        "guestCount": facts.guest_count,
        "guests": facts.guests,
        "customerName": customer.name,
        "customerEmail": customer.email,
        "customerPhone": customer.phone,
        "customerNote": customer.note,
        "internalNote": facts.internal_note,
        "price": facts.price,
        "paymentStatus": booking.payment_status,
        "policy": facts.policy,
        "data": facts.data,
        "pendingExpiresAt": shown(booking.pending_expires_at),
        "confirmedAt": shown(booking.confirmed_at),
        "checkedInAt": shown(booking.checked_in_at),
        "cancelledAt": shown(booking.cancelled_at),
        "cancelledBy": booking.cancelled_by,
        "reasonCode": booking.reason_code,
        "createdAt": shown(booking.created_at),
        "updatedAt": shown(booking.updated_at),
        "pendingChange": booking.pending_change,
    }


def state_bytes(booking: Booking) -> bytes:
    """Return the state as JSON: the events and the answer of one change share these bytes."""
    return orjson.dumps(state_of(booking))


def history_body(steps: Sequence[Step]) -> bytes:
    """Return the plain array of a booking's history, oldest first."""
    return orjson.dumps(
        [
            {
                "version": step.version,
                "at": shown(step.at),
                "from": step.source,
                "to": step.target,
                "actorType": step.author.type,
                "actor": step.author.subject,
                "reason": step.reason,
                "reasonCode": step.reason_code,
                "note": step.note,
            }
            for step in steps
        ]
    )


class BookingShowing:
    """Shows bookings as the public API does."""

    def __init__(self, signer: LinkSigner) -> None:
        self._signer = signer

    def body(self, booking: Booking, now: datetime, state: bytes | None = None) -> bytes:
        """Return the contract's BookingResponseDto at `now`; `state` is the state's JSON where it is at hand."""
        state = state_bytes(booking) if state is None else state
        return b"%b,%b" % (state[:-1], orjson.dumps(self._at(booking, now))[1:])

    def answer(self, booking: Booking, now: datetime, status: int = OK, state: bytes | None = None) -> Answer:
        """Return the answer that shows a booking; its version is the `ETag`."""
        return Answer(status, self.body(booking, now, state), str(booking.version))

    def page(self, bookings: Sequence[Booking], now: datetime, *, total: int, page: int, limit: int) -> bytes:
        """Return one page of a list."""
        data = [orjson.Fragment(self.body(booking, now)) for booking in bookings]
        return orjson.dumps({"data": data, "total": total, "page": page, "limit": limit})

    def _at(self, booking: Booking, now: datetime) -> Json:
        """What the body has besides the state."""
        return {
            "cancellableUntil": shown(booking.cancellable_until),
            "reschedulableUntil": shown(booking.reschedulable_until),
            "cancellationFeeNow": format(booking.cancellation_fee_at(now), "f"),
            "links": self._links(booking),
        }

    def _links(self, booking: Booking) -> Json:
        place, domain = booking.facts.place, booking.facts.tenant.get("domain")
        base = self._signer.base_url(domain if isinstance(domain, str) else None)
        ends_at, root = place.ends_at or place.starts_at, f"/booking-assets/{booking.id}"

        def link(path: str) -> str:
            return self._signer.sign(booking.tenant_id, f"{root}/{path}", ends_at, base)

        return {"calendar": link("calendar.ics"), "qr": link("qr.png"), "ticketsPdf": link("tickets/pdf")}
