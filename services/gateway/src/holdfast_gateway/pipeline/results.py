"""Stored results of commands, asked of their owners; and operations as their callers see them [spec/10]."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from holdfast_contracts import envelope
from holdfast_contracts.enums import OperationStatus
from holdfast_contracts.problems import key_reused, not_found, problem_bytes
from holdfast_contracts.values import show_instant
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.pipeline.routes import Owner
from holdfast_gateway.ports import DependencyDown, Operation, OperationStore, OwnerAnswer, Owners
from holdfast_platform.operations import OUTCOME, RECEIVED

_FIRST_PAUSE: Final = 0.01
_LONGEST_PAUSE: Final = 0.25

ORDER: Final[Sequence[str]] = (Owner.INVENTORY, Owner.BOOKING)
"""Owners of commands, in the order in which a create passes them."""

PLACED: Final = frozenset({"CreateBooking"})
"""Operations that pass both; what all others lead to is with their own owner alone."""


@dataclass(frozen=True, slots=True)
class Result:
    """A stored result. `final` is False while the first owner has done its part and booking has not.

    `request_hash` tells whose result it is: another request may have used the same key first.
    """

    command: str
    final: bool
    status: int
    body: bytes
    etag: str | None
    received_at: str
    request_hash: str | None = None


class Results:
    """Asks the owners what became of a command."""

    def __init__(self, owners: Owners, store: OperationStore) -> None:
        self._owners = owners
        self._store = store

    async def find(self, caller: Caller, command_id: UUID, owners: Sequence[str] = ORDER) -> Result | None:
        """Return the final result if any owner has it, else that it is placed, else None. Raises DependencyDown."""
        placed: Result | None = None
        for owner in owners:
            found = _result(await self._owners.get(owner, f"/internal/operations/{command_id}", caller))
            if found is not None and found.final:
                return found
            placed = placed or found
        return placed

    async def poll(self, caller: Caller, command_id: UUID, left: Callable[[], float]) -> Result | None:
        """Ask booking with back-off until it has the answer of a placed claim, or no seconds are `left`."""
        pause = _FIRST_PAUSE
        while True:
            try:
                async with asyncio.timeout(left() + _LONGEST_PAUSE):
                    found = await self.find(caller, command_id, (Owner.BOOKING,))
            except (DependencyDown, TimeoutError):
                found = None
            if found is not None and found.final:
                return found
            if left() <= pause:
                return None
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def operation(self, caller: Caller, operation_id: UUID) -> bytes:
        """Return an operation's body: own `sub` or staff. Raises Refusal (404) for others, DependencyDown."""
        remembered = await self._store.find(caller.tenant_id, operation_id)
        if remembered is not None and remembered.subject != caller.subject and not caller.sees_all:
            raise not_found("operation")
        owners = ORDER if remembered is None or remembered.command in PLACED else (remembered.owner,)
        found = await self.find(caller, operation_id, owners)
        if found is not None and found.final:
            return finished_body(operation_id, _own(operation_id, found, remembered), remembered)
        if remembered is not None:
            return pending_body(remembered)
        if found is not None:
            return _pending(operation_id, found.command, found.received_at)
        raise not_found("operation")


def _result(answer: OwnerAnswer) -> Result | None:
    """Return what an owner has stored, None where it has nothing. Raises DependencyDown."""
    headers: Mapping[str, str] = answer.headers or {}
    if answer.status >= 500:
        raise DependencyDown(f"an owner answered {answer.status}")  # not the same as having nothing
    if answer.status != 200 or OUTCOME not in headers:
        return None
    return Result(
        command=headers.get(envelope.OPERATION, "Command"),
        final=headers.get(envelope.REPLY_KIND) == envelope.KIND_ANSWER,
        status=int(headers.get(envelope.REPLY_STATUS, "0")),
        body=answer.body,
        etag=headers.get(envelope.REPLY_ETAG),
        received_at=headers.get(RECEIVED, ""),
        request_hash=headers.get(envelope.HASH),
    )


def _own(operation_id: UUID, found: Result, remembered: Operation | None) -> Result:
    """Return the result of the request that was promised one: a 422 where another one with its key came first."""
    promised = remembered.request_hash if remembered is not None else None
    if promised is None or found.request_hash in (None, promised):
        return found
    refusal = key_reused()
    return replace(found, status=refusal.status, body=problem_bytes(refusal, f"/operations/{operation_id}"))


def pending_body(operation: Operation) -> bytes:
    """Return the body of a 202, and of an operation whose owner has not seen it yet."""
    return _pending(operation.id, operation.command, show_instant(operation.created_at))


def _pending(operation_id: UUID, command: str, created_at: str) -> bytes:
    return orjson.dumps(
        {
            "id": operation_id,
            "command": command,
            "status": OperationStatus.PENDING,
            "statusCode": None,
            "progress": None,
            "problem": None,
            "result": None,
            "createdAt": created_at,
            "completedAt": None,
        }
    )


def finished_body(operation_id: UUID, result: Result, remembered: Operation | None) -> bytes:
    """Return the body of an operation that has ended; the stored answer's bytes stand in it as they are."""
    failed = result.status >= 400
    stored = result.body or b"null"
    created_at = show_instant(remembered.created_at) if remembered is not None else result.received_at
    completed_at = _not_before(result.received_at, created_at)
    head = orjson.dumps(
        {
            "id": operation_id,
            "command": remembered.command if remembered is not None else result.command,
            "status": OperationStatus.FAILED if failed else OperationStatus.SUCCEEDED,
            "statusCode": result.status,
            "progress": None,
        }
    )
    tail = orjson.dumps({"createdAt": created_at, "completedAt": completed_at})
    problem, value = (stored, b"null") if failed else (b"null", stored)
    return b'%b,"problem":%b,"result":%b,%b' % (head[:-1], problem, value, tail[1:])


def _not_before(moment: str, other: str) -> str:
    """Clocks of the gateway and of a database may differ by a little; an operation never ends before it begins."""
    return moment if datetime.fromisoformat(moment) >= datetime.fromisoformat(other) else other
