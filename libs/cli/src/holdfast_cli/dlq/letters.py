"""A dead letter: the message as it was, where it came from, why it was given up, and whether it may run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from holdfast_contracts import envelope
from holdfast_contracts.ids import derived_id
from holdfast_contracts.inventory import ReleaseClaim
from holdfast_contracts.registry import MESSAGES
from holdfast_platform.messaging.dead_letters import (
    DLQ_AT,
    DLQ_CONSUMER,
    DLQ_OFFSET,
    DLQ_PARTITION,
    DLQ_REASON,
    DLQ_TOPIC,
)
from holdfast_platform.messaging.reading import Unreadable, read

REPLAY_OF: Final = "hf-replay-of"
_OURS: Final = {DLQ_AT, DLQ_CONSUMER, DLQ_OFFSET, DLQ_PARTITION, DLQ_REASON, DLQ_TOPIC}


@dataclass(slots=True)
class _Record:
    """A letter's message as its consumer would get it."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    partition: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """One record of a `.dlq` topic."""

    dlq_topic: str
    partition: int
    offset: int
    key: bytes | None
    payload: bytes | None
    headers: Mapping[str, str]

    @property
    def address(self) -> str:
        """How an operator names it: `<topic>@<offset>`."""
        return f"{self.topic}@{self.offset}"

    @property
    def topic(self) -> str:
        """Where the message was read, and where it would be replayed."""
        return self.headers.get(DLQ_TOPIC) or self.dlq_topic.removesuffix(".dlq")

    @property
    def type(self) -> str:
        """Name of the message, as its header says."""
        return self.headers.get(envelope.CE_TYPE, "unknown")

    @property
    def consumer(self) -> str:
        """Who gave it up, such as `booking.claims`."""
        return self.headers.get(DLQ_CONSUMER, "unknown")

    @property
    def service(self) -> str:
        """Whose consumer that is."""
        return self.consumer.partition(".")[0]

    @property
    def reason(self) -> str:
        """Why."""
        return self.headers.get(DLQ_REASON, "")

    @property
    def at(self) -> str:
        """When, UTC."""
        return self.headers.get(DLQ_AT, "")

    @property
    def message_id(self) -> UUID | None:
        """`ce_id`, where it can be read."""
        try:
            return UUID(self.headers[envelope.CE_ID])
        except (KeyError, ValueError):
            return None

    @property
    def unreadable(self) -> str | None:
        """Why no consumer could read it; None where this version can, or does not know the topic."""
        if self.topic not in MESSAGES:
            return None
        headers = tuple((name, value.encode()) for name, value in self.headers.items())
        found = read(_Record(self.topic, self.key, self.payload, headers), commands=True)
        return found.reason if isinstance(found, Unreadable) else None

    @property
    def is_event(self) -> bool:
        """Whether it tells what happened, so that nobody waits for an answer."""
        return ".events." in self.topic

    @property
    def may_be_repeated(self) -> bool:
        """Whether it does no harm, however late it runs.

        Events carry whole states, and whoever knows a newer one ignores them. A release names its claim, and frees
        it once (I2, I4); left undone it would keep the capacity of a booking that is over.
        """
        return self.is_event or self.type == ReleaseClaim.type_name()

    def described(self) -> dict[str, object]:
        """Return what `holdfast dlq list --json` shows."""
        return {
            "letter": self.address,
            "type": self.type,
            "consumer": self.consumer,
            "reason": self.reason,
            "at": self.at,
            "headers": dict(self.headers),
        }

    def replayed_headers(self) -> dict[str, str]:
        """Return the headers for another try.

        The id is a new one, derived from the old: under the old one the consumer's inbox says that it was given up.
        A message that two consumers gave up has two letters and one such id.
        """
        headers = {name: value for name, value in self.headers.items() if name not in _OURS}
        if self.message_id is not None:
            headers[REPLAY_OF] = str(self.message_id)
            headers[envelope.CE_ID] = str(derived_id(self.message_id, "replay"))
        return headers


def objection(letter: Letter, outcome: str | None, *, known: bool) -> str | None:
    """Return why a letter may not run again, None where it may.

    `outcome` is what the consumer's inbox says of it, `known` whether the inbox could be asked. A command or a claim
    that was given up is over: its caller was told "failed", and what it held was given back in the same transaction
    [design/interleavings.md]. Run again it would do what nobody waits for, with capacity that others may have now.
    The release of a claim has no such caller, and gives back.
    """
    if letter.message_id is None:
        return "it has no message id: nobody could tell it from a repeat"
    if letter.may_be_repeated:
        return None
    if not known:
        return "the inbox that knows whether its caller was told could not be asked (give --database)"
    if outcome == "failed":
        return "its caller was told that it failed, and what it held was given back"
    return None
