"""The races at full size."""

import pytest
from tests.chaos.races import race_at_doors, race_for_slot, race_for_units, race_of_one_key

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]


async def test_2000_clients_for_500_units_of_one_session(arena):
    await race_for_units(arena, people=2_000, units=500)
    await arena.judge()


@pytest.mark.parametrize("capacity", [1, 25])
async def test_300_clients_for_one_slot(arena, capacity):
    await race_for_slot(arena, people=300, capacity=capacity)
    await arena.judge()


async def test_2000_clients_for_one_slot_of_25(arena):
    await race_for_slot(arena, people=2_000, capacity=25)
    await arena.judge()


async def test_two_doors_one_ticket_a_hundred_times(arena):
    await race_at_doors(arena, pairs=100)
    await arena.judge()


async def test_the_same_key_50_times_at_once(arena):
    for _ in range(5):
        await race_of_one_key(arena, repeats=50)
    await arena.judge()
