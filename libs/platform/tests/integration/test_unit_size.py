"""How much one transaction does: batches end at so much work, and breathe so that heartbeats go on [interleavings, M8].

Work is measured where it is done: each decision costs two milliseconds. Breaths are counted, not timed.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from holdfast_platform.settings import ServiceSettings
from holdfast_platform.testing.toy import Take, TakeUseCase, ToyWork, take
from holdfast_platform.units import unit as units

pytestmark = pytest.mark.integration


class HeavyWork(ToyWork):
    """Every decision costs; notes how many are made in each transaction, and how often the heart beat meanwhile."""

    def __init__(self, seconds=0.002):
        self.decided = []
        self.beats = 0
        self.beats_seen = set()
        self._seconds = seconds
        self.usecases = {Take: self.decide}

    async def load(self, connection, batch, now, locked):
        self.decided.append(0)
        return await super().load(connection, batch, now, locked)

    def decide(self, given, state):
        time.sleep(self._seconds)
        self.decided[-1] += 1
        self.beats_seen.add(self.beats)
        return TakeUseCase().execute(given, state)

    async def beat(self):
        """Stands for the heartbeat of the group's member: it wants its turn in the loop."""
        while True:
            self.beats += 1
            await asyncio.sleep(0)


async def run(owner, work, messages):
    heart = asyncio.create_task(work.beat())
    await owner.unit.run(messages)
    heart.cancel()


@pytest.fixture
async def messages(new_counter):
    tenant, counter = await new_counter(capacity=10_000)
    return lambda count: [take(tenant, counter, replies=[f"0:r{n}"]) for n in range(count)]


async def test_a_heavy_batch_ends_in_time_and_the_rest_is_the_next(new_owner, messages):
    work = HeavyWork()
    owner = await new_owner(work, batch_max_seconds=0.1)
    await run(owner, work, messages(200))
    assert sum(work.decided) == 200
    assert max(work.decided) <= 50  # of 2 ms each, within 0.1 s
    assert owner.heard() == {f"0:r{n}": [201] for n in range(200)}
    left = [int(answer.etag) for _, answer in owner.told]
    assert left == list(range(1, 201))  # decided and answered in the order of the messages


async def test_few_very_heavy_messages_end_in_time_too(new_owner, messages):
    work = HeavyWork(0.02)
    owner = await new_owner(work, batch_max_seconds=0.1)
    await run(owner, work, messages(30))
    assert max(work.decided) <= 6


class SlowDatabase(HeavyWork):
    """A database that takes longer for what a batch needs than the batch may work."""

    async def load(self, connection, batch, now, locked):
        await asyncio.sleep(0.2)
        return await super().load(connection, batch, now, locked)


async def test_the_wait_for_the_database_is_no_work(new_owner, messages):
    """Else a slow database would make each transaction one message, when there is the least time for that."""
    work = SlowDatabase(0)
    owner = await new_owner(work, batch_max_seconds=0.1)
    await run(owner, work, messages(40))
    assert work.decided == [40]


async def test_control_without_the_limit_it_is_one_long_transaction(new_owner, messages):
    """Negative control of the test above; the default is a quarter of a second."""
    work = HeavyWork()
    owner = await new_owner(work, batch_max_seconds=60.0)
    await run(owner, work, messages(200))
    assert work.decided == [200]
    assert ServiceSettings.model_fields["batch_max_seconds"].default == 0.25


async def test_the_heart_beats_while_a_batch_is_decided(new_owner, messages):
    work = HeavyWork(0)
    owner = await new_owner(work, batch_max_seconds=60.0)
    await run(owner, work, messages(400))
    assert work.decided == [400]
    assert len(work.beats_seen) == 7  # after each 64


async def test_control_a_batch_that_does_not_breathe_stops_the_heart(new_owner, messages, monkeypatch):
    """Negative control of the test above: the whole batch is decided between two beats."""
    monkeypatch.setattr(units, "_BREATHE_EVERY", 10_000)
    work = HeavyWork(0)
    owner = await new_owner(work, batch_max_seconds=60.0)
    await run(owner, work, messages(400))
    assert len(work.beats_seen) == 1


async def test_more_than_a_transaction_takes_are_several(new_owner, messages):
    work = HeavyWork(0)
    owner = await new_owner(work, batch_max_seconds=60.0)
    await run(owner, work, messages(1_100))
    assert work.decided == [500, 500, 100]
    assert len(owner.told) == 1_100
