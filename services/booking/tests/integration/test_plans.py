"""Under row-level security look-ups stay look-ups, and a page of a list costs a page."""

from __future__ import annotations

import pytest
from booking_samples import TENANT
from booking_world import OTHER_TENANT, claim

from holdfast_booking.repositories import bookings as reading
from holdfast_booking.repositories import ledger
from holdfast_booking.tables import bookings
from holdfast_platform.database.security import CONSUMER, REQUESTS

pytestmark = pytest.mark.integration

_DRAWN = {
    "id": "gen_random_uuid()",
    "booking_number": "'BK-' || gen_random_uuid()",
    "ticket_code": "gen_random_uuid()::text",
    "created_at": "created_at + n * interval '1 s'",
    "starts_at": "starts_at + n * interval '1 s'",
    "ends_at": "ends_at + n * interval '1 s'",
}


@pytest.fixture
async def crowded(world):
    """Many bookings of one tenant."""
    await world.claims(claim(), claim(tenant=OTHER_TENANT))
    columns = [column.name for column in bookings.columns]
    drawn = ", ".join(_DRAWN.get(name, name) for name in columns)
    await world.admin.execute(
        f"INSERT INTO bookings ({', '.join(columns)}) SELECT {drawn} "
        f"FROM bookings, generate_series(1, 5000) AS n WHERE tenant_id = '{TENANT}'"
    )
    await world.admin.execute("ANALYZE bookings")
    return world


async def plan(connection, sql: str, *arguments: object) -> str:
    rows = await connection.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {sql}", *arguments)
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("sql", [ledger._LOCK, ledger.LOAD_MANY])
async def test_a_batch_finds_its_bookings_by_the_primary_key(crowded, databases, sql) -> None:
    ids = [row["id"] for row in await crowded.admin.fetch("SELECT id FROM bookings ORDER BY id LIMIT 200")]
    async with databases[CONSUMER].batch([TENANT, OTHER_TENANT]) as connection:
        found = await plan(connection, sql, [TENANT] * len(ids), ids)
    assert "Index Scan using pk_bookings" in found
    assert "Seq Scan" not in found


async def test_a_list_reads_no_more_than_its_page(crowded, databases) -> None:
    sql = "SELECT b.id FROM bookings AS b WHERE b.tenant_id = $1 ORDER BY b.created_at DESC, b.id DESC LIMIT 20"
    async with databases[REQUESTS].tenant(TENANT) as connection:
        found = await plan(connection, sql, TENANT)
        one = await plan(connection, reading._BY_NUMBER, TENANT, "BK-00000000")
    assert "ix_bookings_created" in found
    assert "uq_bookings_tenant_id_booking_number" in one
