"""What was answered with 202, so that it can be shown before its owner has seen it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

from holdfast_gateway.ports import DependencyDown, Operation
from holdfast_gateway.repositories.tenants import plain_uuid
from holdfast_platform.database.pool import Connection, Database
from holdfast_platform.database.writing import affected
from holdfast_platform.errors import InfrastructureDown, TooSlow, classify

_REMEMBER: Final = """
INSERT INTO operations (tenant_id, id, subject, owner, command, created_at, request_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, id) DO UPDATE SET command = operations.command
RETURNING id, tenant_id, subject, owner, command, created_at, request_hash
"""
_FIND: Final = """
SELECT id, tenant_id, subject, owner, command, created_at, request_hash FROM operations
WHERE tenant_id = $1 AND id = $2
"""
_FORGET: Final = """
DELETE FROM operations WHERE ctid IN (SELECT ctid FROM operations
WHERE created_at < clock_timestamp() - make_interval(days => $1) LIMIT 10000)
"""


class OperationRepository:
    """Implements OperationStore in PostgreSQL, in the role of requests: one tenant at a time."""

    def __init__(self, requests: Database, seconds: float) -> None:
        self._database = requests
        self._seconds = seconds

    async def remember(self, operation: Operation) -> Operation:
        """Store an operation; a repeat returns the first. Raises DependencyDown."""
        one = operation
        values = (one.tenant_id, one.id, one.subject, one.owner, one.command, one.created_at, one.request_hash)
        async with self._asked(one.tenant_id) as connection:
            row = await connection.fetchrow(_REMEMBER, *values)
        return _operation(row) if row is not None else one

    async def find(self, tenant_id: UUID, operation_id: UUID) -> Operation | None:
        """Return an operation of a tenant. Raises DependencyDown."""
        async with self._asked(tenant_id) as connection:
            row = await connection.fetchrow(_FIND, tenant_id, operation_id)
        return _operation(row) if row is not None else None

    @asynccontextmanager
    async def _asked(self, tenant_id: UUID) -> AsyncIterator[Connection]:
        """Give a transaction of a tenant. Raises DependencyDown where the database does not do its part in time."""
        try:
            async with asyncio.timeout(self._seconds), self._database.tenant(tenant_id) as connection:
                yield connection
        except Exception as error:
            if isinstance(classify(error), InfrastructureDown | TooSlow):
                raise DependencyDown("gateway database") from error
            raise


def _operation(row: Any) -> Operation:  # noqa: ANN401 - a record of the driver
    return Operation(**{**dict(row), "id": plain_uuid(row["id"]), "tenant_id": plain_uuid(row["tenant_id"])})


async def forget_old_operations(sweeper: Database, days: int) -> bool:
    """Delete operations that nobody asks for any more; tell whether there may be more of them."""
    async with sweeper.transaction() as connection:
        return affected(await connection.execute(_FORGET, days)) > 0
