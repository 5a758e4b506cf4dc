"""The gateway's ear: replicas share a partition, and none is ready before it knows where to listen from (row A2)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiokafka import TopicPartition, __version__
from kafka_proxy import PausableKafka, pausable

from holdfast_contracts.topics import Topic
from holdfast_gateway.pipeline.waiting import Waiter, Waiters
from holdfast_platform.messaging import replies
from holdfast_platform.messaging.factory import PatientConsumer, connection_options, make_producer
from holdfast_platform.messaging.replies import Reply, ReplyListener, ReplySender
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.testing.databases import settings_for
from holdfast_platform.units.messages import Answer

pytestmark = pytest.mark.integration

SHARED = 3
REPLIES = Topic(f"replies{secrets.token_hex(3)}.v1", partitions=6)
"""A topic of our own: nobody else reads what is sent here."""


@pytest.fixture(autouse=True)
def on_our_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "GATEWAY_REPLIES", REPLIES)


@pytest.fixture(scope="module")
async def settings(kafka_bootstrap: str) -> ServiceSettings:
    await ensure_topics(kafka_bootstrap, [REPLIES])
    return settings_for(ServiceSettings, "postgresql://nobody@127.0.0.1:1/none", kafka_bootstrap)


@pytest.fixture
async def sender(settings: ServiceSettings) -> AsyncIterator[ReplySender]:
    made = ReplySender(lambda: make_producer(settings))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def kafka(kafka_bootstrap: str, settings: ServiceSettings) -> AsyncIterator[PausableKafka]:
    """Consumers are led through it, producers are not."""
    async with pausable(kafka_bootstrap, clients=f"aiokafka-{__version__}") as proxy:
        yield proxy


Listen = Callable[[Callable[[Reply], None]], ReplyListener]


@pytest.fixture
async def listener(settings: ServiceSettings, kafka: PausableKafka) -> AsyncIterator[Listen]:
    made: list[ReplyListener] = []

    def make(hear: Callable[[Reply], None]) -> ReplyListener:
        made.append(ReplyListener(settings, SHARED, hear))
        return made[-1]

    yield make
    kafka.go_on()
    for one in made:
        await one.stop()


def reply(sender: ReplySender, waiters: Waiters, waiter: Waiter, body: bytes) -> None:
    sender.send([waiters.address(waiter).decode()], Answer(201, body))


async def delivered(sender: ReplySender) -> None:
    """Return when Kafka has all that was sent."""
    await sender.stop()
    await sender.start()


async def heard(waiter: Waiter) -> bytes | None:
    answer = await waiter.answer(10)
    return answer.body if answer is not None else None


# -- replicas that share a partition --------------------------------------------------------------------------------


async def test_replicas_that_share_a_partition_hear_their_own_replies_only(
    sender: ReplySender, listener: Listen
) -> None:
    replicas = [Waiters(SHARED), Waiters(SHARED)]
    for waiters in replicas:
        await listener(waiters.hear).start()
    asked = [(waiters, waiters.open()) for waiters in replicas for _ in range(2)]
    sender.send([f"{SHARED}:nobody-1", f"{SHARED}:"], Answer(201, b"for nobody"))
    for number, (waiters, waiter) in enumerate(asked):
        reply(sender, waiters, waiter, b"%d" % number)
    assert [await heard(waiter) for _, waiter in asked] == [b"0", b"1", b"2", b"3"]


async def test_a_reply_to_a_request_that_has_ended_is_ignored(sender: ReplySender, listener: Listen) -> None:
    waiters = Waiters(SHARED)
    await listener(waiters.hear).start()
    ended, other = waiters.open(), waiters.open()
    waiters.close(ended)
    reply(sender, waiters, ended, b"late")
    reply(sender, waiters, other, b"in time")
    assert (await heard(other), ended.answered.done(), len(waiters)) == (b"in time", False, 1)


async def test_control_with_ids_that_two_replicas_share_a_reply_goes_astray(
    sender: ReplySender, listener: Listen
) -> None:
    replicas = [Waiters(SHARED), Waiters(SHARED)]
    for waiters in replicas:
        waiters._prefix = "the same"
        await listener(waiters.hear).start()
    (first, asks), (_, other) = [(waiters, waiters.open()) for waiters in replicas]
    reply(sender, first, asks, b"for the first")
    assert (await heard(asks), await heard(other)) == (b"for the first", b"for the first")


# -- ready after the position is known ------------------------------------------------------------------------------


@pytest.fixture
def paused_when_connected(kafka: PausableKafka, monkeypatch: pytest.MonkeyPatch) -> PausableKafka:
    """A consumer has just connected, and does not yet know where its partition ends, when nothing passes any more."""
    start = PatientConsumer.start

    async def start_and_pause(self: Any) -> None:
        await start(self)
        kafka.pause()

    monkeypatch.setattr(PatientConsumer, "start", start_and_pause)
    return kafka


async def test_it_is_ready_when_the_position_is_known_and_misses_nothing_from_then_on(
    sender: ReplySender, listener: Listen, paused_when_connected: PausableKafka
) -> None:
    waiters = Waiters(SHARED)
    ear = listener(waiters.hear)
    starting = asyncio.create_task(ear.start())
    done, _ = await asyncio.wait([starting], timeout=0.5)
    assert (done, ear.ready) == (set(), "not listening")
    paused_when_connected.go_on()
    await asyncio.wait_for(starting, 10)
    assert ear.ready is None
    paused_when_connected.pause()
    waiter = waiters.open()
    reply(sender, waiters, waiter, b"sent while nothing passes")
    await delivered(sender)
    paused_when_connected.go_on()
    assert await heard(waiter) == b"sent while nothing passes"


async def test_control_an_ear_that_does_not_ask_for_its_position_misses_a_reply(
    sender: ReplySender,
    listener: Listen,
    paused_when_connected: PausableKafka,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hasty(settings: ServiceSettings, topic: Topic, partition: int) -> PatientConsumer:
        consumer = PatientConsumer(**connection_options(settings), group_id=None, auto_offset_reset="latest")
        await consumer.start()
        consumer.assign([TopicPartition(topic.name, partition)])
        return consumer

    monkeypatch.setattr(replies, "make_reply_consumer", hasty)
    waiters = Waiters(SHARED)
    ear = listener(waiters.hear)
    await ear.start()
    assert ear.ready is None
    lost = waiters.open()
    reply(sender, waiters, lost, b"too early")
    await delivered(sender)
    paused_when_connected.go_on()
    assert ear._consumer is not None
    await ear._consumer.position(TopicPartition(REPLIES.name, SHARED))
    later = waiters.open()
    reply(sender, waiters, later, b"in time")
    assert (await heard(later), lost.answered.done()) == (b"in time", False)
