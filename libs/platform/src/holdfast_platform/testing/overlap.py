"""Two transactions that overlap, in the order that a test chooses."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import asyncpg

from holdfast_platform.testing.crossing import held_at, until

F = TypeVar("F")
S = TypeVar("S")

# Who waits for a row waits for its transaction, which belongs to no database: the waiting session tells which it is.
_WAITS: Final = """
SELECT count(*) > 0 FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
WHERE NOT l.granted AND a.datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class Overlap(Generic[F, S]):
    """What became of both, and whether the second had to wait for a lock of the first."""

    first: F
    second: S
    waited: bool


async def overlap(
    first: Coroutine[Any, Any, F],
    second: Coroutine[Any, Any, S],
    admin: asyncpg.Connection[asyncpg.Record],
    at: str = "unit.before_commit",
) -> Overlap[F, S]:
    """Hold the first at a checkpoint until the second waits for a lock in this database, or is done without."""
    with held_at(at) as held:
        early = asyncio.create_task(first)
        await asyncio.wait_for(held.reached.wait(), 10)
        late = asyncio.create_task(second)

        async def waits_or_is_done() -> bool:
            # In a transaction the connection would go on seeing the sessions of its first look.
            await admin.execute("SELECT pg_stat_clear_snapshot()")
            return late.done() or bool(await admin.fetchval(_WAITS))

        await until(waits_or_is_done)
        waited = not late.done()
        held.go_on.set()
        return Overlap(await early, await late, waited)
