"""What the pipelines need of the outside; `adapters/` implement it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from holdfast_contracts.topics import Topic
from holdfast_gateway.domain.caller import Caller


class BusDown(Exception):  # noqa: N818 - a state, told to the caller
    """The record was handed to the producer and the bus does not take it: it may still arrive, once."""


class NotHandedOver(Exception):  # noqa: N818 - a state, told to the caller
    """The record was never handed to the producer: nothing will happen."""


class DependencyDown(Exception):  # noqa: N818 - a state, told to the caller
    """An owner, the issuer of tokens or the gateway's own database does not answer, or not in time."""


class OwnerRefused(DependencyDown):
    """An owner answers, and takes a whole batch of calls for wrong (4xx)."""


class CommandBus(Protocol):
    """Publishes commands with `acks=all`."""

    async def hand_over(
        self, topic: Topic, key: bytes, payload: bytes, headers: Sequence[tuple[str, bytes]]
    ) -> asyncio.Future[Any]:
        """Give a record to the producer; the future ends when the bus has taken it. Raises NotHandedOver."""


class VerificationKeys(Protocol):
    """Keys of the tokens' issuer."""

    async def key(self, key_id: str | None) -> object | None:
        """Return the key, or None for an unknown id. Raises DependencyDown where the issuer does not answer."""


@dataclass(frozen=True, slots=True)
class OwnerAnswer:
    """An owner's answer: bytes as they came. `headers` are our own (`hf-…`), and what a document is called."""

    status: int
    body: bytes
    etag: str | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] | None = None


class Owners(Protocol):
    """Internal HTTP to the services that own the data. Calls raise DependencyDown."""

    async def get(
        self, owner: str, path: str, caller: Caller, instance: str = "", *, seconds: float | None = None
    ) -> OwnerAnswer:
        """Ask in the name of a caller; `instance` is the public path, for problems; `seconds` a time-out of its own."""

    async def post(self, owner: str, path: str, body: bytes, tenants: Sequence[UUID]) -> bytes:
        """Send a batch of coalesced calls of these tenants, each with its own caller, in the gateway's name.

        Raises OwnerRefused, too.
        """


@dataclass(frozen=True, slots=True)
class Operation:
    """A command that was answered with 202: enough to show it before its owner has seen it.

    `request_hash` is the request's that got the 202; rows of before it was kept have none.
    """

    id: UUID
    tenant_id: UUID
    subject: str
    owner: str
    command: str
    created_at: datetime
    request_hash: str | None = None


class OperationStore(Protocol):
    """Remembers what was answered with 202. Calls raise DependencyDown where the database does not answer."""

    async def remember(self, operation: Operation) -> Operation:
        """Store it before the 202 goes out; a repeat keeps and returns the first."""

    async def find(self, tenant_id: UUID, operation_id: UUID) -> Operation | None:
        """Return what is remembered."""
