"""Offsets that could not be committed are committed later."""

from __future__ import annotations

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
