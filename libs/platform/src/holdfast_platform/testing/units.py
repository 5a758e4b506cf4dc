"""A unit of work without the bus, and a count of the statements it sends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

import asyncpg

from holdfast_platform.database.pool import Database
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.units.batcher import Batcher
from holdfast_platform.units.messages import Answer
from holdfast_platform.units.unit import Unit
from holdfast_platform.units.work import AnyIncoming, Work

S = TypeVar("S")


def unit_for_test(
    consumer: str,
    source: str,
    work: Work[S, Any],
    database: Database,
    settings: ServiceSettings,
    *,
    reply: Callable[[Sequence[str], Answer], None] = lambda _to, _answer: None,
) -> Unit[S]:
    """Return a unit of work whose events stay in the outbox and whose replies go nowhere but to `reply`."""
    return Unit(consumer, source, work, database, settings, committed=lambda _: None, reply=reply)


async def decide(unit: Unit[S], *given: AnyIncoming) -> list[Answer]:
    """Run one batch and return the answers, in the order of the messages."""
    batcher = Batcher(unit, most=max(1, len(given)))
    tasks = [batcher.submit(one) for one in given]
    return list(await asyncio.gather(*tasks))


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Give a list that fills with each statement sent to PostgreSQL, including BEGIN and COMMIT."""
    seen: list[str] = []
    names: Sequence[str] = ("execute", "fetch", "fetchrow", "fetchval", "executemany")
    originals = {name: getattr(asyncpg.Connection, name) for name in names}

    def counting(name: str) -> object:
        async def call(self: object, query: str, *arguments: object, **options: object) -> object:
            seen.append(query)
            return await originals[name](self, query, *arguments, **options)

        return call

    with ExitStack() as stack:
        for name in names:
            stack.enter_context(patch.object(asyncpg.Connection, name, counting(name)))
        yield seen
