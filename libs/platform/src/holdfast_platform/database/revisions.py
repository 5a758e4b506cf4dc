"""Which revision a service's code expects, read from its migrations without Alembic.

Alembic and SQLAlchemy's ORM would cost every service half a second and 15 MB at its start; only migrations need them.
"""

from __future__ import annotations

import ast
from importlib.resources import files

import asyncpg

from holdfast_platform.database.pool import Connection


def head_of(service: str) -> str | None:
    """Return the newest revision of a service's migrations, None where it has none.

    Raises ValueError where the migrations have several ends.
    """
    versions = files(f"holdfast_{service}").joinpath("migrations", "versions")
    scripts = (entry for entry in versions.iterdir() if entry.name.endswith(".py") and entry.name != "__init__.py")
    previous_by_revision = dict(_revisions(script.read_text()) for script in scripts)
    heads = sorted(previous_by_revision.keys() - previous_by_revision.values())
    if len(heads) > 1:
        msg = f"the migrations of {service} have several ends: {', '.join(heads)}"
        raise ValueError(msg)
    return heads[0] if heads else None


async def current_revision(url: str) -> str | None:
    """Return the revision that a database is at, None where it was never migrated."""
    connection = await asyncpg.connect(url)
    try:
        known = await connection.fetchval("SELECT to_regclass('public.alembic_version') IS NOT NULL")
        return await revision_of(connection) if known else None
    finally:
        await connection.close()


async def revision_of(connection: asyncpg.Connection[asyncpg.Record] | Connection) -> str | None:
    """Return the revision of a database that was migrated once. Raises asyncpg.PostgresError where it never was."""
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision


def _revisions(script: str) -> tuple[str, str | None]:
    """Return `revision` and `down_revision` as a script assigns them."""
    assigned: dict[str, str | None] = {}
    for statement in ast.parse(script).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name, value = statement.targets[0].id, statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            name, value = statement.target.id, statement.value
        else:
            continue
        if name in {"revision", "down_revision"}:
            assigned[name] = ast.literal_eval(value)
    revision = assigned["revision"]
    if revision is None:
        msg = "a migration has no revision"
        raise ValueError(msg)
    return revision, assigned["down_revision"]
