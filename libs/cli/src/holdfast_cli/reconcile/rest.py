"""Whether a system is at rest: nothing to be sent, nothing to be consumed, nothing changing.

Between services only a system at rest can be judged: a claim that was placed a moment ago has no booking yet.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from aiokafka import TopicPartition

from holdfast_cli.bus import admin, committed, ends_of
from holdfast_cli.databases import Databases
from holdfast_cli.stack import SERVICES

_PAUSE_SECONDS: Final = 0.5
_STATE: Final = "SELECT (SELECT count(*) FROM outbox) AS unsent, (SELECT count(*) FROM inbox) AS done"


async def wait_for_rest(databases: Databases, kafka: str | None, seconds: float) -> bool:
    """Return True when the system is at rest, False when it is not after so many seconds.

    Without any seconds one look decides, which cannot see whether something is changing.
    """
    deadline = time.monotonic() + seconds
    before: object = None
    while True:
        await databases.look_again()
        now = await _state(databases)
        steady = now == before or not seconds
        if steady and not any(unsent for unsent, _ in now.values()) and await _consumed(kafka):
            return True
        if time.monotonic() > deadline:
            return False
        before = now
        await asyncio.sleep(_PAUSE_SECONDS)


async def _state(databases: Databases) -> dict[str, tuple[int, int]]:
    found = {}
    for service in sorted(databases.services):
        (row,) = await databases.fetch(service, _STATE)
        found[service] = (int(row["unsent"]), int(row["done"]))
    return found


async def _consumed(kafka: str | None) -> bool:
    return kafka is None or await lag(kafka) == 0


async def lag(kafka: str) -> int:
    """Return how many messages the services' groups have not consumed yet."""
    async with admin(kafka) as client:
        groups = [str(group[0]) for group in await client.list_consumer_groups()]
    ours = [group for group in groups if group.partition(".")[0] in SERVICES]
    behind = 0
    for group in ours:
        offsets = {where: offset for where, (offset, _) in (await committed(kafka, group)).items()}
        behind += await _behind(kafka, offsets)
    return behind


async def _behind(kafka: str, offsets: Mapping[TopicPartition, int]) -> int:
    ends = await ends_of(kafka, offsets)
    return sum(max(0, ends[where] - offset) for where, offset in offsets.items())
