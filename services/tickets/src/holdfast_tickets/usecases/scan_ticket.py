"""One attempt at a door: found, evaluated, admitted, kept and told, in one transaction (I7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from holdfast_contracts.enums import ScanDirection, ScanResult
from holdfast_contracts.problems import invalid
from holdfast_contracts.tickets import ScanCode
from holdfast_platform.units.messages import Answer, Incoming, Outcome
from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.party import evaluate_party
from holdfast_tickets.domain.roster import Roster
from holdfast_tickets.domain.scan import Scan
from holdfast_tickets.domain.scanning import Attempt, Verdict, evaluate, passed, without_ticket
from holdfast_tickets.domain.ticket import Entry, Ticket
from holdfast_tickets.services.showing import scan_body, shown_status
from holdfast_tickets.services.telling import scanned
from holdfast_tickets.usecases.resolve_scan_code import ResolvedScanCode, ResolveScanCodeUseCase


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an attempt comes to: who passes, and the ticket that the answer shows."""

    verdict: Verdict
    admission: Admission | None = None
    ticket: Ticket | None = None
    passing: Sequence[Ticket] = ()

    @property
    def first(self) -> Entry | None:
        """First admission of the shown ticket before this attempt."""
        return self.ticket.passage.first if self.ticket else None


class ScanTicketUseCase:
    """Evaluate one ticket."""

    def execute(self, found: ResolvedScanCode, attempt: Attempt) -> Evaluated:
        """Return what the attempt comes to; a booking's code is no ticket's."""
        if found.admission is None or found.ticket is None:
            return Evaluated(Verdict(found.failure))
        verdict = evaluate(found.ticket, found.admission, attempt)
        return Evaluated(verdict, found.admission, found.ticket, [found.ticket] if verdict.valid else [])


class ScanBookingUseCase:
    """Evaluate a whole party, or `count` of it."""

    def execute(self, found: ResolvedScanCode, attempt: Attempt, count: int | None, roster: Roster) -> Evaluated:
        """Return what the attempt comes to. Raises Refusal (422) where the party was never so large."""
        if found.admission is None:
            return Evaluated(Verdict(found.failure))
        party = roster.party(found.admission)
        if not party:
            return Evaluated(Verdict(without_ticket(found.admission, attempt)), found.admission)
        if count is not None and count > len(party):
            raise invalid("count", f"must be at most {len(party)}, the size of the party", "OUT_OF_RANGE")
        if found.ticket is not None and _superseded(found.ticket, found.admission, attempt):
            return Evaluated(Verdict(ScanResult.SUPERSEDED), found.admission, found.ticket)
        whole = evaluate_party(party, found.admission, replace(attempt, claims=None), count)
        return Evaluated(whole.verdict, found.admission, whole.shown, whole.passing)


class ScanCodeUseCase:
    """Answer one scan of any of the three routes. A refusal is a result: only the caller's own faults raise."""

    def __init__(self, resolve: ResolveScanCodeUseCase) -> None:
        self._resolve = resolve
        self._ticket = ScanTicketUseCase()
        self._booking = ScanBookingUseCase()

    def execute(self, given: Incoming[ScanCode], roster: Roster) -> Outcome:
        """Decide in memory. Raises Refusal (422) for a nonce that stood for another scan, or too large a count."""
        told = _told_before(given, roster)
        if told is not None:
            return Outcome(Answer(200, told))
        evaluated = self._evaluate(given, roster)
        scan = _scan_of(given, evaluated, roster)
        passing = [passed(ticket, _attempt(given, roster), roster.now) for ticket in evaluated.passing]
        if not scan.dry_run:
            roster.put(passing)
        answer = _answer(scan, evaluated, roster)
        roster.record(replace(scan, answer=answer) if scan.nonce is not None else scan)
        admission = evaluated.admission
        if admission is None or scan.dry_run:
            return Outcome(Answer(200, answer))
        status = shown_status(admission, roster.party(admission))
        return Outcome(Answer(200, answer), [scanned(given, admission, scan, status)])

    def _evaluate(self, given: Incoming[ScanCode], roster: Roster) -> Evaluated:
        command = given.message
        found = self._resolve.execute(given.tenant_id, command.body.code, roster)
        attempt = _attempt(given, roster, found)
        one = command.target == "ticket" or (command.target == "any" and found.ticket is not None)
        if one:
            return self._ticket.execute(found, attempt)
        return self._booking.execute(found, attempt, command.body.count, roster)


def _superseded(ticket: Ticket, admission: Admission, attempt: Attempt) -> bool:
    return evaluate(ticket, admission, attempt).result is ScanResult.SUPERSEDED


def _attempt(given: Incoming[ScanCode], roster: Roster, found: ResolvedScanCode | None = None) -> Attempt:
    """Return the attempt; its time is the door's word where it gives one, else the database's clock."""
    body = given.message.body
    return Attempt(
        at=body.scanned_at or roster.now,
        direction=body.direction,
        session_id=body.session_id,
        tiers=None if body.tier_ids is None else frozenset(body.tier_ids),
        claims=found.claims if found else None,
        gate=body.gate,
        device_id=body.device_id,
        force=body.force,
        dry_run=body.dry_run,
    )


def _scan_of(given: Incoming[ScanCode], evaluated: Evaluated, roster: Roster) -> Scan:
    body, verdict, admission = given.message.body, evaluated.verdict, evaluated.admission
    return Scan(
        id=given.derive("scan"),
        tenant_id=given.tenant_id,
        direction=body.direction,
        result=verdict.result,
        admitted=verdict.valid and body.direction is ScanDirection.ENTRY and not body.dry_run,
        dry_run=body.dry_run,
        subject=given.message.actor.subject,
        wish=wish_of(given.message),
        scanned_at=body.scanned_at or roster.now,
        recorded_at=roster.now,
        booking_id=admission.booking_id if admission else None,
        ticket_id=evaluated.ticket.id if evaluated.ticket and len(evaluated.passing) < 2 else None,
        passed=tuple(ticket.id for ticket in evaluated.passing),
        session_id=admission.session_id if admission else None,
        device_id=body.device_id,
        gate=body.gate,
        nonce=body.nonce,
        overridden=verdict.overridden,
    )


def _answer(scan: Scan, evaluated: Evaluated, roster: Roster) -> bytes:
    admission, shown = evaluated.admission, evaluated.ticket
    if admission is None:
        return scan_body(scan)
    party = roster.party(admission)
    now_as = {ticket.id: ticket for ticket in party}
    concerned = [now_as[ticket.id] for ticket in evaluated.passing or ([shown] if shown else [])]
    return scan_body(scan, admission, party, now_as[shown.id] if shown else None, evaluated.first, concerned)


def _told_before(given: Incoming[ScanCode], roster: Roster) -> bytes | None:
    """Return the answer that this nonce was given before: one nonce, one scan, one row [spec/05, Scanning]."""
    body = given.message.body
    kept = roster.kept((given.tenant_id, body.device_id or "", body.nonce)) if body.nonce is not None else None
    if kept is not None and kept.wish != wish_of(given.message):
        raise invalid("nonce", "was used for another scan; use a new one", "NONCE_REUSED")
    return kept.answer if kept else None


def wish_of(command: ScanCode) -> str:
    """Return what a scan asks, so that a nonce cannot stand for two."""
    body = command.body
    parts = (command.target, body.direction, body.count, body.force, body.dry_run, body.code.strip()[:200])
    return "|".join(str(part) for part in parts).replace("\x00", "")
