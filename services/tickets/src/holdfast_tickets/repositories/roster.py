"""The roster of a batch in the database: lock, load, flush, in a constant number of statements. Guards I6, I7, I12."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from holdfast_platform.database.pool import Connection
from holdfast_platform.database.writing import Writes, encode_rows
from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.roster import Roster
from holdfast_tickets.domain.scan import KeptAnswer, NonceKey
from holdfast_tickets.domain.ticket import Ticket
from holdfast_tickets.repositories.keys import SigningKeyRepository
from holdfast_tickets.repositories.rows import (
    TICKET_COLUMNS,
    admission_row,
    read_admission,
    read_ticket,
    scan_row,
    ticket_row,
)
from holdfast_tickets.repositories.wanted import Wanted
from holdfast_tickets.tables import admissions, scans, tickets

# Bookings named by id, by one of their tickets, or by a code or number; arguments as Wanted.arguments gives them.
_CONCERNED: Final = """
SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS b (tenant_id, booking_id)
UNION SELECT t.tenant_id, t.booking_id FROM unnest($3::uuid[], $4::uuid[]) AS w (tenant_id, id)
      JOIN tickets AS t USING (tenant_id, id)
UNION SELECT t.tenant_id, t.booking_id FROM unnest($5::uuid[], $6::text[]) AS w (tenant_id, text)
      JOIN tickets AS t ON t.ticket_code = w.text AND t.tenant_id = w.tenant_id
UNION SELECT a.tenant_id, a.booking_id FROM unnest($5::uuid[], $6::text[]) AS w (tenant_id, text)
      JOIN admissions AS a ON a.ticket_code = w.text AND a.tenant_id = w.tenant_id
UNION SELECT a.tenant_id, a.booking_id FROM unnest($5::uuid[], $6::text[]) AS w (tenant_id, text)
      JOIN admissions AS a ON a.booking_number = w.text AND a.tenant_id = w.tenant_id
"""
_LOCK: Final = f"""
SELECT a.facts FROM admissions AS a JOIN ({_CONCERNED}) AS c USING (tenant_id, booking_id)
ORDER BY a.booking_id, a.tenant_id FOR NO KEY UPDATE OF a
"""  # noqa: S608 - no value is part of the text
_TICKETS: Final = f"""
SELECT {TICKET_COLUMNS} FROM tickets AS t
JOIN unnest($1::uuid[], $2::uuid[]) AS w (tenant_id, booking_id) USING (tenant_id, booking_id)
"""  # noqa: S608
_KEPT: Final = """
SELECT s.tenant_id, s.device_id, s.nonce, s.wish, s.answer FROM scans AS s
JOIN unnest($1::uuid[], $2::text[], $3::text[]) AS w (tenant_id, device_id, nonce) USING (tenant_id, device_id, nonce)
"""
_SKIP: Final = "ON CONFLICT DO NOTHING"
_CHANGING: Final = (
    "attendee_name", "attendee_email", "status", "code_version", "version", "entries", "inside",
    "first_at", "first_gate", "first_device", "last_at", "by_staff", "updated_at",
)  # fmt: skip
# The admission itself: conditional on the version that was evaluated, so that of two doors one admits (I7).
_CHANGE: Final = f"""
UPDATE tickets AS t SET {", ".join(f"{name} = r.{name}" for name in _CHANGING)}
FROM json_populate_recordset(NULL::tickets, $1::json) AS r
JOIN unnest($2::uuid[], $3::uuid[], $4::int[]) AS was (tenant_id, id, version)
  ON was.tenant_id = r.tenant_id AND was.id = r.id
WHERE t.tenant_id = r.tenant_id AND t.id = r.id AND t.version = was.version
"""  # noqa: S608


class RosterRepository:
    """Reads and writes what a batch concerns; as many statements for 500 messages as for one."""

    def __init__(self, keys: SigningKeyRepository) -> None:
        self._keys = keys

    async def lock(self, connection: Connection, wanted: Wanted) -> list[Admission]:
        """Lock and read the bookings concerned, sorted, in one statement; what is theirs changes under that lock."""
        return [read_admission(row) for row in await connection.fetch(_LOCK, *wanted.arguments)]

    async def load(self, connection: Connection, wanted: Wanted, now: datetime, locked: list[Admission]) -> Roster:
        """Read whole parties, answers of known nonces and public keys."""
        bookings = [admission.tenant_id for admission in locked], [admission.booking_id for admission in locked]
        party = await connection.fetch(_TICKETS, *bookings)
        kept = await self._kept(connection, wanted)
        keys = await self._keys.of_batch(connection, wanted.issuers, wanted.verified, now)
        return Roster(now, locked, map(read_ticket, party), kept, keys)

    def flush(self, writes: Writes, roster: Roster) -> None:
        """Say what changed; where somebody was faster the counts differ, and the batch is decided again."""
        writes.insert(admissions, [admission_row(admission) for admission in roster.new_admissions], on_conflict=_SKIP)
        changed = [admission_row(admission) for admission in roster.changed_admissions]
        writes.update(admissions, changed, keys=("tenant_id", "booking_id"), guard="t.version < r.version")
        # Also a ticket code drawn twice is skipped, and is drawn again.
        writes.insert(tickets, [ticket_row(ticket) for ticket in roster.new_tickets], on_conflict=_SKIP)
        _change(writes, roster.changed_tickets)
        writes.insert(scans, [scan_row(scan) for scan in roster.scans], on_conflict=_SKIP)

    async def _kept(self, connection: Connection, wanted: Wanted) -> dict[NonceKey, KeptAnswer]:
        if not wanted.nonces:
            return {}
        listed = sorted(wanted.nonces)
        rows = await connection.fetch(_KEPT, *(list(column) for column in zip(*listed, strict=True)))
        return {
            (row["tenant_id"], row["device_id"], row["nonce"]): KeptAnswer(row["wish"], row["answer"]) for row in rows
        }


def _change(writes: Writes, changed: list[tuple[Ticket, int]]) -> None:
    if changed:
        rows = encode_rows([ticket_row(ticket) for ticket, _ in changed])
        identities = [ticket.tenant_id for ticket, _ in changed], [ticket.id for ticket, _ in changed]
        arguments = [rows, *identities, [version for _, version in changed]]
        writes.add(_CHANGE, arguments, len(changed), "changed tickets")
