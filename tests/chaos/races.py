"""Races that must be exact, whatever their size."""

from __future__ import annotations

import asyncio
import uuid

from tests.chaos.arena import Arena, names, tally
from tests.chaos.ledger import Told


async def race_for_units(arena: Arena, people: int, units: int) -> None:
    """So many people, fewer units of one session: exactly as many are sold as there are (I2)."""
    evening = await arena.evening(units)
    told = await asyncio.gather(*(arena.customers.create(who, evening.booking()) for who in names("guest", people)))
    await arena.customers.settle()
    sold = sum(answer.status == 201 for answer in told) + _settled(arena, told, 201)
    assert sold == units, f"{sold} sold of {units}: {tally(answer.status for answer in told)}"
    assert all(answer.status == 409 for answer in told if answer.definite and not answer.good)


async def race_for_slot(arena: Arena, people: int, capacity: int) -> None:
    """So many people want one time of one resource: one gets it, or as many as it has places (I1)."""
    chair = await arena.chair(capacity)
    told = await asyncio.gather(*(arena.customers.create(who, chair.booking(0)) for who in names("guest", people)))
    await arena.customers.settle()
    sold = sum(answer.status == 201 for answer in told) + _settled(arena, told, 201)
    assert sold == capacity, f"{sold} got a place of {capacity}: {tally(answer.status for answer in told)}"
    assert {answer.json.get("code") for answer in told if answer.status == 409} <= {"SLOT_UNAVAILABLE"}


async def race_at_doors(arena: Arena, pairs: int) -> None:
    """Two doors scan one ticket at once, again and again: one lets in each time (I7)."""
    evening = await arena.evening(pairs)
    made = await arena.customers.create("guest-0", evening.booking(quantity=pairs))
    assert made.good, made.content
    codes = [ticket["ticketCode"] for ticket in await _issued(arena, made.json["id"], pairs)]
    for code in codes:
        told = await asyncio.gather(*(arena.customers.scan(door, code) for door in ("door-1", "door-2")))
        results = sorted(answer.json.get("result", "?") for answer in told)
        assert results == ["already_checked_in", "valid"], results


async def race_of_one_nonce(arena: Arena) -> None:
    """One attempt of one door that is sent twice at once is one admission with one answer."""
    evening = await arena.evening(1)
    made = await arena.customers.create("guest-0", evening.booking())
    (ticket,) = await _issued(arena, made.json["id"], 1)
    nonce = str(uuid.uuid4())
    told = await asyncio.gather(*(arena.customers.scan("door-1", ticket["ticketCode"], nonce) for _ in range(4)))
    assert {answer.json["result"] for answer in told} == {"valid"}
    assert len({answer.json["scannedAt"] for answer in told}) == 1


async def race_of_one_key(arena: Arena, repeats: int) -> None:
    """The same key so many times at once: one booking, the same bytes for all who were told (I5)."""
    evening = await arena.evening(repeats)
    key, body = str(uuid.uuid4()), evening.booking()
    told = await asyncio.gather(*(arena.customers.create("guest-0", body, key) for _ in range(repeats)))
    await arena.customers.settle()
    again = await arena.customers.create("guest-0", body, key)
    assert again.status == 201, again.content
    assert {answer.content for answer in told if answer.good} <= {again.content}
    assert not [answer for answer in told if answer.definite and not answer.good]


async def race_of_two_bodies(arena: Arena) -> None:
    """One key with two bodies at once: one is done, the other refused as reused, never swapped (I5)."""
    evening = await arena.evening(10)
    key = str(uuid.uuid4())
    bodies = [evening.booking(quantity=quantity) for quantity in (1, 2)]
    told = await asyncio.gather(*(arena.customers.create("guest-0", body, key) for body in bodies))
    assert sorted(answer.status for answer in told) == [201, 422], tally(answer.status for answer in told)
    for body, answer in zip(bodies, told, strict=True):
        if answer.status == 201:
            assert answer.json["schedulePayload"]["items"] == body["schedulePayload"]["items"]


async def _issued(arena: Arena, booking: str, count: int) -> list[dict[str, str]]:
    """The tickets of a booking, once they are all there. Raises TimeoutError."""
    deadline = asyncio.get_running_loop().time() + 20
    while len(found := await arena.customers.tickets("owner-0", booking)) < count:
        if asyncio.get_running_loop().time() > deadline:
            msg = f"{len(found)} of {count} tickets after 20 s"
            raise TimeoutError(msg)
        await asyncio.sleep(0.1)
    return found


def _settled(arena: Arena, first: list[Told], status: int) -> int:
    """How many of those who knew nothing at first were told `status` when they asked again."""
    unknown = {id(answer) for answer in first if not answer.definite}
    return sum(
        any(later.status == status for later in told) for told in arena.ledger.told.values() if id(told[0]) in unknown
    )
