"""How slots, sessions and holds are shown; the same in availability, in alternatives and in answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from holdfast_contracts.enums import SlotStatus
from holdfast_contracts.public.availability import ResourceReference, SlotDto, SlotPrice
from holdfast_contracts.public.contents import SessionResponseDto, SessionTierResponseDto
from holdfast_contracts.public.holds import HoldResponseDto
from holdfast_contracts.values import show_local
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.hold import Hold
from holdfast_inventory.domain.local_time import utc
from holdfast_inventory.domain.pricing import Price
from holdfast_inventory.domain.resource import Resource
from holdfast_inventory.domain.session import Session
from holdfast_inventory.domain.slot import Reason, Slot, plenty


def slot_price(price: Price) -> SlotPrice:
    """What one booking costs."""
    return SlotPrice.model_construct(total=price.total, currency=price.currency)


def show_slot(slot: Slot, resource: Resource, zone: str, price: SlotPrice) -> SlotDto:
    """A time of a resource."""
    start = utc(slot.start)
    local_start, offset = show_local(start, zone)
    return SlotDto.model_construct(
        start=start,
        end=utc(slot.end),
        local_start=local_start,
        offset=offset,
        remaining=slot.remaining,
        resources=[ResourceReference.model_construct(id=resource.id, name=resource.name)],
        price=price,
        status=slot.status,
        reason=slot.reason and str(slot.reason),
        session_id=None,
        tiers=[],
    )


class SessionOffer(NamedTuple):
    """What availability says of a session: its status, why where it is refused, and how many can be bought."""

    status: SlotStatus
    reason: Reason | None
    remaining: int | None


def show_session_slot(
    session: Session,
    content: Content,
    zone: str,
    offer: SessionOffer,
    price: Price | None,
) -> SlotDto:
    """A session as a slot; its price is that of the tier asked for, else of the cheapest that can be bought."""
    start = utc(session.starts_at)
    local_start, offset = show_local(start, zone)
    return SlotDto.model_construct(
        start=start,
        end=utc(session.ends_at),
        local_start=local_start,
        offset=offset,
        remaining=offer.remaining,
        resources=[],
        price=slot_price(price) if price is not None else None,
        status=offer.status,
        reason=offer.reason and str(offer.reason),
        session_id=session.id,
        tiers=show_tiers(session, content),
    )


def show_tiers(session: Session, content: Content) -> list[SessionTierResponseDto]:
    """The tiers of a session, in the order of the content."""
    return [
        SessionTierResponseDto.model_construct(
            tier_id=tier.id,
            name=tier.name,
            quantity=session.tiers[tier.id].capacity,
            remaining=session.left_of(tier.id),
            price=tier.price,
            currency=tier.currency,
        )
        for tier in content.tiers.values()
        if tier.id in session.tiers
    ]


def session_offer(session: Session, content: Content, tier_id: UUID | None, guests: int, now: int) -> SessionOffer:
    """Tell what of a tier, or of all that are on sale, a party can buy: full also where it finds no room."""
    wanted = session.tiers if tier_id is None else [tier_id]
    on_sale = [each for each in wanted if content.tiers[each].on_sale(now)]
    off_sale = bool(wanted) and not on_sale
    left = 0 if off_sale else session.left_among(on_sale)
    begun = not session.takes_place or session.starts_at <= now
    if begun or off_sale or not content.published:
        return SessionOffer(SlotStatus.CLOSED, Reason.CLOSED, left)
    status = plenty(left, session.total_among(on_sale))
    if status == SlotStatus.FULL or not _has_room(session, content, on_sale, guests):
        return SessionOffer(SlotStatus.FULL, Reason.BOOKED, left)
    return SessionOffer(status, None, left)


def _has_room(session: Session, content: Content, tiers: Sequence[UUID], guests: int) -> bool:
    """Tell whether what is left of these tiers admits the party: units that admit most of it first."""
    if guests == 1:
        return True
    room, units = 0, session.whole.left
    for tier_id in sorted(tiers, key=lambda each: -content.tiers[each].admits):
        left = session.tiers[tier_id].left
        found = [limit for limit in (left, units) if limit is not None]
        if not found:
            return True
        room += min(found) * content.tiers[tier_id].admits
        units = None if units is None else units - min(found)
    return room >= guests


def show_hold(hold: Hold) -> HoldResponseDto:
    """A hold as it is answered."""
    key = hold.key
    return HoldResponseDto.model_validate(
        {
            "id": hold.id,
            "tenant_id": key.tenant_id,
            "content_id": key.content_id,
            "resource_id": key.resource_id,
            "hold_type": hold.kind,
            "session_id": key.visitor,
            "quantity": hold.claim.wish.quantity,
            "schedule_payload": hold.payload,
            "starts_at": utc(key.starts_at),
            "ends_at": utc(key.ends_at),
            "expires_at": utc(hold.expires_at),
            "price": {"total": hold.quote["total"], "currency": hold.quote["currency"]},
            "created_at": utc(hold.created_at),
            "updated_at": utc(hold.updated_at),
            "version": hold.version,
        }
    )


def show_session(
    session: Session, content: Content, created_at: datetime, updated_at: datetime, version: int
) -> SessionResponseDto:
    """A session as it is answered."""
    start = utc(session.starts_at)
    local_start, offset = show_local(start, session.timezone)
    return SessionResponseDto(
        id=session.id,
        tenant_id=session.tenant_id,
        content_id=session.content_id,
        starts_at=start,
        ends_at=utc(session.ends_at),
        timezone=session.timezone,
        local_start=local_start,
        offset=offset,
        status=session.status,
        capacity=session.whole.capacity,
        remaining=session.left,
        tiers=show_tiers(session, content),
        created_at=created_at,
        updated_at=updated_at,
        version=version,
    )
