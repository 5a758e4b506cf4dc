"""The whole service on real Kafka and PostgreSQL: claims in, events out, answers over internal HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import orjson
import pytest
from aiokafka import AIOKafkaConsumer
from booking_samples import TENANT
from booking_world import cancel, claim, issued, scanned

from holdfast_booking.main import build
from holdfast_booking.settings import BookingSettings
from holdfast_contracts import envelope
from holdfast_contracts.enums import Role
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_contracts.topics import (
    BOOKING_COMMANDS,
    BOOKING_EVENTS,
    INVENTORY_CLAIMS,
    INVENTORY_COMMANDS,
    TICKETS_EVENTS,
)
from holdfast_local import ports
from holdfast_platform.internal import InternalTokens
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.testing.databases import TEST_KEY, settings_for

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


async def until(condition: Callable[[], Awaitable[object]], seconds: float = 60) -> object:
    async with asyncio.timeout(seconds):
        while not (found := await condition()):
            await asyncio.sleep(0.05)
    return found


@pytest.fixture
async def running(kafka_bootstrap, booking_url, admin):
    await ensure_topics(kafka_bootstrap)
    settings = settings_for(
        BookingSettings, booking_url, kafka_bootstrap, internal_port=ports.free_port(), pending_sweep_seconds=0.2
    )
    producer = make_producer(settings)
    await producer.start()
    async with build(settings).running():
        yield settings, producer
    await producer.stop()


async def send(producer, topic, given, payload: bytes | None = None) -> None:
    headers = {
        **given.headers,
        envelope.CE_ID: str(given.id),
        envelope.CE_TYPE: given.type,
        envelope.CE_TENANT: str(given.tenant_id),
    }
    await producer.send_and_wait(
        topic.name,
        given.message.encode() if payload is None else payload,
        key=str(given.message.booking_id).encode(),
        headers=[(name, value.encode()) for name, value in headers.items()],
    )


async def heard(settings, topic, wanted: Callable[[object], bool]) -> tuple[str, dict[str, object]]:
    """Return (type, payload) of the first record of a topic that is wanted."""
    consumer = AIOKafkaConsumer(
        topic.name,
        bootstrap_servers=settings.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with asyncio.timeout(60):
            async for record in consumer:
                with suppress(orjson.JSONDecodeError):  # what other tests put on the same bus
                    payload = orjson.loads(record.value)
                    if wanted(payload):
                        return dict(record.headers)[envelope.CE_TYPE].decode(), payload
    finally:
        await consumer.stop()
    raise AssertionError("the topic ended")


def is_version(booking, version: int) -> Callable[[object], bool]:
    return lambda told: (told.get("bookingId"), told.get("version")) == (str(booking), version)


async def test_from_the_claim_to_the_door(running, admin) -> None:
    settings, producer = running
    given = claim(policy={"booking": {"checkInFromMinutes": 525_600}})
    booking = given.message.booking_id
    await send(producer, INVENTORY_CLAIMS, given)
    kind, event = await heard(settings, BOOKING_EVENTS, is_version(booking, 1))
    assert (kind, event["status"], event["version"]) == ("BookingConfirmed", "confirmed", 1)

    token = InternalTokens(TEST_KEY).mint([TENANT], "visitor-1", Role.GUEST, SCOPES_BY_ROLE[Role.GUEST])
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.internal_port}") as client:
        headers = {"authorization": f"Bearer {token}"}
        shown = await client.get(f"/internal/bookings/{booking}", headers=headers)
        stored = await client.get(f"/internal/operations/{given.id}", headers=headers)
        ready = await client.get("/health/ready")
    assert (shown.status_code, shown.json()["version"]) == (200, 1)
    assert stored.json() == shown.json()
    assert ready.status_code == 200, ready.text

    await send(producer, TICKETS_EVENTS, issued(booking))
    await send(producer, TICKETS_EVENTS, scanned(booking))
    _, event = await heard(
        settings, BOOKING_EVENTS, lambda told: told.get("bookingId") == str(booking) and told["version"] == 2
    )
    assert (event["status"], event["via"]) == ("checked_in", "door")
    assert await admin.fetchval("SELECT count(*) FROM inbox WHERE type LIKE 'Tickets%'") == 0


async def test_a_cancel_gives_the_claim_back_to_inventory(running) -> None:
    settings, producer = running
    given = claim()
    await send(producer, INVENTORY_CLAIMS, given)
    await heard(settings, BOOKING_EVENTS, is_version(given.message.booking_id, 1))
    await send(producer, BOOKING_COMMANDS, cancel(given.message.booking_id))
    kind, release = await heard(
        settings, INVENTORY_COMMANDS, lambda told: told.get("claimId") == str(given.message.claim_id)
    )
    assert (kind, release["reason"]) == ("ReleaseClaim", "cancelled")


@pytest.mark.parametrize("payload", [b"not json", b'{"claimId": 5}'])
async def test_a_claim_that_cannot_be_read_is_given_back(running, admin, payload) -> None:
    settings, producer = running
    given = claim()
    await send(producer, INVENTORY_CLAIMS, given, payload)
    kind, release = await heard(
        settings, INVENTORY_COMMANDS, lambda told: told.get("claimId") == str(given.message.claim_id)
    )
    assert (kind, release["bookingId"]) == ("ReleaseClaim", str(given.message.booking_id))
    outcome = await admin.fetchrow("SELECT outcome, status FROM inbox WHERE id = $1", given.id)
    assert tuple(outcome) == ("failed", 500)


async def test_pending_bookings_expire_by_themselves(running, admin) -> None:
    settings, producer = running
    given = claim(policy={"booking": {"approval": "always"}})
    booking = given.message.booking_id
    await send(producer, INVENTORY_CLAIMS, given)

    async def status() -> str | None:
        return await admin.fetchval("SELECT status FROM bookings WHERE id = $1", booking)

    await until(status)
    await admin.execute("UPDATE bookings SET pending_expires_at = clock_timestamp() WHERE id = $1", booking)
    kind, event = await heard(
        settings, BOOKING_EVENTS, lambda told: told.get("bookingId") == str(booking) and told["version"] == 2
    )
    assert (kind, event["previousStatus"]) == ("BookingExpired", "pending")
    assert await status() == "expired"
