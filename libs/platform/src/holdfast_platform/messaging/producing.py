"""A producer that outlives what breaks it: once a record of it has failed, a new one takes its place.

A record that the broker refuses leaves a gap in the sequence of its partition. An idempotent producer is then refused
every later record there, for ever, however long the broker has been well again (KIP-98, "Idempotent Producer
Guarantees"). A new producer begins a new sequence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    ProducerClosed,
    UnknownTopicOrPartitionError,
)

from holdfast_platform import logs

_HARMLESS: Final = (MessageSizeTooLargeError, InvalidTopicError, UnknownTopicOrPartitionError, KafkaTimeoutError)
"""Errors that were found before the record got a place in a sequence."""
_START_SECONDS: Final = 10.0
_CLOSE_SECONDS: Final = 5.0
_CUT_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 0.5

log = logs.get(__name__)


class LastingProducer:
    """Sends records with an idempotent producer, and replaces it when one of its records has failed."""

    def __init__(self, make_producer: Callable[[], AIOKafkaProducer]) -> None:
        self._make_producer = make_producer
        self._producer: AIOKafkaProducer | None = None
        self._renewal: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Whether records are taken."""
        return self._producer is not None

    async def start(self) -> None:
        """Connect. Raises KafkaError where the bus does not answer."""
        self._producer = await self._started()

    async def stop(self, seconds: float = _CLOSE_SECONDS) -> None:
        """Send what was handed over, as far as that is possible in time, then close."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer, seconds)

    async def send(
        self,
        topic: str,
        payload: bytes,
        headers: Sequence[tuple[str, bytes]],
        *,
        key: bytes | None = None,
        partition: int | None = None,
    ) -> asyncio.Future[Any]:
        """Hand a record over; its future ends when all replicas have it. Raises KafkaError where it is not taken.

        One at a time: where a partition's buffer is full, all who wait for room would be woken for each that finds it.
        """
        async with self._turn:
            producer = self._producer
            if producer is None:
                msg = "the producer is not started"
                raise KafkaError(msg)
            try:
                future: asyncio.Future[Any] = await producer.send(
                    topic, payload, key=key, partition=partition, headers=headers
                )
            except KafkaError as error:
                self._consider(producer, error)
                raise
        future.add_done_callback(lambda done: self._look(producer, done))
        return future

    def _look(self, producer: AIOKafkaProducer, done: asyncio.Future[Any]) -> None:
        if not done.cancelled() and (error := done.exception()) is not None:
            self._consider(producer, error)

    def _consider(self, producer: AIOKafkaProducer, error: BaseException) -> None:
        renewing = self._renewal is not None and not self._renewal.done()
        if isinstance(error, _HARMLESS) or producer is not self._producer or renewing:
            return
        log.warning("a record failed; its producer is replaced", reason=f"{type(error).__name__}: {error}")
        self._renewal = asyncio.create_task(self._renew(producer), name="producer-renewal")

    async def _renew(self, failed: AIOKafkaProducer) -> None:
        while True:
            try:
                self._producer = await self._started()
                break
            except (KafkaError, TimeoutError, OSError) as error:
                log.warning("no new producer yet", reason=f"{type(error).__name__}: {error}")
                await asyncio.sleep(_PAUSE_SECONDS)
        await close_producer(failed, _CLOSE_SECONDS)

    async def _started(self) -> AIOKafkaProducer:
        producer = self._make_producer()
        try:
            await asyncio.wait_for(producer.start(), timeout=_START_SECONDS)
        except BaseException:
            await close_producer(producer, _CLOSE_SECONDS)
            raise
        return producer


async def close_producer(producer: AIOKafkaProducer, seconds: float) -> None:
    """Close a producer: in order while that takes no longer than `seconds`, then by force, which takes two at most.

    It never goes on sending afterwards. An idempotent producer gives no record up, so one whose `stop` is only cut
    short would send old records beside those of its successor as soon as the bus is back (v5, v6, v5).
    """
    try:
        await asyncio.wait_for(producer.stop(), timeout=seconds)
    except (TimeoutError, KafkaError, OSError) as error:
        log.warning("a producer closed with records unsent", reason=f"{type(error).__name__}: {error}")
        await _sever(producer)
    except asyncio.CancelledError:
        await _sever(producer)
        raise


async def _sever(producer: AIOKafkaProducer) -> None:
    """End what a producer left running whose `stop` did not come to its end, and fail what it still held.

    Sender and connections are aiokafka's own affair, but its `stop` waits for the broker and does nothing when called
    again.
    """
    sender, client = producer._sender.sender_task, producer.client  # noqa: SLF001
    # Cancelled once, the sender takes no more records; cancelled twice, it no longer waits for the request under way.
    for _ in range(2):
        if sender is not None and not sender.done():
            sender.cancel()
            await asyncio.wait([sender], timeout=_CUT_SECONDS)
    for connection in client._conns.values():  # noqa: SLF001
        if (writer := connection._writer) is not None:  # noqa: SLF001
            writer.transport.abort()  # what is half written is no request
    await asyncio.wait([asyncio.ensure_future(client.close())], timeout=_CUT_SECONDS)
    producer._message_accumulator.fail_all(ProducerClosed())  # noqa: SLF001
