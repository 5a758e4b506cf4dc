"""Take the capacity of a booking, or say why not: the first half of creating a booking."""

from typing import cast
from uuid import UUID

import orjson

from holdfast_contracts.enums import AssignmentStrategy, BookingType
from holdfast_contracts.inventory import ClaimPlaced, ClaimRefused, PlaceClaim
from holdfast_contracts.problems import Refusal
from holdfast_contracts.public.bookings import AssignmentDto, Quote, SessionSchedule
from holdfast_contracts.public.contents import ContentSnapshot, TierSnapshot
from holdfast_contracts.public.policies import DEFAULT_POLICIES, Policies
from holdfast_inventory.domain.claim import Claim, ClaimStatus
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.hold import Hold, expired
from holdfast_inventory.domain.local_time import utc
from holdfast_inventory.domain.place import Place
from holdfast_inventory.domain.policy import snapshot
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.domain.tier import Tier
from holdfast_inventory.domain.wish import SessionWish, SlotWish
from holdfast_inventory.usecases.capacity import CAPACITY_CODES, quote, take
from holdfast_inventory.usecases.telling import (
    NOBODY,
    PLACED,
    claim_placed,
    claim_refused,
    hold_converted,
    holds_expired,
)
from holdfast_inventory.usecases.wishes import Asked, read_wish
from holdfast_platform.units.messages import Answer, Incoming, Outcome, Outgoing, refusal_answer

_DEFAULTS = DEFAULT_POLICIES.model_dump(mode="json", by_alias=True, exclude_none=True)


class PlaceClaimUseCase:
    """Take capacity for a booking, or say why not and what is still free. Guards I1 and I2."""

    def execute(self, given: Incoming[PlaceClaim], stock: Stock) -> Outcome:
        """Answer "placed" with `ClaimPlaced` for booking, or refuse with `ClaimRefused`."""
        events: list[Outgoing] = []
        try:
            placed = self._place(given, stock, events)
            return Outcome(PLACED, [*events, *placed])
        except Refusal as refusal:
            told, payload = _refused(given, stock, refusal)
            return Outcome(told, [*events, claim_refused(given, payload, given.derive("booking"))])

    def _place(self, given: Incoming[PlaceClaim], stock: Stock, events: list[Outgoing]) -> list[Outgoing]:
        command, body = given.message, given.message.body
        asked = read_wish(
            stock, given.tenant_id, body.content_id, body.resource_id, body.schedule_payload, body.guest_count
        )
        events += holds_expired(given, stock.clear_expired(asked.contended), stock.now)
        hold = self._hold(given, stock, asked)
        channel = str(body.origin or command.actor.origin)
        place = _convert(given, stock, asked, hold, channel)
        claim_id, booking_id = given.derive("claim"), given.derive("booking")
        content_id = asked.content.id if asked.content is not None else None
        stock.place(Claim(claim_id, given.tenant_id, content_id, asked.wish, booking_id=booking_id, place=place))
        stands = hold is not None and hold.live(stock.now)
        told = Quote.model_validate(hold.quote) if hold is not None and stands else quote(asked, stock, channel)
        placed = claim_placed(given, _placed(given, stock, asked, stock.claims[claim_id], told))
        return [*([hold_converted(given, hold, booking_id, stock.now)] if hold and stands else []), placed]

    def _hold(self, given: Incoming[PlaceClaim], stock: Stock, asked: Asked) -> Hold | None:
        body = given.message.body
        if body.hold_id is None:
            return None
        hold = stock.hold(given.tenant_id, body.hold_id)
        content_id = asked.content.id if asked.content is not None else None
        hold.check_conversion(given.message.visitor, content_id, asked.wish)
        return hold


def _convert(given: Incoming[PlaceClaim], stock: Stock, asked: Asked, hold: Hold | None, channel: str) -> Place | None:
    """Take the wish; from a live hold what it has, in the place of an expired one what is still free."""
    staff = given.message.actor.staff
    if hold is None:
        return take(given, asked, stock, staff=staff, held=False, channel=channel)
    if not hold.live(stock.now):
        try:
            return take(given, asked, stock, staff=staff, held=False, channel=channel)
        except Refusal as refusal:
            raise (expired() if refusal.code in CAPACITY_CODES else refusal) from refusal
    stock.drop(hold, ClaimStatus.CONVERTED)
    return _hand_over(asked, hold, given.derive("claim"))


def _hand_over(asked: Asked, hold: Hold, claim_id: UUID) -> Place | None:
    """Give the claim what the hold gave back a moment ago: nobody can have come between."""
    if isinstance(asked.wish, SessionWish):
        if asked.session is not None:
            asked.session.take(asked.wish.items)
        return None
    if asked.calendar is None or hold.claim.place is None:
        return None
    place = hold.claim.place._replace(claim_id=claim_id, held=False)
    asked.calendar.put(place)
    return place


def _placed(given: Incoming[PlaceClaim], stock: Stock, asked: Asked, claim: Claim, told: Quote) -> ClaimPlaced:
    command, interval = given.message, asked.interval
    return ClaimPlaced(
        claim_id=claim.id,
        claim_key=given.key,
        booking_id=claim.booking_id or claim.id,
        tenant=command.tenant,
        actor=command.actor,
        body=command.body,
        type=asked.content.kind if asked.content is not None else BookingType.APPOINTMENT,
        content=_snapshot(stock, asked),
        resource_id=asked.wish.resource_id if isinstance(asked.wish, SlotWish) else None,
        assignments=_assignments(asked, claim.place),
        schedule_payload=dict(asked.payload),
        starts_at=utc(interval.start),
        ends_at=utc(interval.end),
        duration_minutes=(interval.end - interval.start) // 60,
        timezone=asked.timezone,
        guest_count=asked.guest_count,
        quote=told,
        policy=_policy(given, stock, asked.content),
        placed_at=utc(stock.now),
    )


def _assignments(asked: Asked, place: Place | None) -> list[AssignmentDto]:
    if asked.calendar is None or place is None:
        return []
    resource = asked.calendar.resource
    return [
        AssignmentDto(
            resource_id=resource.id,
            name=resource.name,
            unit=place.unit,
            strategy=AssignmentStrategy.CUSTOMER_CHOICE,
            candidates=1,
            reason="named in the request",
        )
    ]


def _snapshot(stock: Stock, asked: Asked) -> ContentSnapshot:
    """What booking, tickets and calendar need of the content; made once for a batch."""
    thing = asked.content or (asked.calendar and asked.calendar.resource)
    key = ("snapshot", thing and thing.id)
    if key not in stock.memo:
        stock.memo[key] = _content_snapshot(asked)
    return cast("ContentSnapshot", stock.memo[key])


def _content_snapshot(asked: Asked) -> ContentSnapshot:
    content = asked.content
    if content is None:
        title = asked.calendar.resource.name if asked.calendar is not None else ""
        return ContentSnapshot(id=None, title=title, venue=None, timezone=asked.timezone, tiers=[])
    return ContentSnapshot(
        id=content.id,
        title=content.title,
        venue=content.venue,
        timezone=content.timezone,
        tiers=[_tier_snapshot(tier) for tier in content.tiers.values()],
    )


def _tier_snapshot(tier: Tier) -> TierSnapshot:
    policy, opens, closes = tier.entry
    return TierSnapshot.model_validate(
        {
            "id": tier.id,
            "name": tier.name,
            "admits": tier.admits,
            "entry_policy": policy,
            "check_in_from": opens,
            "check_in_until": closes,
        }
    )


def _policy(given: Incoming[PlaceClaim], stock: Stock, content: Content | None) -> Policies:
    """The policies that the booking keeps: the content's, then the tenant's, then the defaults."""
    key = ("policy", given.tenant_id, content and content.id)
    if key not in stock.memo:
        tenant = given.message.tenant.policies.model_dump(mode="json", by_alias=True, exclude_none=True)
        merged = snapshot(content.policies if content is not None else {}, tenant, _DEFAULTS)
        stock.memo[key] = Policies.model_validate_json(orjson.dumps(merged))
    return cast("Policies", stock.memo[key])


def _refused(given: Incoming[PlaceClaim], stock: Stock, refusal: Refusal) -> tuple[Answer, bytes]:
    """The refusal's document and event, made once for all who are refused in the same words for the same wish."""
    body = given.message.body
    schedule = body.schedule_payload
    session_id = schedule.session_id if isinstance(schedule, SessionSchedule) else None
    key = ("told", id(refusal), given.instance, body.content_id, session_id, body.resource_id)
    known = stock.memo.get(key)
    if known is None:
        told = refusal_answer(given, refusal)
        payload = ClaimRefused(
            booking_id=NOBODY,
            content_id=body.content_id,
            session_id=session_id,
            resource_id=body.resource_id,
            code=str(refusal.code),
            detail=refusal.detail,
            occurred_at=utc(stock.now),
        ).encode()
        known = stock.memo[key] = (told, payload, refusal)  # the refusal is kept, so that its id stays its own
    return cast("tuple[Answer, bytes, Refusal]", known)[:2]
