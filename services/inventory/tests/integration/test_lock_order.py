"""Whoever needs several sessions or resources locks them in one order: no deadlock (row C4, "Lock order everywhere").

A batch that is held at the last row shows that it has the first; a control shows that in other orders it has not, and
another that two such batches deadlock.
"""

import asyncio
import itertools
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from inventory_samples import MONDAY, items, place_claim
from prometheus_client import REGISTRY

from holdfast_inventory.repositories import stock_reading
from holdfast_platform.testing.crossing import until_waiting
from holdfast_platform.testing.units import counted_statements, decide

pytestmark = pytest.mark.integration


@dataclass
class Contended:
    """Two rows in the order in which everybody has to lock them, and what takes one unit of each."""

    rows: list[tuple[str, UUID]]
    wishes: list[dict[str, Any]]


async def two_sessions(shop) -> Contended:
    evenings = [await shop.evening() for _ in range(2)]
    wishes = [{"payload": {"sessionId": session, "items": items(tier)}} for session, tier in evenings]
    return Contended([("sessions", one) for one in sorted(UUID(session) for session, _ in evenings)], wishes)


async def two_resources(shop) -> Contended:
    resources = [await shop.resource(units=4) for _ in range(2)]
    rows = [("bookable_resources", one) for one in sorted(map(UUID, resources))]
    return Contended(rows, [at_nine(one) for one in resources])


async def a_session_and_a_resource(shop) -> Contended:
    (session, tier), chair = await shop.evening(), await shop.resource(units=4)
    rows = [("sessions", UUID(session)), ("bookable_resources", UUID(chair))]
    return Contended(rows, [at_nine(chair), {"payload": {"sessionId": session, "items": items(tier)}}])


def at_nine(resource: str) -> dict[str, Any]:
    time = {"date": str(MONDAY), "startTime": "09:00"}
    return {"payload": time, "mode": "time_slot", "resourceId": resource}


SITUATIONS = pytest.mark.parametrize("situation", [two_sessions, two_resources, a_session_and_a_resource])


def undone() -> float:
    """How often a batch was undone for a deadlock or a time limit."""
    labels = {"consumer": "inventory.commands", "reason": "TooSlow"}
    return REGISTRY.get_sample_value("holdfast_batch_retries_total", labels) or 0.0


def in_both_orders(shop, contended) -> list[list[Any]]:
    """The same commands, named in the one order and in the other."""
    return [
        [place_claim(shop.tenant_id, **wish) for wish in wishes]
        for wishes in (contended.wishes, contended.wishes[::-1])
    ]


async def take(admin, rows) -> None:
    for table, identity in rows:
        await admin.execute(f"SELECT FROM {table} WHERE id = $1 FOR UPDATE", identity)


async def has_the_first(shop, contended, batch) -> bool:
    """Whether a batch that waits for the last row has the first already."""
    (table, identity), last = contended.rows
    async with shop.admin.transaction():
        await take(shop.admin, [last])
        waiting = asyncio.create_task(decide(shop.unit, *batch))
        await until_waiting(shop.admin)
        free = await shop.admin.fetch(f"SELECT FROM {table} WHERE id = $1 FOR UPDATE SKIP LOCKED", identity)
    assert {answer.status for answer in await waiting} == {202}
    return not free


@SITUATIONS
async def test_rows_are_locked_in_their_own_order_whatever_the_commands_order_is(shop, situation):
    contended = await situation(shop)
    assert [await has_the_first(shop, contended, batch) for batch in in_both_orders(shop, contended)] == [True, True]


@SITUATIONS
async def test_two_batches_that_name_the_same_in_opposite_orders_never_deadlock(shop, second, situation):
    contended, before = await situation(shop), undone()
    one, other = in_both_orders(shop, contended)
    async with shop.admin.transaction():
        await take(shop.admin, contended.rows)
        first = asyncio.create_task(decide(shop.unit, *one))
        await until_waiting(shop.admin, 1)
        last = asyncio.create_task(decide(second, *other))
        await until_waiting(shop.admin, 2)
    assert [answer.status for answer in [*await first, *await last]] == [202] * 4
    assert undone() == before


def lock_as_they_come(monkeypatch, between) -> None:
    """The control: every second batch locks in the opposite order; `between` runs before each second row."""
    batches = itertools.count()

    async def lock(connection, wanted) -> None:
        rows = [(stock_reading.LOCK_SESSIONS, key) for key in sorted(wanted.sessions)]
        rows += [(stock_reading.LOCK_RESOURCES, key) for key in sorted(wanted.resources)]
        for number, (statement, (tenant, identity)) in enumerate(rows if next(batches) % 2 else rows[::-1]):
            if number == 1:
                await between()
            await connection.execute(statement % "", [tenant], [identity])

    monkeypatch.setattr(stock_reading, "lock", lock)


@SITUATIONS
async def test_control_locked_as_they_come_one_has_the_last_row_first(shop, situation, monkeypatch):
    contended = await situation(shop)
    lock_as_they_come(monkeypatch, lambda: asyncio.sleep(0))
    seen = [await has_the_first(shop, contended, batch) for batch in in_both_orders(shop, contended)]
    assert sorted(seen) == [False, True]


@SITUATIONS
async def test_control_locked_as_they_come_two_batches_deadlock(shop, second, situation, monkeypatch):
    """It heals, since the one that is undone is tried again in halves; but it has cost a second."""
    contended, before = await situation(shop), undone()
    lock_as_they_come(monkeypatch, asyncio.Barrier(2).wait)
    one, other = in_both_orders(shop, contended)
    first, last = await asyncio.gather(decide(shop.unit, *one), decide(second, *other))
    assert [answer.status for answer in [*first, *last]] == [202] * 4
    assert undone() == before + 1


async def test_many_for_two_sessions_in_either_order_never_deadlock(shop, second):
    evenings = [await shop.evening(quantity=30) for _ in range(2)]

    def batch(order):
        return [place_claim(shop.tenant_id, {"sessionId": s, "items": items(t)}) for _ in range(25) for s, t in order]

    with counted_statements() as seen:
        first, other = await asyncio.gather(decide(shop.unit, *batch(evenings)), decide(second, *batch(evenings[::-1])))
    assert sorted(answer.status for answer in [*first, *other]) == [202] * 60 + [409] * 40
    assert [await shop.taken(session) for session, _ in evenings] == [(30, 30), (30, 30)]
    assert sum("FOR NO KEY UPDATE" in sql for sql in seen) == 2  # no batch was repeated
