"""The roster: what a batch needs of bookings, tickets, scans and keys, in memory, and what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.scan import KeptAnswer, NonceKey, Scan
from holdfast_tickets.domain.ticket import Ticket

Key = tuple[UUID, UUID]
"""Tenant and id: whatever is asked for is asked for by its tenant (I12)."""

Text = tuple[UUID, str]
"""Tenant and a code or number."""


class Roster:
    """Admissions by booking, their tickets, and the scans of a batch; a later message sees what an earlier one left."""

    def __init__(
        self,
        now: datetime,
        admissions: Iterable[Admission] = (),
        tickets: Iterable[Ticket] = (),
        kept: Mapping[NonceKey, KeptAnswer] | None = None,
        public_keys: Mapping[tuple[UUID, int], bytes] | None = None,
    ) -> None:
        self.now = now
        self._admissions: dict[Key, Admission] = {}
        self._tickets: dict[Key, Ticket] = {}
        self._parties: dict[Key, list[Key]] = {}
        self._by_code: dict[Text, Key] = {}
        self._booking_by_text: dict[Text, Key] = {}
        self._kept = dict(kept or {})
        self._public_keys = dict(public_keys or {})
        for admission in admissions:
            self._enter(admission)
        for ticket in tickets:
            self._seat(ticket)
        self._known_admissions = frozenset(self._admissions)
        self._loaded_versions = {key: ticket.version for key, ticket in self._tickets.items()}
        self._touched: dict[Key, None] = {}
        self._learnt: dict[Key, None] = {}
        self.scans: list[Scan] = []

    # -- what is known ----------------------------------------------------------------------------------------------

    def admission(self, tenant_id: UUID, booking_id: UUID) -> Admission | None:
        """Return what is known of a booking."""
        return self._admissions.get((tenant_id, booking_id))

    def admission_of(self, ticket: Ticket) -> Admission:
        """Return the booking of a ticket."""
        return self._admissions[ticket.tenant_id, ticket.booking_id]

    def admission_by_text(self, tenant_id: UUID, text: str) -> Admission | None:
        """Return the booking with this number or ticket code of its own."""
        key = self._booking_by_text.get((tenant_id, text))
        return self._admissions[key] if key else None

    def party(self, admission: Admission) -> list[Ticket]:
        """Return the tickets of a booking in their order."""
        keys = self._parties.get((admission.tenant_id, admission.booking_id), ())
        return sorted((self._tickets[key] for key in keys), key=lambda ticket: ticket.position)

    def ticket(self, tenant_id: UUID, ticket_id: UUID) -> Ticket | None:
        """Return a ticket by its id."""
        return self._tickets.get((tenant_id, ticket_id))

    def ticket_by_code(self, tenant_id: UUID, code: str) -> Ticket | None:
        """Return a ticket by its code."""
        key = self._by_code.get((tenant_id, code))
        return self._tickets[key] if key else None

    def public_key(self, tenant_id: UUID, number: int) -> bytes | None:
        """Return a tenant's public key, None where it never had one of that number."""
        return self._public_keys.get((tenant_id, number))

    def key_number(self, tenant_id: UUID) -> int:
        """Return the number of the key that signs new tickets: the newest."""
        return max(number for tenant, number in self._public_keys if tenant == tenant_id)

    def kept(self, key: NonceKey) -> KeptAnswer | None:
        """Return what an earlier scan with this nonce was told."""
        return self._kept.get(key)

    # -- what changes -----------------------------------------------------------------------------------------------

    def learn(self, admission: Admission) -> None:
        """Take over what a booking has become."""
        self._enter(admission)
        self._learnt[admission.tenant_id, admission.booking_id] = None

    def put(self, tickets: Iterable[Ticket]) -> None:
        """Take over tickets that are new or changed."""
        for ticket in tickets:
            self._seat(ticket)
            self._touched[ticket.tenant_id, ticket.id] = None

    def record(self, scan: Scan) -> None:
        """Keep a scan."""
        self.scans.append(scan)
        if scan.nonce is not None and scan.answer is not None:
            self._kept[scan.tenant_id, scan.device_id or "", scan.nonce] = KeptAnswer(scan.wish, scan.answer)

    # -- what is to be written --------------------------------------------------------------------------------------

    @property
    def new_admissions(self) -> list[Admission]:
        """Bookings heard of for the first time."""
        return [self._admissions[key] for key in self._learnt if key not in self._known_admissions]

    @property
    def changed_admissions(self) -> list[Admission]:
        """Bookings with a newer version than the stored one."""
        return [self._admissions[key] for key in self._learnt if key in self._known_admissions]

    @property
    def new_tickets(self) -> list[Ticket]:
        """Tickets that were issued."""
        return [self._tickets[key] for key in self._touched if key not in self._loaded_versions]

    @property
    def changed_tickets(self) -> list[tuple[Ticket, int]]:
        """Tickets that changed, each with the version that it must still have in the database (I7)."""
        known = (key for key in self._touched if key in self._loaded_versions)
        return [(self._tickets[key], self._loaded_versions[key]) for key in known]

    def _enter(self, admission: Admission) -> None:
        key = (admission.tenant_id, admission.booking_id)
        self._admissions[key] = admission
        for text in (admission.ticket_code, admission.booking_number):
            self._booking_by_text[admission.tenant_id, text] = key

    def _seat(self, ticket: Ticket) -> None:
        key = (ticket.tenant_id, ticket.id)
        if key not in self._tickets:
            self._parties.setdefault((ticket.tenant_id, ticket.booking_id), []).append(key)
            self._by_code[ticket.tenant_id, ticket.ticket_code] = key
        self._tickets[key] = ticket
