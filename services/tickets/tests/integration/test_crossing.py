"""Two at one ticket, the order forced: doors, a cancellation, one nonce twice (rows B8 and B9); each with a control."""

from __future__ import annotations

import json

import pytest
from tickets_world import CANCELLED, codes_of, presented, scan, told

from holdfast_platform.testing.controls import UNLOCKED, rewritten
from holdfast_platform.testing.overlap import overlap
from holdfast_platform.testing.units import decide

pytestmark = pytest.mark.integration


@pytest.fixture
async def codes(unit, admin) -> list[str]:
    await decide(unit, told())
    return await codes_of(admin)


@pytest.fixture
def careless():
    """The controls: neither lock, nor condition on the ticket's version."""
    with rewritten({**UNLOCKED, "t.version = was.version": "true"}):
        yield


def result_of(answers) -> str:
    return json.loads(answers[0].body)["result"]


async def ticket(admin, code: str) -> tuple[str, int]:
    row = await admin.fetchrow("SELECT status, entries FROM tickets WHERE ticket_code = $1", code)
    return row["status"], row["entries"]


# -- two doors ------------------------------------------------------------------------------------------------------


async def two_doors(door, admin, codes):
    north, south = (decide(door, presented(codes[0], gate=gate)) for gate in ("North", "South"))
    return await overlap(north, south, admin)


async def test_two_doors_one_ticket(door, admin, codes) -> None:
    """I7: whoever is second decides again, by what the first left."""
    met = await two_doors(door, admin, codes)
    assert (met.waited, result_of(met.first), result_of(met.second)) == (True, "valid", "already_checked_in")
    assert json.loads(met.second[0].body)["firstAdmission"]["gate"] == "North"
    assert await ticket(admin, codes[0]) == ("checked_in", 1)


async def test_two_doors_without_the_lock_are_kept_apart_by_the_condition(door, admin, codes) -> None:
    """The lock is for speed: the conditional statement alone holds I7."""
    with rewritten(UNLOCKED):
        met = await two_doors(door, admin, codes)
    assert (result_of(met.first), result_of(met.second)) == ("valid", "already_checked_in")
    assert await ticket(admin, codes[0]) == ("checked_in", 1)


async def test_control_without_lock_and_condition_both_doors_admit(door, admin, codes, careless) -> None:
    met = await two_doors(door, admin, codes)
    assert (result_of(met.first), result_of(met.second)) == ("valid", "valid")


# -- one nonce ------------------------------------------------------------------------------------------------------


async def one_nonce(door, admin):
    """A code that names no booking: nothing is locked, only the nonce is the same."""
    wish = {"nonce": "n-1", "device_id": "door-1"}
    once, again = (decide(door, presented("unknown-code", **wish)) for _ in range(2))
    met = await overlap(once, again, admin)
    return met, await admin.fetchval("SELECT count(*) FROM scans")


async def test_the_same_nonce_at_two_replicas_at_once(door, admin, codes) -> None:
    met, kept = await one_nonce(door, admin)
    assert (met.waited, met.first == met.second, kept) == (True, True, 1)


async def test_control_without_the_constraint_a_nonce_is_kept_twice(door, admin, codes) -> None:
    name, definition = await admin.fetchrow(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = 'scans'::regclass AND contype = 'u'"
    )
    await admin.execute(f"ALTER TABLE scans DROP CONSTRAINT {name}")
    try:
        met, kept = await one_nonce(door, admin)
    finally:
        await admin.execute("DELETE FROM scans")
        await admin.execute(f"ALTER TABLE scans ADD CONSTRAINT {name} {definition}")
    assert (met.waited, kept) == (False, 2)


# -- cancelled while it is scanned ----------------------------------------------------------------------------------


def scanning(door, codes):
    return decide(door, presented(codes[0]))


def cancelling(unit):
    return decide(unit, told("BookingCancelled", **CANCELLED))


async def test_a_scan_that_was_first_admits_and_its_use_stays_known(unit, door, admin, codes) -> None:
    """One evaluation, by what tickets knew; the ticket ends cancelled."""
    met = await overlap(scanning(door, codes), cancelling(unit), admin)
    assert (met.waited, result_of(met.first)) == (True, "valid")
    assert await ticket(admin, codes[0]) == ("cancelled", 1)
    assert (await scan(door, codes[0]))["result"] == "cancelled"


async def test_a_scan_that_was_second_is_told_of_the_cancellation(unit, door, admin, codes) -> None:
    met = await overlap(cancelling(unit), scanning(door, codes), admin)
    assert (met.waited, result_of(met.second)) == (True, "cancelled")
    assert await ticket(admin, codes[0]) == ("cancelled", 0)


async def test_without_the_lock_the_condition_tells_of_the_cancellation(unit, door, admin, codes) -> None:
    with rewritten(UNLOCKED):
        met = await overlap(cancelling(unit), scanning(door, codes), admin)
    assert result_of(met.second) == "cancelled"
    assert await ticket(admin, codes[0]) == ("cancelled", 0)


async def test_control_without_lock_and_condition_a_cancelled_ticket_is_used(
    unit, door, admin, codes, careless
) -> None:
    met = await overlap(cancelling(unit), scanning(door, codes), admin)
    assert result_of(met.second) == "valid"
    assert await ticket(admin, codes[0]) == ("checked_in", 1)


async def test_control_without_lock_and_condition_the_use_of_a_ticket_is_forgotten(
    unit, door, admin, codes, careless
) -> None:
    met = await overlap(scanning(door, codes), cancelling(unit), admin)
    assert result_of(met.first) == "valid"
    assert await ticket(admin, codes[0]) == ("cancelled", 0)
