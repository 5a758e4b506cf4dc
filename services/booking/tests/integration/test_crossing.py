"""Two commands for one booking in two batches, the order forced: versions in order, also in the outbox (row O1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from booking_world import booked, cancel, check_in, confirm, legal, scanned

from holdfast_platform.testing.controls import UNLOCKED, rewritten
from holdfast_platform.testing.overlap import overlap

pytestmark = pytest.mark.integration

SOON = timedelta(minutes=30)
APPROVAL = {"booking": {"approval": "always"}}


async def events(world) -> list[tuple[str, int]]:
    """Events in the order in which the relay sends them."""
    return [(row["type"], row["json"]["version"]) for row in await world.outbox("booking.events.v1")]


@pytest.fixture
def careless(monkeypatch):
    """The controls: no row locks, no condition on the version, no count compared."""
    monkeypatch.setattr("holdfast_platform.database.writing.expect", lambda *_: None)
    with rewritten({**UNLOCKED, " AND t.version < r.version": ""}):
        yield


async def both(world):
    """A booking, and a cancellation that a check-in waits for."""
    booking = await booked(world, starts_in=SOON)
    return booking, await overlap(world.commands(cancel(booking)), world.commands(check_in(booking)), world.admin)


async def test_the_second_is_decided_by_what_the_first_left(world) -> None:
    booking, met = await both(world)
    assert (met.waited, met.first[0].status, met.second[0].status) == (True, 200, 409)
    assert await events(world) == [("BookingConfirmed", 1), ("BookingCancelled", 2)]
    assert await legal(world, booking)


async def test_a_version_that_is_gone_when_the_turn_comes_is_412(world) -> None:
    booking = await booked(world, starts_in=SOON)
    met = await overlap(
        world.commands(check_in(booking, if_match=1)), world.commands(cancel(booking, if_match=1)), world.admin
    )
    assert (met.waited, met.first[0].status, met.second[0].status) == (True, 200, 412)
    assert await legal(world, booking)


async def test_both_are_told_in_the_order_of_their_versions(world) -> None:
    booking = await booked(world, policy=APPROVAL, starts_in=SOON)
    met = await overlap(world.commands(confirm(booking)), world.commands(check_in(booking)), world.admin)
    assert (met.waited, met.first[0].status, met.second[0].status) == (True, 200, 200)
    assert await events(world) == [("BookingCreated", 1), ("BookingConfirmed", 2), ("BookingCheckedIn", 3)]
    assert await legal(world, booking)


async def test_a_scan_waits_for_a_cancellation_and_is_noted_after_it(world) -> None:
    booking = await booked(world, starts_in=SOON)
    met = await overlap(world.commands(cancel(booking)), world.tickets(scanned(booking)), world.admin)
    assert (met.waited, await world.status(booking)) == (True, "cancelled")
    assert await events(world) == [("BookingConfirmed", 1), ("BookingCancelled", 2), ("BookingUpdated", 3)]
    assert await legal(world, booking)


async def test_without_the_lock_the_condition_has_the_last_word(world) -> None:
    """Whoever writes second finds the version taken, and is decided again."""
    with rewritten(UNLOCKED):
        booking, met = await both(world)
    assert (met.first[0].status, met.second[0].status) == (200, 409)
    assert await legal(world, booking)


async def test_control_without_lock_and_condition_one_version_is_told_twice(world, careless) -> None:
    booking, met = await both(world)
    assert (met.first[0].status, met.second[0].status) == (200, 200)
    assert await events(world) == [("BookingConfirmed", 1), ("BookingCancelled", 2), ("BookingCheckedIn", 2)]
    with pytest.raises(AssertionError):
        await legal(world, booking)
