"""Whether each service's migrations make the tables that its code knows, on a scratch database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from holdfast_cli.errors import CannotError
from holdfast_cli.stack import SERVICES
from holdfast_platform.database.migrate import differences, head_of
from holdfast_platform.testing.databases import migrated_database


def migration_faults(url: str | None) -> list[str]:
    """Return what differs between `tables.py` and the migrations. Without a URL a PostgreSQL is started for it."""
    with _postgres(url) as address:
        return asyncio.run(_faults(address))


async def _faults(address: str) -> list[str]:
    faults: list[str] = []
    for service in SERVICES:
        if head_of(service) is None:
            faults.append(f"{service} has no migrations")
            continue
        async with migrated_database(address, service) as scratch:
            faults += [f"{service}: {_told(found)}" for found in await differences(service, scratch)]
    return faults


def _told(found: Any) -> str:  # noqa: ANN401 - Alembic's tuples, or lists of them
    if isinstance(found, list):
        return "; ".join(_told(part) for part in found)
    return " ".join(str(part) for part in found)


@contextmanager
def _postgres(url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    try:
        local = import_module("holdfast_local.scratch")
    except ImportError as error:
        raise CannotError("Give --url of a PostgreSQL for scratch databases, or install the local stack.") from error
    with local.scratch_postgres() as started:
        yield started
