"""`ClaimPlaced`: everything that booking needs to record the booking.

What is the same for all who want the same of the same thing is encoded once for a batch; what is a booking's own is
put before it. The bytes are what `ClaimPlaced.encode` would give, in another order.
"""

from typing import cast

import orjson

from holdfast_contracts.enums import AssignmentStrategy, BookingType
from holdfast_contracts.inventory import PlaceClaim
from holdfast_contracts.public.bookings import AssignmentDto, Quote
from holdfast_contracts.public.contents import ContentSnapshot, TierSnapshot
from holdfast_contracts.public.policies import DEFAULT_POLICIES, Policies
from holdfast_inventory.domain.claim import Claim
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.local_time import instant_text
from holdfast_inventory.domain.policy import snapshot
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.domain.tier import Tier
from holdfast_inventory.domain.wish import SlotWish
from holdfast_inventory.services.telling import encode
from holdfast_inventory.services.wishes import Asked
from holdfast_platform.units.messages import Incoming

_DEFAULTS = DEFAULT_POLICIES.model_dump(mode="json", by_alias=True, exclude_none=True)


def claim_payload(given: Incoming[PlaceClaim], stock: Stock, asked: Asked, claim: Claim, told: Quote) -> bytes:
    """The payload of `ClaimPlaced` as UTF-8 JSON."""
    command = given.message
    return b"".join(
        (
            b'{"claimId":"',
            str(claim.id).encode(),
            b'","bookingId":"',
            str(claim.booking_id).encode(),
            b'","claimKey":',
            orjson.dumps(given.key),
            b',"tenant":',
            encode(command.tenant),
            b',"actor":',
            encode(command.actor),
            b',"body":',
            encode(command.body),
            b',"assignments":',
            _assignments(asked, claim),
            b",",
            _shared(given, stock, asked, told),
        )
    )


def _shared(given: Incoming[PlaceClaim], stock: Stock, asked: Asked, told: Quote) -> bytes:
    """The rest of the object, without its opening brace."""
    key = ("claim", id(asked), id(told))
    known = stock.memo.get(key)
    if known is None:
        known = stock.memo[key] = (_encoded(given, stock, asked, told), asked, told)  # kept, so that ids stay theirs
    return cast("tuple[bytes, Asked, Quote]", known)[0]


def _encoded(given: Incoming[PlaceClaim], stock: Stock, asked: Asked, told: Quote) -> bytes:
    interval = asked.interval
    plain = {
        "type": str(asked.content.kind if asked.content is not None else BookingType.APPOINTMENT),
        "resourceId": str(asked.wish.resource_id) if isinstance(asked.wish, SlotWish) else None,
        "schedulePayload": asked.payload,
        "startsAt": instant_text(interval.start),
        "endsAt": instant_text(interval.end),
        "durationMinutes": (interval.end - interval.start) // 60,
        "timezone": asked.timezone,
        "guestCount": asked.guest_count,
        "placedAt": instant_text(stock.now),
    }
    parts = (b'"content":', _snapshot(stock, asked), b',"policy":', _policy(given, stock, asked.content))
    return b"".join((*parts, b',"quote":', encode(told), b",", orjson.dumps(plain)[1:]))


def _assignments(asked: Asked, claim: Claim) -> bytes:
    if asked.calendar is None or claim.place is None:
        return b"[]"
    resource = asked.calendar.resource
    assignment = AssignmentDto(
        resource_id=resource.id,
        name=resource.name,
        unit=claim.place.unit,
        strategy=AssignmentStrategy.CUSTOMER_CHOICE,
        candidates=1,
        chosen=resource.id,
        reason="named in the request",
    )
    return b"[" + encode(assignment) + b"]"


def _snapshot(stock: Stock, asked: Asked) -> bytes:
    """What booking, tickets and calendar need of the content; made once for a batch."""
    thing = asked.content or (asked.calendar and asked.calendar.resource)
    key = ("snapshot", thing and thing.id)
    if key not in stock.memo:
        stock.memo[key] = encode(_content_snapshot(asked))
    return cast("bytes", stock.memo[key])


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
        tiers=[tier_snapshot(tier) for tier in content.tiers.values()],
    )


def tier_snapshot(tier: Tier) -> TierSnapshot:
    """What a door and a ticket need to know of a tier."""
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


def _policy(given: Incoming[PlaceClaim], stock: Stock, content: Content | None) -> bytes:
    """The policies that the booking keeps: the content's, then the tenant's, then the defaults."""
    key = ("policy", given.tenant_id, content and content.id)
    if key not in stock.memo:
        tenant = given.message.tenant.policies.model_dump(mode="json", by_alias=True, exclude_none=True)
        merged = snapshot(content.policies if content is not None else {}, tenant, _DEFAULTS)
        stock.memo[key] = encode(Policies.model_validate_json(orjson.dumps(merged)))
    return cast("bytes", stock.memo[key])
