"""The unit of work against a real PostgreSQL: each rule of the batch, with its negative control."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from holdfast_contracts import envelope
from holdfast_platform import checkpoints
from holdfast_platform.errors import InfrastructureDown
from holdfast_platform.inbox import store as inbox
from holdfast_platform.messaging.reading import Source
from holdfast_platform.testing.toy import COMMANDS, Take
from holdfast_platform.testing.units import counted_statements, decide
from holdfast_platform.units.messages import Incoming

pytestmark = pytest.mark.integration


def take(tenant, counter, amount=1, *, flaw=None, message_id=None, request_hash="h"):
    message_id = message_id or uuid4()
    headers = {envelope.HASH: request_hash, envelope.SUBJECT: "acc-1", "toy-counter": str(counter)}
    source = Source(COMMANDS.name, 0, 0, str(counter), b"{}", headers)
    return Incoming(
        message_id, tenant, Take(counter_id=counter, amount=amount, flaw=flaw), headers=headers, source=source
    )


async def taken(admin, counter):
    return await admin.fetchval("SELECT taken FROM counters WHERE id = $1", counter)


async def test_a_later_command_of_the_batch_sees_what_an_earlier_one_took(unit, admin, new_counter):
    tenant, counter = await new_counter(capacity=3)
    answers = await decide(unit, *(take(tenant, counter, 2) for _ in range(3)))
    assert [answer.status for answer in answers] == [201, 409, 409]
    assert await taken(admin, counter) == 2


async def test_a_repeat_gets_the_same_bytes_and_has_no_effect(unit, admin, new_counter):
    tenant, counter = await new_counter()
    command = take(tenant, counter)
    (first,) = await decide(unit, command)
    (again,) = await decide(unit, take(tenant, counter, message_id=command.id))
    assert (again.status, again.body, again.etag) == (first.status, first.body, first.etag)
    assert await taken(admin, counter) == 1
    assert await admin.fetchval("SELECT count(*) FROM outbox") == 1


async def test_without_the_inbox_a_repeat_would_take_twice(unit, admin, new_counter):
    """Negative control: the inbox is what the test above rests on."""
    tenant, counter = await new_counter()
    command = take(tenant, counter)
    await decide(unit, command)
    await admin.execute("DELETE FROM inbox")
    await decide(unit, take(tenant, counter, message_id=command.id))
    assert await taken(admin, counter) == 2


async def test_the_same_message_twice_in_one_batch_has_one_effect_and_both_callers_are_answered(
    unit, admin, new_counter
):
    tenant, counter = await new_counter()
    message_id = uuid4()
    answers = await decide(
        unit, take(tenant, counter, message_id=message_id), take(tenant, counter, message_id=message_id)
    )
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].body == answers[1].body
    assert await taken(admin, counter) == 1


@pytest.mark.parametrize("together", [True, False])
async def test_another_request_with_the_same_id_is_refused(unit, admin, new_counter, together):
    tenant, counter = await new_counter()
    message_id = uuid4()
    first = take(tenant, counter, message_id=message_id)
    second = take(tenant, counter, 5, message_id=message_id, request_hash="another")
    answers = (
        await decide(unit, first, second) if together else [*await decide(unit, first), *await decide(unit, second)]
    )
    assert [answer.status for answer in answers] == [201, 422]
    assert b"IDEMPOTENCY_KEY_REUSED" in answers[1].body
    assert await taken(admin, counter) == 1


async def test_an_old_duplicate_does_not_eat_the_last_unit(unit, admin, new_counter):
    tenant, counter = await new_counter(capacity=2)
    old = take(tenant, counter)
    await decide(unit, old)
    answers = await decide(unit, take(tenant, counter, message_id=old.id), take(tenant, counter))
    assert [answer.status for answer in answers] == [201, 201]
    assert await taken(admin, counter) == 2


async def test_tenants_of_one_batch_do_not_meet(unit, admin, new_counter):
    tenant, counter = await new_counter()
    other_tenant, other_counter = await new_counter()
    answers = await decide(
        unit,
        take(tenant, counter),
        take(other_tenant, counter, 7),
        take(other_tenant, other_counter),
        take(uuid4(), counter),
    )
    assert [answer.status for answer in answers] == [201, 404, 201, 404]
    assert (await taken(admin, counter), await taken(admin, other_counter)) == (1, 1)


@pytest.mark.parametrize("flaw", ["decide", "write"])
async def test_one_bad_message_costs_only_itself(unit, admin, new_counter, flaw):
    tenant, counter = await new_counter()
    bad = take(tenant, counter, 50, flaw=flaw)
    batch = [*(take(tenant, counter) for _ in range(5)), bad, *(take(tenant, counter) for _ in range(4))]
    answers = await decide(unit, *batch)
    assert [answer.status for answer in answers] == [201] * 5 + [500] + [201] * 4
    assert await taken(admin, counter) == 9
    dead = await admin.fetch(
        "SELECT key, headers->>'hf-dlq-consumer' AS consumer FROM outbox WHERE topic = 'toy.commands.v1.dlq'"
    )
    assert [(row["key"], row["consumer"]) for row in dead] == [(str(counter), "toy.commands")]
    given_back = await admin.fetchval("SELECT count(*) FROM outbox WHERE headers->>'ce_type' = 'GivenBack'")
    assert given_back == 1
    (again,) = await decide(unit, take(tenant, counter, 50, flaw=flaw, message_id=bad.id))
    assert again.status == 500
    assert await admin.fetchval("SELECT count(*) FROM outbox WHERE topic LIKE '%.dlq'") == 1


async def test_a_writer_that_was_faster_makes_the_batch_decide_again(unit, admin, new_counter, toy_url):
    """Two members of a group work on the same message: one effect (I5)."""
    tenant, counter = await new_counter(capacity=1)
    command_id = uuid4()
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def pause():
        remove()
        reached.set()
        await go_on.wait()

    remove = checkpoints.install("unit.before_commit", pause)
    first = asyncio.create_task(decide(unit, take(tenant, counter, message_id=command_id)))
    await reached.wait()
    second = asyncio.create_task(decide(unit, take(tenant, counter, message_id=command_id)))
    async with asyncio.timeout(5):
        while not await admin.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
    go_on.set()
    (one,), (other,) = await first, await second
    assert one.body == other.body
    assert await taken(admin, counter) == 1


async def test_a_lost_database_counts_against_no_message(unit, admin, new_counter, consumer_database):
    tenant, counter = await new_counter()

    async def cut():
        remove()
        other = await asyncpg.connect(consumer_database._url)
        role = consumer_database.role
        await other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", role)
        await other.close()

    remove = checkpoints.install("unit.after_lock", cut)
    command = take(tenant, counter)
    with pytest.raises(InfrastructureDown):
        await decide(unit, command)
    assert await taken(admin, counter) == 0
    (answer,) = await decide(unit, take(tenant, counter, message_id=command.id))
    assert answer.status == 201
    assert await admin.fetchval("SELECT count(*) FROM outbox WHERE topic LIKE '%.dlq'") == 0


async def test_a_lock_that_is_held_too_long_is_no_dead_letter(unit, admin, new_counter, toy_url):
    tenant, counter = await new_counter()
    other = await asyncpg.connect(toy_url)
    transaction = other.transaction()
    await transaction.start()
    await other.execute("SELECT 1 FROM counters WHERE id = $1 FOR UPDATE", counter)
    with pytest.raises(InfrastructureDown):
        await decide(unit, take(tenant, counter))
    await transaction.rollback()
    await other.close()
    (answer,) = await decide(unit, take(tenant, counter))
    assert answer.status == 201


async def test_a_batch_that_is_too_slow_is_halved_and_stays_small_for_a_while(unit, admin, new_counter, toy_url):
    tenant, free = await new_counter()
    _, locked = await new_counter(tenant=tenant)
    other = await asyncpg.connect(toy_url)
    transaction = other.transaction()
    await transaction.start()
    await other.execute("SELECT 1 FROM counters WHERE id = $1 FOR UPDATE", locked)
    answers = [asyncio.create_task(decide(unit, *(take(tenant, counter) for counter in (free, free, locked, locked))))]
    with pytest.raises(InfrastructureDown):
        await asyncio.gather(*answers)
    assert (await taken(admin, free), await taken(admin, locked)) == (2, 0)
    assert unit._most < 4
    await transaction.rollback()
    await other.close()
    for _ in range(4):
        await decide(unit, take(tenant, free), take(tenant, locked))
    assert unit._most > 4


@pytest.mark.parametrize("size", [1, 2, 50, 300])
async def test_statements_do_not_depend_on_the_size_of_the_batch(unit, new_counter, size):
    made = [await new_counter() for _ in range(min(size, 10))]
    with counted_statements() as seen:
        await decide(unit, *(take(*made[n % len(made)]) for n in range(size)))
    # BEGIN with the tenants, lock, inbox, load, counters, inbox rows, outbox rows, COMMIT
    assert len(seen) == 8, seen


async def test_the_stored_result_is_found_by_its_id(unit, new_counter, consumer_database):
    tenant, counter = await new_counter()
    command = take(tenant, counter)
    (answer,) = await decide(unit, command)
    async with consumer_database.batch([tenant]) as connection:
        found = await inbox.find(connection, command.id)
    assert found is not None
    assert (found.subject, found.outcome, found.answer) == ("acc-1", "done", answer)


async def test_row_level_security_hides_other_tenants_without_any_filter(new_counter, consumer_database):
    tenant, _ = await new_counter()
    await new_counter()
    async with consumer_database.batch([tenant]) as connection:
        assert {row["tenant_id"] for row in await connection.fetch("SELECT tenant_id FROM counters")} == {tenant}
    async with consumer_database.batch([]) as connection:
        assert await connection.fetch("SELECT 1 FROM counters") == []
