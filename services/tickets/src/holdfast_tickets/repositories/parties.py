"""A booking and its tickets for questions of one tenant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from holdfast_platform.database.pool import Database
from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.ticket import Ticket
from holdfast_tickets.ports import PayloadSigner
from holdfast_tickets.repositories.keys import SigningKeyRepository
from holdfast_tickets.repositories.rows import TICKET_COLUMNS, read_admission, read_ticket

_ADMISSION: Final = "SELECT facts FROM admissions WHERE tenant_id = $1 AND booking_id = $2"
_TICKETS: Final = (
    f"SELECT {TICKET_COLUMNS} FROM tickets AS t "  # noqa: S608 - no value is part of the text
    "WHERE t.tenant_id = $1 AND t.booking_id = $2 ORDER BY t.position"
)


@dataclass(frozen=True, slots=True)
class KnownParty:
    """A booking with its tickets in their order."""

    admission: Admission
    tickets: tuple[Ticket, ...]


class PartyRepository:
    """Reads bookings as tickets know them."""

    def __init__(self, database: Database, keys: SigningKeyRepository) -> None:
        self._database = database
        self._keys = keys

    async def find(self, tenant_id: UUID, booking_id: UUID) -> KnownParty | None:
        """Return a booking with its tickets, None where tickets have not heard of it."""
        async with self._database.tenant(tenant_id) as connection:
            admission = await connection.fetchrow(_ADMISSION, tenant_id, booking_id)
            if admission is None:
                return None
            rows = await connection.fetch(_TICKETS, tenant_id, booking_id)
        return KnownParty(read_admission(admission), tuple(map(read_ticket, rows)))

    async def signers(self, tenant_id: UUID, tickets: Iterable[Ticket]) -> dict[int, PayloadSigner]:
        """Return who signs the payloads of these tickets."""
        return await self._keys.signers(self._database, tenant_id, {ticket.key_number for ticket in tickets})
