"""The relay: publishes outbox rows in order, at least once, and deletes what the bus has acknowledged (I10).

One advisory lock for the whole outbox: whoever is woken waits for it in a statement of its own and only then reads,
so that no row is sent again that another replica has just sent, and no two relays reorder a key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTopicError, KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from holdfast_platform import checkpoints, logs, metrics
from holdfast_platform.database.pool import Connection, Database
from holdfast_platform.errors import InfrastructureDown, classify
from holdfast_platform.outbox import store
from holdfast_platform.settings import ServiceSettings

_LOCK_KEY: Final = 0x484F4C44  # "HOLD"
_BEGIN: Final = (
    "SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; "
    f"SELECT pg_advisory_xact_lock({_LOCK_KEY})"
)
_HOPELESS: Final = (MessageSizeTooLargeError, InvalidTopicError)
"""Errors that no repeat heals."""

Row = tuple[int, str, str, str, bytes]
log = logs.get(__name__)


class Relay:
    """Publishes what the outbox holds: woken after commits, with a slow poll as a net."""

    def __init__(
        self, database: Database, make_producer: Callable[[], AIOKafkaProducer], settings: ServiceSettings
    ) -> None:
        self._database = database
        self._make_producer = make_producer
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self.healthy = False

    def wake(self) -> None:
        """Tell the relay that rows were committed."""
        self._awake.set()

    async def start(self) -> None:
        """Begin to publish."""
        self._stopping = False
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Publish what is there, then end; what cannot be sent in time stays in the outbox."""
        self._stopping = True
        self.wake()
        if self._task is not None:
            try:
                await asyncio.wait_for(self._task, timeout=self._settings.relay_round_seconds)
            except TimeoutError:
                log.warning("relay stopped with rows unsent; they are published by the next start")
            self._task = None
        await self._drop_producer()

    async def _run(self) -> None:
        while True:
            try:
                sent = await self._round()
                self.healthy = True
            except Exception as error:
                self.healthy = False
                cause = classify(error)
                if not isinstance(cause, InfrastructureDown | KafkaError):
                    log.exception("relay round failed")
                else:
                    log.warning("relay waits for the infrastructure", reason=str(cause))
                await self._drop_producer()
                if self._stopping:
                    return
                await asyncio.sleep(self._settings.infrastructure_backoff_seconds / 4)
                continue
            if sent < self._settings.relay_batch:
                if self._stopping:
                    return
                await self._sleep_until_woken()

    async def _sleep_until_woken(self) -> None:
        try:
            await asyncio.wait_for(self._awake.wait(), timeout=self._settings.relay_poll_seconds)
        except TimeoutError:
            return
        finally:
            self._awake.clear()

    async def _round(self) -> int:
        producer = await self._started_producer()
        async with self._database.transaction() as connection:
            await connection.execute(_BEGIN)
            rows = await store.read(connection, self._settings.relay_batch)
            metrics.OUTBOX_ROWS.set(len(rows))
            if rows:
                await checkpoints.reach("relay.before_publish")
                sent = await self._publish(producer, connection, rows)
                await checkpoints.reach("relay.after_publish")
                await store.delete(connection, sent)
        return len(rows)

    async def _publish(self, producer: AIOKafkaProducer, connection: Connection, rows: list[Row]) -> list[int]:
        """Send all rows, await every acknowledgement, and return the ids to delete."""
        futures = {row[0]: await _send(producer, row) for row in rows}
        _, pending = await asyncio.wait(futures.values(), timeout=self._settings.relay_round_seconds)
        if pending:
            msg = f"{len(pending)} of {len(rows)} records were not acknowledged in time"
            raise InfrastructureDown(msg)
        sent, failure = [], None
        for row in rows:
            error = futures[row[0]].exception()
            if error is None:
                sent.append(row[0])
                metrics.OUTBOX_SENT.labels(row[1]).inc()
            elif isinstance(error, _HOPELESS):
                log.error(
                    "outbox row can never be sent and was set aside", outboxId=row[0], topic=row[1], reason=str(error)
                )
                await store.set_aside(connection, row[0], str(error))
            else:
                failure = error
        if failure is not None:
            raise InfrastructureDown(str(failure)) from failure
        return sent

    async def _started_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = self._make_producer()
            try:
                await asyncio.wait_for(producer.start(), timeout=self._settings.relay_round_seconds)
            except BaseException:
                await _close(producer)
                raise
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer)


async def _send(producer: AIOKafkaProducer, row: Row) -> asyncio.Future[object]:
    _, topic, key, headers, payload = row
    pairs = [(name, value.encode()) for name, value in orjson.loads(headers).items()]
    try:
        future: asyncio.Future[object] = await producer.send(topic, payload, key=key.encode(), headers=pairs)
    except (MessageSizeTooLargeError, InvalidTopicError, UnknownTopicOrPartitionError) as error:
        future = asyncio.get_running_loop().create_future()
        future.set_exception(error)
    return future


async def _close(producer: AIOKafkaProducer) -> None:
    """Close a producer that may be waiting for a broker that is gone."""
    try:
        await asyncio.wait_for(producer.stop(), timeout=2)
    except (TimeoutError, KafkaError, OSError) as error:
        log.warning("a producer did not close in order", reason=str(error))
