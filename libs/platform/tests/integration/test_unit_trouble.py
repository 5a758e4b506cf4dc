"""A database in trouble, a batch too large, a command given up: what counts, and against whom [interleavings, M2-M4].

SQLSTATEs that no test can bring about by itself are raised by a trigger (`refusing`).
"""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from holdfast_platform import checkpoints
from holdfast_platform.database.writing import Writes
from holdfast_platform.errors import CountMismatch, InfrastructureDown
from holdfast_platform.inbox import store as inbox
from holdfast_platform.outbox import store as outbox
from holdfast_platform.testing.crossing import until_waiting
from holdfast_platform.testing.toy import ToyWork, refusing, take
from holdfast_platform.testing.units import decide

pytestmark = pytest.mark.integration


class NotingWork(ToyWork):
    """Notes how many messages each try has."""

    def __init__(self):
        self.sizes = []

    async def lock(self, connection, batch):
        self.sizes.append(len(batch))
        await super().lock(connection, batch)


class MeasuringWork(ToyWork):
    """Counts the counters that each measured state has changed."""

    def __init__(self):
        self.measured = []

    def measure(self, state):
        self.measured.append(sum(counter.changed for counter in state.by_id.values()))


async def taken(admin, *counters):
    return [await admin.fetchval("SELECT taken FROM counters WHERE id = $1", counter) for counter in counters]


async def dead_letters(admin):
    return await admin.fetchval("SELECT count(*) FROM outbox WHERE topic LIKE '%.dlq'")


@pytest.fixture
async def many(new_counter):
    """Gives a function that makes a message for each of so many counters."""
    tenant, _ = await new_counter()
    counters = [(await new_counter(tenant=tenant))[1] for _ in range(64)]
    return lambda count: [take(tenant, counter) for counter in counters[:count]]


async def test_only_what_was_committed_is_measured(new_owner, many, admin):
    work = MeasuringWork()
    owner = await new_owner(work)
    async with refusing(admin, "57014", above=4):
        await decide(owner.unit, *many(32))
    assert work.measured == [4] * 8
    repeat = many(1)
    await decide(owner.unit, *repeat)
    await decide(owner.unit, *repeat)
    assert work.measured == [4] * 8 + [1]  # nothing was decided the second time


@pytest.mark.parametrize("sqlstate", ["57014", "40P01"])
async def test_a_batch_that_is_too_slow_is_halved_and_batches_stay_small_for_a_while(new_owner, many, admin, sqlstate):
    work = NotingWork()
    owner = await new_owner(work)
    async with refusing(admin, sqlstate, above=4):
        assert {answer.status for answer in await decide(owner.unit, *many(32))} == {201}
    assert work.sizes[:5] == [32, 16, 8, 4, 4]
    assert await dead_letters(admin) == 0
    work.sizes.clear()
    await decide(owner.unit, *many(64))
    assert work.sizes[:2] == [16, 32]  # smaller than what was too slow; it grows with each that is done
    work.sizes.clear()
    await decide(owner.unit, *many(64))
    assert work.sizes == [64]


async def test_control_what_is_not_too_slow_leaves_the_size_alone(new_owner, many, admin):
    """Negative control of the test above: the same failure under a code that says nothing of time."""
    work = NotingWork()
    owner = await new_owner(work)
    async with refusing(admin, "P0001", above=4):
        assert {answer.status for answer in await decide(owner.unit, *many(32))} == {201}
    work.sizes.clear()
    await decide(owner.unit, *many(64))
    assert work.sizes == [64]


async def test_a_lock_that_is_held_too_long_stops_its_message_only(new_owner, new_counter, admin, toy_url):
    """A real lock time-out: what does not need the lock is done, what needs it waits and is no dead letter."""
    owner = await new_owner(lock_timeout_ms=50)
    tenant, free = await new_counter()
    _, locked = await new_counter(tenant=tenant)
    messages = [take(tenant, counter) for counter in (free, free, locked, locked)]
    holder = await asyncpg.connect(toy_url)
    async with holder.transaction():
        await holder.execute("SELECT 1 FROM counters WHERE id = $1 FOR UPDATE", locked)
        with pytest.raises(InfrastructureDown):
            await owner.unit.run(messages)
        assert await taken(admin, free, locked) == [2, 0]
    await holder.close()
    await owner.unit.run(messages)
    assert await taken(admin, free, locked) == [2, 2]
    assert await dead_letters(admin) == 0


TROUBLES = ["08006", "25006", "40001", "40P01", "53100", "53200", "53300", "55P03", "57014", "57P01", "57P03", "58030"]


@pytest.mark.parametrize("sqlstate", TROUBLES)
async def test_a_database_in_trouble_costs_no_message_however_often_it_is_tried(
    new_owner, new_counter, admin, sqlstate
):
    owner = await new_owner()
    tenant, counter = await new_counter()
    messages = [take(tenant, counter, replies=[f"0:r{n}"]) for n in range(2)]
    async with refusing(admin, sqlstate):
        for _ in range(5):  # more often than a bad message is tried
            with pytest.raises(InfrastructureDown):
                await owner.unit.run(messages)
        assert owner.told == []
        assert await admin.fetchval("SELECT count(*) FROM inbox") == 0
    await owner.unit.run(messages)
    assert owner.heard() == {"0:r0": [201], "0:r1": [201]}
    assert await dead_letters(admin) == 0


@pytest.mark.parametrize("sqlstate", ["P0001", "23514"])
async def test_control_what_is_the_message_s_own_fault_becomes_a_dead_letter(new_owner, new_counter, admin, sqlstate):
    """Negative control of the test above: the very same failure under a code that counts."""
    owner = await new_owner()
    tenant, counter = await new_counter()
    async with refusing(admin, sqlstate):
        await owner.unit.run([take(tenant, counter, replies=["0:r0"])])
    assert owner.heard() == {"0:r0": [500]}
    assert await dead_letters(admin) == 1


async def test_a_lost_database_counts_against_no_message(new_owner, new_counter, admin):
    owner = await new_owner()
    tenant, counter = await new_counter()

    async def cut():
        remove()
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = $1",
            owner.database.role,
        )

    remove = checkpoints.install("unit.after_lock", cut)
    command = take(tenant, counter)
    with pytest.raises(InfrastructureDown):
        await owner.unit.run([command])
    assert await taken(admin, counter) == [0]
    await owner.unit.run([command])
    assert await taken(admin, counter) == [1]
    assert await dead_letters(admin) == 0


async def state_of(admin, message_id):
    """What is stored of a command that was given up: its outcome, and how many dead letters there are."""
    return await admin.fetchval("SELECT outcome FROM inbox WHERE id = $1", message_id), await dead_letters(admin)


def has_dead_letter(writes):
    """Whether a dead letter is among what will be sent."""
    sent = [write for step in writes._steps for write in step if write.what == "outbox rows"]
    return any(topic.endswith(".dlq") for write in sent for topic in write.arguments[1])


@pytest.fixture
def hangs_up_once(monkeypatch):
    """The server hangs up when it has the first dead letter, and before the commit."""
    send = Writes.send
    failures = ["the server hung up"]

    async def failing(self, connection):
        await send(self, connection)
        if failures and has_dead_letter(self):
            raise ConnectionResetError(failures.pop())

    monkeypatch.setattr(Writes, "send", failing)


async def given_up_with_a_failure(owner, new_counter):
    command = take(*await new_counter(), flaw="decide", replies=["0:r0"])
    with pytest.raises((InfrastructureDown, ConnectionResetError)):
        await owner.unit.run([command])
    return command


async def test_a_command_is_given_up_in_one_transaction(new_owner, new_counter, admin, hangs_up_once):
    """Result, dead letter and what it held: all or nothing, and the reply only after that."""
    owner = await new_owner()
    command = await given_up_with_a_failure(owner, new_counter)
    assert await state_of(admin, command.id) == (None, 0)
    assert owner.told == []
    for _ in range(2):
        await owner.unit.run([command])
        assert await state_of(admin, command.id) == ("failed", 1)
    assert await admin.fetchval("SELECT count(*) FROM outbox WHERE headers->>'ce_type' = 'GivenBack'") == 1
    assert owner.heard() == {"0:r0": [500, 500]}
    first, again = [answer for _, answer in owner.told]
    assert first == again
    async with owner.database.batch([command.tenant_id]) as connection:
        found = await inbox.find(connection, command.id)
    assert (found.outcome, found.answer) == ("failed", first)


async def test_control_in_two_transactions_the_dead_letter_is_lost(
    new_owner, new_counter, admin, hangs_up_once, monkeypatch, toy_url
):
    """Negative control of the test above: with the result committed on its own, nobody ever writes the letter."""
    send = Writes.send

    async def apart(self, connection):
        if has_dead_letter(self):
            own = await asyncpg.connect(toy_url)
            result = self._steps[0].pop(0)
            await own.execute(result.sql, *result.arguments)
            await own.close()
        await send(self, connection)

    monkeypatch.setattr(Writes, "send", apart)
    owner = await new_owner()
    command = await given_up_with_a_failure(owner, new_counter)
    await owner.unit.run([command])
    assert await state_of(admin, command.id) == ("failed", 0)


async def test_a_message_that_two_owners_give_up_at_once_is_one_dead_letter(new_owner, new_counter, admin, monkeypatch):
    first, second = await new_owner(), await new_owner()
    command = take(*await new_counter(), flaw="decide", replies=["0:r0"])
    send, written, go_on = Writes.send, asyncio.Event(), asyncio.Event()

    async def pausing(self, connection):
        await send(self, connection)
        if has_dead_letter(self) and not written.is_set():
            written.set()
            await go_on.wait()

    monkeypatch.setattr(Writes, "send", pausing)
    one = asyncio.create_task(first.unit.run([command]))
    await asyncio.wait_for(written.wait(), 10)
    other = asyncio.create_task(second.unit.run([command]))
    await until_waiting(admin)
    go_on.set()
    await one
    with pytest.raises((CountMismatch, InfrastructureDown)):  # its consumer tries again what it could not end
        await other
    await second.unit.run([command])
    assert await state_of(admin, command.id) == ("failed", 1)
    assert first.heard() == second.heard() == {"0:r0": [500]}


async def test_what_the_bus_would_not_take_is_a_dead_letter_before_anything_is_written(
    new_owner, new_counter, admin, monkeypatch
):
    """Sizes are checked before the commit: neither the units nor the event of such a command remain."""
    monkeypatch.setattr(outbox, "MAX_PAYLOAD", 60)
    owner = await new_owner()
    tenant, counter = await new_counter()
    await owner.unit.run([take(tenant, counter, replies=["0:r0"]), take(uuid4(), counter, replies=["0:r1"])])
    assert owner.heard() == {"0:r0": [500], "0:r1": [404]}
    assert await taken(admin, counter) == [0]
