"""Calls to one owner that travel together: what is asked while one call is under way makes up the next.

No timer: an idle line sends at once [design/architecture.md, 2].
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from typing import Any, Final
from uuid import UUID

import orjson

from holdfast_gateway.ports import DependencyDown, OwnerAnswer, OwnerRefused, Owners
from holdfast_platform import logs

log = logs.get(__name__)

_PROBLEM: Final = "application/problem+json"


class _Waiting:
    __slots__ = ("answer", "call", "id", "tenant_id")

    def __init__(self, call_id: str, tenant_id: UUID, call: bytes, answer: asyncio.Future[OwnerAnswer]) -> None:
        self.id = call_id
        self.tenant_id = tenant_id
        self.call = call
        self.answer = answer


class Coalescer:
    """One line to one internal path of an owner."""

    def __init__(self, owners: Owners, owner: str, path: str, most: int) -> None:
        self._owners = owners
        self._owner = owner
        self._path = path
        self._most = most
        self._waiting: deque[_Waiting] = deque()
        self._numbers = itertools.count(1)
        self._task: asyncio.Task[None] | None = None

    async def ask(self, tenant_id: UUID, fields: bytes) -> OwnerAnswer:
        """Send a call, given as the inside of its JSON object; return its own answer. Raises DependencyDown."""
        number = f"{next(self._numbers):x}"
        future: asyncio.Future[OwnerAnswer] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(number, tenant_id, b'{"id":"%b",%b}' % (number.encode(), fields), future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name=f"coalescer-{self._owner}")
        return await future

    async def _drain(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            batch = [one for one in batch if not one.answer.done()]
            if batch:
                await self._send(batch)

    async def _send(self, batch: list[_Waiting]) -> None:
        try:
            calls = b'{"calls":[%b]}' % b",".join(one.call for one in batch)
            tenants = sorted({one.tenant_id for one in batch})
            body = await self._owners.post(self._owner, self._path, calls, tenants)
            answers = {answer["id"]: answer for answer in orjson.loads(body)["answers"]}
        except OwnerRefused as refused:
            await self._divide(batch, refused)
        except DependencyDown as down:
            _fail(batch, down)
        except Exception as error:
            log.exception("coalesced call failed", owner=self._owner)
            _fail(batch, DependencyDown(f"{self._owner}: {type(error).__name__}"))
        else:
            for one in batch:
                _settle(one, answers.get(one.id))

    async def _divide(self, batch: list[_Waiting], refused: OwnerRefused) -> None:
        """Halve a batch that is refused whole, until the call for which it was is alone: others do not pay for it."""
        log.error("coalesced calls were refused", owner=self._owner, calls=len(batch), reason=str(refused))
        if len(batch) == 1:
            return _fail(batch, refused)
        middle = len(batch) // 2
        await self._send(batch[:middle])
        await self._send(batch[middle:])
        return None


def _fail(batch: list[_Waiting], error: DependencyDown) -> None:
    for one in batch:
        if not one.answer.done():
            one.answer.set_exception(error)


def _settle(one: _Waiting, answer: dict[str, Any] | None) -> None:
    if one.answer.done():
        return
    if answer is None:
        one.answer.set_exception(DependencyDown("a call was not answered"))
        return
    status = int(answer["status"])
    kind = "application/json" if status < 400 else _PROBLEM
    one.answer.set_result(OwnerAnswer(status, orjson.dumps(answer["body"]), answer.get("etag"), kind))
