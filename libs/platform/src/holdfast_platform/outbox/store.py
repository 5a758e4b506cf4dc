"""Outbox rows: made from decided events, read and deleted by the relay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

import orjson

from holdfast_contracts import envelope
from holdfast_contracts.message import Message
from holdfast_contracts.values import show_instant
from holdfast_platform.database.pool import Connection
from holdfast_platform.database.writing import Writes
from holdfast_platform.errors import PayloadTooLargeError
from holdfast_platform.units.messages import Incoming, Outgoing

MAX_PAYLOAD: Final = 900_000
"""Bytes; below `max_request_size` of the producer and `max.message.bytes` of the broker, with room for headers."""

M = TypeVar("M", bound=Message)

# Arrays of columns: half the time of one JSON array, whose payloads would travel as hexadecimal digits.
_WRITE = """
INSERT INTO outbox (tenant_id, topic, key, headers, payload)
SELECT tenant_id, topic, key, headers::jsonb, payload
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[])
  WITH ORDINALITY AS r(tenant_id, topic, key, headers, payload, position) ORDER BY position
"""
_READ = "SELECT id, topic, key, headers::text AS headers, payload FROM outbox ORDER BY id LIMIT $1"
_BACKLOG = """
SELECT count(*) AS rows, coalesce((SELECT extract(epoch FROM clock_timestamp() - created_at)::float8
                                   FROM outbox ORDER BY id LIMIT 1), 0) AS seconds
FROM (SELECT FROM outbox LIMIT 100000) AS w
"""
_SET_ASIDE = """
WITH gone AS (DELETE FROM outbox AS o USING unnest($1::bigint[], $2::text[]) AS r(id, reason) WHERE o.id = r.id
              RETURNING o.*, r.reason)
INSERT INTO outbox_dead (id, tenant_id, topic, key, headers, payload, created_at, reason)
SELECT id, tenant_id, topic, key, headers, payload, created_at, reason FROM gone
"""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message that waits to be published."""

    tenant_id: UUID
    topic: str
    key: str
    headers: dict[str, str]
    payload: bytes


class Waiting(NamedTuple):
    """A row as the relay reads it; `headers` is a JSON object."""

    id: int
    topic: str
    key: str
    headers: str
    payload: bytes


@lru_cache(maxsize=8)
def _shown(now: datetime) -> str:
    """The events of a batch have one time."""
    return show_instant(now)


def event_headers(source: str, outgoing: Outgoing, cause: Incoming[M], now: datetime | None = None) -> dict[str, str]:
    """Return the CloudEvents headers of an event that `cause` led to."""
    headers = {
        envelope.CE_ID: str(outgoing.id),
        envelope.CE_TYPE: outgoing.message.type_name(),
        envelope.CE_SOURCE: f"holdfast/{source}",
        envelope.CE_TIME: _shown(now or datetime.now(UTC)),
        envelope.CE_SPECVERSION: envelope.SPECVERSION,
        envelope.CE_TENANT: str(cause.tenant_id),
        envelope.CE_CORRELATION: cause.correlation,
        envelope.CE_CAUSATION: str(cause.id),
        envelope.CONTENT_TYPE: "application/json",
        **outgoing.headers,
    }
    if (trace := cause.headers.get(envelope.TRACEPARENT)) is not None:
        headers[envelope.TRACEPARENT] = trace
    return headers


def event_row(source: str, outgoing: Outgoing, cause: Incoming[M], now: datetime | None = None) -> OutboxRow:
    """Return the outbox row of an event. Raises PayloadTooLargeError before anything is written."""
    payload = outgoing.message.encode()
    if len(payload) > MAX_PAYLOAD:
        msg = f"{outgoing.message.type_name()} has {len(payload)} bytes, more than {MAX_PAYLOAD}"
        raise PayloadTooLargeError(msg)
    headers = event_headers(source, outgoing, cause, now)
    return OutboxRow(cause.tenant_id, outgoing.topic.name, outgoing.key, headers, payload)


def write(writes: Writes, rows: Sequence[OutboxRow]) -> None:
    """Insert outbox rows in their order; the ids they get keep it."""
    if rows:
        columns = [
            [row.tenant_id for row in rows],
            [row.topic for row in rows],
            [row.key for row in rows],
            [orjson.dumps(row.headers).decode() for row in rows],
            [row.payload for row in rows],
        ]
        writes.add(_WRITE, columns, len(rows), "outbox rows")


async def read(connection: Connection, limit: int) -> list[Waiting]:
    """Return up to `limit` rows in the order of their ids."""
    rows = await connection.fetch(_READ, limit)
    return [Waiting(row["id"], row["topic"], row["key"], row["headers"], row["payload"]) for row in rows]


async def backlog(connection: Connection) -> tuple[int, float]:
    """Return how many rows wait, 100,000 at most, and the age of the oldest in seconds."""
    row = await connection.fetchrow(_BACKLOG)
    assert row is not None  # noqa: S101 - an aggregate has a row
    return row["rows"], row["seconds"]


async def set_aside(connection: Connection, reasons: Mapping[int, str]) -> None:
    """Move rows that can never be sent to `outbox_dead`, each with its reason."""
    await connection.execute(_SET_ASIDE, list(reasons), list(reasons.values()))


async def delete_and_commit(connection: Connection, ids: Iterable[int]) -> None:
    """Delete exactly these rows, since a lower id may have been committed meanwhile, and commit, in one round trip."""
    listed = ",".join(str(row_id) for row_id in ids)
    await connection.execute(f"DELETE FROM outbox WHERE id = ANY('{{{listed}}}'::bigint[]); COMMIT")  # noqa: S608 - ints
