"""Recording: capacity is taken, and the booking comes about or the claim is given back."""

from __future__ import annotations

from dataclasses import replace

from holdfast_booking.domain.booking import Booking, Change
from holdfast_booking.domain.facts import Facts
from holdfast_booking.domain.history import Author
from holdfast_booking.domain.ledger import Ledger
from holdfast_booking.services.author import author_of
from holdfast_booking.services.changing import answered
from holdfast_booking.services.claims import facts_of
from holdfast_booking.services.showing import CREATED, BookingShowing
from holdfast_booking.services.telling import release
from holdfast_contracts.ids import draw_booking_number, draw_ticket_code
from holdfast_contracts.inventory import ClaimPlaced
from holdfast_contracts.problems import Refusal
from holdfast_platform.units.messages import Incoming, Outcome


class RecordBookingUseCase:
    """Record the booking that a claim was placed for, or refuse it and give the claim back. Guards I3 and I4."""

    def __init__(self, showing: BookingShowing) -> None:
        self._showing = showing

    def execute(self, given: Incoming[ClaimPlaced], ledger: Ledger) -> Outcome:
        """Decide one claim: every claim becomes a booking or is given back."""
        claim = given.message
        known = ledger.find(given.tenant_id, claim.booking_id)
        if known is not None:
            return self._known(given, known, ledger)
        facts, by = facts_of(given), author_of(claim.actor)
        try:
            refuse_customer(given, facts, by, ledger)
        except Refusal as refusal:
            back = release(claim.claim_id, claim.claim_key, claim.booking_id, str(refusal.code))
            return Outcome.refused(given, _with_hold(refusal) if claim.body.hold_id else refusal, [back])
        change = Booking.begin(
            (claim.booking_id, given.tenant_id),
            (draw_booking_number(), draw_ticket_code()),
            facts,
            payable=claim.tenant.payments,
            by=by,
            now=ledger.now,
        )
        return answered(given, change, ledger, self._showing, CREATED)

    def _known(self, given: Incoming[ClaimPlaced], known: Booking, ledger: Ledger) -> Outcome:
        """The booking is there already: show it. A claim that it does not hold is given back."""
        claim, place = given.message, known.facts.place
        outcome = answered(given, Change(known), ledger, self._showing, CREATED)
        if place.claim_id == claim.claim_id:
            return outcome
        return Outcome(outcome.answer, [release(claim.claim_id, claim.claim_key, claim.booking_id, "not recorded")])


def _with_hold(refusal: Refusal) -> Refusal:
    """Return the refusal of a booking whose hold was converted before: it has ended (decision 0016)."""
    return replace(refusal, detail=f"{refusal.detail} The hold has ended, and what it held is free again.")


def refuse_customer(given: Incoming[ClaimPlaced], facts: Facts, by: Author, ledger: Ledger) -> None:
    """Raise where this customer may not book now. Staff are exempt from limits.

    Here is the place for blocked customers and strikes, too; only `maxActivePerCustomer` is counted so far.
    """
    limit = facts.terms.booking.max_active_per_customer
    if limit is not None and not by.staff:
        ledger.standing(given.tenant_id).refuse_over(limit, facts.customer.keys)
