"""The unit of work against a real PostgreSQL: each rule of the batch, with its negative control."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from holdfast_platform.inbox import store as inbox
from holdfast_platform.testing.toy import take
from holdfast_platform.testing.units import counted_statements, decide

pytestmark = pytest.mark.integration


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
    """And what it held is given back, in the same batch or a later one (I4)."""
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
    assert await admin.fetchval("SELECT count(*) FROM outbox WHERE headers->>'ce_type' = 'GivenBack'") == 1


@pytest.mark.parametrize("together", [True, False])
async def test_one_id_in_two_tenants_is_two_messages(unit, new_counter, together):
    """Whatever a stranger's id is, it neither gives an answer to another tenant nor takes one from him (I12)."""
    message_id = uuid4()
    mine, others = [take(*await new_counter(capacity), message_id=message_id) for capacity in (10, 20)]
    answers = await decide(unit, mine, others) if together else [*await decide(unit, mine), *await decide(unit, others)]
    assert [answer.status for answer in answers] == [201, 201]
    assert [json.loads(answer.body)["left"] for answer in answers] == [9, 19]


async def test_a_key_is_one_request_whichever_consumer_it_came_through(new_owner, new_counter, admin):
    """Another request is refused and what it held is given back; the same request hears the stored result."""
    commands, claims = await new_owner(), await new_owner(consumer="toy.claims")
    tenant, counter = await new_counter()
    (first,) = await decide(commands.unit, command := take(tenant, counter))
    (other,) = await decide(claims.unit, take(tenant, counter, 5, message_id=command.id, request_hash="another"))
    (again,) = await decide(claims.unit, take(tenant, counter, message_id=command.id))
    assert (first.status, other.status, again) == (201, 422, first)
    assert await taken(admin, counter) == 1
    assert await admin.fetchval("SELECT count(*) FROM outbox WHERE headers->>'ce_type' = 'GivenBack'") == 1


async def an_old_one_and_a_new_one(unit, new_counter, admin, *, forgotten):
    """Of two units one is taken; its message comes again, before a new one for the last unit."""
    tenant, counter = await new_counter(capacity=2)
    old = take(tenant, counter)
    await decide(unit, old)
    if forgotten:
        await admin.execute("DELETE FROM inbox")
    answers = await decide(unit, take(tenant, counter, message_id=old.id), take(tenant, counter))
    return [answer.status for answer in answers], await admin.fetchval(
        "SELECT taken FROM counters WHERE id = $1", counter
    )


async def test_an_old_duplicate_does_not_eat_the_last_unit(unit, admin, new_counter):
    assert await an_old_one_and_a_new_one(unit, new_counter, admin, forgotten=False) == ([201, 201], 2)


async def test_control_without_the_inbox_the_duplicate_eats_the_last_unit(unit, admin, new_counter):
    """Negative control of the test above: the new command is refused for a unit that nobody else wanted."""
    assert await an_old_one_and_a_new_one(unit, new_counter, admin, forgotten=True) == ([201, 409], 2)


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


@pytest.mark.parametrize("size", [1, 2, 50, 300])
async def test_statements_do_not_depend_on_the_size_of_the_batch(unit, new_counter, size):
    made = [await new_counter() for _ in range(min(size, 10))]
    with counted_statements() as seen:
        await decide(unit, *(take(*made[n % len(made)]) for n in range(size)))
    # BEGIN with the tenants, lock, inbox, load, all that is written, COMMIT
    assert len(seen) == 6, seen


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
