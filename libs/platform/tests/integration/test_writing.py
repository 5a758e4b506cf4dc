"""What a transaction writes: any number of writes in one statement, each counted, and all or nothing."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from holdfast_platform.database.writing import Writes
from holdfast_platform.errors import CountMismatch
from holdfast_platform.testing.toy import counters
from holdfast_platform.testing.units import counted_statements

pytestmark = pytest.mark.integration

LEAVE = "DELETE FROM counters WHERE tenant_id = $1 AND id = ANY($2::uuid[])"


def row(tenant, identity=None, taken=0, **more):
    return {"tenant_id": tenant, "id": identity or uuid4(), "taken": taken, **more}


async def write(database, tenant, *fill):
    """Send what the functions add, in one transaction; return the statements between BEGIN and COMMIT."""
    writes = Writes()
    for add in fill:
        add(writes)
    async with database.batch([tenant]) as connection:
        with counted_statements() as seen:
            await writes.send(connection)
    return seen


async def left(admin, tenant):
    rows = await admin.fetch("SELECT id, taken FROM counters WHERE tenant_id = $1", tenant)
    return {each["id"]: each["taken"] for each in rows}


async def test_insert_update_and_statement_travel_together(consumer_database, new_counter, admin):
    tenant, changed = await new_counter()
    _, gone = await new_counter(tenant=tenant)
    new = [row(tenant, capacity=5, taken=n) for n in range(3)]
    seen = await write(
        consumer_database,
        tenant,
        lambda writes: writes.insert(counters, new),
        lambda writes: writes.update(counters, [row(tenant, changed, 1)], guard="r.taken <= t.capacity"),
        lambda writes: writes.add(LEAVE, [tenant, [gone]], 1, "gone"),
    )
    assert len(seen) == 1
    assert await left(admin, tenant) == {**{each["id"]: each["taken"] for each in new}, changed: 1}


async def test_nothing_to_write_is_no_statement(consumer_database, new_counter):
    tenant, _ = await new_counter()
    nothing = [lambda writes: writes.insert(counters, []), lambda writes: writes.after()]
    assert await write(consumer_database, tenant, *nothing) == []


@pytest.mark.parametrize("beside", [0, 2])
async def test_another_count_undoes_all_and_names_what_differs(consumer_database, new_counter, admin, beside):
    """Alone in its statement or with others."""
    tenant, counter = await new_counter()
    others = [lambda writes: writes.insert(counters, [row(tenant, capacity=5)])] * beside
    too_many = row(tenant, counter, 10_000)
    with pytest.raises(CountMismatch, match="changed rows of counters: 0 of 1"):
        await write(
            consumer_database,
            tenant,
            *others,
            lambda writes: writes.update(counters, [too_many], guard="r.taken <= t.capacity"),
        )
    assert await left(admin, tenant) == {counter: 0}


async def test_any_count_will_do_where_none_is_asked(consumer_database, new_counter, admin):
    tenant, counter = await new_counter()
    there = [row(tenant, counter, capacity=7)]
    await write(
        consumer_database,
        tenant,
        lambda writes: writes.insert(counters, there, on_conflict="ON CONFLICT DO NOTHING", exact=False),
        lambda writes: writes.add(LEAVE, [tenant, [uuid4()]], None, "nobody"),
    )
    assert await left(admin, tenant) == {counter: 0}


async def test_what_comes_after_sees_what_was_done(consumer_database, new_counter, admin):
    tenant, counter = await new_counter()
    again = row(tenant, counter, 3, capacity=5)
    seen = await write(
        consumer_database,
        tenant,
        lambda writes: writes.add(LEAVE, [tenant, [counter]], 1, "gone"),
        lambda writes: writes.after(),
        lambda writes: writes.insert(counters, [again]),
    )
    assert len(seen) == 2
    assert await left(admin, tenant) == {counter: 3}


async def test_control_an_update_beside_a_delete_finds_the_row_or_not_but_never_both(
    consumer_database, new_counter, admin
):
    """Why there is `after`: of two writes of one row in one statement, one is lost."""
    tenant, counter = await new_counter()
    with pytest.raises((CountMismatch, asyncpg.PostgresError)):
        await write(
            consumer_database,
            tenant,
            lambda writes: writes.update(counters, [row(tenant, counter, 1)]),
            lambda writes: writes.add(LEAVE, [tenant, [counter]], 1, "gone"),
        )
    assert await left(admin, tenant) == {counter: 0}
