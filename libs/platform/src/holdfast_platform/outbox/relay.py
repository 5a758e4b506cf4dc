"""The relay: publishes outbox rows in order, at least once, and deletes what the bus has acknowledged (I10).

One advisory lock for the whole outbox: whoever is woken waits for it in a statement of its own and only then reads,
so that no row is sent again that another replica has just sent, and no two relays reorder a key. What a round could
not settle is dropped with its producer before the lock is let go, so that nothing of it crosses the next round.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTopicError, KafkaError, MessageSizeTooLargeError

from holdfast_contracts.topics import TOPICS
from holdfast_platform import checkpoints, logs, metrics
from holdfast_platform.database.pool import Connection, Database
from holdfast_platform.errors import InfrastructureDown, classify
from holdfast_platform.messaging.producing import close_producer
from holdfast_platform.outbox import store
from holdfast_platform.outbox.store import Waiting
from holdfast_platform.settings import ServiceSettings

_LOCK_KEY: Final = 0x484F4C44  # "HOLD"
_BEGIN: Final = (
    "SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; "
    f"SELECT pg_advisory_xact_lock({_LOCK_KEY})"
)
_CLOSE_SECONDS: Final = 2.0

Acknowledgement = asyncio.Future[object]
log = logs.get(__name__)


class _NoSuchTopicError(Exception):
    """The bus answered, and has no topic of this name; nor do the contracts."""


class _TopicNotMadeError(Exception):
    """The bus answered, and lacks a topic of the contracts: it will be made, and what waits for it is worth waiting."""


_DECLARED: Final = frozenset(topic.name for topic in TOPICS)
_HOPELESS: Final = (MessageSizeTooLargeError, InvalidTopicError, _NoSuchTopicError)
"""Errors that no repeat heals."""


@dataclass(slots=True)
class _Settled:
    """What became of a round's rows; what is in neither list stays where it is."""

    sent: list[int] = field(default_factory=list)
    hopeless: dict[int, str] = field(default_factory=dict)
    failure: BaseException | None = None


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
        self._hurried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._behind = True
        self._measured = 0.0
        self.healthy = False

    def wake(self, awaited: bool = True) -> None:
        """Tell the relay that rows were committed, and whether somebody waits for one of them."""
        self._awake.set()
        if awaited:
            self._hurried.set()

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
                found = await self._round()
            except Exception as error:
                self.healthy, self._behind = False, True
                _tell(classify(error))
                await self._drop_producer()
                if self._stopping:
                    return
                await asyncio.sleep(self._settings.infrastructure_backoff_seconds / 4)
                continue
            self.healthy = True
            self._behind = found == self._settings.relay_batch
            if not self._behind:
                _tell_backlog(0, 0.0)
                if self._stopping:
                    return
                await self._rest()

    async def _rest(self) -> None:
        """Sleep until somebody waits for a row, or until rows were committed and there was time for others to gather.

        A row that nobody waits for is published at once where the last round is long ago (decision 0015).
        """
        await _set_within(self._hurried, self._settings.relay_rest_ms / 1000)
        await _set_within(self._awake, self._settings.relay_poll_seconds)
        self._hurried.clear()
        self._awake.clear()

    async def _round(self) -> int:
        """Publish what waits, a batch at most; return how many rows were found."""
        await self._measure()
        producer = await self._started_producer()
        async with self._database.transaction(_BEGIN) as connection:
            try:
                return await self._relay(producer, connection)
            except BaseException:
                await self._drop_producer()  # before the lock is let go
                raise

    async def _relay(self, producer: AIOKafkaProducer, connection: Connection) -> int:
        rows = await store.read(connection, self._settings.relay_batch)
        if not rows:
            return 0
        await checkpoints.reach("relay.before_publish")
        settled = await self._publish(producer, rows)
        await checkpoints.reach("relay.after_publish")
        if settled.failure is not None:
            await self._drop_producer()  # before the commit, which lets the lock go
        if settled.hopeless:
            await store.set_aside(connection, settled.hopeless)
        await store.delete_and_commit(connection, settled.sent)
        if settled.failure is not None:
            raise InfrastructureDown(str(settled.failure)) from settled.failure
        return len(rows)

    async def _publish(self, producer: AIOKafkaProducer, rows: Sequence[Waiting]) -> _Settled:
        """Send all rows and wait for every acknowledgement, both together no longer than a round may take."""
        futures: dict[int, Acknowledgement] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.relay_round_seconds):
                missing = await _missing_topics(producer, rows)
                for row in rows:
                    futures[row.id] = await _send(producer, row, missing)
                await asyncio.wait(futures.values())
        return _settle(rows, futures)

    async def _started_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = self._make_producer()
            try:
                await asyncio.wait_for(producer.start(), timeout=self._settings.relay_round_seconds)
            except BaseException:
                await close_producer(producer, _CLOSE_SECONDS)
                raise
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer, _CLOSE_SECONDS)

    async def _measure(self) -> None:
        """Tell how much is left behind: asked only while something is, and not more often than the relay polls."""
        now = time.monotonic()
        if self._behind and now - self._measured >= self._settings.relay_poll_seconds:
            self._measured = now
            async with self._database.connection() as connection:
                _tell_backlog(*await store.backlog(connection))


async def _missing_topics(producer: AIOKafkaProducer, rows: Sequence[Waiting]) -> set[str]:
    """Return the topics that the bus, asked now, says it does not have: `send` would wait 10 s for each of their rows.

    Raises KafkaError where the bus does not answer: then nobody knows.
    """
    unknown = {row.topic for row in rows}.difference(producer.client.cluster.topics())
    return unknown.difference((await producer.client.fetch_all_metadata()).topics()) if unknown else unknown


async def _send(producer: AIOKafkaProducer, row: Waiting, missing: set[str]) -> Acknowledgement:
    """Hand a row over; what is refused at once is told by the future, too."""
    headers = [(name, value.encode()) for name, value in orjson.loads(row.headers).items()]
    try:
        if row.topic in missing:
            raise (_TopicNotMadeError if row.topic in _DECLARED else _NoSuchTopicError)(row.topic)
        future: Acknowledgement = await producer.send(row.topic, row.payload, key=row.key.encode(), headers=headers)
    except (KafkaError, _NoSuchTopicError, _TopicNotMadeError) as error:
        future = asyncio.get_running_loop().create_future()
        future.set_exception(error)
    return future


def _settle(rows: Sequence[Waiting], futures: dict[int, Acknowledgement]) -> _Settled:
    """Sort the rows by what became of them.

    One that was sent though an older one of its key was not stays, too: sent again after it, it has the last word.
    """
    settled = _Settled()
    overtaken: set[tuple[str, str]] = set()
    for row in rows:
        error = _error_of(futures.get(row.id))
        if isinstance(error, _HOPELESS):
            reason = settled.hopeless[row.id] = f"{type(error).__name__.removeprefix('_')}: {error}"
            log.error("outbox row can never be sent and was set aside", outboxId=row.id, topic=row.topic, reason=reason)
            metrics.OUTBOX_SET_ASIDE.labels(row.topic).inc()
        elif error is not None:
            settled.failure = error
            overtaken.add((row.topic, row.key))
        elif (row.topic, row.key) not in overtaken:
            settled.sent.append(row.id)
            metrics.OUTBOX_SENT.labels(row.topic).inc()
    return settled


def _error_of(future: Acknowledgement | None) -> BaseException | None:
    """Return None for a record that was acknowledged, else why not; nobody waits for it any longer."""
    if future is None or future.cancel() or future.cancelled():
        return TimeoutError("a record was not acknowledged in time")
    return future.exception()


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), timeout=seconds)


def _tell_backlog(rows: int, seconds: float) -> None:
    metrics.OUTBOX_ROWS.set(rows)
    metrics.OUTBOX_AGE.set(seconds)


def _tell(cause: BaseException) -> None:
    if isinstance(cause, InfrastructureDown | KafkaError):
        log.warning("relay waits for the infrastructure", reason=str(cause))
    else:
        log.error("relay round failed", exc_info=cause)
