"""Under row-level security look-ups of a batch stay look-ups, however large the tables, with or without statistics."""

from datetime import UTC, datetime, time
from uuid import UUID

import pytest
from inventory_samples import MONDAY, items

from holdfast_inventory.domain.local_time import seconds, utc
from holdfast_inventory.repositories import stock_reading as reading
from holdfast_platform.testing.plans import rows_read

pytestmark = pytest.mark.integration

_COPY_CLAIMS = """
WITH made AS (
  INSERT INTO claims SELECT c.tenant_id, gen_random_uuid(), gen_random_uuid(), NULL, c.content_id, c.session_id,
         c.resource_id, c.status, c.quantity, c.created_at, c.ended_at
  FROM claims c, generate_series(1, 3000) WHERE c.tenant_id = $1 RETURNING tenant_id, id, session_id)
INSERT INTO claim_tiers SELECT tenant_id, id, session_id, $2, 1 FROM made
"""

_COPY_HOLDS = """
INSERT INTO inventory_holds
SELECT c.tenant_id, c.id, c.id, c.content_id, NULL, 'cart', c.id::text, c.session_id, 'x', 1, '{}', '{}',
       c.created_at, c.created_at, now() + interval '1 h', c.created_at, c.created_at, 1
FROM claims c WHERE c.tenant_id = $1 AND c.session_id IS NOT NULL
"""
_COPY_PLACES = """
WITH one AS (SELECT * FROM claim_places WHERE resource_id = $1), made AS (
  INSERT INTO claims SELECT c.tenant_id, gen_random_uuid(), gen_random_uuid(), NULL, c.content_id, c.session_id,
         c.resource_id, c.status, c.quantity, c.created_at, c.ended_at
  FROM claims c, generate_series(1, 2000) WHERE c.id = (SELECT claim_id FROM one) RETURNING id)
INSERT INTO claim_places
SELECT one.tenant_id, made.id, one.resource_id, 0, starts_at + n * interval '1 d', ends_at + n * interval '1 d',
       free_from + n * interval '1 d', tstzrange(starts_at + n * interval '1 d', free_from + n * interval '1 d'),
       guests, shared, held
FROM one, (SELECT id, row_number() OVER () AS n FROM made) made
"""


_STRANGERS = """
INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) || jsonb_build_object(
  'tenant_id', '00000000-0000-4000-8000-' || lpad(n::text, 12, '0'), {own}, gen_random_uuid()))).*
FROM (SELECT * FROM {table} WHERE tenant_id = $1 LIMIT 1) AS t, generate_series(1, 3000) AS n
"""


@pytest.fixture
async def strangers(shop):
    """Gives a function that fills a table with a row for each of very many other tenants, and analyses it."""
    filled = []

    async def fill(table: str, own: str) -> None:
        filled.append(table)
        async with shop.admin.transaction():
            await shop.admin.execute(
                "SET LOCAL session_replication_role = replica"
            )  # rows of their own, without parents
            await shop.admin.execute(_STRANGERS.format(table=table, own=f"'{own}'"), shop.tenant_id)
        await shop.admin.execute(f"ANALYZE {table}")

    yield fill
    async with shop.admin.transaction():
        await shop.admin.execute("SET LOCAL session_replication_role = replica")
        for table in filled:
            await shop.admin.execute(f"DELETE FROM {table} WHERE tenant_id::text LIKE '00000000-0000-4000-%'")


@pytest.fixture(params=["analysed", "never analysed"])
async def crowded(shop, request):
    """A session with very many claims; autovacuum stays away, or what is never analysed would be at times."""
    for table in ("claims", "claim_tiers", "claim_places", "inventory_holds"):
        await shop.admin.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    session, tier = await shop.evening(quantity=100_000)
    await shop.claim({"sessionId": session, "items": items(tier)})
    await shop.admin.execute(_COPY_CLAIMS, shop.tenant_id, UUID(tier))
    if request.param == "analysed":
        await shop.admin.execute("ANALYZE")
    return shop, UUID(session)


@pytest.mark.parametrize("table", ["claims", "claim_tiers"])
async def test_a_batch_reads_the_claims_it_names(crowded, consumer, table):
    shop, _ = crowded
    rows = await shop.admin.fetch("SELECT id FROM claims WHERE tenant_id = $1 LIMIT 100", shop.tenant_id)
    ids = [row["id"] for row in rows]
    assert await rows_read(consumer, [shop.tenant_id], table, reading.CLAIMS, [shop.tenant_id] * 100, ids) <= 200


async def test_expired_holds_of_a_session_are_found_by_themselves(crowded, consumer):
    shop, session = crowded
    await shop.admin.execute(_COPY_HOLDS, shop.tenant_id)
    none: list[object] = []
    arguments = (none, none, none, none, [shop.tenant_id], [session], none, none, utc(0))
    assert await rows_read(consumer, [shop.tenant_id], "inventory_holds", reading.HOLDS, *arguments) <= 10


async def ana_with_many_places(shop):
    """A resource with places of many days; returns the arguments that ask for one of them."""
    ana = await shop.resource(units=2000)
    await shop.claim({"date": str(MONDAY), "startTime": "09:00"}, mode="time_slot", resourceId=ana)
    await shop.admin.execute(_COPY_PLACES, UUID(ana))
    monday = seconds(datetime.combine(MONDAY, time(), UTC))
    return [shop.tenant_id], [UUID(ana)], [utc(monday)], [utc(monday + 86_400)]


async def test_places_of_a_day_are_found_by_themselves(crowded, consumer):
    shop, _ = crowded
    places = await ana_with_many_places(shop)
    await shop.admin.execute("ANALYZE claim_places")
    assert await rows_read(consumer, [shop.tenant_id], "claim_places", reading.PLACES, *places) <= 100


async def test_the_check_sees_a_statement_that_reads_everything(crowded, consumer):
    shop, _ = crowded
    everything = "SELECT * FROM claims WHERE quantity = $1 AND tenant_id = $2"
    assert await rows_read(consumer, [shop.tenant_id], "claims", everything, 1, shop.tenant_id) > 3000


async def test_among_very_many_tenants_claims_are_found_by_themselves(crowded, consumer, strangers):
    shop, _ = crowded
    await strangers("claims", "id")
    rows = await shop.admin.fetch("SELECT id FROM claims WHERE tenant_id = $1 LIMIT 100", shop.tenant_id)
    ids = [row["id"] for row in rows]
    assert await rows_read(consumer, [shop.tenant_id], "claims", reading.CLAIMS, [shop.tenant_id] * 100, ids) <= 200


async def test_among_very_many_tenants_places_are_found_by_themselves(crowded, consumer, strangers):
    shop, _ = crowded
    places = await ana_with_many_places(shop)
    await strangers("claim_places", "resource_id")
    assert await rows_read(consumer, [shop.tenant_id], "claim_places", reading.PLACES, *places) <= 100
