"""The database as migrated: what the code knows, and what each role may see."""

from __future__ import annotations

import asyncpg
import pytest
from booking_world import claim

from holdfast_booking.tables import metadata
from holdfast_platform.database.migrate import differences
from holdfast_platform.database.security import CONSUMER, REQUESTS, SWEEPER

pytestmark = pytest.mark.integration


async def test_the_migrations_make_the_tables_that_the_code_knows(booking_url) -> None:
    assert await differences("booking", booking_url) == []


async def test_every_table_with_a_tenant_is_under_forced_row_level_security(admin) -> None:
    rows = await admin.fetch(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS secured FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' WHERE c.relkind = 'r'"
    )
    assert {row["relname"]: row["secured"] for row in rows} == dict.fromkeys(metadata.tables, True)


async def test_without_a_tenant_nothing_is_seen(world, databases) -> None:
    await world.claims(claim())
    for role in (REQUESTS, CONSUMER):
        async with databases[role].connection() as connection:
            assert await connection.fetch("SELECT 1 FROM bookings") == []


async def test_the_sweeper_sees_no_personal_data_and_changes_no_status(databases) -> None:
    for sql in ("SELECT customer_email FROM bookings", "UPDATE bookings SET status = 'expired'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with databases[SWEEPER].transaction() as connection:
                await connection.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE bookings SET status = 'open'",
        "UPDATE bookings SET version = 0",
        "UPDATE bookings SET status = 'cancelled'",
        "UPDATE bookings SET status = 'pending'",
        "UPDATE bookings SET ends_at = starts_at - interval '1 s'",
        "INSERT INTO booking_history SELECT * FROM booking_history",
    ],
)
async def test_the_database_refuses_what_no_booking_can_be(world, sql) -> None:
    await world.claims(claim())
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await world.admin.execute(sql)
