"""P11: the relay with 100,000 rows behind, beside a bare producer that sends the same."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import defaultdict
from uuid import UUID, uuid4

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from tests.load.figures import Result, interleaved, median, say
from tests.load.options import Options

from holdfast_booking.settings import BookingSettings
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import SWEEPER, role_name
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.outbox.relay import Relay
from holdfast_platform.testing.databases import migrated_database, settings_for

ROWS = 100_000
KEYS = 2_000
PARTITIONS = 12
BODY = orjson.dumps({f"field{number}": str(uuid4()) for number in range(30)})
HEADERS = {f"ce_{name}": str(uuid4()) for name in ("id", "type", "source", "time", "tenantid", "correlationid")}


async def run(postgres_url: str, bootstrap: str, options: Options) -> Result:
    """Measure both, from the first row to the last acknowledgement."""
    rows = options.amount(ROWS, 5_000)
    result = Result("P11", f"Relay with {rows:,} rows behind")
    async with migrated_database(postgres_url, "booking") as url:
        settings = settings_for(BookingSettings, url, bootstrap)
        database = Database(settings, role_name("booking", SWEEPER), size=1, idle_ms=15_000)
        await database.start()
        try:

            async def relayed(_: int) -> float:
                topic = await _topic(bootstrap)
                await _fill(url, topic, rows)
                relay = Relay(database, lambda: make_producer(settings), settings)
                began = time.perf_counter()
                await relay.start()
                await _until_empty(url)
                seconds = time.perf_counter() - began
                await relay.stop()
                await _verify(bootstrap, topic, rows, result)
                return rows / seconds

            async def bare(_: int) -> float:
                return await _send_all(settings, await _topic(bootstrap), rows)

            found = await interleaved({"relayed": relayed, "bare": bare}, max(1, options.rounds - 1))
        finally:
            await database.stop()
    say(f"P11 relay {found['relayed']}, bare {found['bare']}")
    result.at_least("rows a second", median(found["relayed"]), median(found["bare"]), 0.3, "/s", "bare send")
    return result


async def _topic(bootstrap: str) -> str:
    name = f"bench-{secrets.token_hex(4)}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, PARTITIONS, 1)])
    finally:
        await admin.close()
    return name


async def _fill(url: str, topic: str, rows: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "INSERT INTO outbox (tenant_id, topic, key, headers, payload)"
            " SELECT $1, $2, 'key-' || (n % $3), $4::jsonb || jsonb_build_object('number', n::text), $5::bytea"
            " FROM generate_series(1, $6::int) AS n",
            UUID(int=1), topic, KEYS, orjson.dumps(HEADERS).decode(), BODY, rows,
        )  # fmt: skip
        await connection.execute("ANALYZE outbox")
    finally:
        await connection.close()


async def _until_empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        while await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
            await asyncio.sleep(0.05)
    finally:
        await connection.close()


async def _send_all(settings: BookingSettings, topic: str, rows: int) -> float:
    """The same producer, the same bytes, with nothing but a bound on what is in flight."""
    producer = make_producer(settings)
    await producer.start()
    try:
        began = time.perf_counter()
        for start in range(0, rows, 1000):
            futures = []
            for number in range(start, min(start + 1000, rows)):
                headers = [*((name, value.encode()) for name, value in HEADERS.items()), ("number", b"%d" % number)]
                key = b"key-%d" % (number % KEYS)
                futures.append(await producer.send(topic, BODY, key=key, headers=headers))
            await asyncio.wait(futures)
        return rows / (time.perf_counter() - began)
    finally:
        await producer.stop()


async def _verify(bootstrap: str, topic: str, rows: int, result: Result) -> None:
    """All rows are there, and those of a key in their order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
    await consumer.start()
    last: defaultdict[bytes, int] = defaultdict(int)
    seen, ordered = 0, True
    try:
        while seen < rows:
            for records in (await consumer.getmany(timeout_ms=5_000, max_records=5_000)).values():
                for record in records:
                    number = int(dict(record.headers)["number"])
                    ordered, last[record.key] = ordered and number > last[record.key], number
                    seen += 1
    finally:
        await consumer.stop()
    result.verify(seen == rows and ordered, "every row is published once, those of a key in order (I10)")
