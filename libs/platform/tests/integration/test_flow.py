"""Kafka → unit of work → outbox → Kafka, on real engines: redelivery, poison, order, a graceful end."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from holdfast_contracts import envelope
from holdfast_contracts.topics import GATEWAY_REPLIES
from holdfast_platform import checkpoints
from holdfast_platform.messaging.consumption import Consumption
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.replies import ReplyListener, ReplySender, reply_address
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.outbox.relay import Relay
from holdfast_platform.testing import toy
from holdfast_platform.units.unit import Unit

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("toy_messages")]


async def until(condition, seconds=20):
    async with asyncio.timeout(seconds):
        while not (found := await condition()):
            await asyncio.sleep(0.02)
    return found


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


@pytest.fixture
async def flow(toy_settings, toy_topics, consumer_database, sweeper_database, admin):
    """A running toy service; gives a function that starts a further consumer of its group."""
    relay = Relay(sweeper_database, lambda: make_producer(toy_settings), toy_settings)
    replies = ReplySender(lambda: make_producer(toy_settings))
    group = f"toy.{uuid4().hex[:8]}"
    unit = Unit(
        group, toy.SERVICE, toy.ToyWork(), consumer_database, toy_settings, committed=relay.wake, reply=replies.send
    )
    await relay.start()
    await replies.start()
    running = []

    async def consume():
        consumption = Consumption(toy_settings, toy.COMMANDS, group, unit, commands=True)
        await consumption.start()
        running.append(consumption)
        return consumption

    await consume()
    yield consume
    for consumption in running:
        await consumption.stop()
    await relay.stop()
    await replies.stop()


async def send(producer, tenant, counter, *, message_id=None, amount=1, payload=None, **headers):
    message_id = message_id or uuid4()
    all_headers = {
        envelope.CE_ID: str(message_id),
        envelope.CE_TYPE: "Take",
        envelope.CE_TENANT: str(tenant),
        **headers,
    }
    body = payload if payload is not None else toy.Take(counter_id=counter, amount=amount).encode()
    pairs = [(name.replace("__", "-"), value.encode()) for name, value in all_headers.items()]
    await producer.send_and_wait(toy.COMMANDS.name, body, key=str(counter).encode(), headers=pairs)
    return message_id


async def read_all(toy_settings, topic, key):
    """Every record of a topic with a key, from its beginning."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=toy_settings.kafka_bootstrap_servers, group_id=None, auto_offset_reset="earliest"
    )
    await consumer.start()
    partitions = [TopicPartition(topic, p) for p in await _partitions(consumer, topic)]
    consumer.assign(partitions)
    ends = await consumer.end_offsets(partitions)
    found = []
    while any([await consumer.position(where) < ends[where] for where in partitions]):
        for records in (await consumer.getmany(timeout_ms=200)).values():
            found += [record for record in records if record.key == str(key).encode()]
    await consumer.stop()
    return found


async def _partitions(consumer, topic):
    await consumer._client.add_topic(topic)
    return sorted(consumer.partitions_for_topic(topic) or await _partitions(consumer, topic))


async def test_commands_are_done_once_and_events_come_in_order(flow, producer, admin, new_counter, toy_settings):
    tenant, counter = await new_counter(capacity=50)
    ids = [await send(producer, tenant, counter) for _ in range(20)]
    for message_id in ids:
        await send(producer, tenant, counter, message_id=message_id)
    await until(lambda: admin.fetchval("SELECT (SELECT taken FROM counters WHERE id = $1) = 20", counter))

    async def drained():
        return not await admin.fetchval("SELECT count(*) FROM outbox")

    await until(drained)
    records = await read_all(toy_settings, toy.EVENTS.name, counter)
    assert [json.loads(record.value)["left"] for record in records] == list(range(49, 29, -1))
    headers = {name: value.decode() for name, value in records[0].headers}
    assert headers[envelope.CE_TYPE] == "Taken"
    assert headers[envelope.CE_TENANT] == str(tenant)
    assert headers[envelope.CE_CAUSATION] == str(ids[0])


@pytest.mark.parametrize(
    "record",
    [
        {"payload": b"not json"},
        {"payload": b'{"counterId": 5}'},
        {"ce_type": "Unknown"},
        {"ce_tenantid": "nobody"},
        {"hf-other": "\udcff"},
    ],
    ids=["no json", "wrong fields", "unknown type", "no tenant", "header that is no text"],
)
async def test_what_cannot_be_read_goes_aside_at_once(flow, producer, admin, new_counter, toy_settings, record):
    tenant, counter = await new_counter()
    headers = {name: value for name, value in record.items() if name != "payload"}
    if "hf-other" in headers:
        pairs = [("ce_id", str(uuid4()).encode()), ("ce_type", b"\xff\xfe"), ("ce_tenantid", str(tenant).encode())]
        await producer.send_and_wait(toy.COMMANDS.name, b"{}", key=str(counter).encode(), headers=pairs)
    else:
        await send(producer, tenant, counter, payload=record.get("payload"), **headers)
    await send(producer, tenant, counter)

    async def done():
        return await admin.fetchval("SELECT taken FROM counters WHERE id = $1", counter) == 1

    await until(done)

    async def buried():
        return await read_all(toy_settings, toy.COMMANDS.dead_letters.name, counter)

    (dead,) = await until(buried)
    assert dict(dead.headers)["hf-dlq-reason"]


async def test_the_caller_is_answered_after_the_commit(flow, producer, admin, new_counter, toy_settings):
    heard: asyncio.Queue = asyncio.Queue()
    listener = ReplyListener(toy_settings, 3, heard.put_nowait)
    await listener.start()
    tenant, counter = await new_counter()
    await send(producer, tenant, counter, **{envelope.REPLY: reply_address(3, "r1")})
    reply = await asyncio.wait_for(heard.get(), 10)
    await listener.stop()
    assert (reply.request_id, reply.answer.status, reply.answer.etag) == ("r1", 201, "1")
    assert json.loads(reply.answer.body)["left"] == 99


async def test_offsets_are_never_ahead_of_the_commit(flow, producer, admin, new_counter, toy_settings):
    """The timer fires while a batch is worked on; a new member then gets the batch again, and it has one effect."""
    tenant, counter = await new_counter()
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def pause():
        inside.set()
        await go_on.wait()

    remove = checkpoints.install("unit.before_commit", pause)
    await send(producer, tenant, counter)
    await inside.wait()
    await asyncio.sleep(toy_settings.offset_commit_seconds * 2)  # longer than the timer: it has fired
    await flow()
    remove()
    go_on.set()

    async def done():
        return await admin.fetchval("SELECT taken FROM counters WHERE id = $1", counter) == 1

    await until(done)


async def test_the_relay_goes_on_where_it_was_stopped(admin, sweeper_database, toy_settings, toy_topics):
    key = uuid4()
    rows = [(uuid4(), toy.EVENTS.name, str(key), json.dumps({"n": str(n)}), b"{}") for n in range(50)]
    await admin.executemany(
        "INSERT INTO outbox (tenant_id, topic, key, headers, payload) VALUES ($1,$2,$3,$4::jsonb,$5)", rows
    )
    relays = [Relay(sweeper_database, lambda: make_producer(toy_settings), toy_settings) for _ in range(2)]
    for relay in relays:
        await relay.start()

    async def drained():
        return not await admin.fetchval("SELECT count(*) FROM outbox")

    await until(drained)
    for relay in relays:
        await relay.stop()
    records = await read_all(toy_settings, toy.EVENTS.name, key)
    assert [int(dict(record.headers)["n"]) for record in records] == list(range(50))


async def test_a_row_that_can_never_be_sent_is_set_aside_alone(admin, sweeper_database, toy_settings, toy_topics):
    key = uuid4()
    for payload in (b"{}", b"x" * 1_500_000, b"{}"):
        await admin.execute(
            "INSERT INTO outbox (tenant_id, topic, key, headers, payload) VALUES ($1, $2, $3, '{}', $4)",
            uuid4(), toy.EVENTS.name, str(key), payload,
        )  # fmt: skip
    relay = Relay(sweeper_database, lambda: make_producer(toy_settings), toy_settings)
    await relay.start()

    async def drained():
        return not await admin.fetchval("SELECT count(*) FROM outbox")

    await until(drained)
    await relay.stop()
    assert len(await read_all(toy_settings, toy.EVENTS.name, key)) == 2
    assert await admin.fetchval("SELECT count(*) FROM outbox_dead") == 1
