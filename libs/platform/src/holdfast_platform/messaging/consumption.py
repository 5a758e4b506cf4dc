"""A consumer of one topic: reads batches, hands them to the unit of work, notes offsets after commit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Generic, TypeVar

from holdfast_contracts.topics import Topic
from holdfast_platform import logs, metrics
from holdfast_platform.errors import InfrastructureDown
from holdfast_platform.messaging.factory import make_subscriber
from holdfast_platform.messaging.offsets import Offsets
from holdfast_platform.messaging.reading import Record, Unreadable, read
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.units.unit import Unit
from holdfast_platform.units.work import AnyIncoming

S = TypeVar("S")
log = logs.get(__name__)


class Consumption(Generic[S]):
    """One subscription of a service."""

    def __init__(self, settings: ServiceSettings, topic: Topic, group: str, unit: Unit[S], *, commands: bool) -> None:
        """`commands` tells that an unknown type is an error; of events, types that nobody decides are ignored."""
        self.topic = topic
        self.group = group
        self._settings = settings
        self._unit = unit
        self._commands = commands
        self._offsets = Offsets(settings.offset_commit_seconds)
        self._subscriber = make_subscriber(settings, topic, group, self._handle, self._offsets)
        self._offsets.watch(lambda: self._subscriber.consumer)
        self._stopping = asyncio.Event()
        self._waiting_for: str | None = None
        metrics.CONSUMER_LAG.labels(group).set_function(self.lag)  # asked when somebody looks, with a batch or without

    @property
    def ready(self) -> str | None:
        """None while messages are taken, else why not."""
        consumer = self._subscriber.consumer
        if self._waiting_for is not None:
            return self._waiting_for
        if consumer is None or not consumer.assignment():
            return "no partitions assigned yet"
        return None

    async def start(self) -> None:
        """Join the group."""
        await self._offsets.start()
        await self._subscriber.start()

    async def stop(self) -> None:
        """Finish the batch under way, which commits its offsets, and leave the group in order."""
        self._stopping.set()
        await self._offsets.stop()
        await self._subscriber.stop()

    def lag(self) -> int:
        """Messages not yet taken, as far as the last fetch told."""
        consumer = self._subscriber.consumer
        if consumer is None:
            return 0
        behind = 0
        for where in consumer.assignment():
            end = consumer.highwater(where) or 0
            behind += max(0, end - self._offsets.reached.get(where, end))
        return behind

    async def _handle(self, records: Sequence[Record]) -> None:
        """Do a batch to its end; never raises, and notes offsets only of what is done."""
        if await self._do(records):
            self._offsets.note(records)
            if self._stopping.is_set():
                await self._offsets.commit()  # here, since nobody can once the subscriber has ended
        if not self.topic.awaited:
            await self._rest(len(records))

    async def _rest(self, handled: int) -> None:
        """Let events gather, the longer the more of them come; a single one is followed by hardly a pause."""
        milliseconds = min(handled * self._settings.event_rest_ms, self._settings.event_gather_ms)
        if milliseconds:
            await self._wait(milliseconds / 1000)

    async def _do(self, records: Sequence[Record]) -> bool:
        pause = self._settings.batch_backoff_seconds
        while not self._stopping.is_set():
            self._offsets.begin(records)
            messages, unreadable = self._read(records)
            try:
                for record in unreadable:
                    await self._unit.bury(record)
                await self._unit.run(messages)
            except InfrastructureDown as error:
                self._pause(str(error))
            except Exception as error:
                log.exception("batch failed outside its own rules; it is tried again", consumer=self.group)
                self._pause(str(error))
            else:
                self._waiting_for = None
                return True
            await self._wait(pause)
            pause = min(pause * 2, self._settings.infrastructure_backoff_seconds)
        return False

    def _pause(self, reason: str) -> None:
        if self._waiting_for is None:
            log.warning("consumer waits for the infrastructure", consumer=self.group, reason=reason)
            self._subscriber.fetch_ahead()  # else the lag would stand still however long this takes
        self._waiting_for = f"waits for the infrastructure: {reason}"

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), timeout=seconds)
        except TimeoutError:
            return

    def _read(self, records: Sequence[Record]) -> tuple[list[AnyIncoming], list[Unreadable]]:
        messages: list[AnyIncoming] = []
        unreadable: list[Unreadable] = []
        wanted = self._unit.decides
        for record in records:
            found = read(record, commands=self._commands, wanted=wanted)
            if isinstance(found, Unreadable):
                unreadable.append(found)
            elif found is not None:
                messages.append(found)
        if ignored := len(records) - len(messages) - len(unreadable):
            metrics.MESSAGES.labels(self.group, "unknown", "ignored").inc(ignored)
        return messages, unreadable
