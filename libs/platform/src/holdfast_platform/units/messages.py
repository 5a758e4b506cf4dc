"""What goes into a unit of work and what comes out of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from uuid import UUID

from holdfast_contracts import envelope
from holdfast_contracts.ids import derived_id
from holdfast_contracts.message import Message
from holdfast_contracts.problems import Refusal, problem_bytes
from holdfast_contracts.topics import Topic

if TYPE_CHECKING:
    from holdfast_platform.messaging.reading import Source

M = TypeVar("M", bound=Message)


Identity = tuple[UUID, UUID]
"""Tenant and id of a message: what its inbox row is found by."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a command as the caller sees it: HTTP status, body bytes, `ETag` and kind (see envelope)."""

    status: int
    body: bytes
    etag: str | None = None
    kind: str = envelope.KIND_ANSWER


class Publishable(Protocol):
    """What can be published: a message of the contracts, or one of their payloads that is encoded already."""

    def type_name(self) -> str:
        """Name of the message, its `ce_type`."""

    def encode(self) -> bytes:
        """Return the payload as UTF-8 JSON."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A payload of the contracts that is encoded already: for events whose state the answer shows, too."""

    name: str
    payload: bytes

    def type_name(self) -> str:
        """Return its `ce_type`."""
        return self.name

    def encode(self) -> bytes:
        """Return the payload."""
        return self.payload


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be published after commit. `id` is derived, so that a repeat would make the same."""

    topic: Topic
    key: str
    message: Publishable
    id: UUID
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Incoming(Generic[M]):
    """A message to be decided: a command or an event from Kafka, a call over HTTP, or a sweeper's finding.

    `replies` are the addresses of gateways that wait, `waiters` the futures of callers in this process.
    """

    id: UUID
    tenant_id: UUID
    message: M
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    replies: list[str] = field(default_factory=list)
    waiters: list[asyncio.Future[Answer]] = field(default_factory=list)
    source: Source | None = None

    @property
    def identity(self) -> Identity:
        """What its inbox row is found by."""
        return self.tenant_id, self.id

    @property
    def type(self) -> str:
        """Name of the message."""
        return self.message.type_name()

    @property
    def request_hash(self) -> str | None:
        """Hash of the request behind a command; another one under the same id is another request."""
        return self.headers.get(envelope.HASH)

    @property
    def subject(self) -> str | None:
        """`sub` of the caller."""
        return self.headers.get(envelope.SUBJECT)

    @property
    def instance(self) -> str:
        """Path of the request: `instance` of a problem."""
        return self.headers.get(envelope.INSTANCE, "")

    @property
    def reply_kind(self) -> str | None:
        """What replies to this are, whatever they say: those of a release never are the answer of a cancellation."""
        return self.headers.get(envelope.REPLY_KIND)

    @property
    def correlation(self) -> str:
        """Correlation id, from the HTTP request through every message."""
        return self.headers.get(envelope.CE_CORRELATION) or str(self.id)

    def derive(self, *parts: object) -> UUID:
        """Return the id of something that this message makes."""
        return derived_id(self.id, *parts)


@dataclass(slots=True)
class Outcome:
    """What a use-case decided: the answer for the caller, if there is one, and the events to publish."""

    answer: Answer | None = None
    events: Sequence[Outgoing] = ()

    @classmethod
    def refused(cls, given: Incoming[M], refusal: Refusal, events: Sequence[Outgoing] = ()) -> Outcome:
        """Answer with a refusal. Use where a refusal has events; else raise it."""
        return cls(refusal_answer(given, refusal), events)


def refusal_answer(given: Incoming[M], refusal: Refusal) -> Answer:
    """Return the answer that tells a refusal."""
    return Answer(refusal.status, problem_bytes(refusal, given.instance))
