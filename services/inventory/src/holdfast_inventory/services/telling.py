"""Answers and events of inventory's commands: bodies, headers, keys and derived ids."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from holdfast_contracts import envelope
from holdfast_contracts.inventory import (
    ClaimPlaced,
    ClaimRefused,
    ClaimReleased,
    HoldConverted,
    HoldExpired,
    HoldExtended,
    HoldPlaced,
    HoldReleased,
)
from holdfast_contracts.message import Message
from holdfast_contracts.public.holds import HoldResponseDto
from holdfast_contracts.topics import INVENTORY_CLAIMS, INVENTORY_EVENTS
from holdfast_inventory.domain.claim import Claim
from holdfast_inventory.domain.hold import Hold
from holdfast_inventory.domain.local_time import utc
from holdfast_platform.units.messages import Answer, Encoded, Incoming, Outgoing

_TRAVELS = (envelope.HASH, envelope.OPERATION, envelope.SUBJECT, envelope.INSTANCE)

PLACED = Answer(202, b"", kind=envelope.KIND_PLACED)
"""Stored for a create whose answer is booking's."""
RELEASED = Answer(200, b"{}", kind=envelope.KIND_RELEASED)
"""Told to a gateway that waits for a cancelled booking's capacity to be free."""
GONE = Answer(204, b"")
ENDED = Answer(200, b"")
"""Told to the sweeper where it could end what it found."""


def encode(body: BaseModel) -> bytes:
    """A public body as UTF-8 JSON."""
    return body.__pydantic_serializer__.to_json(body, by_alias=True)


def answer(status: int, body: BaseModel, version: int) -> Answer:
    """A body with its version as `ETag`."""
    return Answer(status, encode(body), etag=str(version))


def event(given: Incoming[Any], message: Message, aggregate: UUID, version: int = 1) -> Outgoing:
    """An event for everybody."""
    identity = given.derive(message.type_name(), aggregate, version)
    return Outgoing(INVENTORY_EVENTS, str(aggregate), message, identity)


def claim_placed(given: Incoming[Any], payload: bytes, claim_id: UUID, booking_id: UUID) -> Outgoing:
    """The claim for booking. Its id is the command's own, so that booking's stored result is found under it."""
    headers = {name: given.headers[name] for name in _TRAVELS if name in given.headers}
    if given.replies:
        headers[envelope.REPLY] = ",".join(given.replies)
    headers[envelope.CLAIM] = str(claim_id)
    headers[envelope.CLAIM_KEY] = given.key
    message = Encoded(ClaimPlaced.type_name(), payload)
    return Outgoing(INVENTORY_CLAIMS, str(booking_id), message, given.id, headers)


NOBODY = UUID(int=0)
"""Stands for the booking in a payload that is made once for many."""
_NOBODY = str(NOBODY).encode()


def claim_refused(given: Incoming[Any], payload: bytes, booking_id: UUID) -> Outgoing:
    """A create that was refused; the payload is the same for all who are refused in the same words."""
    own = str(booking_id)
    message = Encoded(ClaimRefused.type_name(), payload.replace(_NOBODY, own.encode(), 1))
    return Outgoing(INVENTORY_EVENTS, own, message, given.derive("ClaimRefused"))


def claim_released(given: Incoming[Any], claim: Claim, booking_id: UUID, now: int) -> Outgoing:
    """What a claim held is free again."""
    message = ClaimReleased(
        claim_id=claim.id,
        booking_id=booking_id,
        session_id=claim.session_id,
        resource_ids=[] if claim.resource_id is None else [claim.resource_id],
        quantity=claim.wish.quantity,
        occurred_at=utc(now),
    )
    return event(given, message, claim.id)


def hold_placed(given: Incoming[Any], shown: HoldResponseDto) -> Outgoing:
    """Capacity is set aside, or what was set aside is replaced."""
    return event(given, HoldPlaced(hold=shown), shown.id, shown.version)


def hold_extended(given: Incoming[Any], shown: HoldResponseDto) -> Outgoing:
    """A hold has more time."""
    return event(given, HoldExtended(hold=shown), shown.id, shown.version)


def holds_expired(given: Incoming[Any], holds: Iterable[Hold], now: int) -> list[Outgoing]:
    """The time of some holds was up."""
    return [event(given, HoldExpired(**_ended(hold, now)), hold.id, hold.version + 1) for hold in holds]


def hold_released(given: Incoming[Any], hold: Hold, now: int) -> Outgoing:
    """A hold was given back."""
    return event(given, HoldReleased(**_ended(hold, now)), hold.id, hold.version + 1)


def hold_converted(given: Incoming[Any], hold: Hold, booking_id: UUID, now: int) -> Outgoing:
    """A hold became the claim of a booking."""
    return event(given, HoldConverted(**_ended(hold, now), booking_id=booking_id), hold.id, hold.version + 1)


def _ended(hold: Hold, now: int) -> dict[str, Any]:
    return {
        "hold_id": hold.id,
        "hold_type": hold.kind,
        "content_id": hold.key.content_id,
        "occurrence_id": hold.key.session_id,
        "resource_id": hold.key.resource_id,
        "quantity": hold.claim.wish.quantity,
        "occurred_at": utc(now),
    }
