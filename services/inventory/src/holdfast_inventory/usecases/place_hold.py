"""Set capacity aside for a visitor, or replace what the visitor holds of the same."""

from dataclasses import dataclass
from uuid import UUID

from holdfast_contracts.enums import HoldType
from holdfast_contracts.inventory import PlaceHold
from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_inventory.domain.claim import Claim, ClaimStatus
from holdfast_inventory.domain.hold import Hold, HoldKey, HoldTimes, check_end, check_hold_type
from holdfast_inventory.domain.local_time import seconds
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.services.capacity import quote, take
from holdfast_inventory.services.showing import show_hold
from holdfast_inventory.services.telling import answer, hold_placed, holds_expired
from holdfast_inventory.services.wishes import Asked, read_wish
from holdfast_inventory.usecases.extend_hold import check_version
from holdfast_platform.units.messages import Incoming, Outcome, Outgoing


@dataclass(frozen=True, slots=True)
class PlaceHoldUseCase:
    """One live hold per visitor's session, content, resource and interval. Guards I1, I2 and I8."""

    times: HoldTimes

    def execute(self, given: Incoming[PlaceHold], stock: Stock) -> Outcome:
        """Answer 201 with the hold, also where it replaces one, or refuse with what is left and alternatives."""
        events: list[Outgoing] = []
        try:
            shown = show_hold(self._hold(given, stock, events))
        except Refusal as refusal:
            stock.refused[refusal.code] += 1
            return Outcome.refused(given, refusal, events)
        return Outcome(answer(201, shown, shown.version), [*events, hold_placed(given, shown)])

    def _hold(self, given: Incoming[PlaceHold], stock: Stock, events: list[Outgoing]) -> Hold:
        command, body = given.message, given.message.body
        asked_end = seconds(body.expires_at) if body.expires_at is not None else None
        check_hold_type(body.hold_type, staff=command.actor.staff, end_given=asked_end is not None)
        if asked_end is not None:
            check_end(asked_end, stock.now)
        asked = read_wish(
            stock, given.tenant_id, body.content_id, body.resource_id, body.schedule_payload, body.guest_count
        )
        events += holds_expired(given, stock.clear_expired(asked.contended), stock.now)
        known = stock.hold_of(_key(given, asked))
        if known is not None:
            known.check_replaceable(command.actor.subject, staff=command.actor.staff)
        _check_replaced(known, command.if_match)
        hold = self._new(given, stock, asked, known)
        hold.expires_at = self._end(hold, known, asked_end, stock.now)
        stock.put(hold)
        return hold

    def _end(self, hold: Hold, known: Hold | None, asked: int | None, now: int) -> int:
        end = self.times.first_end(hold.kind, asked, now)
        if known is None or asked is not None or (known.kind == HoldType.STAFF and hold.kind != HoldType.STAFF):
            return end
        return max(known.expires_at, self.times.within(hold.kind, end, known.created_at))

    def _new(self, given: Incoming[PlaceHold], stock: Stock, asked: Asked, known: Hold | None) -> Hold:
        hold_id = known.id if known is not None else given.derive("hold")
        claim = _claim(given, stock, asked, hold_id, known)
        told = quote(asked, stock, str(given.message.actor.origin))
        return Hold(
            id=hold_id,
            key=_key(given, asked),
            kind=given.message.body.hold_type,
            subject=known.subject if known is not None else given.message.actor.subject,
            claim=claim,
            payload=asked.payload,
            quote=told.model_dump(mode="json", by_alias=True),
            created_at=known.created_at if known is not None else stock.now,
            updated_at=stock.now,
            expires_at=stock.now,
            version=known.version + 1 if known is not None else 1,
        )


def _check_replaced(known: Hold | None, if_match: int | None) -> None:
    """Raise VERSION_MISMATCH where the hold to be replaced has another version, or is none (RFC 9110, 13.1.1)."""
    if known is not None:
        check_version(known, if_match)
    elif if_match is not None:
        raise Refusal(ProblemCode.VERSION_MISMATCH, "There is no live hold to replace.")


def _key(given: Incoming[PlaceHold], asked: Asked) -> HoldKey:
    return HoldKey(
        given.tenant_id,
        given.message.visitor,
        asked.content.id if asked.content is not None else None,
        asked.calendar.resource.id if asked.calendar is not None else None,
        asked.session.id if asked.session is not None else None,
        *asked.interval,
    )


def _claim(given: Incoming[PlaceHold], stock: Stock, asked: Asked, hold_id: UUID, known: Hold | None) -> Claim:
    """Take the wish; what the visitor holds already counts as free, and stays theirs where the wish is refused."""
    claim_id = given.derive("claim")
    actor = given.message.actor
    if known is not None:
        stock.suspend(known.claim)
    try:
        place = take(given, asked, stock, staff=actor.staff, held=True, channel=str(actor.origin))
    except Refusal:
        if known is not None:
            stock.resume(known.claim)
        raise
    if known is not None:
        stock.end_suspended(known.claim, ClaimStatus.RELEASED)
    content_id = asked.content.id if asked.content is not None else None
    claim = Claim(claim_id, given.tenant_id, content_id, asked.wish, hold_id=hold_id, place=place)
    stock.place(claim)
    return claim
