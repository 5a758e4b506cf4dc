"""The evaluation of a scan: one ordered table, read from the top [spec/05, Scanning]."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from holdfast_contracts.enums import BookingStatus, PaymentStatus, ScanDirection, ScanResult, TicketStatus
from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.entry import may_enter
from holdfast_tickets.domain.payload import TicketClaims
from holdfast_tickets.domain.ticket import Entry, Ticket


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a door. `tiers` are those the door lets in, None is all; `claims` are of a verified payload."""

    at: datetime
    direction: ScanDirection = ScanDirection.ENTRY
    session_id: UUID | None = None
    tiers: frozenset[UUID] | None = None
    claims: TicketClaims | None = None
    gate: str | None = None
    device_id: str | None = None
    force: bool = False
    dry_run: bool = False

    @property
    def entry(self) -> Entry:
        """The admission this attempt would be."""
        return Entry(self.at, self.gate, self.device_id)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result; `overridden` is the refusal that `force` passed, kept for the audit."""

    result: ScanResult
    overridden: ScanResult | None = None

    @property
    def valid(self) -> bool:
        """Whether the holder may pass."""
        return self.result is ScanResult.VALID


_ENDED_TICKETS: Final = {
    TicketStatus.CANCELLED: ScanResult.CANCELLED,
    TicketStatus.REFUNDED: ScanResult.REFUNDED,
    TicketStatus.EXPIRED: ScanResult.EXPIRED,
}

Check = Callable[[Ticket, Admission, Attempt], ScanResult | None]


def evaluate(ticket: Ticket, admission: Admission, attempt: Attempt) -> Verdict:
    """Return the first result of the table that applies. `force` passes time, payment and repeat, never the rest."""
    overridden: ScanResult | None = None
    for check, forgivable in _TABLE:
        result = check(ticket, admission, attempt)
        if result is None:
            continue
        if not (forgivable and attempt.force):
            return Verdict(result)
        overridden = overridden or result
    return Verdict(ScanResult.VALID, overridden)


def without_ticket(admission: Admission, attempt: Attempt) -> ScanResult:
    """Return why a booking that has no tickets admits nobody; `not_found` where they are still being made."""
    checks = (_ended_booking, _other_event, _unpaid_booking, _held_back_booking)
    results = (check(admission, attempt) for check in checks)
    return next((result for result in results if result is not None), ScanResult.NOT_FOUND)


def passed(ticket: Ticket, attempt: Attempt, now: datetime) -> Ticket:
    """Return the ticket after a valid attempt."""
    if attempt.direction is ScanDirection.EXIT:
        return ticket.let_out(now)
    return ticket.admit(attempt.entry, now)


def _ended(ticket: Ticket, admission: Admission, attempt: Attempt) -> ScanResult | None:
    own = _ENDED_TICKETS.get(ticket.status)
    others = _ended_booking(admission, attempt)
    found = [result for result in (own, others) if result is not None]
    return min(found, key=list(ScanResult).index) if found else None


def _ended_booking(admission: Admission, _: Attempt) -> ScanResult | None:
    if admission.status is BookingStatus.CANCELLED:
        return ScanResult.CANCELLED
    if admission.payment_status is PaymentStatus.REFUNDED:
        return ScanResult.REFUNDED
    if admission.status is BookingStatus.EXPIRED:
        return ScanResult.EXPIRED
    return ScanResult.WAITLISTED if admission.status is BookingStatus.WAITLISTED else None


def _superseded(ticket: Ticket, _: Admission, attempt: Attempt) -> ScanResult | None:
    """A code printed before a reissue or transfer; a code version from the future is no code of ours either."""
    if ticket.status is TicketStatus.TRANSFERRED:
        return ScanResult.SUPERSEDED
    other = attempt.claims is not None and attempt.claims.code_version != ticket.code_version
    return ScanResult.SUPERSEDED if other else None


def _elsewhere(ticket: Ticket, admission: Admission, attempt: Attempt) -> ScanResult | None:
    wrong_tier = attempt.tiers is not None and ticket.tier_id not in attempt.tiers
    return _other_event(admission, attempt) or (ScanResult.WRONG_TIER if wrong_tier else None)


def _other_event(admission: Admission, attempt: Attempt) -> ScanResult | None:
    other = attempt.session_id is not None and attempt.session_id != admission.session_id
    return ScanResult.WRONG_EVENT if other else None


def _unpaid(ticket: Ticket, admission: Admission, attempt: Attempt) -> ScanResult | None:
    if attempt.direction is ScanDirection.EXIT:
        return None  # nobody is kept inside for a debt, and the count of those inside must be able to fall
    reserved = ScanResult.UNPAID if ticket.status is TicketStatus.RESERVED else None
    return reserved or _unpaid_booking(admission, attempt)


def _unpaid_booking(admission: Admission, _: Attempt) -> ScanResult | None:
    owed = admission.payment_status in {PaymentStatus.UNPAID, PaymentStatus.FAILED}
    return ScanResult.UNPAID if owed else None


def _held_back(_: Ticket, admission: Admission, attempt: Attempt) -> ScanResult | None:
    return None if attempt.direction is ScanDirection.EXIT else _held_back_booking(admission, attempt)


def _held_back_booking(admission: Admission, _: Attempt) -> ScanResult | None:
    if admission.status is BookingStatus.PENDING:
        return ScanResult.PENDING_APPROVAL
    return ScanResult.BLOCKED if admission.blocked else None


def _untimely(ticket: Ticket, admission: Admission, attempt: Attempt) -> ScanResult | None:
    if attempt.direction is ScanDirection.EXIT:
        return None
    window = admission.window(ticket.tier_id)
    if window.opens_at is not None and attempt.at < window.opens_at:
        return ScanResult.TOO_EARLY
    late = window.closes_at is not None and attempt.at >= window.closes_at
    return ScanResult.TOO_LATE if late else None


def _repeated(ticket: Ticket, admission: Admission, attempt: Attempt) -> ScanResult | None:
    if attempt.direction is ScanDirection.EXIT:
        return None if ticket.passage.inside else ScanResult.NOT_INSIDE
    allowed = may_enter(ticket.entry_policy, ticket.passage, attempt.at, admission.zone)
    return None if allowed else ScanResult.ALREADY_CHECKED_IN


_TABLE: tuple[tuple[Check, bool], ...] = (
    (_ended, False),
    (_superseded, False),
    (_elsewhere, False),
    (_unpaid, True),
    (_held_back, False),
    (_untimely, True),
    (_repeated, True),
)
"""Checks in the order of the specification, and whether `force` passes them."""
