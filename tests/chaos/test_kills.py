"""SIGKILL of each service, at random and at the named points of the flow, while a crowd is at work."""

import asyncio

import pytest
from tests.chaos.crowd import busy, crowd
from tests.chaos.faults import until_dead

from holdfast_local.keys import SERVICES

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

POINTS = {
    "before commit": "unit.before_commit",
    "after commit, before anything else": "unit.after_commit",
    "after commit, before publish": "relay.before_publish",
    "after publish, before delete": "relay.after_publish",
    "after commit, before the offset": "offsets.before_commit",
}
WITHOUT = {("calendar", "relay.before_publish"), ("calendar", "relay.after_publish")}
"""Calendar publishes nothing."""
OWNERS = tuple(service for service in SERVICES if service != "gateway")


@pytest.mark.parametrize("service", SERVICES)
async def test_killed_at_random(arena, service):
    dice = arena.dice("random kill", service)
    async with crowd(arena) as made:
        for _ in range(3):
            await busy(made, dice.randint(20, 120))
            await arena.do(arena.stack.kill, service)
            await asyncio.sleep(dice.uniform(0, 2))  # it is missed for a while: the passing of time is what is meant
            await arena.do(arena.stack.start, service)
    await arena.judge()


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
@pytest.mark.parametrize("service", OWNERS)
async def test_killed_at_a_named_point(arena, service, point):
    if (service, point) in WITHOUT:
        pytest.skip("this service has no such point")
    nth = arena.dice("named kill", service, point).randint(1, 12)
    async with crowd(arena) as made:
        await busy(made, 10)
        await arena.do(arena.stack.restart, service, ready=False, HOLDFAST_CHECKPOINTS=f"{point}=kill@{nth}")
        await until_dead(arena.stack, service)
        await arena.do(arena.stack.start, service)
        await busy(made, 50)
    await arena.judge()


async def test_gateway_is_killed_in_the_middle_of_requests_and_everybody_asks_again(arena):
    async with crowd(arena, people=48) as made:
        for _ in range(3):
            await busy(made, 60)
            await arena.do(arena.stack.restart, "gateway", graceful=False)
    await arena.judge()


async def test_all_services_are_restarted_one_after_the_other_and_no_request_in_flight_fails(arena):
    async with crowd(arena) as made:
        for service in OWNERS:
            await busy(made, 30)
            await arena.do(arena.stack.restart, service)
    await arena.judge()
