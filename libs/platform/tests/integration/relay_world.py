"""Beside the relay: buses that answer as they are told, and rows that tell their numbers."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

from aiokafka.errors import KafkaError

from holdfast_platform.outbox import relay as relays
from holdfast_platform.testing import toy
from holdfast_platform.testing.bus import records_of
from holdfast_platform.testing.crossing import until


class FakeMetadata:
    """A bus that has these topics."""

    def __init__(self, *topics):
        self._topics = {toy.EVENTS.name, *topics}

    def topics(self):
        return self._topics


class FakeClient:
    def __init__(self, *, silent=False):
        self.cluster = FakeMetadata()
        self._silent = silent

    async def fetch_all_metadata(self):
        if self._silent:
            raise KafkaError
        return FakeMetadata()


class FakeProducer:
    """Acknowledges every record at once, as a bus that is well does."""

    def __init__(self, database):
        self.client = FakeClient()
        self.sent = []
        self.lock_was_free = None
        self._database = database

    async def start(self):
        pass

    async def stop(self):
        self.lock_was_free = await lock_is_free(self._database)

    async def send(self, topic, payload, *, key, headers):
        number = int(dict(headers)["n"])
        self.sent.append(number)
        return self.acknowledgement(number)

    def acknowledgement(self, number):
        future = asyncio.get_running_loop().create_future()
        if (error := self.error_of(number)) is None:
            future.set_result(None)
        else:
            future.set_exception(error)
        return future

    def error_of(self, number):
        return None


class NeverAcknowledging(FakeProducer):
    def acknowledgement(self, number):
        return asyncio.get_running_loop().create_future()


class NeverTaking(FakeProducer):
    async def send(self, topic, payload, *, key, headers):
        await asyncio.get_running_loop().create_future()


class Refusing(FakeProducer):
    """Fails the records whose numbers are given."""

    def __init__(self, database, errors):
        super().__init__(database)
        self._errors = errors

    def error_of(self, number):
        return self._errors.get(number)


async def lock_is_free(database):
    async with database.connection() as connection:
        return await connection.fetchval(f"SELECT pg_try_advisory_xact_lock({relays._LOCK_KEY})")


async def fill(admin, numbers, *, key=None, topic=toy.EVENTS.name, payload=b"{}"):
    """Put rows into the outbox that tell their numbers; with no key each has its own."""
    rows = [(uuid4(), topic, str(key or f"key-{n}"), json.dumps({"n": str(n)}), payload) for n in numbers]
    await admin.executemany(
        "INSERT INTO outbox (tenant_id, topic, key, headers, payload) VALUES ($1, $2, $3, $4::jsonb, $5)", rows
    )


async def left(admin):
    rows = await admin.fetch("SELECT headers ->> 'n' AS n FROM outbox ORDER BY id")
    return [int(row["n"]) for row in rows]


async def until_drained(admin, seconds=10):
    await until(lambda: admin.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"), seconds)


async def numbers_of(settings, key):
    return [int(dict(record.headers)["n"]) for record in await records_of(settings, toy.EVENTS, key)]
