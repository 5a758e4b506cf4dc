"""Tickets on a real PostgreSQL, without the bus."""

from __future__ import annotations

import asyncpg
import pytest

from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import CONSUMER, REQUESTS, role_name
from holdfast_platform.testing.databases import TEST_KEY, migrated_database, settings_for
from holdfast_platform.testing.units import unit_for_test
from holdfast_tickets.adapters.ed25519 import Ed25519Verifier, KeyVault
from holdfast_tickets.handlers.bookings import on_bookings
from holdfast_tickets.handlers.scans import on_scans
from holdfast_tickets.handlers.work import RosterWork
from holdfast_tickets.repositories.keys import SigningKeyRepository
from holdfast_tickets.repositories.parties import PartyRepository
from holdfast_tickets.repositories.roster import RosterRepository
from holdfast_tickets.settings import TicketsSettings

TABLES = "scans, tickets, admissions, signing_keys, inbox, outbox, outbox_dead"


@pytest.fixture(scope="session")
async def tickets_url(postgres_url):
    async with migrated_database(postgres_url, "tickets") as url:
        yield url


@pytest.fixture(scope="session")
def settings(tickets_url):
    # Batches end by their messages, not by the clock: a slow machine must not change the count of statements.
    patient = {"batch_backoff_seconds": 0.01, "batch_max_seconds": 60}
    return settings_for(TicketsSettings, tickets_url, ticket_key_secret=TEST_KEY, **patient)


@pytest.fixture(scope="session")
async def databases(settings):
    pools = {role: Database(settings, role_name("tickets", role)) for role in (REQUESTS, CONSUMER)}
    for pool in pools.values():
        await pool.start()
    yield pools
    for pool in pools.values():
        await pool.stop()


@pytest.fixture
async def admin(tickets_url):
    connection = await asyncpg.connect(tickets_url)
    await connection.execute(f"TRUNCATE {TABLES}")
    yield connection
    await connection.close()


@pytest.fixture
def keys(settings):
    return SigningKeyRepository(KeyVault(settings.key_secret))


@pytest.fixture
def unit(admin, databases, settings, keys):
    """Hears events of bookings."""
    work = RosterWork(on_bookings(), RosterRepository(keys))
    return unit_for_test("tickets.bookings", "tickets", work, databases[CONSUMER], settings)


@pytest.fixture
def door(admin, databases, settings, keys):
    """Evaluates scans."""
    work = RosterWork(on_scans(Ed25519Verifier()), RosterRepository(keys))
    return unit_for_test("tickets.scans", "tickets", work, databases[CONSUMER], settings)


@pytest.fixture
def parties(admin, databases, keys):
    return PartyRepository(databases[REQUESTS], keys)
