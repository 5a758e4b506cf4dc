"""Baseline (a): as a good engineer usually writes it, statement by statement in one transaction."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import asyncpg
from tests.load.direct.sale import Article, Order, Sold, Till, key_reused, refused

from holdfast_booking.repositories.rows import booking_row, history_row
from holdfast_booking.tables import booking_history, bookings
from holdfast_contracts.problems import Refusal, not_found
from holdfast_inventory.repositories.rows import session_of
from holdfast_platform.units.messages import Answer

_BEGIN_KEY: Final = "INSERT INTO idempotency (id, request_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id"
_STORED: Final = "SELECT request_hash, status, body, etag FROM idempotency WHERE id = $1"
_END_KEY: Final = "UPDATE idempotency SET status = $2, body = $3, etag = $4 WHERE id = $1"
_LOCK_SESSION: Final = """
SELECT s.*, c.version AS content_version, clock_timestamp() AS now, NULL AS tiers
FROM sessions s JOIN contents c ON c.tenant_id = s.tenant_id AND c.id = s.content_id
WHERE s.tenant_id = $1 AND s.id = $2 FOR NO KEY UPDATE OF s
"""
_TIERS: Final = "SELECT tier_id, quantity, taken FROM session_tiers WHERE tenant_id = $1 AND session_id = $2"
_TAKE_TIER: Final = (
    "UPDATE session_tiers SET taken = taken + $4 WHERE tenant_id = $1 AND session_id = $2 AND tier_id = $3"
)
_TAKE_SESSION: Final = "UPDATE sessions SET taken = taken + $3 WHERE tenant_id = $1 AND id = $2"
CONTENT: Final = """
SELECT c.*, (SELECT jsonb_agg(to_jsonb(t) || jsonb_build_object('price', t.price::text) ORDER BY t.sort_order)
  FROM content_tiers t WHERE t.tenant_id = c.tenant_id AND t.content_id = c.id) AS tiers
FROM contents c WHERE c.tenant_id = $1 AND c.id = $2
"""
_OUTBOX: Final = "INSERT INTO outbox (tenant_id, topic, key, headers, payload) VALUES ($1, $2, $3, $4, $5)"


def _insert(table: Any) -> tuple[str, tuple[str, ...]]:
    names = tuple(column.name for column in table.columns)
    values = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values})", names


_BOOKING, _BOOKING_COLUMNS = _insert(bookings)
_HISTORY, _HISTORY_COLUMNS = _insert(booking_history)


class StatementByStatement:
    """Creates bookings in one transaction each, behind the session's row lock."""

    def __init__(self, pool: asyncpg.Pool, till: Till) -> None:
        self._pool = pool
        self._till = till
        self._articles: dict[tuple[UUID, int], Article] = {}

    async def create(self, order: Order) -> Answer:
        """Return the answer once it is committed; the same key again gets the same bytes."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(_BEGIN_KEY, order.id, order.hash) is None:
                return await self._stored(connection, order)
            try:
                answer = await self._sell(connection, order)
            except Refusal as refusal:
                answer = refused(refusal)
            await connection.execute(_END_KEY, order.id, answer.status, answer.body, answer.etag)
            return answer

    async def _stored(self, connection: Any, order: Order) -> Answer:
        row = await connection.fetchrow(_STORED, order.id)
        if row["request_hash"] != order.hash:
            return key_reused()
        return Answer(row["status"], row["body"], row["etag"])

    async def _sell(self, connection: Any, order: Order) -> Answer:
        tenant_id = order.caller.tenant_id
        row = await connection.fetchrow(_LOCK_SESSION, tenant_id, order.session_id)
        if row is None:
            raise not_found("session")
        tiers = await connection.fetch(_TIERS, tenant_id, order.session_id)
        session = session_of(
            {**row, "tiers": [(str(tier["tier_id"]), tier["quantity"], tier["taken"]) for tier in tiers]}, set()
        )
        article = await self._article(connection, row)
        sold = self._till.sell(order, article, session, row["now"])
        for item in order.schedule.items:
            await connection.execute(_TAKE_TIER, tenant_id, order.session_id, item.tier_id, item.quantity)
        wanted = sum(item.quantity for item in order.schedule.items)
        await connection.execute(_TAKE_SESSION, tenant_id, order.session_id, wanted)
        await _write(connection, sold)
        return sold.answer

    async def _article(self, connection: Any, row: Any) -> Article:
        key = (row["content_id"], row["content_version"])
        if key not in self._articles:
            self._articles[key] = Article.of(await connection.fetchrow(CONTENT, row["tenant_id"], row["content_id"]))
        return self._articles[key]


async def _write(connection: Any, sold: Sold) -> None:
    booking = booking_row(sold.change.booking)
    await connection.execute(_BOOKING, *(booking[name] for name in _BOOKING_COLUMNS))
    if sold.change.step is not None:
        step = history_row((sold.change.booking.tenant_id, sold.change.booking.id), sold.change.step)
        await connection.execute(_HISTORY, *(step[name] for name in _HISTORY_COLUMNS))
    row = sold.outbox
    await connection.execute(_OUTBOX, row.tenant_id, row.topic, row.key, row.headers, row.payload)
