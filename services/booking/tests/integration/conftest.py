"""Booking on a real PostgreSQL, without the bus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import pytest

from holdfast_booking.handlers.claims import on_claims
from holdfast_booking.handlers.commands import on_commands, on_time
from holdfast_booking.handlers.tickets import on_tickets
from holdfast_booking.handlers.work import LedgerWork
from holdfast_booking.repositories.ledger import LedgerRepository, SweepingLedgerRepository
from holdfast_booking.services.showing import BookingShowing
from holdfast_booking.settings import BookingSettings
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import CONSUMER, REQUESTS, SWEEPER, role_name
from holdfast_platform.links import LinkSigner
from holdfast_platform.testing.databases import TEST_KEY, migrated_database, settings_for
from holdfast_platform.testing.units import decide, unit_for_test
from holdfast_platform.units.messages import Answer, Incoming


@pytest.fixture(scope="session")
async def booking_url(postgres_url):
    async with migrated_database(postgres_url, "booking") as url:
        yield url


@pytest.fixture(scope="session")
def settings(booking_url):
    # Batches end by their messages, not by the clock: a slow machine must not change the count of statements.
    patient = {"batch_backoff_seconds": 0.01, "batch_max_seconds": 60}
    return settings_for(BookingSettings, booking_url, database_pool_size=4, **patient)


@pytest.fixture(scope="session")
async def databases(settings):
    pools = {role: Database(settings, role_name("booking", role)) for role in (REQUESTS, CONSUMER, SWEEPER)}
    for pool in pools.values():
        await pool.start()
    yield pools
    for pool in pools.values():
        await pool.stop()


@pytest.fixture(scope="session")
def showing():
    return BookingShowing(LinkSigner(TEST_KEY, "https://tickets.example"))


@pytest.fixture
async def admin(booking_url):
    connection = await asyncpg.connect(booking_url)
    await connection.execute(
        "TRUNCATE bookings, booking_history, customer_limits, inbox, outbox, outbox_dead RESTART IDENTITY"
    )
    yield connection
    await connection.close()


@dataclass
class World:
    """Booking's units of work, and what they left in the database."""

    units: dict[str, Any]
    admin: asyncpg.Connection

    async def claims(self, *given: Incoming) -> list[Answer]:
        return await decide(self.units["claims"], *given)

    async def commands(self, *given: Incoming) -> list[Answer]:
        return await decide(self.units["commands"], *given)

    async def tickets(self, *given: Incoming) -> list[Answer]:
        return await decide(self.units["tickets"], *given)

    async def time(self, *given: Incoming) -> list[Answer]:
        return await decide(self.units["expiry"], *given)

    async def outbox(self, topic: str | None = None) -> list[dict[str, Any]]:
        rows = await self.admin.fetch("SELECT topic, key, headers, payload FROM outbox ORDER BY id")
        found = [
            {
                "topic": row["topic"],
                "key": row["key"],
                "headers": orjson.loads(row["headers"]),
                "type": orjson.loads(row["headers"]).get("ce_type"),
                "payload": row["payload"],
                "json": orjson.loads(row["payload"]),
            }
            for row in rows
        ]
        return [row for row in found if topic is None or row["topic"] == topic]

    async def told(self) -> list[str]:
        return [row["type"] for row in await self.outbox("booking.events.v1")]

    async def released(self) -> list[str]:
        return [row["json"]["claimId"] for row in await self.outbox("inventory.commands.v1")]

    async def versions(self, booking_id: object) -> list[tuple[int, str | None, str]]:
        rows = await self.admin.fetch(
            "SELECT version, from_status, to_status FROM booking_history WHERE booking_id = $1 ORDER BY version",
            booking_id,
        )
        return [tuple(row) for row in rows]

    async def status(self, booking_id: object) -> str | None:
        return await self.admin.fetchval("SELECT status FROM bookings WHERE id = $1", booking_id)


@pytest.fixture
def world(admin, databases, settings, showing):
    def unit(name: str, usecases: Any, repository: LedgerRepository | None = None) -> Any:
        work = LedgerWork(usecases, repository)
        return unit_for_test(f"booking.{name}", "booking", work, databases[CONSUMER], settings)

    units = {
        "claims": unit("claims", on_claims(showing)),
        "commands": unit("commands", on_commands(showing)),
        "tickets": unit("tickets", on_tickets()),
        "expiry": unit("expiry", on_time(), SweepingLedgerRepository()),
    }
    return World(units, admin)
