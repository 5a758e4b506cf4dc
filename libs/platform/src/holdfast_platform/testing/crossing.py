"""Two that cross, in the order that a test chooses: who is held where, and who waits for whose lock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

import asyncpg

from holdfast_platform import checkpoints

T = TypeVar("T")

# Several suites may share a server: only those count who wait in the database of this connection.
_WAITING: Final = """
SELECT count(DISTINCT l.pid) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
WHERE NOT l.granted AND a.datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody who is held at a checkpoint, until `go_on` is set."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def there(self) -> None:
        """Wait until he is there. Raises TimeoutError where he never comes."""
        await asyncio.wait_for(self.reached.wait(), 10)


@contextmanager
def held_at(name: str) -> Iterator[Held]:
    """Hold the first who reaches this checkpoint until he is told to go on; who comes later passes."""
    held = Held()

    async def hold() -> None:
        remove()
        held.reached.set()
        await held.go_on.wait()

    remove = checkpoints.install(name, hold)
    try:
        yield held
    finally:
        remove()
        held.go_on.set()


async def until(condition: Callable[[], Awaitable[T]], seconds: float = 10) -> T:
    """Return what the condition gives as soon as it is true. Raises TimeoutError after so many seconds."""
    async with asyncio.timeout(seconds):
        while not (found := await condition()):  # noqa: ASYNC110 - a database sets no event
            await asyncio.sleep(0.01)
    return found


async def until_waiting(admin: asyncpg.Connection[asyncpg.Record], count: int = 1) -> None:
    """Wait until so many sessions of this database wait for a lock."""

    async def waiting() -> bool:
        # In a transaction of its own the connection would go on seeing the sessions of its first look.
        await admin.execute("SELECT pg_stat_clear_snapshot()")
        found: int = await admin.fetchval(_WAITING)
        return found >= count

    await until(waiting)
