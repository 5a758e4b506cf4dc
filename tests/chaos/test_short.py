"""The short form that `make test` runs: small races, one kill of each service under load, then the verdict."""

import pytest
from tests.chaos.crowd import busy, crowd
from tests.chaos.races import race_at_doors, race_for_slot, race_for_units, race_of_one_key, race_of_one_nonce
from tests.chaos.races import race_of_two_bodies as two_bodies

from holdfast_local.keys import SERVICES

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


async def test_small_races_are_exact(arena):
    await race_for_units(arena, people=400, units=100)
    await race_for_slot(arena, people=300, capacity=1)
    await race_at_doors(arena, pairs=5)
    await race_of_one_nonce(arena)
    await race_of_one_key(arena, repeats=50)
    await two_bodies(arena)
    await arena.judge()


async def test_each_service_is_killed_once_under_load(arena):
    order = list(SERVICES)
    arena.dice("kills").shuffle(order)
    async with crowd(arena, people=12) as made:
        for service in order:
            await busy(made, 15)
            await arena.do(arena.stack.kill, service)
            await arena.do(arena.stack.start, service)
        await busy(made, 15)
    await arena.judge()
