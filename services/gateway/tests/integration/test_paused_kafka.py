"""A Kafka that does not answer while a command is published: what the caller is told is true (row A5).

`DEPENDENCY_DOWN`: unknown, the command may be carried out yet. `NOT_ACCEPTED`: it never will be.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from gateway_doubles import Gateway, make_gateway
from kafka_proxy import PausableKafka, pausable

from holdfast_contracts import envelope
from holdfast_contracts.topics import Topic
from holdfast_gateway.adapters import kafka_bus
from holdfast_gateway.adapters.kafka_bus import KafkaBus
from holdfast_gateway.api.examples import CREATE_BOOKING
from holdfast_gateway.ports import NotHandedOver
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.testing.crossing import until
from holdfast_platform.testing.databases import settings_for

pytestmark = pytest.mark.integration

ITEMS = CREATE_BOOKING["schedulePayload"]["items"]
COMMANDS = Topic(f"paused{secrets.token_hex(3)}.commands.v1", partitions=3)
"""A topic of our own: nobody else reads what is published here."""


@pytest.fixture(scope="module")
async def on_kafka(kafka_bootstrap: str) -> ServiceSettings:
    await ensure_topics(kafka_bootstrap, [COMMANDS])
    return settings_for(ServiceSettings, "postgresql://nobody@127.0.0.1:1/none", kafka_bootstrap)


class Published:
    """What has come to the topic since the test began, seen from beside the Kafka that is paused."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._seen: list[tuple[str, str]] = []

    async def of(self, key: str) -> list[str]:
        """Operations of the commands with a key, in order, of all that the topic has by now."""
        where = list(self._consumer.assignment())
        ends = await self._consumer.end_offsets(where)
        while any([await self._consumer.position(one) < ends[one] for one in where]):
            for records in (await self._consumer.getmany(timeout_ms=50)).values():
                self._seen += [(r.key.decode(), dict(r.headers)[envelope.OPERATION].decode()) for r in records]
        return [operation for known, operation in self._seen if known == key]


@pytest.fixture
async def published(on_kafka: ServiceSettings) -> AsyncIterator[Published]:
    consumer = AIOKafkaConsumer(bootstrap_servers=on_kafka.kafka_bootstrap_servers, client_id="beside")
    await consumer.start()
    consumer.assign([TopicPartition(COMMANDS.name, number) for number in range(COMMANDS.partitions)])
    await consumer.seek_to_end()
    yield Published(consumer)
    await consumer.stop()


@pytest.fixture
async def kafka(kafka_bootstrap: str) -> AsyncIterator[PausableKafka]:
    async with pausable(kafka_bootstrap, clients="aiokafka-producer") as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def no_long_wait_for_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_bus, "_HAND_OVER_SECONDS", 0.3)


class OwnBus(KafkaBus):
    """Takes commands for whatever topic to ours."""

    async def hand_over(self, topic: Topic, *record: Any) -> asyncio.Future[Any]:
        return await super().hand_over(COMMANDS, *record)


@pytest.fixture
async def bus(kafka: PausableKafka, on_kafka: ServiceSettings) -> AsyncIterator[KafkaBus]:
    made = OwnBus(lambda: make_producer(on_kafka))
    await made.start()
    yield made
    kafka.go_on()
    await made.stop()


async def book(gateway: Gateway, session: str, key: str) -> tuple[int, str | None]:
    """(status, code) of a create that is contended for by its session only."""
    body = {**CREATE_BOOKING, "schedulePayload": {"sessionId": session, "items": ITEMS}}
    answer = await gateway.call("POST", "/bookings", json=body, headers={"Idempotency-Key": key})
    return answer.status_code, answer.json().get("code")


async def test_what_was_handed_over_is_unknown_and_may_be_carried_out_later(
    bus: KafkaBus, kafka: PausableKafka, published: Published
) -> None:
    gateway, session = make_gateway(bus=bus), str(uuid4())
    assert await book(gateway, session, "one") == (202, None)  # from now on the producer knows the topic
    kafka.pause()
    assert await book(gateway, session, "two") == (503, "DEPENDENCY_DOWN")
    assert len(gateway.operations.kept) == 1
    kafka.go_on()

    async def both() -> bool:
        return await published.of(session) == ["CreateBooking"] * 2

    await until(both)


async def not_accepted(bus: Any, kafka: PausableKafka, published: Published) -> tuple[object, list[str]]:
    """(what the caller is told who comes while Kafka is paused, what is published once it has gone on)"""
    gateway, session, known = make_gateway(bus=bus), str(uuid4()), str(uuid4())
    kafka.pause()
    told = await book(gateway, session, "one")
    kafka.go_on()
    assert await book(gateway, known, "two") == (202, None)  # a later one has arrived
    return told, await published.of(session)


async def test_what_is_not_accepted_never_happens(bus: KafkaBus, kafka: PausableKafka, published: Published) -> None:
    """The producer does not know the topic yet, and cannot ask."""
    assert await not_accepted(bus, kafka, published) == ((503, "NOT_ACCEPTED"), [])


class Hasty(OwnBus):
    """The control: what was handed over counts as refused where it is not acknowledged soon."""

    async def hand_over(self, topic: Topic, *record: Any) -> asyncio.Future[Any]:
        taken = await super().hand_over(topic, *record)
        await asyncio.wait([taken], timeout=0.1)
        if not taken.done():
            raise NotHandedOver(topic.name)
        return taken


async def test_control_told_in_haste_it_does_happen(
    kafka: PausableKafka, on_kafka: ServiceSettings, published: Published
) -> None:
    hasty = Hasty(lambda: make_producer(on_kafka))
    await hasty.start()
    await (await hasty.hand_over(COMMANDS, b"warm", b"{}", [(envelope.OPERATION, b"Warm")]))
    try:
        told, found = await not_accepted(hasty, kafka, published)
    finally:
        await hasty.stop()
    assert (told, found) == ((503, "NOT_ACCEPTED"), ["CreateBooking"])


async def _hand_over(bus: KafkaBus, key: str, number: int) -> str | None:
    """The number, where a large record was taken."""
    headers = [(envelope.OPERATION, b"%d" % number)]
    try:
        await bus.hand_over(COMMANDS, key.encode(), b"x" * 200_000, headers)
    except NotHandedOver:
        return None
    return str(number)


async def test_of_a_rush_exactly_that_is_published_which_was_taken(
    bus: KafkaBus, kafka: PausableKafka, published: Published
) -> None:
    """The producer runs out of room: who is refused was never handed over, who was taken arrives."""
    key = str(uuid4())
    await (await bus.hand_over(COMMANDS, key.encode(), b"{}", [(envelope.OPERATION, b"0")]))
    kafka.pause()
    rush = [_hand_over(bus, key, number) for number in range(1, 20)]
    taken = ["0", *(number for number in await asyncio.gather(*rush) if number is not None)]
    kafka.go_on()

    async def arrived() -> bool:
        return len(await published.of(key)) >= len(taken)

    await until(arrived)
    assert await published.of(key) == taken
    assert 1 < len(taken) < 20
