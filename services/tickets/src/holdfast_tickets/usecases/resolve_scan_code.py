"""What a scanned text stands for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from holdfast_contracts.enums import ScanResult
from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.codes import CodeKind, read_code
from holdfast_tickets.domain.payload import TicketClaims, UnreadablePayloadError, open_payload
from holdfast_tickets.domain.roster import Roster
from holdfast_tickets.domain.ticket import Ticket
from holdfast_tickets.ports import PayloadVerifier


@dataclass(frozen=True, slots=True)
class ResolvedScanCode:
    """A booking, and the ticket where the code is one ticket's; or why there is neither."""

    admission: Admission | None = None
    ticket: Ticket | None = None
    claims: TicketClaims | None = None
    failure: ScanResult = ScanResult.NOT_FOUND


class ResolveScanCodeUseCase:
    """Tell ticket codes, booking codes, booking numbers and signed payloads apart; another tenant's are not found."""

    def __init__(self, verifier: PayloadVerifier) -> None:
        self._verifier = verifier

    def execute(self, tenant_id: UUID, raw: str, roster: Roster) -> ResolvedScanCode:
        """Decide in memory; nothing raises, whatever was scanned."""
        code = read_code(raw)
        if code.kind is CodeKind.PAYLOAD:
            return self._payload(tenant_id, code.text, roster)
        if code.kind is CodeKind.CODE and (ticket := roster.ticket_by_code(tenant_id, code.text)):
            return ResolvedScanCode(roster.admission_of(ticket), ticket)
        if code.kind is CodeKind.UNREADABLE:
            return ResolvedScanCode()
        return ResolvedScanCode(roster.admission_by_text(tenant_id, code.text))

    def _payload(self, tenant_id: UUID, text: str, roster: Roster) -> ResolvedScanCode:
        try:
            sealed = open_payload(text)
        except UnreadablePayloadError:
            return ResolvedScanCode(failure=ScanResult.BAD_SIGNATURE)
        key = roster.public_key(tenant_id, sealed.claims.key_number)
        if key is None or not self._verifier.genuine(sealed, key):
            return ResolvedScanCode(failure=ScanResult.BAD_SIGNATURE)
        ticket = roster.ticket(tenant_id, sealed.claims.ticket_id)
        if ticket is None:
            return ResolvedScanCode()
        return ResolvedScanCode(roster.admission_of(ticket), ticket, sealed.claims)
