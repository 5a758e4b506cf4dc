"""Row-level security as the migrations leave it, in every service's database; each check with its control (I12)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from holdfast_platform.testing.databases import migrated_database

pytestmark = pytest.mark.integration

SERVICES = ("gateway", "booking", "inventory", "tickets", "calendar")

UNSECURED = """
SELECT c.relname AS what FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
WHERE c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""
"""Tables with a tenant whose rows are not under policies, or not for their owner."""

LOOSE = """
SELECT f.conname AS what FROM pg_constraint f
WHERE f.contype = 'f' AND 2 = (SELECT count(DISTINCT attrelid) FROM pg_attribute
  WHERE attname = 'tenant_id' AND attrelid IN (f.conrelid, f.confrelid))
AND NOT EXISTS (SELECT FROM unnest(f.conkey, f.confkey) AS k(ours, theirs)
  JOIN pg_attribute o ON o.attrelid = f.conrelid AND o.attnum = k.ours AND o.attname = 'tenant_id'
  JOIN pg_attribute t ON t.attrelid = f.confrelid AND t.attnum = k.theirs AND t.attname = 'tenant_id')
"""
"""References between tables with a tenant that could lead to another tenant's row."""

SLOW = """
SELECT tablename AS what FROM pg_policies
WHERE policyname = 'consumer' AND position('( SELECT' IN upper(qual)) = 0
"""
"""Policies of batches that are evaluated for each row instead of once for each statement."""


@pytest.fixture(params=SERVICES)
async def database(request: pytest.FixtureRequest, postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    async with migrated_database(postgres_url, request.param) as url:
        connection = await asyncpg.connect(url)
        yield connection
        await connection.close()


async def found(database: asyncpg.Connection, query: str) -> list[str]:
    return [row["what"] for row in await database.fetch(query)]


async def test_every_row_of_a_tenant_is_under_its_policies(database: asyncpg.Connection) -> None:
    secured = await database.fetch("SELECT FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    assert len(secured) >= 3
    assert [await found(database, query) for query in (UNSECURED, LOOSE, SLOW)] == [[], [], []]
    for control in CONTROLS:
        await database.execute(control)
    assert [await found(database, query) for query in (UNSECURED, LOOSE, SLOW)] == [
        ["bare", "half"], ["half_bare_id_fkey"], ["bare"],
    ]  # fmt: skip


CONTROLS = (
    "CREATE TABLE bare (tenant_id uuid, id uuid PRIMARY KEY)",
    "CREATE TABLE half (tenant_id uuid, bare_id uuid REFERENCES bare (id))",
    "ALTER TABLE half ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY consumer ON bare USING (tenant_id = ANY (current_setting('app.tenant_ids')::uuid[]))",
)
"""What the checks must see: no policies at all, none for the owner, a reference by id alone, no sub-select."""
