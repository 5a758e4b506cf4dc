"""The relay on real engines and beside fake producers: one at a time, nothing lost, nothing that stalls the rest."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaError, NotLeaderForPartitionError
from prometheus_client import REGISTRY
from relay_world import (
    FakeProducer,
    NeverAcknowledging,
    NeverTaking,
    Refusing,
    fill,
    left,
    numbers_of,
    until_drained,
)

from holdfast_platform.outbox import relay as relays
from holdfast_platform.testing.controls import rewritten
from holdfast_platform.testing.crossing import held_at, until, until_waiting
from holdfast_platform.testing.units import counted_statements

pytestmark = pytest.mark.integration

LOCK = f"pg_advisory_xact_lock({relays._LOCK_KEY})"
NO_LOCK = {f"SELECT {LOCK}": "SELECT 1"}
READ = "payload FROM outbox"
LOCK_AND_READ_IN_ONE = {**NO_LOCK, READ: f"{READ}, (SELECT {LOCK} OFFSET 0) AS l"}


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
