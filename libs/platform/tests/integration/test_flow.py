"""Kafka → unit of work → outbox → Kafka, on real engines: redelivery, poison, order, offsets, a graceful end."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError

from holdfast_contracts import envelope
from holdfast_contracts.topics import GATEWAY_REPLIES
from holdfast_platform import checkpoints
from holdfast_platform.messaging.consumption import Consumption
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.offsets import Offsets
from holdfast_platform.messaging.replies import ReplyListener, ReplySender, reply_address
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.outbox import store as outbox
from holdfast_platform.outbox.relay import Relay
from holdfast_platform.testing import toy
from holdfast_platform.testing.bus import committed_offsets, records_of
from holdfast_platform.testing.crossing import held_at, until
from holdfast_platform.units.messages import Answer
from holdfast_platform.units.unit import Unit

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("toy_messages")]

PATIENCE = 20.0


@pytest.fixture(scope="session")
async def toy_topics(engines):
    topics = (toy.COMMANDS, toy.COMMANDS.dead_letters, toy.EVENTS, GATEWAY_REPLIES)
    await ensure_topics(engines.kafka.bootstrap, topics)


@pytest.fixture
async def producer(toy_settings, toy_topics):
    made = make_producer(toy_settings)
    await made.start()
    yield made
    await made.stop()


@dataclass
class Flow:
    """A running toy service: relay, replies, and the members of its group."""

    settings: Any
    unit: Unit
    relay: Relay
    replies: ReplySender
    members: list[Consumption] = field(default_factory=list)

    async def join(self):
        """Start a further member of the group."""
        member = Consumption(self.settings, toy.COMMANDS, self.unit.consumer, self.unit, commands=True)
        await member.start()
        self.members.append(member)
        return member

    async def lose(self, member):
        """End a member as a kill does: its batch is rolled back, and nothing is committed any more."""
        self.members.remove(member)
        tasks = [*member._subscriber._subscriber.tasks, member._offsets._task]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await member._subscriber.consumer.stop()

    async def stop(self):
        while self.members:
            await self.members.pop().stop()
        await self.relay.stop()
        await self.replies.stop()


async def begin_at_the_end(settings, group):
    """Let a new group begin after what other tests have sent."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers, group_id=group, enable_auto_commit=False
    )
    partitions = [TopicPartition(toy.COMMANDS.name, number) for number in range(toy.COMMANDS.partitions)]
    consumer.assign(partitions)
    await consumer.start()
    await consumer.commit(await consumer.end_offsets(partitions))
    await consumer.stop()


@pytest.fixture
async def new_flow(toy_settings, toy_topics, consumer_database, sweeper_database, admin):
    """Gives a function that starts a toy service; settings by name."""
    running = []

    async def start(unit_class=Unit, **settings):
        own = toy_settings.model_copy(update=settings)
        relay = Relay(sweeper_database, lambda: make_producer(own), own)
        replies = ReplySender(lambda: make_producer(own))
        group = f"toy.{uuid4().hex[:8]}"
        unit = unit_class(
            group, toy.SERVICE, toy.ToyWork(), consumer_database, own, committed=relay.wake, reply=replies.send
        )
        flow = Flow(own, unit, relay, replies)
        running.append(flow)
        await relay.start()
        await replies.start()
        await begin_at_the_end(own, group)
        await flow.join()
        return flow

    yield start
    for flow in running:
        await flow.stop()


@pytest.fixture
async def flow(new_flow):
    return await new_flow()


@dataclass
class Ear:
    """A gateway's ear on one partition of the replies."""

    partition: int
    heard: asyncio.Queue = field(default_factory=asyncio.Queue)

    async def next(self):
        """The next reply: its request and its answer."""
        reply = await asyncio.wait_for(self.heard.get(), PATIENCE)
        return reply.request_id, reply.answer

    def address(self, request_id):
        return {envelope.REPLY: reply_address(self.partition, request_id)}


@pytest.fixture
async def ear(toy_settings, toy_topics):
    made = Ear(3)
    listener = ReplyListener(toy_settings, made.partition, made.heard.put_nowait)
    await listener.start()
    yield made
    await listener.stop()


async def send(producer, tenant, counter, *, message_id=None, amount=1, flaw=None, payload=None, headers=None):
    """Send a Take and return its id and where it stands."""
    message_id = message_id or uuid4()
    all_headers = {
        envelope.CE_ID: str(message_id),
        envelope.CE_TYPE: "Take",
        envelope.CE_TENANT: str(tenant),
        **(headers or {}),
    }
    body = payload if payload is not None else toy.Take(counter_id=counter, amount=amount, flaw=flaw).encode()
    pairs = [(name, value if isinstance(value, bytes) else value.encode()) for name, value in all_headers.items()]
    told = await producer.send_and_wait(toy.COMMANDS.name, body, key=str(counter).encode(), headers=pairs)
    return message_id, told


async def taken(admin, counter):
    return await admin.fetchval("SELECT taken FROM counters WHERE id = $1", counter)


async def until_taken(admin, counter, amount):
    await until(lambda: admin.fetchval("SELECT taken = $2 FROM counters WHERE id = $1", counter, amount), PATIENCE)


async def until_drained(admin):
    await until(lambda: admin.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"), PATIENCE)


async def until_committed(flow, told):
    """Wait until the group would go on after this record."""

    async def done():
        committed = await committed_offsets(flow.settings, flow.unit.consumer)
        return committed.get((told.topic, told.partition)) == told.offset + 1

    await until(done, PATIENCE)


async def committed(flow, told):
    """Where the group would go on in the partition of this record."""
    return (await committed_offsets(flow.settings, flow.unit.consumer)).get((told.topic, told.partition))


# -- once, and in order -------------------------------------------------------------------------------------------


async def test_commands_are_done_once_and_events_come_in_order(flow, producer, admin, new_counter):
    tenant, counter = await new_counter(capacity=50)
    ids = [(await send(producer, tenant, counter))[0] for _ in range(20)]
    for message_id in ids:
        _, told = await send(producer, tenant, counter, message_id=message_id)
    await until_committed(flow, told)
    await until_drained(admin)
    assert await taken(admin, counter) == 20
    records = await records_of(flow.settings, toy.EVENTS, counter)
    assert [json.loads(record.value)["left"] for record in records] == list(range(49, 29, -1))
    headers = {name: value.decode() for name, value in records[0].headers}
    assert headers[envelope.CE_TYPE] == "Taken"
    assert headers[envelope.CE_TENANT] == str(tenant)
    assert headers[envelope.CE_CAUSATION] == str(ids[0])


CHECKPOINTS = (
    "unit.before_commit",
    "unit.after_commit",
    "relay.before_publish",
    "relay.after_publish",
    "offsets.before_commit",
)


def failing_once_at(name):
    """The process loses its connections here, once; tells when it has happened."""
    happened = asyncio.Event()

    async def fail():
        remove()
        happened.set()
        raise KafkaConnectionError if name.startswith("offsets") else ConnectionError

    remove = checkpoints.install(name, fail)
    return happened


def _later(_writes, _rows):
    """Stands for an outbox that is written in a second transaction, which a kill after the first prevents."""


@pytest.mark.parametrize("name", CHECKPOINTS)
async def test_what_fails_at_any_point_is_done_once_told_alike_and_published(
    flow, producer, admin, new_counter, ear, name
):
    tenant, counter = await new_counter()
    happened = failing_once_at(name)
    message_id, told = await send(producer, tenant, counter, headers=ear.address("first"))
    request, first = await ear.next()
    await asyncio.wait_for(happened.wait(), PATIENCE)
    await until_committed(flow, told)
    await until_drained(admin)
    await send(producer, tenant, counter, message_id=message_id, headers=ear.address("again"))
    request_again, again = await ear.next()
    assert (request, request_again, first) == ("first", "again", again)
    assert await taken(admin, counter) == 1
    records = await records_of(flow.settings, toy.EVENTS, counter)
    assert len(records) == (2 if name == "relay.after_publish" else 1)
    assert len({dict(record.headers)[envelope.CE_ID] for record in records}) == 1


async def test_control_an_outbox_that_is_written_after_the_commit_loses_the_event(
    flow, producer, admin, new_counter, ear, monkeypatch
):
    monkeypatch.setattr(outbox, "write", _later)
    tenant, counter = await new_counter()
    happened = failing_once_at("unit.after_commit")
    _, told = await send(producer, tenant, counter, headers=ear.address("first"))
    await ear.next()
    await until_committed(flow, told)
    assert happened.is_set()
    assert await taken(admin, counter) == 1
    assert await records_of(flow.settings, toy.EVENTS, counter) == []


# -- what cannot be read or done ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    [
        {"payload": b"not json"},
        {"payload": b'{"counterId": 5}'},
        {"headers": {"ce_type": "Unknown"}},
        {"headers": {"ce_tenantid": "nobody"}},
        {"headers": {"ce_type": b"\xff\xfe"}},
        {"headers": {"ce_type": "Take\0", "hf-operation": "Ta\0ke"}},
        {"payload": b"{}", "headers": {"hf-subject": "a\0", "ce_correlationid": "\0", "hf-\0other": "b"}},
    ],
    ids=["no json", "wrong fields", "unknown type", "no tenant", "no text", "NUL in its type", "NUL in headers"],
)
async def test_what_cannot_be_read_goes_aside_at_once(flow, producer, admin, new_counter, record):
    tenant, counter = await new_counter()
    await send(producer, tenant, counter, **record)
    await send(producer, tenant, counter)
    await until_taken(admin, counter, 1)
    dead = await until(lambda: records_of(flow.settings, toy.COMMANDS.dead_letters, counter), PATIENCE)
    assert [bool(dict(letter.headers)["hf-dlq-reason"]) for letter in dead] == [True]


@pytest.mark.parametrize("name", [envelope.SUBJECT, envelope.OPERATION, envelope.CE_CORRELATION, "hf-\0"])
async def test_a_nul_in_a_header_stops_nobody_though_its_message_is_given_up(
    flow, producer, admin, new_counter, ear, name
):
    tenant, counter = await new_counter()
    message_id, _ = await send(
        producer, tenant, counter, flaw="write", headers={name: "a\0b", **ear.address("given up")}
    )
    await send(producer, tenant, counter)
    await until_taken(admin, counter, 1)
    request, answer = await ear.next()
    assert (request, answer.status) == ("given up", 500)
    (dead,) = await until(lambda: records_of(flow.settings, toy.COMMANDS.dead_letters, counter), PATIENCE)
    assert dict(dead.headers)[envelope.CE_ID].decode() == str(message_id)
    assert await admin.fetchval("SELECT outcome FROM inbox WHERE id = $1", message_id) == "failed"


# -- answers ------------------------------------------------------------------------------------------------------


class Hasty(Unit):
    """A unit that answers what it has decided and not yet committed."""

    async def _decide(self, *given):
        await super()._decide(*given)
        for message, answer in given[-1].answers:
            self._answer(message, answer)


async def heard_while_a_batch_is_not_committed(flow, producer, admin, tenant, counter, ear):
    """Hold a batch before its commit, send another reply by the same way, and return which of both comes first."""
    with held_at("unit.before_commit") as batch:
        await send(producer, tenant, counter, headers=ear.address("r1"))
        await asyncio.wait_for(batch.reached.wait(), PATIENCE)
        flow.replies.send([reply_address(ear.partition, "marker")], Answer(200, b""))
        first, _ = await ear.next()
        assert await taken(admin, counter) == 0
    return first


async def test_the_caller_is_answered_after_the_commit_and_not_before(flow, producer, admin, new_counter, ear):
    tenant, counter = await new_counter()
    assert await heard_while_a_batch_is_not_committed(flow, producer, admin, tenant, counter, ear) == "marker"
    request, answer = await ear.next()
    assert await taken(admin, counter) == 1
    assert (request, answer.status, answer.etag) == ("r1", 201, "1")
    assert json.loads(answer.body)["left"] == 99


async def test_control_a_hasty_answer_is_heard_before_the_commit(new_flow, producer, admin, new_counter, ear):
    flow = await new_flow(Hasty)
    tenant, counter = await new_counter()
    assert await heard_while_a_batch_is_not_committed(flow, producer, admin, tenant, counter, ear) == "r1"


# -- offsets ------------------------------------------------------------------------------------------------------


async def bare_commit(self):
    """Commit positions: what is taken, whether it is done or not."""
    if (consumer := self._consumer()) is not None:
        await consumer.commit()


async def two_turns_of_the_timer(monkeypatch):
    """Wait until the timer has come round twice from now."""
    turns, commit = asyncio.Semaphore(0), Offsets.commit

    async def counted(self):
        await commit(self)
        turns.release()

    with monkeypatch.context() as patched:
        patched.setattr(Offsets, "commit", counted)
        for _ in range(2):
            await asyncio.wait_for(turns.acquire(), PATIENCE)


@pytest.mark.parametrize("bare", [False, True], ids=["explicit offsets", "control: a bare commit"])
async def test_offsets_are_never_ahead_of_the_commit(new_flow, producer, admin, new_counter, monkeypatch, bare):
    """The timer comes round while a batch is worked on, then the member is lost: the batch comes again (K2)."""
    if bare:
        monkeypatch.setattr(Offsets, "commit", bare_commit)
    flow = await new_flow(offset_commit_seconds=0.05)
    tenant, counter = await new_counter()
    _, before = await send(producer, tenant, counter)
    await until_taken(admin, counter, 1)
    await until_committed(flow, before)
    with held_at("unit.before_commit") as batch:
        _, told = await send(producer, tenant, counter)
        await asyncio.wait_for(batch.reached.wait(), PATIENCE)
        await two_turns_of_the_timer(monkeypatch)
        assert await committed(flow, told) == (told.offset + 1 if bare else told.offset)
        await flow.lose(flow.members[0])
    await flow.join()
    _, last = await send(producer, tenant, counter)
    await until_committed(flow, last)
    assert await taken(admin, counter) == (2 if bare else 3)


async def test_a_graceful_end_commits_the_offsets_of_the_batch_under_way(new_flow, producer, admin, new_counter):
    flow = await new_flow(offset_commit_seconds=60)
    tenant, counter = await new_counter()
    with held_at("unit.before_commit") as batch:
        _, told = await send(producer, tenant, counter)
        await asyncio.wait_for(batch.reached.wait(), PATIENCE)
        member = flow.members.pop()
        ending = asyncio.create_task(member.stop())
        await asyncio.wait_for(member._stopping.wait(), PATIENCE)
    await asyncio.wait_for(ending, PATIENCE)
    assert await taken(admin, counter) == 1
    assert await committed(flow, told) == told.offset + 1
