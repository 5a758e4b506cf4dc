"""How slots, sessions and holds are shown; the same in availability, in alternatives and in answers."""

from datetime import datetime
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


def show_session_slot(
    session: Session,
    content: Content,
    zone: str,
    status: tuple[SlotStatus, Reason | None],
    price: Price | None,
    tier_id: UUID | None = None,
) -> SlotDto:
    """A session as a slot; its price is that of the tier asked for, else of the cheapest that is left."""
    start = utc(session.starts_at)
    local_start, offset = show_local(start, zone)
    return SlotDto.model_construct(
        start=start,
        end=utc(session.ends_at),
        local_start=local_start,
        offset=offset,
        remaining=session.left_of(tier_id) if tier_id is not None else session.left,
        resources=[],
        price=slot_price(price) if price is not None else None,
        status=status[0],
        reason=status[1] and str(status[1]),
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


def session_status(session: Session, now: int) -> tuple[SlotStatus, Reason | None]:
    """What availability says of a session, and why where it is refused."""
    if not session.takes_place or session.starts_at <= now:
        return SlotStatus.CLOSED, Reason.CLOSED
    status = plenty(session.left, session.total)
    return status, Reason.BOOKED if status == SlotStatus.FULL else None


def session_slot_status(
    session: Session, content: Content, tier_id: UUID | None, guests: int, now: int
) -> tuple[SlotStatus, Reason | None]:
    """Status for a party that wants a tier, or any: full also where fewer are left than the party needs."""
    if not content.published:
        return SlotStatus.CLOSED, Reason.CLOSED
    status, reason = session_status(session, now)
    if reason is not None:
        return status, reason
    wanted = [tier_id] if tier_id in session.tiers else session.tiers
    if wanted and not any(content.tiers[each].on_sale(now) for each in wanted):
        return SlotStatus.CLOSED, Reason.CLOSED
    if tier_id is not None and tier_id in session.tiers:
        status = plenty(session.left_of(tier_id), session.tiers[tier_id].capacity)
    left = session.left if tier_id is None else session.left_of(tier_id)
    if left is not None and left < guests:
        return SlotStatus.FULL, Reason.BOOKED
    return status, None


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
