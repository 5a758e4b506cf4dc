"""The relay on real engines and beside fake producers: one at a time, nothing lost, nothing that stalls the rest."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, NotLeaderForPartitionError
from prometheus_client import REGISTRY

from holdfast_contracts import registry
from holdfast_contracts.message import Message
from holdfast_contracts.topics import BOOKING_EVENTS
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.reading import Source
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.outbox import relay as relays
from holdfast_platform.outbox.relay import Relay
from holdfast_platform.outbox.store import MAX_PAYLOAD
from holdfast_platform.testing import toy
from holdfast_platform.testing.bus import records_of
from holdfast_platform.testing.controls import rewritten
from holdfast_platform.testing.crossing import held_at, until, until_waiting
from holdfast_platform.testing.units import counted_statements, decide, unit_for_test
from holdfast_platform.units.messages import Answer, Incoming, Outcome, Outgoing

pytestmark = pytest.mark.integration

NOWHERE = "toy.nowhere.v1"
LOCK = f"pg_advisory_xact_lock({relays._LOCK_KEY})"
NO_LOCK = {f"SELECT {LOCK}": "SELECT 1"}
READ = "payload FROM outbox"
LOCK_AND_READ_IN_ONE = {**NO_LOCK, READ: f"{READ}, (SELECT {LOCK} OFFSET 0) AS l"}


class FakeMetadata:
    """A bus that has these topics."""

    def __init__(self, *topics):
        self._topics = {toy.EVENTS.name, *topics}

    def topics(self):
        return self._topics


class FakeClient:
    def __init__(self, *, silent=False):
        self.cluster = FakeMetadata()
        self._silent = silent

    async def fetch_all_metadata(self):
        if self._silent:
            raise KafkaError
        return FakeMetadata()


class FakeProducer:
    """Acknowledges every record at once, as a bus that is well does."""

    def __init__(self, database):
        self.client = FakeClient()
        self.sent = []
        self.lock_was_free = None
        self._database = database

    async def start(self):
        pass

    async def stop(self):
        self.lock_was_free = await lock_is_free(self._database)

    async def send(self, topic, payload, *, key, headers):
        number = int(dict(headers)["n"])
        self.sent.append(number)
        return self.acknowledgement(number)

    def acknowledgement(self, number):
        future = asyncio.get_running_loop().create_future()
        if (error := self.error_of(number)) is None:
            future.set_result(None)
        else:
            future.set_exception(error)
        return future

    def error_of(self, number):
        return None


class NeverAcknowledging(FakeProducer):
    def acknowledgement(self, number):
        return asyncio.get_running_loop().create_future()


class NeverTaking(FakeProducer):
    async def send(self, topic, payload, *, key, headers):
        await asyncio.get_running_loop().create_future()


class Refusing(FakeProducer):
    """Fails the records whose numbers are given."""

    def __init__(self, database, errors):
        super().__init__(database)
        self._errors = errors

    def error_of(self, number):
        return self._errors.get(number)


async def lock_is_free(database):
    async with database.connection() as connection:
        return await connection.fetchval(f"SELECT pg_try_advisory_xact_lock({relays._LOCK_KEY})")


@pytest.fixture(scope="session")
async def toy_topics(engines):
    await ensure_topics(engines.kafka.bootstrap, (toy.COMMANDS, toy.COMMANDS.dead_letters, toy.EVENTS))


@pytest.fixture
async def new_relay(sweeper_database, toy_settings):
    """Gives a function that starts a relay; `producers` are what it gets one after the other, the last for good."""
    running = []

    async def start(producers=None, **settings):
        own = toy_settings.model_copy(update=settings)
        waiting = list(producers or ())

        def make():
            if not waiting:
                return make_producer(own)
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

        relay = Relay(sweeper_database, make, own)
        await relay.start()
        running.append(relay)
        return relay

    yield start
    for relay in running:
        await relay.stop()


async def fill(admin, numbers, *, key=None, topic=toy.EVENTS.name, payload=b"{}"):
    """Put rows into the outbox that tell their numbers; with no key each has its own."""
    rows = [(uuid4(), topic, str(key or f"key-{n}"), json.dumps({"n": str(n)}), payload) for n in numbers]
    await admin.executemany(
        "INSERT INTO outbox (tenant_id, topic, key, headers, payload) VALUES ($1, $2, $3, $4::jsonb, $5)", rows
    )


async def left(admin):
    rows = await admin.fetch("SELECT headers ->> 'n' AS n FROM outbox ORDER BY id")
    return [int(row["n"]) for row in rows]


async def until_drained(admin, seconds=10):
    await until(lambda: admin.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"), seconds)


async def numbers_of(settings, key):
    return [int(dict(record.headers)["n"]) for record in await records_of(settings, toy.EVENTS, key)]


# -- one at a time ------------------------------------------------------------------------------------------------


async def test_a_second_relay_waits_and_sends_nothing_again(admin, new_relay, toy_settings, toy_topics):
    """The first has sent and not yet deleted: the second waits for the lock and reads only then (O2)."""
    key = uuid4()
    await fill(admin, range(50), key=key)
    with held_at("relay.after_publish") as first:
        await new_relay()
        await asyncio.wait_for(first.reached.wait(), 10)
        await new_relay()
        await until_waiting(admin)
        first.go_on.set()
        await until_drained(admin)
    assert await numbers_of(toy_settings, key) == list(range(50))


@pytest.mark.parametrize(
    ("without", "waits"),
    [(NO_LOCK, False), (LOCK_AND_READ_IN_ONE, True)],
    ids=["no lock", "lock and read in one statement"],
)
async def test_control_otherwise_the_second_relay_sends_all_again(
    admin, new_relay, toy_settings, toy_topics, without, waits
):
    key = uuid4()
    await fill(admin, range(5), key=key)
    with rewritten(without), held_at("relay.after_publish") as first:
        await new_relay()
        await asyncio.wait_for(first.reached.wait(), 10)
        second = await new_relay()
        if waits:
            await until_waiting(admin)
            first.go_on.set()
        await until_drained(admin)
        await second.stop()
        first.go_on.set()
    assert sorted(await numbers_of(toy_settings, key)) == sorted([*range(5), *range(5)])


async def test_a_round_is_three_round_trips(admin, new_relay, sweeper_database):
    producer = FakeProducer(sweeper_database)
    relay = await new_relay([producer])
    await until(lambda: asyncio.sleep(0, relay.healthy))
    await fill(admin, range(10))
    with counted_statements() as seen:
        relay.wake()
        await until_drained(admin)
        await relay.stop()
    own = [one for one in seen if "EXISTS (SELECT FROM outbox)" not in one and "pg_try" not in one]
    begin, read, delete = own[:3]
    assert (begin.count(LOCK), read.strip().startswith("SELECT id"), delete.endswith("; COMMIT")) == (1, True, True)
    assert [one for one in own[3:] if "DELETE" in one] == []


# -- a bus that does not answer -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [NeverAcknowledging, NeverTaking])
async def test_a_bus_that_does_not_answer_costs_a_round_and_no_row(admin, new_relay, sweeper_database, kind):
    """The producer is closed before the lock is let go, so that nothing of it crosses another relay's round (O3)."""
    await fill(admin, range(10))
    silent, found = kind(sweeper_database), []

    class Second(FakeProducer):
        async def start(self):
            found.append(relay.healthy)
            async with sweeper_database.connection() as connection:
                found.append(await left(connection))

    well = Second(sweeper_database)
    relay = await new_relay([silent, well], relay_round_seconds=0.3)
    await until_drained(admin)
    assert silent.lock_was_free is False
    assert found == [False, list(range(10))]
    assert well.sent == list(range(10))
    await until(lambda: asyncio.sleep(0, relay.healthy))


async def test_control_between_two_rounds_the_lock_is_free(admin, new_relay, sweeper_database):
    producer = FakeProducer(sweeper_database)
    relay = await new_relay([producer])
    await until(lambda: asyncio.sleep(0, relay.healthy))
    await relay.stop()
    assert producer.lock_was_free is True


async def test_a_relay_that_is_cancelled_in_a_round_closes_its_producer_before_the_lock_is_free(
    admin, new_relay, sweeper_database
):
    await fill(admin, [1])
    silent = NeverAcknowledging(sweeper_database)
    relay = await new_relay([silent])
    await until(lambda: asyncio.sleep(0, silent.sent))
    task, relay._task = relay._task, None
    task.cancel()
    await asyncio.wait([task])
    assert silent.lock_was_free is False
    assert await left(admin) == [1]


async def test_what_was_acknowledged_is_deleted_though_another_record_failed(admin, new_relay, sweeper_database):
    await fill(admin, range(10))
    first = Refusing(sweeper_database, {3: NotLeaderForPartitionError()})
    second = FakeProducer(sweeper_database)
    await new_relay([first, second])
    await until_drained(admin)
    assert (first.sent, second.sent) == (list(range(10)), [3])
    assert first.lock_was_free is False


async def test_what_has_overtaken_an_older_one_of_its_key_is_sent_again_after_it(admin, new_relay, sweeper_database):
    """Deleted, it would leave the older one as the last word of its key."""
    await fill(admin, [0, 1], key="one")
    await fill(admin, [2], key="another")
    first = Refusing(sweeper_database, {0: NotLeaderForPartitionError()})
    second = FakeProducer(sweeper_database)
    await new_relay([first, second])
    await until_drained(admin)
    assert (first.sent, second.sent) == ([0, 1, 2], [0, 1])


# -- rows that can never be sent ----------------------------------------------------------------------------------


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


# -- what it tells ------------------------------------------------------------------------------------------------


def told(name):
    return REGISTRY.get_sample_value(f"holdfast_outbox_{name}")


async def test_it_tells_how_many_wait_and_how_long_already(admin, new_relay, sweeper_database):
    await fill(admin, range(3))
    await admin.execute("UPDATE outbox SET created_at = created_at - interval '1 hour' WHERE headers ->> 'n' = '0'")

    class Down(FakeProducer):
        async def start(self):
            raise KafkaError

    well = FakeProducer(sweeper_database)
    await new_relay([*(Down(sweeper_database) for _ in range(2)), well], relay_poll_seconds=0.1)
    await until(lambda: asyncio.sleep(0, told("rows") == 3))
    assert 3_600 <= told("oldest_seconds") < 3_700
    await until_drained(admin)
    await until(lambda: asyncio.sleep(0, (told("rows"), told("oldest_seconds")) == (0, 0)))


async def test_it_tells_what_is_left_while_it_works_it_off(admin, new_relay, sweeper_database):
    await fill(admin, range(50))
    seen = []

    class Watching(FakeProducer):
        async def send(self, topic, payload, *, key, headers):
            seen.append(told("rows"))
            return await super().send(topic, payload, key=key, headers=headers)

    await new_relay([Watching(sweeper_database)], relay_batch=10, relay_poll_seconds=0.000_1)
    await until_drained(admin)
    assert sorted(set(seen), reverse=True) == [50, 40, 30, 20, 10]
