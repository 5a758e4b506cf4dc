"""Two owners at once, in an order that is forced: locks, the later read, the count, the sorting [interleavings].

Each guard is taken away alone and with the others, so that it is seen what rests on what.
"""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from holdfast_platform import metrics
from holdfast_platform.database import writing
from holdfast_platform.inbox import store as inbox
from holdfast_platform.testing.crossing import held_at, until_waiting
from holdfast_platform.testing.toy import ToyWork, take
from holdfast_platform.testing.units import decide

pytestmark = pytest.mark.integration


class UnlockedWork(ToyWork):
    """Locks nothing."""

    async def lock(self, connection, batch):
        pass


class UnsortedWork(ToyWork):
    """Locks the counters in the order in which the messages came."""

    async def lock(self, connection, batch):
        await connection.execute(
            "SELECT 1 FROM unnest($1::uuid[]) WITH ORDINALITY AS w(id, n), LATERAL "
            "(SELECT 1 FROM counters AS c WHERE c.id = w.id FOR NO KEY UPDATE) AS c ORDER BY n",
            [given.message.counter_id for given in batch],
        )


class HastyWork(ToyWork):
    """Reads the counters before it locks them."""

    async def lock(self, connection, batch):
        self.read = await super().load(connection, batch, None, None)
        await super().lock(connection, batch)

    async def load(self, connection, batch, now, locked):
        return self.read


def retries(reason):
    return metrics.BATCH_RETRIES.labels("toy.commands", reason)._value.get()


@pytest.fixture
def broken():
    """Gives a function that tells how many batches were broken by a deadlock since the test began."""
    before = retries("TooSlow")
    return lambda: retries("TooSlow") - before


@pytest.fixture
async def effects(admin):
    """Gives a function that tells how often a counter was taken from: one event for each time."""

    async def count(counter):
        return await admin.fetchval(
            "SELECT count(*) FROM outbox WHERE key = $1 AND headers->>'ce_type' = 'Taken'", str(counter)
        )

    return count


@pytest.fixture
def no_last_word(monkeypatch):
    """Nobody compares how many rows were written with how many were decided."""
    monkeypatch.setattr(writing, "expect", lambda *_: None)


async def both_at_once(admin, first, second, tenant, counter):
    """Two owners do one message: the second begins while the first is about to commit, and waits for its locks."""
    message_id = uuid4()
    with held_at("unit.before_commit") as held:
        one = asyncio.create_task(decide(first.unit, take(tenant, counter, message_id=message_id)))
        await held.there()
        other = asyncio.create_task(decide(second.unit, take(tenant, counter, message_id=message_id)))
        await until_waiting(admin)
    return [*await one, *await other]


@pytest.mark.parametrize("work", [ToyWork, UnlockedWork])
async def test_two_owners_of_one_message_have_one_effect(new_owner, new_counter, admin, effects, work):
    """With the lock the second finds the stored result; without it the count of inbox rows alone decides, and the
    second decides again."""
    tenant, counter = await new_counter()
    races = retries("race")
    answers = await both_at_once(admin, await new_owner(work()), await new_owner(work()), tenant, counter)
    assert answers[0] == answers[1]
    assert await effects(counter) == 1
    assert retries("race") - races == (0 if work is ToyWork else 1)


async def test_the_lock_alone_keeps_two_owners_apart(new_owner, new_counter, admin, effects, no_last_word):
    tenant, counter = await new_counter()
    answers = await both_at_once(admin, await new_owner(), await new_owner(), tenant, counter)
    assert answers[0] == answers[1]
    assert await effects(counter) == 1


async def test_control_without_lock_and_count_one_message_is_done_twice(
    new_owner, new_counter, admin, effects, no_last_word
):
    """Negative control of the tests above: both take the one unit that there is."""
    tenant, counter = await new_counter(capacity=1)
    owners = [await new_owner(UnlockedWork()) for _ in range(2)]
    await both_at_once(admin, *owners, tenant, counter)
    assert await effects(counter) == 2


@pytest.fixture
def inbox_before_the_lock(monkeypatch):
    """The inbox is read before the locks are taken, and what it said then is what counts."""
    read = inbox.read
    seen = {}

    class EarlyWork(ToyWork):
        async def lock(self, connection, batch):
            seen[connection] = await read(connection, [given.identity for given in batch])
            await super().lock(connection, batch)

    async def stale(connection, _):
        return seen.pop(connection)

    monkeypatch.setattr(inbox, "read", stale)
    return EarlyWork


async def test_control_an_inbox_read_before_the_lock_shows_nothing_of_who_was_faster(
    new_owner, new_counter, admin, effects, inbox_before_the_lock, no_last_word
):
    """Negative control of the later statement: the lock is there, and yet the message is done twice."""
    tenant, counter = await new_counter()
    owners = [await new_owner(inbox_before_the_lock()) for _ in range(2)]
    await both_at_once(admin, *owners, tenant, counter)
    assert await effects(counter) == 2
    assert await admin.fetchval("SELECT taken FROM counters WHERE id = $1", counter) == 2


async def test_the_count_has_the_last_word_over_an_inbox_read_too_early(
    new_owner, new_counter, admin, effects, inbox_before_the_lock
):
    tenant, counter = await new_counter()
    owners = [await new_owner(inbox_before_the_lock()) for _ in range(2)]
    answers = await both_at_once(admin, *owners, tenant, counter)
    assert answers[0] == answers[1]
    assert await effects(counter) == 1


async def two_for_the_last_unit(admin, owners, tenant, counter):
    with held_at("unit.before_commit") as held:
        one = asyncio.create_task(decide(owners[0].unit, take(tenant, counter)))
        await held.there()
        other = asyncio.create_task(decide(owners[1].unit, take(tenant, counter)))
        await until_waiting(admin)
    return [answer.status for answer in [*await one, *await other]]


async def test_state_is_read_after_the_lock_so_that_the_last_unit_is_taken_once(new_owner, new_counter, admin, effects):
    tenant, counter = await new_counter(capacity=1)
    owners = [await new_owner() for _ in range(2)]
    assert await two_for_the_last_unit(admin, owners, tenant, counter) == [201, 409]
    assert await effects(counter) == 1


async def test_control_state_read_before_the_lock_sells_the_last_unit_twice(new_owner, new_counter, admin, effects):
    """Negative control of the test above: the lock alone is not enough."""
    tenant, counter = await new_counter(capacity=1)
    owners = [await new_owner(HastyWork()) for _ in range(2)]
    assert await two_for_the_last_unit(admin, owners, tenant, counter) == [201, 201]
    assert await effects(counter) == 2


async def two_batches_in_opposite_order(admin, make_work, new_owner, new_counter):
    """A third has the counter in the middle, so that both may have locked some of theirs when they meet."""
    tenant, first = await new_counter()
    low, middle, high = sorted([first, *[(await new_counter(tenant=tenant))[1] for _ in range(2)]])
    async with admin.transaction():
        await admin.execute("SELECT 1 FROM counters WHERE id = $1 FOR UPDATE", middle)
        running = []
        for number, counters in enumerate(((low, middle, high), (high, middle, low)), 1):
            owner = await new_owner(make_work())
            running.append(asyncio.create_task(decide(owner.unit, *(take(tenant, counter) for counter in counters))))
            await until_waiting(admin, number)
    for answers in await asyncio.gather(*running):
        assert [answer.status for answer in answers] == [201] * 3
    rows = await admin.fetch("SELECT taken FROM counters WHERE tenant_id = $1", tenant)
    assert [row["taken"] for row in rows] == [2, 2, 2]


async def test_batches_that_lock_in_either_order_never_deadlock(new_owner, new_counter, admin, broken):
    await two_batches_in_opposite_order(admin, ToyWork, new_owner, new_counter)
    assert broken() == 0


async def test_control_unsorted_locks_deadlock_and_the_batch_is_halved(new_owner, new_counter, admin, broken):
    """Negative control of the sorted lock, and M2 with a real deadlock: it costs a second, but no message."""
    await two_batches_in_opposite_order(admin, UnsortedWork, new_owner, new_counter)
    assert broken() >= 1
    assert await admin.fetchval("SELECT count(*) FROM outbox WHERE topic LIKE '%.dlq'") == 0


LOW, MIDDLE, HIGH = UUID(int=1), UUID(int=2), UUID(int=3)


async def two_batches_of_the_same_messages(admin, new_owner):
    """Nothing is locked but inbox rows. A third holds the row in the middle, so that both have written some of theirs
    when they meet."""
    tenant, nowhere = uuid4(), uuid4()
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute(
        "INSERT INTO inbox (consumer, id, tenant_id, type, outcome) VALUES ('toy.commands', $1, $2, 'Take', 'done')",
        MIDDLE,
        tenant,
    )
    running = []
    for number, ids in enumerate(((LOW, MIDDLE, HIGH), (HIGH, MIDDLE, LOW)), 1):
        owner = await new_owner()
        messages = [take(tenant, nowhere, message_id=message_id) for message_id in ids]
        running.append(asyncio.create_task(decide(owner.unit, *messages)))
        await until_waiting(admin, number)
    await transaction.rollback()
    for answers in await asyncio.gather(*running):
        assert [answer.status for answer in answers] == [404] * 3


async def test_inbox_rows_are_written_sorted_and_never_deadlock(new_owner, admin, broken):
    await two_batches_of_the_same_messages(admin, new_owner)
    assert broken() == 0


async def test_control_unsorted_inbox_rows_deadlock(new_owner, admin, broken, monkeypatch):
    """Negative control of the test above."""
    unsorted = inbox._WRITE.replace("ORDER BY r.id", "")
    assert unsorted != inbox._WRITE
    monkeypatch.setattr(inbox, "_WRITE", unsorted)
    await two_batches_of_the_same_messages(admin, new_owner)
    assert broken() >= 1


async def test_a_key_that_two_consumers_meet_at_once_is_one_request(new_owner, new_counter, admin, effects):
    """They lock different rows: the count of inbox rows alone keeps them apart, and the later gives back what its
    message held (I4, I5)."""
    first, second = await new_owner(UnlockedWork()), await new_owner(UnlockedWork(), consumer="toy.claims")
    tenant, counter = await new_counter()
    _, other = await new_counter(tenant=tenant)
    message_id = uuid4()
    with held_at("unit.before_commit") as held:
        one = asyncio.create_task(decide(first.unit, take(tenant, counter, message_id=message_id)))
        await held.there()
        another = take(tenant, other, message_id=message_id, request_hash="another")
        two = asyncio.create_task(decide(second.unit, another))
        await until_waiting(admin)
    assert [answer.status for answer in [*await one, *await two]] == [201, 422]
    assert (await effects(counter), await effects(other)) == (1, 0)
    given_back = "SELECT key FROM outbox WHERE headers->>'ce_type' = 'GivenBack'"
    assert [row["key"] for row in await admin.fetch(given_back)] == [str(other)]
