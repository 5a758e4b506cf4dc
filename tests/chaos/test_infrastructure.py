"""Kafka and PostgreSQL go away and come back; a stopped consumer comes back too late; everything is told again."""

import asyncio

import pytest
from tests.chaos.crowd import busy, crowd
from tests.chaos.faults import SESSION_SECONDS, cut_connections, everything_again

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]


async def test_kafka_is_restarted(arena):
    async with crowd(arena) as made:
        await busy(made, 60)
        await arena.do(arena.stack.restart, "kafka")
        await arena.do(arena.stack.wait_ready)
        await busy(made, 60)
    await arena.judge()


async def test_kafka_is_killed(arena):
    async with crowd(arena) as made:
        await busy(made, 60)
        await arena.do(arena.stack.restart, "kafka", graceful=False)
        await arena.do(arena.stack.wait_ready)
        await busy(made, 60)
    await arena.judge()


@pytest.mark.parametrize("graceful", [True, False], ids=["stopped", "killed"])
async def test_postgres_is_restarted(arena, graceful):
    async with crowd(arena) as made:
        await busy(made, 60)
        await arena.do(arena.stack.restart, "postgres", graceful=graceful)
        await arena.do(arena.stack.wait_ready)
        await busy(made, 60)
    await arena.judge()


async def test_connections_to_postgres_are_cut_again_and_again(arena):
    async with crowd(arena) as made:
        for _ in range(5):
            await busy(made, 30)
            assert await cut_connections(arena.stack)
        await busy(made, 30)
    await arena.judge()


@pytest.mark.parametrize("service", ["inventory", "booking", "tickets"])
async def test_a_consumer_sleeps_past_its_session_while_another_takes_over(arena, service):
    replica = await asyncio.to_thread(arena.stack.replica, service)
    try:
        async with crowd(arena) as made:
            await busy(made, 40)
            await arena.do(arena.stack.pause, service)
            await asyncio.sleep(SESSION_SECONDS + 3)  # what is waited for is the very passing of this time
            await arena.do(arena.stack.resume, service)
            await busy(made, 40, patience=90)
    finally:
        await arena.do(arena.stack.stop, replica)
    await arena.judge()


async def test_every_message_comes_again_twice_in_a_row(arena):
    async with crowd(arena) as made:
        await busy(made, 300, patience=120)
        assert await everything_again(arena.stack) > 300
        await busy(made, 60)
    await arena.judge()
