"""Offsets that could not be committed are committed later; where a partition stands."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from holdfast_platform.messaging.offsets import Offsets

HERE, ELSEWHERE = TopicPartition("commands", 0), TopicPartition("commands", 1)


@dataclass
class FakeConsumer:
    owned: set[TopicPartition]
    failures: int = 0
    committed: list[dict[TopicPartition, int]] = field(default_factory=list)

    def assignment(self):
        return self.owned

    async def commit(self, offsets):
        if self.failures:
            self.failures -= 1
            raise CommitFailedError
        self.committed.append(offsets)


@dataclass(frozen=True)
class FakeRecord:
    offset: int
    topic: str = HERE.topic
    partition: int = HERE.partition


def offsets_of(consumer):
    offsets = Offsets(60)
    offsets.watch(lambda: consumer)
    return offsets


async def test_what_could_not_be_committed_is_committed_later_though_nothing_new_comes():
    consumer = FakeConsumer({HERE}, failures=1)
    offsets = offsets_of(consumer)
    offsets.note([FakeRecord(6)])
    await offsets.commit()
    assert consumer.committed == []
    await offsets.commit()
    assert consumer.committed == [{HERE: 7}]


async def test_a_partition_that_another_owns_is_let_go():
    consumer = FakeConsumer({ELSEWHERE})
    offsets = offsets_of(consumer)
    offsets.note([FakeRecord(6)])
    await offsets.commit()
    consumer.owned = {HERE}
    await offsets.commit()
    assert consumer.committed == []


class SlowConsumer(FakeConsumer):
    """Takes its time for the first commit."""

    slow = True

    async def commit(self, offsets):
        if self.slow:
            self.slow = False
            await asyncio.get_running_loop().create_future()
        await super().commit(offsets)


async def test_what_the_timer_has_in_hand_when_it_is_stopped_is_committed_at_the_end():
    consumer = SlowConsumer({HERE})
    offsets = Offsets(0.001)
    offsets.watch(lambda: consumer)
    offsets.note([FakeRecord(6)])
    await offsets.start()
    async with asyncio.timeout(5):
        while consumer.slow:
            await asyncio.sleep(0.001)
        await offsets.stop()
    assert consumer.committed == [{HERE: 7}]


async def test_a_partition_stands_before_its_first_record_until_that_is_done():
    offsets = offsets_of(FakeConsumer({HERE}))
    records = [FakeRecord(6), FakeRecord(7)]
    offsets.begin(records)
    assert offsets.reached == {HERE: 6}
    offsets.note(records)
    offsets.begin([FakeRecord(8)])
    assert offsets.reached == {HERE: 8}
    await offsets.on_partitions_assigned({HERE})
    assert offsets.reached == {}
