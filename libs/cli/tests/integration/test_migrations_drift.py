"""Migrations against tables: what Alembic does not compare is seen too."""

from __future__ import annotations

import asyncpg
import pytest

from holdfast_cli.drift.migrated import apart, catalogue, declare
from holdfast_platform.database.migrate import current_revision, differences, head_of, upgrade
from holdfast_platform.testing.databases import empty_database, migrated_database

pytestmark = pytest.mark.integration


async def test_tables_and_migrations_are_compared_to_the_last_constraint(postgres_url):
    async with (
        migrated_database(postgres_url, "calendar") as migrated,
        empty_database(postgres_url, "calendar") as other,
    ):
        await declare("calendar", other)
        assert apart(await catalogue(migrated), await catalogue(other)) == []
        connection = await asyncpg.connect(migrated)
        try:
            await connection.execute("ALTER TABLE entries DROP CONSTRAINT ck_entries_status_known")
            await connection.execute("ALTER TABLE entries ALTER venue SET NOT NULL")
        finally:
            await connection.close()
        found = apart(await catalogue(migrated), await catalogue(other))
        assert [said for said in found if "only tables.py has entries: ck_entries_status_known CHECK" in said]
        assert "only the migrations make entries: venue text not null" in found


async def test_an_address_means_to_migrations_what_it_means_to_services(postgres_url):
    async with empty_database(postgres_url, "calendar") as url:
        address = f"{url}{'&' if '?' in url else '?'}sslmode=disable"
        await upgrade("calendar", address)
        assert await current_revision(address) == head_of("calendar")
        assert await differences("calendar", address) == []
