"""P3: the rush decided inside inventory, without HTTP and without the bus: from encoded commands to the commit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
from tests.load.figures import Result, interleaved, median, say
from tests.load.options import Options

from holdfast_contracts import envelope
from holdfast_contracts.enums import BookingActorType, BookingOrigin, Role
from holdfast_contracts.inventory import CreateContent, PlaceClaim, ScheduleSession
from holdfast_contracts.message import Actor, Message, TenantFacts
from holdfast_contracts.public.bookings import CreateBookingDto
from holdfast_contracts.public.contents import CreateContentDto, CreateSessionDto
from holdfast_contracts.topics import INVENTORY_COMMANDS
from holdfast_inventory.handlers.commands import InventoryWork
from holdfast_inventory.repositories.stock import StockRepository
from holdfast_inventory.settings import InventorySettings
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import CONSUMER, role_name
from holdfast_platform.messaging.reading import Unreadable, read
from holdfast_platform.testing.databases import migrated_database, settings_for
from holdfast_platform.testing.units import decide, unit_for_test
from holdfast_platform.units.messages import Incoming
from holdfast_platform.units.unit import Unit

CONNECTIONS = 32
RUSH, UNITS = 2_000, 500
SOLD = 8_000

BARE = """
WITH taken AS (
  UPDATE session_tiers SET taken = taken + 1
   WHERE tenant_id = $1 AND session_id = $2 AND tier_id = $3 AND taken + 1 <= quantity RETURNING 1)
INSERT INTO claims (tenant_id, id, booking_id, content_id, session_id, status, quantity, created_at)
SELECT $1, $4, $5, $6, $2, 'live', 1, clock_timestamp() FROM taken
"""
"""The baseline: one conditional update and the insert of a claim, in one statement and one durable commit."""

WHOLE = """
WITH taken AS (
  UPDATE session_tiers SET taken = taken + 1
   WHERE tenant_id = $1 AND session_id = $2 AND tier_id = $3 AND taken + 1 <= quantity RETURNING 1),
counted AS (UPDATE sessions SET taken = taken + 1 FROM taken WHERE tenant_id = $1 AND id = $2 RETURNING 1),
claim AS (INSERT INTO claims (tenant_id, id, booking_id, content_id, session_id, status, quantity, created_at)
  SELECT $1, $4, $5, $6, $2, 'live', 1, clock_timestamp() FROM taken),
part AS (INSERT INTO claim_tiers (tenant_id, claim_id, session_id, tier_id, quantity)
  SELECT $1, $4, $2, $3, 1 FROM taken),
done AS (INSERT INTO inbox (consumer, id, tenant_id, type, operation, subject, request_hash, outcome, status)
  SELECT 'inventory.commands', $4, $1, 'PlaceClaim', 'CreateBooking', 'guest', repeat('0', 64),
    CASE WHEN EXISTS (SELECT FROM taken) THEN 'placed' ELSE 'refused' END, 202)
INSERT INTO outbox (tenant_id, topic, key, headers, payload)
SELECT $1, 'inventory.claims.v1', $5::uuid::text, $7::jsonb, $8::bytea
"""
"""The same with every row that a claim has besides: counter of the session, its tiers, inbox and outbox."""

HEADERS = orjson.dumps({f"ce_{name}": str(uuid4()) for name in ("id", "type", "source", "time", "tenantid")}).decode()
PAYLOAD = orjson.dumps({f"field{number}": str(uuid4()) for number in range(30)})


@dataclass(frozen=True)
class _Record:
    """A Kafka record, as the consumer would get it."""

    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    key: bytes
    topic: str = INVENTORY_COMMANDS.name
    partition: int = 0
    offset: int = 0


@dataclass(frozen=True)
class _Shop:
    tenant: TenantFacts
    unit: Unit[Any]
    batch: int
    url: str

    def _given(self, message: Message) -> Incoming[Any]:
        return Incoming(uuid4(), self.tenant.id, message, key="bench", headers={envelope.INSTANCE: "/bookings"})

    async def content(self, units: int) -> tuple[UUID, UUID]:
        """(content, tier) of a new content."""
        dto = CreateContentDto.model_validate_json(orjson.dumps(
            {"kind": "event", "mode": "session", "title": "Measured evening", "durationMinutes": 120,
             "status": "published", "tiers": [{"name": "Standard", "price": "25.00", "quantity": units}]}))  # fmt: skip
        (made,) = await decide(self.unit, self._given(CreateContent(tenant=self.tenant, actor=_OWNER, body=dto)))
        body = orjson.loads(made.body)
        return UUID(body["id"]), UUID(body["tiers"][0]["id"])

    async def session(self, content_id: UUID) -> UUID:
        """A new session of the content."""
        starts = datetime.now(UTC) + timedelta(days=30)
        dto = CreateSessionDto.model_validate_json(orjson.dumps({"startsAt": f"{starts:%Y-%m-%dT%H:%M:%SZ}"}))
        message = ScheduleSession(tenant=self.tenant, actor=_OWNER, content_id=content_id, body=dto)
        (made,) = await decide(self.unit, self._given(message))
        return UUID(orjson.loads(made.body)["id"])

    def records(self, content_id: UUID, tier_id: UUID, session_id: UUID, count: int) -> list[_Record]:
        """So many creates, encoded as the gateway publishes them."""
        return [self._record(content_id, tier_id, session_id, number) for number in range(count)]

    def _record(self, content_id: UUID, tier_id: UUID, session_id: UUID, number: int) -> _Record:
        dto = CreateBookingDto.model_validate_json(orjson.dumps({
            "contentId": content_id, "bookingMode": "session", "customerName": "Ida Berg",
            "schedulePayload": {"sessionId": session_id, "items": [{"tierId": tier_id, "quantity": 1}]},
            "customerEmail": f"ida{number}@example.com"}))  # fmt: skip
        message = PlaceClaim(tenant=self.tenant, actor=_GUEST, body=dto, visitor=f"guest-{number}")
        headers = {
            envelope.CE_ID: str(uuid4()), envelope.CE_TYPE: "PlaceClaim", envelope.CE_TENANT: str(self.tenant.id),
            envelope.REPLY: f"0:{number}", envelope.HASH: f"{number:064x}", envelope.OPERATION: "CreateBooking",
            envelope.SUBJECT: f"guest-{number}", envelope.INSTANCE: "/bookings",
        }  # fmt: skip
        pairs = tuple((name, value.encode()) for name, value in headers.items())
        return _Record(message.encode(), pairs, str(session_id).encode())

    async def sell(self, records: list[_Record], *, decoded: bool) -> float:
        """Decide all, a batch at a time, as the consumer does; return the seconds, of decoding only if wanted."""
        seconds = 0.0
        for start in range(0, len(records), self.batch):
            began = time.perf_counter()
            messages = [read(record, commands=True) for record in records[start : start + self.batch]]
            assert not any(isinstance(message, Unreadable) for message in messages)
            if not decoded:
                began = time.perf_counter()
            await self.unit.run(messages)  # type: ignore[arg-type]  # checked above
            seconds += time.perf_counter() - began
        return seconds


_OWNER = Actor(subject="o", role=Role.OWNER, type=BookingActorType.STAFF, origin=BookingOrigin.DASHBOARD, staff=True)
_GUEST = Actor(subject="g", role=Role.GUEST, type=BookingActorType.GUEST, origin=BookingOrigin.STOREFRONT, staff=False)


async def run(postgres_url: str, options: Options) -> Result:
    """Measure both on databases of their own on the same server."""
    result = Result("P3", "Rush decided inside inventory, from the encoded command to the commit")
    async with (
        migrated_database(postgres_url, "inventory") as ours,
        migrated_database(postgres_url, "inventory") as base,
    ):
        settings = settings_for(InventorySettings, ours)
        database = Database(settings, role_name("inventory", CONSUMER))
        await database.start()
        try:
            unit = unit_for_test(
                "inventory.commands", "inventory", InventoryWork(StockRepository(), settings.hold_times), database,
                settings,
            )  # fmt: skip
            tenant = TenantFacts(
                id=uuid4(), slug="demo", name="Demo", domain=None, timezone="Europe/Berlin", currency="EUR"
            )
            shop = _Shop(tenant, unit, settings.batch_max_messages, ours)
            await _measure(shop, ours, base, options, result)
        finally:
            await database.stop()
    return result


async def _measure(shop: _Shop, ours: str, base: str, options: Options, result: Result) -> None:
    pool = await asyncpg.create_pool(base, min_size=CONNECTIONS, max_size=CONNECTIONS)
    sold = options.amount(SOLD, 500)
    try:
        for what, count, units, least in (("rush, 2,000 for 500", RUSH, UNITS, 10.0), ("all sold", sold, sold, None)):

            async def inside(decoded: bool, count: int = count, units: int = units) -> float:
                content, tier = await shop.content(units)
                session = await shop.session(content)
                seconds = await shop.sell(shop.records(content, tier, session, count), decoded=decoded)
                await _verify(ours, session, units, result)
                return count / seconds

            async def statements(sql: str, count: int = count, units: int = units) -> float:
                rate, session = await _conditional_updates(pool, sql, shop.tenant.id, count, units)
                await _verify(base, session, units, result)
                return rate

            variants: dict[str, Callable[[int], Awaitable[float]]] = {
                "inside": lambda _, run=inside: run(False),
                "with decoding": lambda _, run=inside: run(True),
                "bare": lambda _, run=statements: run(BARE),
                "whole": lambda _, run=statements: run(WHOLE),
            }
            found = {name: median(rates) for name, rates in (await interleaved(variants, options.rounds)).items()}
            say(f"P3 {what}: " + ", ".join(f"{name} {rate:,.0f}/s" for name, rate in found.items()))
            result.at_least(what, found["inside"], found["bare"], least, "/s", "update + insert")
            result.at_least(f"{what}, against all rows", found["inside"], found["whole"], None, "/s", "one statement")
            result.note(f"{what}, with decoding", f"{found['with decoding']:,.0f} /s")
    finally:
        await pool.close()


async def _conditional_updates(pool: Any, sql: str, tenant: UUID, count: int, units: int) -> tuple[float, UUID]:
    content, tier, session = uuid4(), uuid4(), uuid4()
    await _bare_session(pool, tenant, content, tier, session, units)
    more = [HEADERS, PAYLOAD] if sql is WHOLE else []
    left = count

    async def worker() -> None:
        nonlocal left
        async with pool.acquire() as connection:
            await connection.execute("SET session_replication_role = replica")  # no foreign keys to check
            statement = await connection.prepare(sql)
            while left > 0:
                left -= 1
                await statement.fetch(tenant, session, tier, uuid4(), uuid4(), content, *more)

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))
    return count / (time.perf_counter() - began), session


async def _bare_session(pool: Any, tenant: UUID, content: UUID, tier: UUID, session: UUID, units: int) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(
            "INSERT INTO sessions (tenant_id, id, content_id, starts_at, ends_at, timezone, status, taken, created_at,"
            " updated_at, version) VALUES ($1, $2, $3, now() + interval '1 day', now() + interval '2 days', 'UTC',"
            " 'scheduled', 0, now(), now(), 1)", tenant, session, content,
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO session_tiers (tenant_id, session_id, tier_id, quantity, taken) VALUES ($1, $2, $3, $4, 0)",
            tenant, session, tier, units,
        )  # fmt: skip


async def _verify(url: str, session: UUID, units: int, result: Result) -> None:
    connection = await asyncpg.connect(url)
    try:
        claims = await connection.fetchval("SELECT count(*) FROM claims WHERE session_id = $1", session)
        taken = await connection.fetchval("SELECT sum(taken) FROM session_tiers WHERE session_id = $1", session)
    finally:
        await connection.close()
    result.verify(claims == taken == units, "exactly as many claims as units, in both")
