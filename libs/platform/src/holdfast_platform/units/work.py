"""What a service gives the unit of work: how to lock, load and flush its state, and who decides what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from holdfast_contracts.message import Message
from holdfast_platform.database.pool import Connection
from holdfast_platform.database.writing import Writes
from holdfast_platform.units.messages import Incoming, Outcome, Outgoing

S = TypeVar("S")
L = TypeVar("L")

AnyIncoming = Incoming[Any]
"""A message whose class the mapping of use-cases tells."""

Decide = Callable[[AnyIncoming, S], Outcome]
"""A use-case's `execute`: decides in memory, never awaits, raises Refusal before it changes anything."""


class Work(Protocol[S, L]):
    """A service's side of a batch. The unit of work calls lock, then reads the inbox, then load, decide, flush."""

    @property
    def usecases(self) -> Mapping[type[Message], Decide[S]]:
        """Which use-case decides which message."""

    async def lock(self, connection: Connection, batch: Sequence[AnyIncoming]) -> L:
        """Lock all rows that the batch contends for, sorted, in one statement; return what `load` should know of them.

        A locked row may be returned as it is: PostgreSQL gives the version that the lock waited for.
        """

    async def load(self, connection: Connection, batch: Sequence[AnyIncoming], now: datetime, locked: L) -> S:
        """Read what the batch needs in a constant number of statements, after the locks. `now` is the database's."""

    def flush(self, writes: Writes, state: S) -> None:
        """Say what changed, set-based, and how many rows: the database has the last word."""

    def measure(self, state: S) -> None:
        """Count what was decided, once it is committed: a try that was rolled back counts nothing."""

    def give_back(
        self, tenant_id: UUID, message_id: UUID, type_name: str, headers: Mapping[str, str]
    ) -> Sequence[Outgoing]:
        """Return the messages that free what a message held which is given up; it may be unreadable."""
