"""Steps of a create, each alone: a transaction of inventory, one of booking, the relay's look into the outbox."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import orjson
from tests.load.p3_inside import _Shop

from holdfast_booking.handlers.claims import on_claims
from holdfast_booking.handlers.work import LedgerWork
from holdfast_booking.services.showing import BookingShowing
from holdfast_booking.settings import BookingSettings
from holdfast_contracts.inventory import ClaimPlaced
from holdfast_contracts.message import TenantFacts
from holdfast_inventory.handlers.commands import InventoryWork
from holdfast_inventory.repositories.stock import StockRepository
from holdfast_inventory.settings import InventorySettings
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import CONSUMER, SWEEPER, role_name
from holdfast_platform.links import LinkSigner
from holdfast_platform.messaging.reading import read
from holdfast_platform.outbox import store
from holdfast_platform.testing.databases import TEST_KEY, migrated_database, settings_for
from holdfast_platform.testing.units import unit_for_test
from holdfast_platform.units.messages import Incoming
from holdfast_platform.units.unit import Unit

Times = tuple[float, float]
"""Milliseconds: p50 and p99."""

_WARM = 20


async def inventory_alone(admin_url: str, count: int) -> Times:
    """Decide one command after the other, decoding included."""
    async with migrated_database(admin_url, "inventory") as url, _shop(url) as shop:
        records = await _records(shop, count + _WARM)

        async def one(number: int) -> None:
            await shop.sell([records[number]], decoded=True)

        return await _timed(one, count)


async def booking_alone(admin_url: str, count: int) -> Times:
    """Record one claim after the other, decoding included."""
    async with (
        migrated_database(admin_url, "inventory") as inventory_url,
        migrated_database(admin_url, "booking") as booking_url,
        _shop(inventory_url) as shop,
    ):
        claims = await _claims(shop, count + _WARM)
        settings = settings_for(BookingSettings, booking_url)
        showing = BookingShowing(LinkSigner(TEST_KEY, "http://127.0.0.1:8000"))
        async with _opened(Database(settings, role_name("booking", CONSUMER))) as database:
            unit = unit_for_test("booking.claims", "booking", LedgerWork(on_claims(showing)), database, settings)

            async def one(number: int) -> None:
                payload, tenant_id = claims[number]
                await unit.run([Incoming(uuid4(), tenant_id, ClaimPlaced.decode(payload))])

            return await _timed(one, count)


async def relay_alone(admin_url: str, count: int) -> Times:
    """Lock the outbox and read its one row, as the relay does before it publishes."""
    async with migrated_database(admin_url, "inventory") as url, _shop(url) as shop:
        await _claims(shop, 1)
        settings = settings_for(InventorySettings, url)
        async with _opened(Database(settings, role_name("inventory", SWEEPER))) as database:

            async def one(_: int) -> None:
                async with database.transaction("SELECT pg_advisory_xact_lock(1)") as connection:
                    await store.read(connection, 1000)

            return await _timed(one, count)


@asynccontextmanager
async def _shop(url: str) -> AsyncIterator[_Shop]:
    settings = settings_for(InventorySettings, url)
    tenant = TenantFacts(id=uuid4(), slug="demo", name="Demo", domain=None, timezone="Europe/Berlin", currency="EUR")
    async with _opened(Database(settings, role_name("inventory", CONSUMER))) as database:
        work = InventoryWork(StockRepository(), settings.hold_times)
        unit: Unit[Any] = unit_for_test("inventory.commands", "inventory", work, database, settings)
        yield _Shop(tenant, unit, settings.batch_max_messages, url)


@asynccontextmanager
async def _opened(database: Database) -> AsyncIterator[Database]:
    await database.start()
    try:
        yield database
    finally:
        await database.stop()


async def _records(shop: _Shop, count: int) -> list[Any]:
    content, tier = await shop.content(count)
    return shop.records(content, tier, await shop.session(content), count)


async def _claims(shop: _Shop, count: int) -> list[tuple[bytes, Any]]:
    """The payloads of so many placed claims, as they stand in the outbox."""
    import asyncpg  # noqa: PLC0415

    records = await _records(shop, count)
    assert read(records[0], commands=True) is not None
    await shop.sell(records, decoded=True)
    connection = await asyncpg.connect(shop.url)
    try:
        rows = await connection.fetch("SELECT payload, tenant_id FROM outbox WHERE topic = 'inventory.claims.v1'")
    finally:
        await connection.close()
    assert orjson.loads(rows[0]["payload"])["claimId"]
    return [(row["payload"], row["tenant_id"]) for row in rows]


async def _timed(one: Callable[[int], Awaitable[None]], count: int) -> Times:
    taken = []
    for number in range(count + _WARM):
        began = time.perf_counter()
        await one(number)
        if number >= _WARM:
            taken.append(1000 * (time.perf_counter() - began))
    ordered = sorted(taken)
    return ordered[len(ordered) // 2], ordered[int(0.99 * len(ordered))]
