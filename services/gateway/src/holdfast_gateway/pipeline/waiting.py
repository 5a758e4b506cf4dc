"""Requests that wait for replies, each under an id of its own: never swapped, also when keys are the same."""

from __future__ import annotations

import asyncio
import itertools
import secrets

from holdfast_contracts import envelope
from holdfast_platform.messaging.replies import Reply, reply_address
from holdfast_platform.units.messages import Answer


class Waiter:
    """One HTTP request that waits. `released` ends with the word that a cancelled booking's place is free."""

    __slots__ = ("answered", "released", "request_id")

    def __init__(self, request_id: str, loop: asyncio.AbstractEventLoop) -> None:
        self.request_id = request_id
        self.answered: asyncio.Future[Answer | None] = loop.create_future()
        self.released: asyncio.Future[Answer | None] = loop.create_future()

    async def answer(self, seconds: float) -> Answer | None:
        """Return the reply, None when the time is up. Raises what `fail` was given."""
        return await _within(self.answered, seconds)

    async def release(self, seconds: float) -> None:
        """Return when the place is free, or when the time is up."""
        await _within(self.released, seconds)

    def fail(self, error: Exception) -> None:
        """End the wait with an error."""
        if not self.answered.done():
            self.answered.set_exception(error)


async def _within(future: asyncio.Future[Answer | None], seconds: float) -> Answer | None:
    if future.done():
        return future.result()
    timer = asyncio.get_running_loop().call_later(seconds, _give_up, future)
    try:
        return await future
    finally:
        timer.cancel()


def _give_up(future: asyncio.Future[Answer | None]) -> None:
    if not future.done():
        future.set_result(None)


class Waiters:
    """All requests of this process that wait; replies to others that share the partition are not for us.

    `ended`: the service stops, nobody waits any more.
    """

    def __init__(self, partition: int = 0) -> None:
        self.partition = partition
        self.ended = False
        self._prefix = secrets.token_hex(6)
        self._numbers = itertools.count(1)
        self._waiting: dict[str, Waiter] = {}

    def open(self) -> Waiter:
        """Return a new waiter."""
        waiter = Waiter(f"{self._prefix}-{next(self._numbers):x}", asyncio.get_running_loop())
        self._waiting[waiter.request_id] = waiter
        return waiter

    def address(self, waiter: Waiter) -> bytes:
        """Return where its reply has to go."""
        return reply_address(self.partition, waiter.request_id).encode()

    def close(self, waiter: Waiter) -> None:
        """Forget a waiter."""
        self._waiting.pop(waiter.request_id, None)

    def hear(self, reply: Reply) -> None:
        """Wake who waits for this reply."""
        waiter = self._waiting.get(reply.request_id)
        if waiter is None:
            return
        future = waiter.released if reply.answer.kind == envelope.KIND_RELEASED else waiter.answered
        if not future.done():
            future.set_result(reply.answer)

    def end(self) -> None:
        """Let nobody wait any longer: each gets what is known by now, or a 202."""
        self.ended = True
        for waiter in self._waiting.values():
            _give_up(waiter.answered)
            _give_up(waiter.released)

    def __len__(self) -> int:
        return len(self._waiting)


class EndOfWaits:
    """A part of the service that stops before its public door, which closes connections that take too long.

    Waits may be longer than that, so they end `seconds` after SIGTERM: their requests are answered with 202 [spec/08].
    """

    def __init__(self, waiters: Waiters, seconds: float) -> None:
        self._waiters = waiters
        self._seconds = seconds

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Set the end of all waits."""
        asyncio.get_running_loop().call_later(self._seconds, self._waiters.end)
