"""Inventory on a real PostgreSQL: the unit of work without the bus."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from inventory_samples import create_content, create_resource, place_claim, schedule_session

from holdfast_inventory.domain.hold import HoldTimes
from holdfast_inventory.handlers.commands import InventoryWork
from holdfast_inventory.repositories.due_holds import DueHoldRepository
from holdfast_inventory.repositories.stock import StockRepository, SweepingStockRepository
from holdfast_inventory.services.inventory_hold_scheduler import InventoryHoldSchedulerService
from holdfast_inventory.settings import InventorySettings
from holdfast_platform import checkpoints
from holdfast_platform.database import writing
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import CONSUMER, REQUESTS, SWEEPER, role_name
from holdfast_platform.testing.controls import UNLOCKED, rewritten
from holdfast_platform.testing.databases import migrated_database, settings_for
from holdfast_platform.testing.units import decide, unit_for_test
from holdfast_platform.units.batcher import Batcher
from holdfast_platform.units.messages import Answer, Incoming
from holdfast_platform.units.unit import Unit

SERVICE = "inventory"


@pytest.fixture(scope="session")
async def inventory_url(postgres_url):
    async with migrated_database(postgres_url, SERVICE) as url:
        yield url


@pytest.fixture(scope="session")
def settings(inventory_url):
    """Limits of time that a busy machine does not reach: a batch that is cut short would count as several."""
    return settings_for(
        InventorySettings,
        inventory_url,
        batch_backoff_seconds=0.01,
        batch_max_seconds=60,
        lock_timeout_ms=10_000,
        statement_timeout_ms=20_000,
        idle_in_transaction_timeout_ms=30_000,
        kafka_session_timeout_ms=45_000,
    )


async def _open(settings: InventorySettings, role: str) -> Database:
    database = Database(settings, role_name(SERVICE, role))
    await database.start()
    return database


@pytest.fixture
async def consumer(settings):
    database = await _open(settings, CONSUMER)
    yield database
    await database.stop()


@pytest.fixture
async def requests(settings):
    database = await _open(settings, REQUESTS)
    yield database
    await database.stop()


@pytest.fixture
async def sweeper(settings):
    database = await _open(settings, SWEEPER)
    yield database
    await database.stop()


@pytest.fixture
async def admin(inventory_url):
    """A connection that no policy binds."""
    connection = await asyncpg.connect(inventory_url)
    yield connection
    await connection.close()


@dataclass
class Shop:
    """One tenant's inventory: sends commands, reads what was published and what is taken."""

    tenant_id: UUID
    unit: Unit[Any]
    admin: asyncpg.Connection

    async def send(self, *given: Incoming[Any]) -> list[Answer]:
        return await decide(self.unit, *given)

    async def do(self, given: Incoming[Any]) -> dict[str, Any]:
        (answer,) = await self.send(given)
        return orjson.loads(answer.body or b"{}") | {"_status": answer.status, "_etag": answer.etag}

    async def content(self, **more: Any) -> dict[str, Any]:
        return await self.do(create_content(self.tenant_id, **more))

    async def evening(self, **more: Any) -> tuple[str, str]:
        """(session, tier) of a new concert with one tier."""
        quantity = more.pop("quantity", 10)
        made = await self.content(
            tiers=[{"name": "Standard", "price": "25.00", "quantity": quantity, **more.pop("tier", {})}]
        )
        session = await self.do(schedule_session(self.tenant_id, made["id"], **more))
        return session["id"], made["tiers"][0]["id"]

    async def resource(self, **more: Any) -> str:
        return (await self.do(create_resource(self.tenant_id, **more)))["id"]

    async def claim(self, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
        return await self.do(place_claim(self.tenant_id, payload, **more))

    async def events(self, kind: str) -> list[dict[str, Any]]:
        rows = await self.admin.fetch(
            "SELECT payload FROM outbox WHERE tenant_id = $1 AND headers->>'ce_type' = $2 ORDER BY id",
            self.tenant_id,
            kind,
        )
        return [orjson.loads(row["payload"]) for row in rows]

    async def taken(self, session_id: str) -> tuple[int, int]:
        """(counter of the session, sum of its tiers' counters)."""
        row = await self.admin.fetchrow(
            "SELECT taken, (SELECT sum(taken) FROM session_tiers WHERE session_id = s.id) AS tiers "
            "FROM sessions s WHERE id = $1",
            UUID(session_id),
        )
        return row["taken"], row["tiers"]

    async def live(self, session_id: str) -> int:
        """Units that live claims of a session have."""
        return await self.admin.fetchval(
            "SELECT coalesce(sum(t.quantity), 0) FROM claim_tiers t "
            "JOIN claims c ON c.id = t.claim_id AND c.status = 'live' WHERE t.session_id = $1",
            UUID(session_id),
        )

    async def age(self, hold_id: str) -> None:
        """Let a hold expire."""
        await self.admin.execute(
            "UPDATE inventory_holds SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1",
            UUID(hold_id),
        )


@pytest.fixture
def unit(consumer, settings):
    work = InventoryWork(StockRepository(), HoldTimes())
    return unit_for_test("inventory.commands", SERVICE, work, consumer, settings)


@pytest.fixture
def shop(unit, admin):
    return Shop(uuid4(), unit, admin)


@pytest.fixture
def other_shop(unit, admin):
    return Shop(uuid4(), unit, admin)


# -- two at once --------------------------------------------------------------------------------------------------


@pytest.fixture
async def second(settings):
    """A second consumer of the same service: another partition, or another member of the group."""
    database = await _open(settings, CONSUMER)
    work = InventoryWork(StockRepository(), HoldTimes())
    yield unit_for_test("inventory.commands", SERVICE, work, database, settings)
    await database.stop()


@pytest.fixture
def scheduler(consumer, sweeper, settings):
    """The sweeper of expired holds."""
    work = InventoryWork(SweepingStockRepository(), HoldTimes())
    unit = unit_for_test("inventory.sweeper", SERVICE, work, consumer, settings)
    return InventoryHoldSchedulerService(DueHoldRepository(sweeper), Batcher(unit), 2)


def _meet(seconds: float) -> Callable[[], Awaitable[None]]:
    """Two wait here for each other, once; where one waits for the other's lock, it comes when the time is up."""
    barrier, over = asyncio.Barrier(2), asyncio.Event()

    async def wait() -> None:
        if not over.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await barrier.wait()
            over.set()

    return wait


@pytest.fixture
def meeting():
    """Lets both batches reach a point before either goes on; a lock that is held already keeps the other away."""
    removers = []
    yield lambda point: removers.append(checkpoints.install(point, _meet(0.5)))
    for remove in removers:
        remove()


@pytest.fixture
def under_way():
    """Whether two commands are crossing now, and not yet what they need."""
    return asyncio.Event()


@pytest.fixture
def decided_both(monkeypatch, under_way):
    """Lets both batches be decided before either writes; with locks in place that cannot be."""
    send, wait = writing.Writes.send, _meet(10)

    async def send_together(self, connection) -> None:
        if under_way.is_set():
            await wait()
        await send(self, connection)

    monkeypatch.setattr(writing.Writes, "send", send_together)


@pytest.fixture
def no_locks():
    """The control: the same without row locks, of the sweeper, too."""
    with rewritten(UNLOCKED):
        yield


@pytest.fixture
def no_last_word(monkeypatch):
    """The control: counts are not compared, and counters are set without a condition."""
    monkeypatch.setattr(writing, "expect", lambda _count, _wanted, _what: None)


@pytest.fixture
def crossing(unit, second, under_way):
    """Decides one command at each of two consumers at the same time."""

    async def cross(first: Incoming[Any], other: Incoming[Any]) -> list[Answer]:
        under_way.set()
        return [answer for (answer,) in await asyncio.gather(decide(unit, first), decide(second, other))]

    return cross
