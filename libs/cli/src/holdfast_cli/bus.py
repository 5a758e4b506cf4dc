"""The operator's clients of Kafka; the only ones that are made outside the platform's factory.

They belong to no service's group, commit only what the operator decided, and never to a group of a service.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, OffsetAndMetadata, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorError,
)

from holdfast_cli.errors import CannotError
from holdfast_platform.messaging.connection import options_for
from holdfast_platform.messaging.topics import configurations

T = TypeVar("T")

OPERATORS_GROUP: Final = "holdfast.dlq"
_SETTLING: Final = (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)
"""What a Kafka says while the place for a group's offsets is made or moves, such as at its first use."""
_SETTLE_SECONDS: Final = 20.0


async def reached(address: str, work: Awaitable[T]) -> T:
    """Await work with Kafka; a Kafka that does not answer is told plainly. Raises CannotError."""
    try:
        return await work
    except KafkaError as error:
        raise CannotError(f"Kafka at {address} cannot be used: {error}") from error


@dataclass(frozen=True, slots=True)
class TopicFound:
    """A topic as Kafka has it."""

    partitions: int
    configuration: Mapping[str, str]


@asynccontextmanager
async def admin(address: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give an admin client."""
    client = AIOKafkaAdminClient(**options_for(address))
    await client.start()
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def reader(address: str) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a consumer of the operators' group that is assigned by hand and commits only what it is told."""
    client = AIOKafkaConsumer(
        **options_for(address),
        group_id=OPERATORS_GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


@asynccontextmanager
async def writer(address: str) -> AsyncIterator[AIOKafkaProducer]:
    """Give an idempotent producer that waits for all replicas."""
    client = AIOKafkaProducer(**options_for(address), acks="all", enable_idempotence=True)
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def topics_of(address: str, names: Iterable[str]) -> dict[str, TopicFound]:
    """Return the topics that exist of those named."""
    async with admin(address) as client:
        partitions = {topic["topic"]: len(topic["partitions"]) for topic in await client.describe_topics()}
        there = [name for name in names if name in partitions]
        configured = await configurations(client, there) if there else {}
    return {name: TopicFound(partitions[name], configured.get(name, {})) for name in there}


async def partitions_of(address: str) -> dict[str, int]:
    """Return how many partitions each topic has."""
    async with admin(address) as client:
        told = await client.describe_topics()
    return {topic["topic"]: len(topic["partitions"]) for topic in told}


async def committed(address: str, group: str) -> dict[TopicPartition, tuple[int, str]]:
    """Return what a group has committed: offset and note of each partition."""
    async with admin(address) as client:
        offsets = await _offsets(client, group)
    return {where: (told.offset, told.metadata or "") for where, told in offsets.items() if told.offset >= 0}


async def _offsets(client: AIOKafkaAdminClient, group: str) -> Mapping[TopicPartition, OffsetAndMetadata]:
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        try:
            offsets: Mapping[TopicPartition, OffsetAndMetadata] = await client.list_consumer_group_offsets(group)
        except _SETTLING:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            return offsets


async def ends_of(address: str, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """Return the end of each partition."""
    listed = list(partitions)
    if not listed:
        return {}
    async with reader(address) as client:
        ends: dict[TopicPartition, int] = await client.end_offsets(listed)
    return ends
