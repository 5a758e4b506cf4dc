"""The ledger of a batch: lock what it contends for, load what it needs, flush what it decided.

Set-based: a batch of 500 messages costs as many statements as one. Guards I3, I5, I11 and I12.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from holdfast_booking.domain.booking import Booking
from holdfast_booking.domain.customers import customer_keys
from holdfast_booking.domain.ledger import Key, Ledger
from holdfast_booking.domain.states import ACTIVE
from holdfast_booking.repositories.rows import COLUMNS, booking_row, history_row, read_booking, state_row
from holdfast_booking.tables import booking_history, bookings
from holdfast_contracts.inventory import ClaimPlaced
from holdfast_platform.database.pool import Connection
from holdfast_platform.database.writing import Writes
from holdfast_platform.units.work import AnyIncoming

CustomerKey = tuple[UUID, str]
"""Tenant and customer key."""

# Lateral sub-selects, which PostgreSQL does not flatten, are looked up key by key in the order of the arrays: rows are
# locked in that order, and nothing but the look-up is ever planned (a hash join would read all bookings of a tenant).
_WANTED: Final = "unnest($1::uuid[], $2::uuid[]) AS w (tenant_id, id)"
_LOCK: Final = f"""
SELECT b.* FROM {_WANTED} CROSS JOIN LATERAL (
  SELECT {COLUMNS} FROM bookings AS b WHERE b.tenant_id = w.tenant_id AND b.id = w.id FOR NO KEY UPDATE
) AS b
"""  # noqa: S608 - no value is part of the text
_LOCK_FREE: Final = _LOCK.replace("FOR NO KEY UPDATE", "FOR NO KEY UPDATE SKIP LOCKED")
LOAD_MANY: Final = f"""
SELECT b.* FROM {_WANTED} CROSS JOIN LATERAL (
  SELECT {COLUMNS}, clock_timestamp() AS read_at
  FROM bookings AS b WHERE b.tenant_id = w.tenant_id AND b.id = w.id OFFSET 0
) AS b
"""  # noqa: S608

_SKIP: Final = "ON CONFLICT DO NOTHING"
_CUSTOMERS: Final = "unnest($1::uuid[], $2::text[]) AS w (tenant_id, key)"
_MEET: Final = f"""
INSERT INTO customer_limits (tenant_id, key) SELECT tenant_id, key FROM {_CUSTOMERS} ON CONFLICT DO NOTHING
"""  # noqa: S608
_LOCK_CUSTOMERS: Final = f"""
SELECT 1 FROM {_CUSTOMERS} CROSS JOIN LATERAL (
  SELECT 1 FROM customer_limits AS c WHERE c.tenant_id = w.tenant_id AND c.key = w.key FOR NO KEY UPDATE
) AS locked
"""  # noqa: S608
_ACTIVE_OF: Final = f"""
SELECT w.tenant_id, w.key, b.id FROM {_CUSTOMERS} CROSS JOIN LATERAL (
  SELECT id FROM bookings WHERE tenant_id = w.tenant_id AND email_key = w.key
  AND status = ANY($3::text[]) AND (ends_at IS NULL OR ends_at > $4)
  UNION ALL
  SELECT id FROM bookings WHERE tenant_id = w.tenant_id AND phone_key = w.key
  AND status = ANY($3::text[]) AND (ends_at IS NULL OR ends_at > $4)
) AS b
"""  # noqa: S608


class LedgerRepository:
    """Booking's side of a batch, towards the database."""

    async def lock(self, connection: Connection, batch: Sequence[AnyIncoming]) -> list[Booking]:
        """Lock the customers whose bookings a policy limits, then the bookings of the batch, both sorted; return these.

        Whoever creates for one customer meets at the customer's row, also where no booking exists yet.
        """
        customers = _limited_customers(batch)
        if customers:
            await connection.execute(_MEET, *_columns(customers))
            await connection.execute(_LOCK_CUSTOMERS, *_columns(customers))
        return [read_booking(row) for row in await connection.fetch(_LOCK, *_columns(_keys(batch)))]

    async def load(
        self, connection: Connection, batch: Sequence[AnyIncoming], now: datetime, locked: list[Booking]
    ) -> Ledger:
        """Return the bookings that were locked, with the active bookings of the customers that are limited."""
        ledger = Ledger(now, locked)
        customers = _limited_customers(batch)
        for tenant_id, _ in customers:
            ledger.standing(tenant_id)
        if customers:
            for row in await connection.fetch(_ACTIVE_OF, *_columns(customers), sorted(ACTIVE), now):
                ledger.standing(row["tenant_id"]).knows([row["key"]], row["id"])
        return ledger

    def flush(self, writes: Writes, ledger: Ledger) -> None:
        """Say which bookings are new, which changed, and their history; the database has the last word.

        A booking number or code that is taken is skipped by the database: then the count differs, the batch is
        decided again and draws again.
        """
        writes.insert(bookings, [booking_row(booking) for booking in ledger.begun], on_conflict=_SKIP)
        writes.update(bookings, [state_row(booking) for booking in ledger.changed], guard="t.version < r.version")
        writes.insert(booking_history, [history_row(key, step) for key, step in ledger.steps], on_conflict=_SKIP)


class SweepingLedgerRepository(LedgerRepository):
    """Leaves to the next round what somebody else has locked: to the batch it is as if it were not there
    [interleavings, "Lock order"]."""

    async def lock(self, connection: Connection, batch: Sequence[AnyIncoming]) -> list[Booking]:
        """Lock those bookings of the batch that are free, sorted; waits for nobody."""
        return [read_booking(row) for row in await connection.fetch(_LOCK_FREE, *_columns(_keys(batch)))]


def _keys(batch: Sequence[AnyIncoming]) -> list[Key]:
    return sorted({(given.tenant_id, given.message.booking_id) for given in batch})


def _limited_customers(batch: Sequence[AnyIncoming]) -> list[CustomerKey]:
    keys: set[CustomerKey] = set()
    for given in batch:
        if isinstance(given.message, ClaimPlaced) and _is_limited(given.message):
            body = given.message.body
            keys.update((given.tenant_id, key) for key in customer_keys(body.customer_email, body.customer_phone))
    return sorted(keys)


def _is_limited(claim: ClaimPlaced) -> bool:
    policy = claim.policy.booking
    return policy is not None and policy.max_active_per_customer is not None and not claim.actor.staff


def _columns(pairs: Iterable[tuple[UUID, Any]]) -> tuple[list[UUID], list[Any]]:
    listed = list(pairs)
    return [first for first, _ in listed], [second for _, second in listed]
