"""Replies: best-effort wake-ups from an owner to the gateway that asked, which carry the answer's bytes.

What matters is stored; a gateway that hears nothing asks the owner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.errors import ConsumerStoppedError, KafkaError

from holdfast_contracts import envelope
from holdfast_contracts.topics import GATEWAY_REPLIES
from holdfast_platform import logs
from holdfast_platform.messaging.factory import PatientConsumer, make_reply_consumer
from holdfast_platform.messaging.producing import LastingProducer
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.units.messages import Answer

log = logs.get(__name__)


def reply_address(partition: int, request_id: str) -> str:
    """Return the address of one waiting HTTP request."""
    return f"{partition}:{request_id}"


class ReplySender:
    """Sends replies after commit, without waiting for the bus."""

    def __init__(self, make_producer: Callable[[], AIOKafkaProducer]) -> None:
        self._producer = LastingProducer(make_producer)
        self._waiting: list[tuple[str, Answer]] = []
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what waits, then close."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        await self._producer.stop(seconds=3)

    def send(self, addresses: Sequence[str], answer: Answer) -> None:
        """Queue an answer to each address; returns at once."""
        self._waiting.extend((address, answer) for address in addresses)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name="replies")

    async def _drain(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            for address, answer in waiting:
                await self._send(address, answer)

    async def _send(self, address: str, answer: Answer) -> None:
        partition, _, request_id = address.partition(":")
        if not self._producer.running or not partition.isdigit():
            return
        headers = [
            (envelope.REPLY_REQUEST, request_id.encode()),
            (envelope.REPLY_STATUS, str(answer.status).encode()),
            (envelope.REPLY_KIND, answer.kind.encode()),
        ]
        if answer.etag is not None:
            headers.append((envelope.REPLY_ETAG, answer.etag.encode()))
        try:
            number = int(partition) % GATEWAY_REPLIES.partitions
            await self._producer.send(GATEWAY_REPLIES.name, answer.body, headers, partition=number)
        except KafkaError as error:
            log.warning("reply not sent; the gateway asks for it", reason=str(error))


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as the gateway hears it."""

    request_id: str
    answer: Answer


class ReplyListener:
    """The gateway's ear: one partition of the replies' topic, heard from its end."""

    def __init__(self, settings: ServiceSettings, partition: int, hear: Callable[[Reply], None]) -> None:
        self.partition = partition % GATEWAY_REPLIES.partitions
        self._settings = settings
        self._hear = hear
        self._consumer: PatientConsumer | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def ready(self) -> str | None:
        """None while replies are heard, else why not."""
        return (
            None if self._consumer is not None and self._task is not None and not self._task.done() else "not listening"
        )

    async def start(self) -> None:
        """Begin to listen; returns when the position is known, so that no later reply is missed."""
        self._consumer = await make_reply_consumer(self._settings, GATEWAY_REPLIES, self.partition)
        self._task = asyncio.create_task(self._run(self._consumer), name="reply-listener")

    async def stop(self) -> None:
        """Stop listening."""
        consumer, self._consumer = self._consumer, None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if consumer is not None:
            await consumer.stop()

    async def _run(self, consumer: PatientConsumer) -> None:
        while True:
            try:
                batches = await consumer.getmany(max_records=1000)
            except ConsumerStoppedError:
                return
            except KafkaError as error:
                log.warning("replies cannot be heard at present", reason=str(error))
                await asyncio.sleep(0.5)
                continue
            for records in batches.values():
                for record in records:
                    self._hear(_reply(record.headers, record.value or b""))


def _reply(headers: Sequence[tuple[str, bytes]], body: bytes) -> Reply:
    fields: Mapping[str, bytes] = dict(headers)
    etag = fields.get(envelope.REPLY_ETAG)
    answer = Answer(
        int(fields.get(envelope.REPLY_STATUS, b"0")),
        body,
        etag.decode() if etag is not None else None,
        fields.get(envelope.REPLY_KIND, b"").decode(),
    )
    return Reply(fields.get(envelope.REPLY_REQUEST, b"").decode(), answer)
