"""Runs a service's Alembic migrations, as the role that owns its tables.

A service has `migrations/versions/` and `tables.py` (with `metadata`) in its package; environment and configuration
are the same for all and live here. Services never migrate themselves: a job does, before they start.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.resources import files
from typing import Any

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from holdfast_platform.database.revisions import current_revision, head_of
from holdfast_platform.database.roles import owner_name
from holdfast_platform.database.security import REQUESTS, role_name

__all__ = [
    "current_revision",
    "differences",
    "engine_of",
    "head_of",
    "metadata_of",
    "package_of",
    "scripts_of",
    "upgrade",
]


def package_of(service: str) -> str:
    """Return the import name of a service."""
    return f"holdfast_{service}"


def scripts_of(service: str) -> ScriptDirectory:
    """Return a service's migrations."""
    configuration = Config()
    location = files(package_of(service)).joinpath("migrations")
    configuration.set_main_option("script_location", str(location))
    configuration.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(configuration)


def metadata_of(service: str) -> MetaData:
    """Return the tables as the service's code knows them."""
    metadata: MetaData = import_module(f"{package_of(service)}.tables").metadata
    return metadata


async def upgrade(service: str, admin_url: str) -> None:
    """Bring a service's database to the newest revision; `admin_url` may take the owner's role."""
    await _run(service, admin_url, _upgrade)


async def differences(service: str, admin_url: str) -> list[Any]:
    """Return what differs between the migrated database and `tables.py`; empty where nothing does."""
    found: list[Any] = []

    def compare(connection: Connection, name: str) -> None:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _ours})
        found.extend(compare_metadata(context, metadata_of(name)))

    await _run(service, admin_url, compare)
    return found


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    return not (kind == "table" and name == "alembic_version")


def _upgrade(connection: Connection, service: str) -> None:
    scripts = scripts_of(service)
    context = MigrationContext.configure(connection, opts={"fn": lambda revision, _: _steps(scripts, revision)})
    with context.begin_transaction(), Operations.context(context):
        context.run_migrations()
    # The service itself asks for the revision, to know whether it may take work.
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {role_name(service, REQUESTS)}"))


def _steps(scripts: ScriptDirectory, revision: tuple[str, ...] | str) -> Iterable[Any]:
    steps: Iterable[Any] = scripts._upgrade_revs("head", revision)  # type: ignore[arg-type]  # noqa: SLF001 - what `alembic upgrade` calls
    return steps


def engine_of(admin_url: str) -> AsyncEngine:
    """Return an engine for DDL. asyncpg reads the address, as for services: SQLAlchemy knows no `sslmode`."""
    return create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(admin_url), poolclass=pool.NullPool
    )


async def _run(service: str, admin_url: str, step: Any) -> None:  # noqa: ANN401 - a callable over SQLAlchemy's connection
    engine = engine_of(admin_url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SET ROLE {owner_name(service)}"))
            await connection.run_sync(step, service)
    finally:
        await engine.dispose()
