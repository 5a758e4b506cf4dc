"""The one place where consumers and producers are made, so that none keeps a default that loses messages.

FastStream's defaults acknowledge before the work is done, start at the latest offset and have no group; aiokafka's
producer is not idempotent. A test searches the code for clients made elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from holdfast_contracts.topics import Topic
from holdfast_platform.messaging import broken_writes
from holdfast_platform.messaging.connection import connection_options
from holdfast_platform.messaging.reading import Record
from holdfast_platform.settings import ServiceSettings

MAX_REQUEST_BYTES = 1_048_576
_A_DAY_MS = 24 * 3600 * 1000

broken_writes.mend()

HandleRecords = Callable[[Sequence[Record]], Awaitable[None]]


def make_producer(settings: ServiceSettings) -> AIOKafkaProducer:
    """Return an idempotent producer that waits for all replicas; start and stop are the caller's."""
    return AIOKafkaProducer(
        **connection_options(settings),
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=MAX_REQUEST_BYTES // 2,
        max_request_size=MAX_REQUEST_BYTES,
        request_timeout_ms=10_000,
    )


def make_admin(settings: ServiceSettings) -> AIOKafkaAdminClient:
    """Return an admin client, for tests that look at the bus."""
    return AIOKafkaAdminClient(**connection_options(settings))


class PatientConsumer(AIOKafkaConsumer):  # type: ignore[misc]
    """A consumer whose `getmany` waits for records.

    FastStream's batch subscriber sleeps after an empty poll, which would delay the first message of an idle line by
    the poll's time-out; so an empty poll never reaches it.
    """

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[Record]]:
        """Return records as soon as there are any. Raises ConsumerStoppedError when the consumer is stopped."""
        while True:
            records: dict[TopicPartition, list[Record]] = await super().getmany(
                *partitions, timeout_ms=max(timeout_ms, 200), max_records=max_records
            )
            if records:
                return records


class ThriftyConsumer(PatientConsumer):
    """A patient consumer that asks the broker for nothing while its last records are being handled (decision 0015).

    aiokafka fetches ahead: the first record to come meanwhile would be fetched alone, and be a batch of its own.
    """

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[Record]]:
        """As the patient consumer's."""
        self.resume(*self.paused())
        records = await super().getmany(*partitions, timeout_ms=timeout_ms, max_records=max_records)
        self.pause(*self.assignment())
        return records


class _Broker(KafkaBroker):
    """FastStream's broker with thrifty consumers."""

    async def _connect(self) -> Callable[..., AIOKafkaConsumer]:
        builder = await super()._connect()
        assert isinstance(builder, partial)  # noqa: S101 - a change in FastStream, found at start-up
        thrifty: Callable[..., AIOKafkaConsumer] = partial(ThriftyConsumer, **builder.keywords)
        self.config.broker_config.builder = thrifty
        return thrifty


async def _parse(records: tuple[Record, ...]) -> KafkaAckableMessage:
    """Wrap the records untouched: FastStream's own parser raises for a header that is no text, and drops the batch."""
    return KafkaAckableMessage(raw_message=records, body=records, consumer=_NO_CONSUMER)


async def _decode(message: KafkaAckableMessage) -> Sequence[Record]:
    return message.raw_message


class _NoConsumer:
    """Stands where FastStream would commit by itself; nothing does."""

    async def commit(self) -> None:
        msg = "offsets are committed by Offsets only"
        raise RuntimeError(msg)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        msg = "positions are never moved"
        raise RuntimeError(msg)


_NO_CONSUMER = _NoConsumer()


class Subscriber:
    """A member of a consumer group that hands over batches of records, one batch at a time."""

    def __init__(self, broker: KafkaBroker, subscriber: Any) -> None:  # noqa: ANN401 - FastStream's generic subscriber
        self._broker = broker
        self._subscriber = subscriber

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """The running consumer, for offsets and health."""
        consumer: AIOKafkaConsumer | None = self._subscriber.consumer
        return consumer

    def fetch_ahead(self) -> None:
        """Fetch during the batch under way, once: it takes long, and how much waits behind it must be known."""
        if (consumer := self.consumer) is not None:
            consumer.resume(*consumer.paused())

    async def start(self) -> None:
        """Join the group and begin to consume."""
        await self._broker.start()

    async def stop(self) -> None:
        """Finish the batch under way and leave the group in order, so that others take over at once."""
        await self._broker.stop()


def _make_broker(settings: ServiceSettings) -> _Broker:
    options = connection_options(settings)
    broker = _Broker(
        options.pop("bootstrap_servers"),
        apply_types=False,
        consumer_only=True,
        allow_auto_create_topics=False,
        graceful_timeout=settings.drain_seconds,
        logger=None,
    )
    broker._connection_kwargs.update(options)  # noqa: SLF001 - its `security` cannot carry TLS alone
    return broker


def make_subscriber(
    settings: ServiceSettings,
    topic: Topic,
    group: str,
    handle: HandleRecords,
    listener: ConsumerRebalanceListener,
) -> Subscriber:
    """Return a batch subscriber: explicit group, earliest offset, no acknowledgement of its own.

    A handler that takes its time finds all that came meanwhile in its next batch.
    """
    broker = _make_broker(settings)
    subscriber = broker.subscriber(
        topic.name,
        batch=True,
        group_id=group,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        session_timeout_ms=settings.kafka_session_timeout_ms,
        heartbeat_interval_ms=settings.kafka_heartbeat_ms,
        max_poll_interval_ms=_A_DAY_MS,
        max_records=settings.batch_max_messages,
        listener=listener,
        parser=_parse,
        decoder=_decode,
    )
    subscriber(_as_handler(handle))
    return Subscriber(broker, subscriber)


def _as_handler(handle: HandleRecords) -> Callable[[object], Awaitable[None]]:
    # FastStream makes a schema of the argument's type, which a protocol cannot give.
    async def on_records(records: object) -> None:
        await handle(cast("Sequence[Record]", records))

    return on_records


async def make_reply_consumer(settings: ServiceSettings, topic: Topic, partition: int) -> PatientConsumer:
    """Return a started consumer of one partition from its end, without a group: a gateway's ear."""
    consumer = PatientConsumer(
        **connection_options(settings), group_id=None, auto_offset_reset="latest", enable_auto_commit=False
    )
    try:
        await consumer.start()
        where = TopicPartition(topic.name, partition)
        consumer.assign([where])
        await asyncio.wait_for(consumer.seek_to_end(where), timeout=10)
        await consumer.position(where)
    except BaseException:
        await consumer.stop()
        raise
    return consumer
