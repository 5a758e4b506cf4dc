"""The sweeper of pending bookings: ends what is due, waits for nobody, and crosses with staff who confirm (row B6)."""

from __future__ import annotations

import asyncio

import pytest
from booking_world import OTHER_TENANT, booked, claim, confirm, legal, time_is_up

from holdfast_booking.repositories.pending import PendingRepository
from holdfast_booking.services.expiry import PendingExpiryService
from holdfast_platform.database.security import SWEEPER
from holdfast_platform.testing.controls import UNLOCKED, rewritten
from holdfast_platform.testing.crossing import until_waiting
from holdfast_platform.testing.overlap import overlap
from holdfast_platform.units.batcher import Batcher

pytestmark = pytest.mark.integration

APPROVAL = {"booking": {"approval": "always"}}


class Interrupted(PendingRepository):
    """Lets something happen between a look-up and the batch that follows from it."""

    async def due(self, most: int) -> list:
        found = await super().due(most)
        await self.between()
        return found

    async def between(self) -> None:
        pass


@pytest.fixture
def pending(databases):
    return Interrupted(databases[SWEEPER])


@pytest.fixture
def sweep(world, pending):
    return PendingExpiryService(pending, Batcher(world.units["expiry"]), most=2).sweep


async def due_booking(world):
    booking = await booked(world, policy=APPROVAL)
    await time_is_up(world, booking)
    return booking


async def test_what_is_due_expires_and_gives_its_capacity_back(world, sweep) -> None:
    due = [await booked(world, policy=APPROVAL, tenant=tenant) for tenant in (claim().tenant_id, OTHER_TENANT)]
    kept = await booked(world, policy=APPROVAL)
    await time_is_up(world, *due)
    assert await sweep()
    assert not await sweep()
    assert [await world.status(booking) for booking in (*due, kept)] == ["expired", "expired", "pending"]
    assert len(await world.released()) == 2
    assert all([await legal(world, booking) for booking in due])


# -- what others have locked ---------------------------------------------------------------------------------------


def lock(world, *bookings) -> object:
    return world.admin.execute("SELECT 1 FROM bookings WHERE id = ANY($1::uuid[]) FOR UPDATE", bookings)


async def test_what_is_locked_at_the_look_up_waits_for_the_next_round(world, sweep) -> None:
    booking = await due_booking(world)
    async with world.admin.transaction():
        await lock(world, booking)
        assert not await asyncio.wait_for(sweep(), 1)
    assert await world.status(booking) == "pending"
    await sweep()
    assert await world.status(booking) == "expired"


async def test_what_is_locked_after_the_look_up_waits_for_the_next_round(world, sweep, pending, monkeypatch) -> None:
    booking, free = await due_booking(world), await due_booking(world)
    async with world.admin.transaction():
        monkeypatch.setattr(pending, "between", lambda: lock(world, booking))
        await asyncio.wait_for(sweep(), 1)
    assert (await world.status(booking), await world.status(free)) == ("pending", "expired")
    monkeypatch.undo()
    await sweep()
    assert await world.status(booking) == "expired"
    assert await legal(world, booking)


async def test_control_a_sweep_that_takes_its_locks_as_others_do_waits(world, sweep, pending, monkeypatch) -> None:
    booking, locked = await due_booking(world), asyncio.Event()

    async def between() -> None:
        await lock(world, booking)
        locked.set()

    with rewritten({" SKIP LOCKED": ""}):
        async with world.admin.transaction():
            monkeypatch.setattr(pending, "between", between)
            sweeping = asyncio.create_task(sweep())
            await asyncio.wait_for(locked.wait(), 5)
            await until_waiting(world.admin)
            assert not sweeping.done()
        await sweeping
    assert await world.status(booking) == "expired"


async def test_what_is_found_again_and_cannot_be_ended_is_not_swept_without_a_pause(
    world, sweep, pending, monkeypatch
) -> None:
    """Locked after each look-up, and free again before the next."""
    stuck = [await due_booking(world) for _ in range(2)]
    for more in (True, False):
        async with world.admin.transaction():
            monkeypatch.setattr(pending, "between", lambda: lock(world, *stuck))
            assert await sweep() is more
    assert [await world.status(booking) for booking in stuck] == ["pending", "pending"]


# -- staff confirm meanwhile ---------------------------------------------------------------------------------------


async def test_staff_who_were_first_have_confirmed(world, sweep, pending, monkeypatch) -> None:
    """The sweeper has found it due, and finds it locked when it would end it."""
    booking, looked, go_on = await due_booking(world), asyncio.Event(), asyncio.Event()

    async def until_confirming() -> None:
        looked.set()
        await go_on.wait()

    monkeypatch.setattr(pending, "between", until_confirming)
    sweeping = asyncio.create_task(sweep())
    await looked.wait()

    async def end() -> None:
        go_on.set()
        await sweeping

    met = await overlap(world.commands(confirm(booking)), end(), world.admin)
    assert (met.waited, met.first[0].status) == (False, 200)
    assert await world.status(booking) == "confirmed"
    assert (await world.released(), len(await world.versions(booking))) == ([], 2)
    assert await legal(world, booking)


async def test_staff_who_were_second_are_refused(world, sweep) -> None:
    booking = await due_booking(world)
    met = await overlap(sweep(), world.commands(confirm(booking)), world.admin)
    assert (met.waited, met.second[0].status) == (True, 409)
    assert await world.status(booking) == "expired"
    assert (len(await world.released()), len(await world.versions(booking))) == (1, 2)
    assert await legal(world, booking)


async def test_control_without_lock_and_condition_it_is_both(world, sweep, monkeypatch) -> None:
    monkeypatch.setattr("holdfast_platform.database.writing.expect", lambda *_: None)
    booking = await due_booking(world)
    with rewritten({**UNLOCKED, " AND t.version < r.version": ""}):
        met = await overlap(sweep(), world.commands(confirm(booking)), world.admin)
    assert met.second[0].status == 200
    assert (await world.status(booking), len(await world.released())) == ("confirmed", 1)  # and its place is free
    with pytest.raises(AssertionError):
        await legal(world, booking)
