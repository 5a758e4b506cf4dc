"""Rows that no repeat heals are set aside, alone; what a repeat heals waits."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, NotLeaderForPartitionError
from prometheus_client import REGISTRY
from relay_world import FakeClient, FakeMetadata, FakeProducer, Refusing, fill, left, numbers_of, until_drained

from holdfast_contracts import registry
from holdfast_contracts.message import Message
from holdfast_contracts.topics import BOOKING_EVENTS
from holdfast_platform.messaging.reading import Source
from holdfast_platform.outbox.store import MAX_PAYLOAD
from holdfast_platform.testing import toy
from holdfast_platform.testing.units import decide, unit_for_test
from holdfast_platform.units.messages import Answer, Incoming, Outcome, Outgoing

pytestmark = pytest.mark.integration

NOWHERE = "toy.nowhere.v1"


async def test_a_row_that_can_never_be_sent_is_set_aside_alone(admin, new_relay, toy_settings, toy_topics):
    key = uuid4()
    before = REGISTRY.get_sample_value("holdfast_outbox_set_aside_total", {"topic": toy.EVENTS.name}) or 0
    await fill(admin, [0], key=key)
    await fill(admin, [1], key=key, payload=b"x" * 1_500_000)
    await fill(admin, [2], key=key)
    await new_relay()
    await until_drained(admin)
    assert await numbers_of(toy_settings, key) == [0, 2]
    dead = await admin.fetch("SELECT headers ->> 'n' AS n, reason FROM outbox_dead")
    assert [(row["n"], row["reason"].partition(":")[0]) for row in dead] == [("1", "MessageSizeTooLargeError")]
    after = REGISTRY.get_sample_value("holdfast_outbox_set_aside_total", {"topic": toy.EVENTS.name})
    assert after == before + 1


async def test_rows_for_a_topic_that_does_not_exist_are_set_aside_and_cost_nobody_time(
    admin, new_relay, toy_settings, toy_topics
):
    """A producer waits 10 s for each record of such a topic; the bus is asked once for all of them."""
    key = uuid4()
    await fill(admin, range(5), topic=NOWHERE)
    await fill(admin, range(5, 10), key=key)
    await new_relay()
    await until_drained(admin, seconds=8)
    assert await numbers_of(toy_settings, key) == list(range(5, 10))
    dead = await admin.fetch("SELECT topic, reason FROM outbox_dead")
    assert [tuple(row) for row in dead] == [(NOWHERE, f"NoSuchTopicError: {NOWHERE}")] * 5


async def test_rows_for_a_topic_of_the_contracts_wait_until_it_is_made(admin, new_relay, sweeper_database):
    """A Kafka that was built anew lacks all of them for a while: what waits for them is not given up."""
    await fill(admin, [1], topic=BOOKING_EVENTS.name)
    await fill(admin, [2])
    early, late = FakeProducer(sweeper_database), FakeProducer(sweeper_database)
    late.client.cluster = FakeMetadata(BOOKING_EVENTS.name)
    await new_relay([early, late])
    await until_drained(admin)
    assert (early.sent, late.sent) == ([2], [1])
    assert await admin.fetchval("SELECT count(*) FROM outbox_dead") == 0


async def test_control_a_bus_that_does_not_answer_has_no_missing_topics(admin, new_relay, sweeper_database):
    await fill(admin, [1], topic=NOWHERE)
    silent = FakeProducer(sweeper_database)
    silent.client = FakeClient(silent=True)
    again = asyncio.Event()

    class Second(FakeProducer):
        async def start(self):
            again.set()
            raise KafkaError

    await new_relay([silent, Second(sweeper_database)])
    await asyncio.wait_for(again.wait(), 10)
    assert await left(admin) == [1]
    assert await admin.fetchval("SELECT count(*) FROM outbox_dead") == 0


async def test_what_was_set_aside_stays_so_though_another_record_failed(admin, new_relay, sweeper_database):
    await fill(admin, range(3))
    first = Refusing(sweeper_database, {0: MessageSizeTooLargeError(), 1: NotLeaderForPartitionError()})
    second = FakeProducer(sweeper_database)
    await new_relay([first, second])
    await until_drained(admin)
    assert (first.sent, second.sent) == ([0, 1, 2], [1])
    assert await admin.fetchval("SELECT headers ->> 'n' FROM outbox_dead") == "0"


class Tell(Message):
    """Asks for an event of so many bytes."""

    length: int


class Told(Message):
    """The event."""

    text: str


class TellingWork(toy.ToyWork):
    """Decides Tell, and writes nothing but what it publishes."""

    usecases = {Tell: lambda given, _state: TellingWork.tell(given)}  # noqa: RUF012

    async def lock(self, connection, batch):
        pass

    async def load(self, connection, batch, now, locked):
        return toy.Counters({})

    @staticmethod
    def tell(given):
        event = Told(text="x" * given.message.length)
        return Outcome(Answer(201, b"{}"), [Outgoing(toy.EVENTS, "key", event, given.derive("Told"))])


@pytest.mark.parametrize(
    ("length", "status", "topic"),
    [(MAX_PAYLOAD - 100, 201, toy.EVENTS.name), (MAX_PAYLOAD, 500, toy.COMMANDS.dead_letters.name)],
)
async def test_an_event_that_is_too_large_is_found_before_it_is_committed(
    admin, consumer_database, toy_settings, monkeypatch, length, status, topic
):
    monkeypatch.setitem(registry.MESSAGES, toy.COMMANDS.name, {"Tell": Tell})
    unit = unit_for_test("toy.commands", toy.SERVICE, TellingWork(), consumer_database, toy_settings)
    source = toy_source(Tell(length=length))
    command = Incoming(uuid4(), uuid4(), Tell(length=length), source=source)
    (answer,) = await decide(unit, command)
    assert answer.status == status
    rows = await admin.fetch("SELECT topic, length(payload) AS bytes FROM outbox")
    assert [row["topic"] for row in rows] == [topic]
    assert rows[0]["bytes"] <= MAX_PAYLOAD
    assert await admin.fetchval("SELECT outcome FROM inbox") == ("done" if status == 201 else "failed")


def toy_source(message):
    return Source(toy.COMMANDS.name, 0, 0, "key", message.encode(), {})
