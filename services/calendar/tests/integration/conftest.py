"""The calendar on a real PostgreSQL, without the bus."""

from __future__ import annotations

import asyncpg
import pytest

from holdfast_calendar.handlers.bookings import on_bookings
from holdfast_calendar.handlers.work import EntriesWork
from holdfast_calendar.settings import CalendarSettings
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import CONSUMER, REQUESTS, role_name
from holdfast_platform.testing.databases import migrated_database, settings_for
from holdfast_platform.testing.units import unit_for_test


@pytest.fixture(scope="session")
async def calendar_url(postgres_url):
    async with migrated_database(postgres_url, "calendar") as url:
        yield url


@pytest.fixture(scope="session")
def settings(calendar_url):
    # Batches end by their messages, not by the clock: a slow machine must not change the count of statements.
    return settings_for(CalendarSettings, calendar_url, batch_backoff_seconds=0.01, batch_max_seconds=60)


@pytest.fixture(scope="session")
async def databases(settings):
    pools = {role: Database(settings, role_name("calendar", role)) for role in (REQUESTS, CONSUMER)}
    for pool in pools.values():
        await pool.start()
    yield pools
    for pool in pools.values():
        await pool.stop()


@pytest.fixture
async def admin(calendar_url):
    connection = await asyncpg.connect(calendar_url)
    await connection.execute("TRUNCATE entries, inbox, outbox, outbox_dead")
    yield connection
    await connection.close()


@pytest.fixture
def unit(admin, databases, settings):
    work = EntriesWork(on_bookings())
    return unit_for_test("calendar.bookings", "calendar", work, databases[CONSUMER], settings)
