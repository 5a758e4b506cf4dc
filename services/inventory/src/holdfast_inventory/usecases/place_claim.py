"""Take the capacity of a booking, or say why not: the first half of creating a booking."""

from typing import cast
from uuid import UUID

from holdfast_contracts.inventory import ClaimRefused, PlaceClaim
from holdfast_contracts.problems import Refusal, invalid
from holdfast_contracts.public.bookings import Quote
from holdfast_contracts.public.schedules import SessionSchedule
from holdfast_inventory.domain.claim import Claim, ClaimStatus
from holdfast_inventory.domain.hold import Hold, expired
from holdfast_inventory.domain.local_time import utc
from holdfast_inventory.domain.place import Place
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.domain.wish import SessionWish
from holdfast_inventory.services.capacity import CAPACITY_CODES, check_late_seats, quote, take
from holdfast_inventory.services.claim_payload import claim_payload
from holdfast_inventory.services.telling import (
    NOBODY,
    PLACED,
    claim_placed,
    claim_refused,
    hold_converted,
    holds_expired,
)
from holdfast_inventory.services.wishes import Asked, read_wish
from holdfast_platform.units.messages import Answer, Incoming, Outcome, Outgoing, refusal_answer


class PlaceClaimUseCase:
    """Take capacity for a booking, or say why not and what is still free. Guards I1 and I2."""

    def execute(self, given: Incoming[PlaceClaim], stock: Stock) -> Outcome:
        """Answer "placed" with `ClaimPlaced` for booking, or refuse with `ClaimRefused`."""
        events: list[Outgoing] = []
        try:
            placed = self._place(given, stock, events)
            return Outcome(PLACED, [*events, *placed])
        except Refusal as refusal:
            stock.refused[refusal.code] += 1
            told, payload = _refused(given, stock, refusal)
            return Outcome(told, [*events, claim_refused(given, payload, given.derive("booking"))])

    def _place(self, given: Incoming[PlaceClaim], stock: Stock, events: list[Outgoing]) -> list[Outgoing]:
        command, body = given.message, given.message.body
        asked = read_wish(
            stock, given.tenant_id, body.content_id, body.resource_id, body.schedule_payload, body.guest_count
        )
        if len(body.guests) > asked.guest_count:
            raise invalid("guests", f"must be at most {asked.guest_count}: so many are admitted", "TOO_LONG")
        events += holds_expired(given, stock.clear_expired(asked.contended), stock.now)
        hold = self._hold(given, stock, asked)
        channel = str(body.origin or command.actor.origin)
        place = _convert(given, stock, asked, hold, channel)
        claim_id, booking_id = given.derive("claim"), given.derive("booking")
        content_id = asked.content.id if asked.content is not None else None
        stock.place(Claim(claim_id, given.tenant_id, content_id, asked.wish, booking_id=booking_id, place=place))
        stands = hold is not None and hold.live(stock.now)
        told = Quote.model_validate(hold.quote) if hold is not None and stands else quote(asked, stock, channel)
        payload = claim_payload(given, stock, asked, stock.claims[claim_id], told)
        placed = claim_placed(given, payload, claim_id, booking_id)
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
            place = take(given, asked, stock, staff=staff, held=False, channel=channel)
        except Refusal as refusal:
            raise (expired() if refusal.code in CAPACITY_CODES else refusal) from refusal
        stock.follow(hold)
        return place
    if isinstance(hold.claim.wish, SessionWish):
        check_late_seats(asked, hold.claim.wish, stock, channel)
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
