"""What a placed claim says of the booking that it was taken for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from holdfast_booking.domain.facts import Customer, Facts, Place
from holdfast_booking.domain.policy import Terms
from holdfast_contracts.enums import BookingOrigin
from holdfast_contracts.inventory import ClaimPlaced
from holdfast_platform.units.messages import Incoming


def facts_of(given: Incoming[ClaimPlaced]) -> Facts:
    """Return the facts of the booking: what was asked for, and what inventory derived from it.

    Snapshots are kept as the JSON that they came as.
    """
    claim = given.message
    told = orjson.loads(given.source.payload if given.source is not None else claim.encode())
    body = claim.body
    return Facts(
        type=claim.type,
        mode=body.booking_mode,
        place=_place_of(claim, told),
        customer=Customer(
            body.customer_id, body.customer_name, body.customer_email, body.customer_phone, body.customer_note
        ),
        actor_type=claim.actor.type,
        origin=BookingOrigin(body.origin) if body.origin is not None else claim.actor.origin,
        subject=claim.actor.subject,
        order_id=body.order_id,
        series_id=None,
        guest_count=claim.guest_count,
        guests=[guest.model_dump(mode="json", by_alias=True) for guest in body.guests],
        internal_note=body.internal_note,
        price=told["quote"],
        policy=told["policy"],
        terms=_terms(orjson.dumps(told["policy"])),
        data=body.data,
        content=told["content"],
        tenant=told["tenant"],
    )


@lru_cache(maxsize=256)
def _terms(policy: bytes) -> Terms:
    """Few policies stand behind many bookings."""
    return Terms.read(orjson.loads(policy))


def _place_of(claim: ClaimPlaced, told: dict[str, Any]) -> Place:
    return Place(
        content_id=claim.content.id,
        resource_id=claim.resource_id,
        resource_data={"assignments": told["assignments"]},
        schedule_payload=claim.schedule_payload,
        starts_at=claim.starts_at,
        ends_at=claim.ends_at,
        duration_minutes=claim.duration_minutes,
        timezone=claim.timezone,
        claim_id=claim.claim_id,
        claim_key=claim.claim_key,
    )
