"""What tickets take from an event of a booking, and what stays theirs to say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from holdfast_contracts.booking import BookingEvent
from holdfast_contracts.public.policies import BookingPolicy, Policies
from holdfast_tickets.domain.admission import CHECK_IN_FROM, Admission, Business, Guest, Item, TierTerms
from holdfast_tickets.domain.roster import Roster


def learnt(tenant_id: UUID, event: BookingEvent, roster: Roster) -> Admission | None:
    """Take over an event's state; None where a version as new is known, and nothing may follow."""
    known = roster.admission(tenant_id, event.booking_id)
    if known is not None and known.version >= event.version:
        return None
    admission = admission_of(tenant_id, event)
    roster.learn(admission)
    return admission


def admission_of(tenant_id: UUID, event: BookingEvent) -> Admission:
    """Return what tickets keep of a booking's version."""
    booking, content, tenant = event.booking, event.content, event.tenant
    opens, closes = _window(booking.policy, tenant.policies)
    return Admission(
        booking_id=event.booking_id,
        tenant_id=tenant_id,
        version=event.version,
        status=event.status,
        changed_at=event.occurred_at,
        booking_number=booking.booking_number,
        ticket_code=booking.ticket_code,
        mode=booking.booking_mode,
        business=Business(tenant.name, tenant.slug, tenant.timezone, tenant.domain),
        timezone=booking.timezone,
        subject=event.subject,
        content_id=booking.content_id,
        session_id=_session(booking.schedule_payload),
        title=content.title,
        venue=content.venue,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        guest_count=booking.guest_count,
        customer=Guest(booking.customer_name, booking.customer_email),
        customer_note=booking.customer_note,
        payment_status=booking.payment_status,
        check_in_from=opens,
        check_in_until=closes,
        tiers={
            tier.id: TierTerms(
                tier.id, tier.name, tier.admits, tier.entry_policy, tier.check_in_from, tier.check_in_until
            )
            for tier in content.tiers
        },
        items=_items(booking.schedule_payload),
        guests=tuple(Guest(guest.name, guest.email) for guest in booking.guests),
    )


def _window(own: Policies, tenants: Policies) -> tuple[timedelta, timedelta | None]:
    """Return when doors open before and close after the start: the booking's word, else the tenant's, else ours."""
    said = [part.booking or BookingPolicy() for part in (own, tenants)]
    opens = next((p.check_in_from_minutes for p in said if p.check_in_from_minutes is not None), None)
    closes = next((p.check_in_until_minutes for p in said if p.check_in_until_minutes is not None), None)
    return (
        CHECK_IN_FROM if opens is None else timedelta(minutes=opens),
        None if closes is None else timedelta(minutes=closes),
    )


def _session(payload: dict[str, Any]) -> UUID | None:
    found = payload.get("sessionId")
    return UUID(found) if found else None


def _items(payload: dict[str, Any]) -> tuple[Item, ...]:
    return tuple(
        Item(UUID(item["tierId"]), int(item["quantity"]), tuple(item.get("seatLabels") or ()))
        for item in payload.get("items") or ()
    )
