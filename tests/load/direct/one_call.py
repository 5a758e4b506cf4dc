"""Baseline (b): as fast as it can be. All that is decided is decided in one call of one function.

What does not change while a session is sold (content, tiers, times) is known by the process; the booking, its event
and its answer are made before the call, which then takes the capacity by conditional updates, or says that there is
none. One round trip, one implicit transaction, one durable commit.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
from tests.load.direct.sale import Article, Order, Till, clock, key_reused, refused
from tests.load.direct.statements import CONTENT

from holdfast_booking.repositories.rows import booking_row, history_row
from holdfast_contracts.problems import not_found
from holdfast_inventory.domain.refusals import sold_out
from holdfast_inventory.domain.sale import check_open
from holdfast_inventory.domain.session import Session
from holdfast_inventory.repositories.rows import session_of
from holdfast_platform.database.writing import _encode as encode_value
from holdfast_platform.units.messages import Answer

FUNCTION: Final = """
CREATE OR REPLACE FUNCTION create_booking(
  p_id uuid, p_hash text, p_tenant uuid, p_session uuid, p_tiers uuid[], p_quantities int[],
  p_booking json, p_step json, p_key text, p_topic text, p_headers jsonb, p_event bytea,
  p_status int, p_body bytea, p_etag text,
  OUT outcome text, OUT status int, OUT body bytea, OUT etag text, OUT request_hash text, OUT remaining int
) LANGUAGE plpgsql AS $$
DECLARE
  wanted int := 0;
BEGIN
  INSERT INTO idempotency (id, request_hash, status, body, etag)
    VALUES (p_id, p_hash, p_status, p_body, p_etag) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT 'repeated', i.status, i.body, i.etag, i.request_hash INTO outcome, status, body, etag, request_hash
      FROM idempotency i WHERE i.id = p_id;
    RETURN;
  END IF;
  FOR n IN 1 .. array_length(p_tiers, 1) LOOP
    UPDATE session_tiers AS t SET taken = t.taken + p_quantities[n]
      WHERE t.tenant_id = p_tenant AND t.session_id = p_session AND t.tier_id = p_tiers[n]
        AND (t.quantity IS NULL OR t.taken + p_quantities[n] <= t.quantity);
    IF NOT FOUND THEN RAISE SQLSTATE 'HF001'; END IF;
    wanted := wanted + p_quantities[n];
  END LOOP;
  UPDATE sessions AS s SET taken = s.taken + wanted
    WHERE s.tenant_id = p_tenant AND s.id = p_session AND s.status = 'scheduled'
      AND (s.capacity IS NULL OR s.taken + wanted <= s.capacity);
  IF NOT FOUND THEN RAISE SQLSTATE 'HF001'; END IF;
  INSERT INTO bookings SELECT * FROM json_populate_record(NULL::bookings, p_booking);
  INSERT INTO booking_history SELECT * FROM json_populate_record(NULL::booking_history, p_step);
  INSERT INTO outbox (tenant_id, topic, key, headers, payload) VALUES (p_tenant, p_topic, p_key, p_headers, p_event);
  outcome := 'sold';
END $$;
CREATE OR REPLACE FUNCTION refuse_booking(p_id uuid, p_hash text, p_status int, p_body bytea) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO idempotency (id, request_hash, status, body) VALUES (p_id, p_hash, p_status, p_body)
    ON CONFLICT DO NOTHING
$$
"""
_CALL: Final = (
    "SELECT * FROM create_booking($1, $2, $3, $4, $5, $6, $7::text::json, $8::text::json, $9, $10, $11, $12, $13,"
    " $14, $15)"
)
_REFUSE: Final = "SELECT refuse_booking($1, $2, $3, $4)"
_LEFT: Final = """
SELECT t.tier_id, t.quantity - t.taken AS left_of_tier FROM session_tiers t
WHERE t.tenant_id = $1 AND t.session_id = $2 AND t.tier_id = ANY($3)
"""
_SESSION: Final = """
SELECT s.*, (SELECT jsonb_agg(jsonb_build_array(t.tier_id, t.quantity, t.taken)) FROM session_tiers t
  WHERE t.tenant_id = s.tenant_id AND t.session_id = s.id) AS tiers
FROM sessions s WHERE s.tenant_id = $1 AND s.id = $2
"""
_SOLD_OUT: Final = "HF001"


class OneCall:
    """Creates bookings by one call each."""

    def __init__(self, pool: asyncpg.Pool, till: Till) -> None:
        self._pool = pool
        self._till = till
        self._known: dict[UUID, tuple[Article, Session]] = {}

    async def create(self, order: Order) -> Answer:
        """Return the answer once it is committed; the same key again gets the same bytes."""
        article, session = self._known.get(order.session_id) or await self._learn(order)
        now = clock()
        check_open(session, int(now.timestamp()), staff=order.caller.staff)
        sold = self._till.record(order, article, session, now)
        booking, row, answer = sold.change.booking, sold.outbox, sold.answer
        assert sold.change.step is not None
        step = history_row((booking.tenant_id, booking.id), sold.change.step)
        items = order.schedule.items
        try:
            told = await self._pool.fetchrow(
                _CALL, order.id, order.hash, booking.tenant_id, order.session_id, [item.tier_id for item in items],
                [item.quantity for item in items], _json(booking_row(booking)), _json(step), row.key, row.topic,
                row.headers, row.payload, answer.status, answer.body, answer.etag,
            )  # fmt: skip
        except asyncpg.PostgresError as error:
            if error.sqlstate != _SOLD_OUT:
                raise
            return await self._refuse(order)
        if told["outcome"] == "sold":
            return answer
        return (
            key_reused() if told["request_hash"] != order.hash else Answer(told["status"], told["body"], told["etag"])
        )

    async def _learn(self, order: Order) -> tuple[Article, Session]:
        tenant_id = order.caller.tenant_id
        row = await self._pool.fetchrow(_SESSION, tenant_id, order.session_id)
        if row is None:
            raise not_found("session")
        article = Article.of(await self._pool.fetchrow(CONTENT, tenant_id, row["content_id"]))
        self._known[order.session_id] = article, session_of(row, set())
        return self._known[order.session_id]

    async def _refuse(self, order: Order) -> Answer:
        """Store and tell that it is sold out; the transaction of the sale is undone already."""
        items, tenant_id = order.schedule.items, order.caller.tenant_id
        rows = await self._pool.fetch(_LEFT, tenant_id, order.session_id, [item.tier_id for item in items])
        left: list[Any] = [{"tierId": str(row["tier_id"]), "remaining": row["left_of_tier"]} for row in rows]
        wanted = sum(item.quantity for item in items)
        answer = refused(sold_out(wanted, sum(entry["remaining"] for entry in left), left, ()))
        await self._pool.execute(_REFUSE, order.id, order.hash, answer.status, answer.body)
        return answer


def _json(row: dict[str, object]) -> str:
    return orjson.dumps(row, default=encode_value).decode()
