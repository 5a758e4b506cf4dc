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
    UnknownTopicOrPartitionError,
)

from holdfast_platform import logs

_HARMLESS: Final = (MessageSizeTooLargeError, InvalidTopicError, UnknownTopicOrPartitionError, KafkaTimeoutError)
"""Errors that were found before the record got a place in a sequence."""
_START_SECONDS: Final = 10.0
_CLOSE_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.5

log = logs.get(__name__)


class LastingProducer:
    """Sends records with an idempotent producer, and replaces it when one of its records has failed."""

    def __init__(self, make_producer: Callable[[], AIOKafkaProducer]) -> None:
        self._make_producer = make_producer
        self._producer: AIOKafkaProducer | None = None
        self._renewal: asyncio.Task[None] | None = None

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
            await _close(producer, seconds)

    async def send(
        self,
        topic: str,
        payload: bytes,
        headers: Sequence[tuple[str, bytes]],
        *,
        key: bytes | None = None,
        partition: int | None = None,
    ) -> asyncio.Future[Any]:
        """Hand a record over; its future ends when all replicas have it. Raises KafkaError where it is not taken."""
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
        await _close(failed, _CLOSE_SECONDS)

    async def _started(self) -> AIOKafkaProducer:
        producer = self._make_producer()
        try:
            await asyncio.wait_for(producer.start(), timeout=_START_SECONDS)
        except BaseException:
            await _close(producer, _CLOSE_SECONDS)
            raise
        return producer


async def _close(producer: AIOKafkaProducer, seconds: float) -> None:
    try:
        await asyncio.wait_for(producer.stop(), timeout=seconds)
    except (TimeoutError, KafkaError, OSError) as error:
        log.warning("a producer closed with records unsent", reason=f"{type(error).__name__}: {error}")
