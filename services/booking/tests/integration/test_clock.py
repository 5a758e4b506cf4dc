"""A service whose clock is ten minutes off ends no pending booking early and none late (row O9)."""

from __future__ import annotations

from datetime import UTC

import pytest
from booking_world import booked, expire, time_is_up

from holdfast_booking.repositories.pending import PendingRepository
from holdfast_booking.services.expiry import PendingExpiryService
from holdfast_platform.database.security import SWEEPER
from holdfast_platform.inbox import store as inbox
from holdfast_platform.testing.clocks import clock_off_by
from holdfast_platform.units.batcher import Batcher

pytestmark = pytest.mark.integration

APPROVAL = {"booking": {"approval": "always", "pendingMinutes": 10}}
OFF = pytest.mark.parametrize("minutes", [-10.5, 10.5])


@pytest.fixture
def sweep(world, databases):
    return PendingExpiryService(PendingRepository(databases[SWEEPER]), Batcher(world.units["expiry"])).sweep


@OFF
async def test_a_booking_is_pending_for_its_minutes_of_the_database(world, minutes) -> None:
    with clock_off_by(60 * minutes):
        booking = await booked(world, policy=APPROVAL)
    left = await world.admin.fetchval(
        "SELECT extract(epoch FROM pending_expires_at - clock_timestamp())::float FROM bookings WHERE id = $1", booking
    )
    assert 540 < left <= 601


@OFF
async def test_a_booking_expires_when_its_time_is_up_and_not_before(world, sweep, minutes) -> None:
    booking = await booked(world, policy=APPROVAL)
    with clock_off_by(60 * minutes):
        await sweep()
        await world.time(expire(booking))
        assert await world.status(booking) == "pending"
        await time_is_up(world, booking)
        await sweep()
    assert await world.status(booking) == "expired"


async def test_control_decided_by_the_clock_of_the_service_it_expires_early(world, monkeypatch) -> None:
    booking = await booked(world, policy=APPROVAL)
    read = inbox.read

    with clock_off_by(60 * 10.5) as wrong:

        async def read_and_look_at_the_watch(*arguments):
            stored, _ = await read(*arguments)
            return stored, wrong.now(UTC)

        monkeypatch.setattr(inbox, "read", read_and_look_at_the_watch)
        await world.time(expire(booking))
    assert await world.status(booking) == "expired"
