"""The databases of all services as they are migrated: tenants are kept apart by the database itself (I12).

Each check reads the catalogue and returns what it finds; its negative control makes the harm in a transaction that is
rolled back.
"""

from __future__ import annotations

import asyncpg
import pytest

from holdfast_platform.testing.databases import migrated_database

pytestmark = pytest.mark.integration

SERVICES = ("gateway", "booking", "inventory", "tickets", "calendar")

TENANTS_TABLES = """
SELECT c.oid, c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id' WHERE c.relkind IN ('r', 'p')
"""


async def unsecured(connection):
    """Tables with a tenant that are not under forced row-level security."""
    return {row["relname"] for row in await connection.fetch(TENANTS_TABLES) if not row["forced"]}


async def read_for_each_row(connection):
    """Policies that ask for the tenants of a batch without the sub-select that asks once a statement."""
    rows = await connection.fetch("SELECT tablename, qual, with_check FROM pg_policies WHERE qual LIKE '%tenant_ids%'")
    return {
        row["tablename"]
        for row in rows
        for condition in (row["qual"], row["with_check"] or row["qual"])
        if "( SELECT" not in condition.partition("current_setting")[0]
    }


async def without_a_batch_s_policy(connection):
    """Tables with a tenant whose rows batches may see by another rule than their tenants, or by none."""
    rows = await connection.fetch(
        f"SELECT relname FROM ({TENANTS_TABLES}) AS t WHERE NOT EXISTS (SELECT FROM pg_policies AS p "
        "WHERE p.tablename = t.relname AND p.policyname = 'consumer' AND p.qual LIKE '%app.tenant_ids%' "
        "AND p.with_check LIKE '%app.tenant_ids%')"
    )
    return {row["relname"] for row in rows}


async def keys_without_the_tenant(connection):
    """Foreign keys between tables with a tenant that could join rows of two."""
    rows = await connection.fetch(
        f"""WITH t AS ({TENANTS_TABLES})
        SELECT conname FROM pg_constraint AS k JOIN t AS a ON a.oid = k.conrelid JOIN t AS b ON b.oid = k.confrelid
        WHERE k.contype = 'f' AND NOT EXISTS (
          SELECT FROM unnest(k.conkey, k.confkey) AS pair(here, there)
          JOIN pg_attribute AS h ON h.attrelid = k.conrelid AND h.attnum = pair.here AND h.attname = 'tenant_id'
          JOIN pg_attribute AS o ON o.attrelid = k.confrelid AND o.attnum = pair.there AND o.attname = 'tenant_id')"""
    )
    return {row["conname"] for row in rows}


CHECKS = (unsecured, read_for_each_row, without_a_batch_s_policy, keys_without_the_tenant)


@pytest.mark.parametrize("service", SERVICES)
async def test_the_database_keeps_tenants_apart(postgres_url, service):
    async with migrated_database(postgres_url, service) as url:
        connection = await asyncpg.connect(url)
        found = {check.__name__: await check(connection) for check in CHECKS}
        tables = {row["relname"] for row in await connection.fetch(TENANTS_TABLES)}
        await connection.close()
    assert found == {check.__name__: set() for check in CHECKS}
    assert tables > {"inbox", "outbox", "outbox_dead"}  # the checks have looked at something


@pytest.fixture(scope="module")
async def harmed(postgres_url):
    """A connection to a service's database, for harm that is rolled back."""
    async with migrated_database(postgres_url, "calendar") as url:
        connection = await asyncpg.connect(url)
        yield connection
        await connection.close()


NEW_TABLE = "CREATE TABLE found (tenant_id uuid NOT NULL, id uuid PRIMARY KEY)"
PER_ROW = "tenant_id = ANY (nullif(current_setting('app.tenant_ids', true), '')::uuid[])"


@pytest.mark.parametrize(
    ("check", "harm", "name"),
    [
        (unsecured, NEW_TABLE, "found"),
        (unsecured, "ALTER TABLE inbox NO FORCE ROW LEVEL SECURITY", "inbox"),
        (unsecured, "ALTER TABLE inbox DISABLE ROW LEVEL SECURITY", "inbox"),
        (read_for_each_row, f"ALTER POLICY consumer ON inbox USING ({PER_ROW})", "inbox"),
        (read_for_each_row, f"ALTER POLICY consumer ON inbox WITH CHECK ({PER_ROW})", "inbox"),
        (without_a_batch_s_policy, "ALTER POLICY consumer ON inbox USING (true)", "inbox"),
        (without_a_batch_s_policy, "ALTER POLICY consumer ON inbox WITH CHECK (true)", "inbox"),
        (without_a_batch_s_policy, "DROP POLICY consumer ON inbox", "inbox"),
        (
            keys_without_the_tenant,
            f"{NEW_TABLE}; CREATE TABLE more (tenant_id uuid, id uuid CONSTRAINT joins_two REFERENCES found (id))",
            "joins_two",
        ),
    ],
)
async def test_control_harm_is_seen(harmed, check, harm, name):
    """Negative controls: each check finds what it is for."""
    transaction = harmed.transaction()
    await transaction.start()
    await harmed.execute(harm)
    found = await check(harmed)
    await transaction.rollback()
    assert found == {name}
    assert await check(harmed) == set()
