"""The bus: one idempotent producer, and the difference between a record that was never handed over and one that was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from holdfast_contracts.topics import Topic
from holdfast_gateway.ports import NotHandedOver
from holdfast_platform import logs
from holdfast_platform.messaging.producing import LastingProducer

log = logs.get(__name__)

_HAND_OVER_SECONDS: Final = 3.0
"""Longest wait for room in the producer, or for its knowledge of the topic."""


class KafkaBus:
    """Implements CommandBus."""

    def __init__(self, make_producer: Callable[[], AIOKafkaProducer]) -> None:
        self._producer = LastingProducer(make_producer)

    @property
    def problem(self) -> str | None:
        """None while commands can be published, else why not."""
        return None if self._producer.running else "the producer is not started"

    async def start(self) -> None:
        """Connect. Raises KafkaError where the bus does not answer."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what was handed over, then close."""
        await self._producer.stop()

    async def hand_over(
        self, topic: Topic, key: bytes, payload: bytes, headers: Sequence[tuple[str, bytes]]
    ) -> asyncio.Future[Any]:
        """Give a record to the producer; its future ends when all replicas have it.

        Raises NotHandedOver where the producer has no room or does not know the topic in time: `send` appends the
        record as its last step, so one that was cancelled before was never handed over.
        """
        try:
            async with asyncio.timeout(_HAND_OVER_SECONDS):
                return await self._producer.send(topic.name, payload, headers, key=key)
        except (KafkaError, TimeoutError, AssertionError) as error:
            log.warning("command not handed over", topic=topic.name, reason=f"{type(error).__name__}: {error}")
            raise NotHandedOver(topic.name) from error
