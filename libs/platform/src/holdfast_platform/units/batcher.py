"""Calls that wait travel together: what is asked while one batch is under way makes up the next.

No timer: an idle line starts at once. Used for calls over HTTP, for sweepers, and by the gateway for its own commands.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

from holdfast_platform.errors import InfrastructureDown
from holdfast_platform.units.messages import Answer
from holdfast_platform.units.unit import Unit
from holdfast_platform.units.work import AnyIncoming

S = TypeVar("S")


class Batcher(Generic[S]):
    """Hands what is submitted to the unit of work, a batch at a time, in order."""

    def __init__(self, unit: Unit[S], most: int = 500) -> None:
        self._unit = unit
        self._most = most
        self._waiting: deque[AnyIncoming] = deque()
        self._task: asyncio.Task[None] | None = None

    async def submit(self, given: AnyIncoming) -> Answer:
        """Return the answer of the message once its transaction has committed.

        Raises InfrastructureDown where the database does not answer.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        given.waiters.append(future)
        self._waiting.append(given)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name=f"batcher-{self._unit.consumer}")
        return await future

    async def stop(self) -> None:
        """Finish what is under way."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _drain(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            try:
                await self._unit.run(batch)
            except Exception as error:
                _fail(batch, error)
            _fail(batch, InfrastructureDown("the batch ended without an answer"))


def _fail(batch: list[AnyIncoming], error: Exception) -> None:
    for given in batch:
        for waiter in given.waiters:
            if not waiter.done():
                waiter.set_exception(error)
