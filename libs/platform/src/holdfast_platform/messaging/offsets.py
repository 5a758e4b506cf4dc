"""Offsets: explicit ones, of batches whose transaction has committed, and never more.

A bare `commit()` commits positions, and loses what is taken but not done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError

from holdfast_platform import checkpoints, logs
from holdfast_platform.messaging.reading import Record

log = logs.get(__name__)


class Offsets(ConsumerRebalanceListener):  # type: ignore[misc]
    """Notes what is done and commits it now and then, when partitions are revoked, and at the end."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._done: dict[TopicPartition, int] = {}
        self.reached: dict[TopicPartition, int] = {}
        self._consumer: Callable[[], AIOKafkaConsumer | None] = lambda: None
        self._task: asyncio.Task[None] | None = None

    def watch(self, consumer: Callable[[], AIOKafkaConsumer | None]) -> None:
        """Tell where the running consumer is found."""
        self._consumer = consumer

    def begin(self, records: Sequence[Record]) -> None:
        """Note where partitions stand whose first records are taken: nothing before them is left to be done."""
        first = {(record.topic, record.partition): record.offset for record in reversed(records)}
        for where, offset in first.items():
            self.reached.setdefault(TopicPartition(*where), offset)

    def note(self, records: Sequence[Record]) -> None:
        """Note that these records are done: their transaction has committed."""
        last = {(record.topic, record.partition): record.offset for record in records}
        for where, offset in last.items():
            done = TopicPartition(*where)
            self._done[done] = self.reached[done] = max(self._done.get(done, 0), offset + 1)

    async def start(self) -> None:
        """Begin to commit every so many seconds."""
        self._task = asyncio.create_task(self._run(), name="offsets")

    async def stop(self) -> None:
        """Commit what is done and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.commit()

    async def commit(self) -> None:
        """Commit what is noted, for the partitions this member still owns. A failure is only a repeat (inbox)."""
        consumer = self._consumer()
        if consumer is None or not self._done:
            return
        owned = consumer.assignment()
        offsets = {where: offset for where, offset in self._done.items() if where in owned}
        self._done.clear()
        if not offsets:
            return
        try:
            await checkpoints.reach("offsets.before_commit")
            await asyncio.wait_for(consumer.commit(offsets), timeout=5)
        except (KafkaError, OSError) as error:
            log.warning("offsets not committed; the inbox makes the repeat harmless", reason=str(error))
            self._keep(offsets)
        except asyncio.CancelledError:
            self._keep(offsets)  # the timer is stopped; what it had in hand is committed by the one who stops it
            raise

    def _keep(self, offsets: dict[TopicPartition, int]) -> None:
        """Note again what could not be committed: a line that is idle now would tell a lag for ever (I10)."""
        for where, offset in offsets.items():
            self._done[where] = max(self._done.get(where, 0), offset)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Commit before others take over."""
        await self.commit()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Forget what was noted of partitions that came back: the group's offset holds."""
        for where in assigned:
            self._done.pop(where, None)
            self.reached.pop(where, None)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            await self.commit()
