"""Reads dead letters and keeps account of those that are done, through the group `holdfast.dlq`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, OffsetAndMetadata, TopicPartition

from holdfast_cli.bus import OPERATORS_GROUP, committed, partitions_of, reader, writer
from holdfast_cli.dlq.handled import Handled
from holdfast_cli.dlq.letters import Letter
from holdfast_cli.errors import CannotError
from holdfast_contracts.topics import CONSUMED
from holdfast_platform.messaging.dead_letters import DLQ_PARTITION

_READ_SECONDS: Final = 20.0


class Desk:
    """The open letters of a Kafka."""

    def __init__(self, address: str, topics: Sequence[str] | None = None) -> None:
        """`topics` are those the letters came from, or lie in; all that services consume where not given."""
        self._address = address
        self._asked = [f"{topic.removesuffix('.dlq')}.dlq" for topic in topics or []]
        self._handled: dict[TopicPartition, Handled] = {}

    async def open_letters(self) -> list[Letter]:
        """Return the letters that nobody has handled yet, oldest first in each topic.

        Raises CannotError for a topic that Kafka has no dead letters of.
        """
        known = await partitions_of(self._address)
        topics = self._asked or [topic.dead_letters.name for topic in CONSUMED]
        unknown = sorted(set(self._asked) - known.keys())
        if unknown:
            there = ", ".join(sorted(topic for topic in known if topic.endswith(".dlq")))
            raise CannotError(f"Kafka has no topic {', '.join(unknown)}. There are: {there or 'none'}.")
        where = [TopicPartition(topic, number) for topic in topics for number in range(known.get(topic, 0))]
        if not where:
            return []
        notes = await committed(self._address, OPERATORS_GROUP)
        async with reader(self._address) as consumer:
            consumer.assign(where)
            begins = await consumer.beginning_offsets(where)
            ends = await consumer.end_offsets(where)
            for one in where:
                self._handled[one] = Handled.read(*notes.get(one, (0, ""))).starting_at(begins[one])
                consumer.seek(one, self._handled[one].first_open)
            letters = await self._read(consumer, {one: ends[one] for one in where})
        return [letter for letter in letters if not self._handled[_where(letter)].covers(letter.offset)]

    async def _read(self, consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> list[Letter]:
        letters: list[Letter] = []
        deadline = time.monotonic() + _READ_SECONDS
        while any([await consumer.position(where) < end for where, end in ends.items()]):
            if time.monotonic() > deadline:
                raise CannotError("Kafka did not hand out the dead letters in time.")
            for records in (await consumer.getmany(timeout_ms=200)).values():
                letters += [
                    Letter(
                        record.topic,
                        record.partition,
                        record.offset,
                        record.key,
                        record.value,
                        {name: value.decode(errors="replace") for name, value in record.headers},
                    )
                    for record in records
                ]
        return sorted(letters, key=lambda letter: (letter.dlq_topic, letter.partition, letter.offset))

    async def replay(self, letters: Sequence[Letter]) -> None:
        """Send letters again to where they were read, then note them as done.

        What several consumers gave up is sent once: all of them read it.
        """
        once = {(letter.topic, letter.message_id): letter for letter in letters}
        async with writer(self._address) as producer:
            for letter in once.values():
                headers = [(name, value.encode()) for name, value in letter.replayed_headers().items()]
                partition = letter.headers.get(DLQ_PARTITION, "")
                await producer.send_and_wait(
                    letter.topic,
                    letter.payload,
                    key=letter.key,
                    partition=int(partition) if partition.isdigit() else None,
                    headers=headers,
                )
        await self.done(letters)

    async def done(self, letters: Iterable[Letter]) -> None:
        """Note letters as done, so that they do not come again."""
        offsets: dict[TopicPartition, set[int]] = {}
        for letter in letters:
            offsets.setdefault(_where(letter), set()).add(letter.offset)
        if not offsets:
            return
        after = {where: self._handled[where].with_done(numbers) for where, numbers in offsets.items()}
        async with reader(self._address) as consumer:
            consumer.assign(list(after))
            await consumer.commit(
                {where: OffsetAndMetadata(one.first_open, one.note()) for where, one in after.items()}
            )
        self._handled |= after


def _where(letter: Letter) -> TopicPartition:
    return TopicPartition(letter.dlq_topic, letter.partition)
