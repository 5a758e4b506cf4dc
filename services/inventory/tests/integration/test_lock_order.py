"""Whoever needs several sessions or resources locks them in one order: no deadlock (row C4, "Lock order everywhere").

Both are held at their first row until both wait there; the control has both take it before either asks for its second.
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
    """Two things that both batches want, and what takes one unit of each."""

    locks: dict[str, list[UUID]]
    wishes: list[dict[str, Any]]


async def two_sessions(shop) -> Contended:
    evenings = [await shop.evening() for _ in range(2)]
    wishes = [{"payload": {"sessionId": session, "items": items(tier)}} for session, tier in evenings]
    return Contended({"sessions": [UUID(session) for session, _ in evenings]}, wishes)


async def two_resources(shop) -> Contended:
    resources = [await shop.resource(units=2) for _ in range(2)]
    return Contended({"bookable_resources": [UUID(one) for one in resources]}, [at_nine(one) for one in resources])


async def a_session_and_a_resource(shop) -> Contended:
    (session, tier), chair = await shop.evening(), await shop.resource(units=2)
    locks = {"sessions": [UUID(session)], "bookable_resources": [UUID(chair)]}
    return Contended(locks, [at_nine(chair), {"payload": {"sessionId": session, "items": items(tier)}}])


def at_nine(resource: str) -> dict[str, Any]:
    time = {"date": str(MONDAY), "startTime": "09:00"}
    return {"payload": time, "mode": "time_slot", "resourceId": resource}


SITUATIONS = pytest.mark.parametrize("situation", [two_sessions, two_resources, a_session_and_a_resource])


def undone() -> float:
    """How often a batch was undone for a deadlock or a time limit."""
    labels = {"consumer": "inventory.commands", "reason": "TooSlow"}
    return REGISTRY.get_sample_value("holdfast_batch_retries_total", labels) or 0.0


async def both_in_opposite_orders(shop, second, situation) -> tuple[list[int], float]:
    """(statuses, how often a batch was undone) where both wait at their first row before either has any."""
    contended, before = await situation(shop), undone()
    one, other = (
        [place_claim(shop.tenant_id, **wish) for wish in wishes]
        for wishes in (contended.wishes, contended.wishes[::-1])
    )
    async with shop.admin.transaction():
        for table, ids in contended.locks.items():
            await shop.admin.execute(f"SELECT FROM {table} WHERE id = ANY($1::uuid[]) FOR UPDATE", ids)
        first = asyncio.create_task(decide(shop.unit, *one))
        await until_waiting(shop.admin, 1)
        last = asyncio.create_task(decide(second, *other))
        await until_waiting(shop.admin, 2)
    answers = [*await first, *await last]
    return [answer.status for answer in answers], undone() - before


@SITUATIONS
async def test_two_batches_that_name_the_same_in_opposite_orders_never_deadlock(shop, second, situation):
    assert await both_in_opposite_orders(shop, second, situation) == ([202] * 4, 0)


@SITUATIONS
async def test_control_locked_as_they_come_they_do_deadlock(shop, second, situation, monkeypatch):
    """It heals, since the one that is undone is tried again in halves; but it has cost a second."""
    batches, both_have_one = itertools.count(), asyncio.Barrier(2)

    async def lock(connection, wanted) -> None:
        rows = [(stock_reading.LOCK_SESSIONS, key) for key in sorted(wanted.sessions)]
        rows += [(stock_reading.LOCK_RESOURCES, key) for key in sorted(wanted.resources)]
        for number, (statement, (tenant, identity)) in enumerate(rows if next(batches) % 2 else rows[::-1]):
            if number == 1:
                await both_have_one.wait()
            await connection.execute(statement % "", [tenant], [identity])

    monkeypatch.setattr(stock_reading, "lock", lock)
    assert await both_in_opposite_orders(shop, second, situation) == ([202] * 4, 1)


async def test_many_for_two_sessions_in_either_order_never_deadlock(shop, second):
    evenings = [await shop.evening(quantity=30) for _ in range(2)]

    def batch(order):
        return [place_claim(shop.tenant_id, {"sessionId": s, "items": items(t)}) for _ in range(25) for s, t in order]

    with counted_statements() as seen:
        first, other = await asyncio.gather(decide(shop.unit, *batch(evenings)), decide(second, *batch(evenings[::-1])))
    assert sorted(answer.status for answer in [*first, *other]) == [202] * 60 + [409] * 40
    assert [await shop.taken(session) for session, _ in evenings] == [(30, 30), (30, 30)]
    assert sum("FOR NO KEY UPDATE" in sql for sql in seen) == 2  # no batch was repeated
