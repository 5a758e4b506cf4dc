"""What the world is told of a booking: one event for each version, and capacity given back when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from holdfast_booking.domain.booking import Booking, Change
from holdfast_booking.domain.windows import shown
from holdfast_booking.services.showing import Json
from holdfast_contracts import envelope
from holdfast_contracts.ids import derived_id
from holdfast_contracts.inventory import ReleaseClaim
from holdfast_contracts.topics import BOOKING_EVENTS, INVENTORY_COMMANDS
from holdfast_platform.units.messages import Encoded, Incoming, Outgoing


def event_of(given: Incoming[Any], change: Change, state: bytes) -> Outgoing:
    """Return the event that tells a change, with the booking's state as JSON.

    Its id is derived, so that a repeat would tell the same (I5).
    """
    booking = change.booking
    message = Encoded(change.happening, orjson.dumps(_payload(change, state)))
    identity = given.derive(change.happening, booking.id, booking.version)
    return Outgoing(BOOKING_EVENTS, str(booking.id), message, identity)


def _payload(change: Change, state: bytes) -> Json:
    booking, step = change.booking, change.step
    if step is None:
        msg = "a change without a step has nothing to tell"
        raise ValueError(msg)
    payload: Json = {
        "bookingId": str(booking.id),
        "version": step.version,
        "occurredAt": shown(step.at),
        "previousStatus": step.source,
        "status": booking.status,
        "booking": orjson.Fragment(state),
        "content": booking.facts.content,
        "tenant": booking.facts.tenant,
        "subject": booking.facts.subject,
        "reason": step.reason,
    }
    if change.via is not None:
        payload["via"] = change.via
    return payload


def release_of(booking: Booking, reason: str, replies: list[str]) -> Outgoing:
    """Return the command that gives back what a booking held; its callers hear of it when it is free."""
    place = booking.facts.place
    return release(place.claim_id, place.claim_key, booking.id, reason, replies)


def release(claim_id: UUID, key: str, booking_id: UUID, reason: str, replies: list[str] | None = None) -> Outgoing:
    """Return the command that frees a claim, in order with later claims of the same `key`.

    Its id is the claim's own, so that a claim is given back once, whoever asks for it and how often.
    """
    headers: Mapping[str, str] = (
        {envelope.REPLY: ",".join(replies), envelope.REPLY_KIND: envelope.KIND_RELEASED} if replies else {}
    )
    message = ReleaseClaim(claim_id=claim_id, booking_id=booking_id, reason=reason)
    return Outgoing(INVENTORY_COMMANDS, key, message, derived_id(claim_id, "release"), headers)
