"""Reads and writes inbox rows; the only SQL on that table besides its sweeper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from holdfast_contracts import envelope
from holdfast_platform.database.pool import Connection
from holdfast_platform.database.writing import Writes, affected
from holdfast_platform.units.messages import Answer, Identity, Incoming

# LATERAL asks the primary key once for each id. Without it a table that was never analysed is read as a whole.
_READ = """
SELECT i.*, clock_timestamp() AS now FROM unnest($1::uuid[], $2::uuid[]) AS w(tenant_id, id), LATERAL (
  SELECT tenant_id, id, request_hash, outcome, status, body, etag FROM inbox
  WHERE inbox.id = w.id AND inbox.tenant_id = w.tenant_id OFFSET 0) AS i
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, clock_timestamp()
"""

_COLUMNS = ("id", "tenant_id", "type", "operation", "subject", "request_hash", "outcome", "status", "body", "etag")
# Arrays of columns: half the time of one JSON array, whose bodies would travel as hexadecimal digits.
_WRITE = f"""
INSERT INTO inbox (consumer, {", ".join(_COLUMNS)})
SELECT $1, r.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                           $9::int[], $10::bytea[], $11::text[]) AS r({", ".join(_COLUMNS)}) ORDER BY r.id
ON CONFLICT DO NOTHING
"""  # noqa: S608 - put together from constants

_FIND = """
SELECT consumer, type, operation, subject, request_hash, outcome, status, body, etag, received_at
FROM inbox WHERE id = $1
"""

SEEN = "seen"
DONE = "done"
REFUSED = "refused"
PLACED = "placed"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of a message that was done before."""

    request_hash: str | None
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class StoredOperation:
    """A command's stored result with what its reader needs."""

    type: str
    operation: str | None
    subject: str | None
    outcome: str
    answer: Answer | None
    received_at: datetime
    request_hash: str | None = None


def _answer(row: asyncpg.Record) -> Answer | None:
    if row["status"] is None:
        return None
    kind = envelope.KIND_PLACED if row["outcome"] == PLACED else envelope.KIND_ANSWER
    return Answer(row["status"], row["body"] or b"", row["etag"], kind)


async def read(connection: Connection, identities: Sequence[Identity]) -> tuple[dict[Identity, Stored], datetime]:
    """Return what was done of these messages, and the database's clock, in one statement."""
    tenants, ids = [tenant_id for tenant_id, _ in identities], [message_id for _, message_id in identities]
    rows = await connection.fetch(_READ, tenants, ids)
    done = {(row["tenant_id"], row["id"]): Stored(row["request_hash"], _answer(row)) for row in rows[:-1]}
    return done, rows[-1]["now"]


def outcome_of(answer: Answer | None) -> str:
    """Return the outcome word of a decided answer."""
    if answer is None:
        return SEEN
    if answer.kind == envelope.KIND_PLACED:
        return PLACED
    return DONE if answer.status < 400 else REFUSED


def row_of(consumer: str, given: Incoming[Any], answer: Answer | None, outcome: str | None = None) -> dict[str, object]:
    """Return the inbox row of a message."""
    return {
        "consumer": consumer,
        "id": given.id,
        "tenant_id": given.tenant_id,
        "type": given.type,
        "operation": given.headers.get(envelope.OPERATION),
        "subject": given.subject,
        "request_hash": given.request_hash,
        "outcome": outcome or outcome_of(answer),
        "status": answer.status if answer else None,
        "body": answer.body if answer else None,
        "etag": answer.etag if answer else None,
    }


def write(writes: Writes, rows: Sequence[dict[str, object]]) -> None:
    """Insert inbox rows, sorted by id; their count tells where somebody else was faster with one of them."""
    if rows:
        columns = [[row[name] for row in rows] for name in _COLUMNS]
        writes.add(_WRITE, [rows[0]["consumer"], *columns], len(rows), "inbox rows")


async def find(connection: Connection, operation_id: UUID) -> StoredOperation | None:
    """Return the stored result of a command: its final one, or that its first part is done (placed)."""
    row = await connection.fetchrow(_FIND, operation_id)
    if row is None:
        return None
    return StoredOperation(
        row["type"],
        row["operation"],
        row["subject"],
        row["outcome"],
        _answer(row),
        row["received_at"],
        row["request_hash"],
    )


async def forget_before(connection: Connection, days: int) -> int:
    """Delete rows older than so many days (sweeper role); at most 10,000 at a time."""
    return affected(
        await connection.execute(
            "DELETE FROM inbox WHERE ctid IN (SELECT ctid FROM inbox "
            "WHERE received_at < clock_timestamp() - make_interval(days => $1) LIMIT 10000)",
            days,
        )
    )
