"""`examples/subscriber.py`, run as its readers run it, against a real Kafka."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import sys
from contextlib import asynccontextmanager, closing
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from holdfast_contracts.golden_messages import golden
from holdfast_contracts.topics import BOOKING_EVENTS
from holdfast_platform.messaging.topics import ensure_topics

pytestmark = pytest.mark.integration

SCRIPT = Path(__file__).parents[2] / "examples" / "subscriber.py"
TENANT = str(uuid4())


@pytest.fixture
async def bus(kafka_bootstrap):
    await ensure_topics(kafka_bootstrap, [BOOKING_EVENTS])
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    yield producer
    await producer.stop()


class Booking:
    """A booking whose events the test tells."""

    def __init__(self, bus: AIOKafkaProducer) -> None:
        self.id = str(uuid4())
        self.number = f"BK-{uuid4().hex[:8].upper()}"
        self._bus = bus

    async def told(self, kind: str, version: int, payload: bytes | None = None, **headers: str) -> None:
        real = golden("BookingConfirmed")
        booking = {**real.payload["booking"], "id": self.id, "bookingNumber": self.number, "version": version}
        body = {**real.payload, "bookingId": self.id, "version": version, "booking": booking, "ofALaterRelease": []}
        named = {**real.headers, "ce_id": str(uuid4()), "ce_type": kind, "ce_tenantid": TENANT, **headers}
        await self._bus.send_and_wait(
            BOOKING_EVENTS.name,
            json.dumps(body).encode() if payload is None else payload,
            key=self.id.encode(),
            headers=[(name, value.encode()) for name, value in named.items()],
        )


class Subscriber:
    """The running example."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []

    async def says(self, text: str) -> None:
        async with asyncio.timeout(60):
            while not any(text in line for line in self.said):
                line = await self.process.stdout.readline()
                assert line, f"it ended, and said {self.said}"
                self.said.append(line.decode().rstrip())

    def count(self, number: str) -> int:
        return sum(number in line for line in self.said)


@asynccontextmanager
async def subscriber(kafka_bootstrap, group, database, *, ending=signal.SIGTERM):
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), "--bootstrap", kafka_bootstrap, "--group", group, "--database", str(database),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    running = Subscriber(process)
    try:
        yield running
    finally:
        process.send_signal(ending)
        rest = await asyncio.wait_for(process.stdout.read(), 20)
        running.said += rest.decode().splitlines()
        await process.wait()


def account(database) -> dict[str, str]:
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT number, total || ' ' || currency FROM confirmed"))


async def test_each_confirmed_booking_is_booked_once(kafka_bootstrap, bus, tmp_path) -> None:
    first, cancelled, last = Booking(bus), Booking(bus), Booking(bus)
    await first.told("BookingConfirmed", 1)
    await first.told("BookingConfirmed", 1)
    await first.told("BookingUpdated", 2)
    await cancelled.told("BookingCancelled", 2)
    await cancelled.told("BookingConfirmed", 1)  # an older version that comes late
    database = tmp_path / "account.sqlite3"
    async with subscriber(kafka_bootstrap, f"example-{uuid4()}", database) as running:
        await running.says(first.number)
        await last.told("BookingConfirmed", 1)
        await running.says(last.number)
    assert running.process.returncode == 0
    assert running.said[-1] == "left the group"
    booked = account(database)
    assert (booked[first.number], booked[last.number]) == ("50.00 EUR", "50.00 EUR")
    assert cancelled.number not in booked
    assert running.count(first.number) == 1


async def test_it_survives_unknown_types_and_what_cannot_be_read(kafka_bootstrap, bus, tmp_path) -> None:
    booking = Booking(bus)
    await booking.told("BookingOfALaterRelease", 1)
    await booking.told("BookingConfirmed", 2, payload=b"not json")
    await booking.told("BookingConfirmed", 3, payload=b'{"bookingId": "x"}')
    await bus.send_and_wait(BOOKING_EVENTS.name, b"{}", key=booking.id.encode())
    await booking.told("BookingConfirmed", 4)
    async with subscriber(kafka_bootstrap, f"example-{uuid4()}", tmp_path / "account.sqlite3") as running:
        await running.says(booking.number)
    assert running.process.returncode == 0


async def test_a_killed_subscriber_goes_on_where_its_work_ended(kafka_bootstrap, bus, tmp_path) -> None:
    before, after = Booking(bus), Booking(bus)
    group, database = f"example-{uuid4()}", tmp_path / "account.sqlite3"
    await before.told("BookingConfirmed", 1)
    async with subscriber(kafka_bootstrap, group, database, ending=signal.SIGKILL) as killed:
        await killed.says(before.number)
    await before.told("BookingConfirmed", 1)
    await after.told("BookingConfirmed", 1)
    async with subscriber(kafka_bootstrap, group, database) as second:
        await second.says(after.number)
    assert second.count(before.number) == 0
    assert {before.number, after.number} <= set(account(database))


async def test_a_bus_that_is_not_there_is_told(tmp_path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), "--bootstrap", "127.0.0.1:1", "--database", str(tmp_path / "account.sqlite3"),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, told = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert b"Kafka at 127.0.0.1:1 does not answer" in told
