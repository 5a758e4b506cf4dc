"""One tenant's rush, and another tenant in its partition, who waits less than a second [interleavings, Operations]."""

import asyncio
import json
import statistics
import time
from uuid import uuid4

import pytest
from aiokafka.partitioner import DefaultPartitioner
from tests.chaos.arena import Arena, Evening
from tests.load.generator import Figures, Plan, measure

from holdfast_contracts.enums import Role
from holdfast_contracts.topics import INVENTORY_COMMANDS
from holdfast_local.tokens import mint

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

PEOPLE = 2_000
UNITS = 500
RUSHES = 3
LONGEST_SECONDS = 1.0


def partition(session: str) -> int:
    """Where commands about a session travel."""
    places = list(range(INVENTORY_COMMANDS.partitions))
    return int(DefaultPartitioner()(session.encode(), places, places))


async def rush(arena: Arena, evening: Evening) -> Figures:
    """Everybody at once, in a process of their own, for the second tenant's units."""
    stack = arena.stack
    guests = [mint(stack.keys.jwt_hs256_key, stack.tenants[1].id, Role.GUEST, f"guest-{n}") for n in range(256)]
    bodies = [json.dumps(evening.booking())]
    port = int(stack.gateway_url.rsplit(":", 1)[1])
    return await measure(Plan(port, PEOPLE, "/bookings", guests, bodies, prefix=str(uuid4()), each=1))


async def longest_wait(arena: Arena, own: Evening, session: int, under_way: asyncio.Task[Figures]) -> float:
    """Book one after the other while the rush lasts; return the seconds of the longest wait."""
    waits = []
    while not under_way.done():
        asked = time.monotonic()
        told = await arena.customers.create("guest-0", own.booking(session))
        waits.append(time.monotonic() - asked)
        assert told.status == 201, told.content
    return max(waits)


async def test_a_rush_of_one_tenant_leaves_others_their_second(arena):
    """The median of three rushes, since the machine has neighbours of its own."""
    own = await arena.evening(units=10_000, sessions=60)
    sessions = {partition(session): number for number, session in enumerate(own.sessions)}
    waits = []
    while len(waits) < RUSHES:
        wanted = await arena.evening(UNITS, tenant=1)
        session = sessions.get(partition(wanted.sessions[0]))
        if session is None:
            continue  # no session of ours came to lie beside it
        crowd = asyncio.create_task(rush(arena, wanted))
        try:
            waits.append(await longest_wait(arena, own, session, crowd))
        finally:
            figures = await crowd
        arena.say(f"{PEOPLE} at once: slowest {figures.worst:,.0f} ms, another tenant's {1000 * waits[-1]:,.0f} ms")
        assert figures.statuses == {"201": UNITS, "409": PEOPLE - UNITS}
    assert statistics.median(waits) < LONGEST_SECONDS, waits
    await arena.judge()
