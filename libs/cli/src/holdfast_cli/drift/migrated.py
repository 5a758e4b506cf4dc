"""Whether each service's migrations make the tables that its code knows, on scratch databases.

Alembic compares tables, columns, comments and plain indexes; what it leaves out (CHECK, EXCLUDE, partial indexes, the
names of constraints) is compared by PostgreSQL's own words for both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

import asyncpg
from sqlalchemy import text

from holdfast_cli.errors import CannotError
from holdfast_cli.stack import SERVICES, readable
from holdfast_platform.database.migrate import differences, engine_of, metadata_of
from holdfast_platform.database.revisions import head_of
from holdfast_platform.testing.databases import empty_database, migrated_database

_CATALOGUE: Final = """
SELECT conrelid::regclass || ': ' || conname || ' ' || pg_get_constraintdef(oid) AS told
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u', 'x')
UNION ALL
SELECT indrelid::regclass || ': ' || pg_get_indexdef(indexrelid) FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
UNION ALL
SELECT attrelid::regclass || ': ' || attname || ' ' || format_type(atttypid, atttypmod)
       || CASE WHEN attnotnull THEN ' not null' ELSE '' END || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
"""


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
        async with migrated_database(address, service) as migrated, empty_database(address, service) as declared:
            faults += [f"{service}: {_told(found)}" for found in await differences(service, migrated)]
            await declare(service, declared)
            faults += [f"{service}: {said}" for said in apart(await catalogue(migrated), await catalogue(declared))]
    return faults


async def declare(service: str, url: str) -> None:
    """Make the tables as `tables.py` says, without migrations."""
    engine = engine_of(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
            await connection.run_sync(metadata_of(service).create_all)
    finally:
        await engine.dispose()


def apart(migrated: set[str], declared: set[str]) -> list[str]:
    """Return what only one of both has, in words."""
    return [
        *(f"only the migrations make {told}" for told in sorted(migrated - declared)),
        *(f"only tables.py has {told}" for told in sorted(declared - migrated)),
    ]


async def catalogue(url: str) -> set[str]:
    """Return every column, constraint and index of a database, in PostgreSQL's words."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(_CATALOGUE)
    finally:
        await connection.close()
    return {row["told"] for row in rows if not row["told"].startswith("alembic_version:")}


def _told(found: Any) -> str:  # noqa: ANN401 - Alembic's tuples, or lists of them
    if isinstance(found, list):
        return "; ".join(_told(part) for part in found)
    return " ".join(str(part) for part in found)


@contextmanager
def _postgres(url: str | None) -> Iterator[str]:
    if url is not None:
        yield readable(url, "--url (DATABASE_URL)")
        return
    try:
        local = import_module("holdfast_local.scratch")
    except ImportError as error:
        raise CannotError("Give --url of a PostgreSQL for scratch databases, or install the local stack.") from error
    with local.scratch_postgres() as started:
        yield started
