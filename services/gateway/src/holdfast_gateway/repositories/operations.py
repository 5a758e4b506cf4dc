"""What was answered with 202, so that it can be shown before its owner has seen it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import asyncpg

from holdfast_gateway.ports import Operation, OwnerDown
from holdfast_gateway.repositories.tenants import plain_uuid
from holdfast_platform.database.pool import Database
from holdfast_platform.database.writing import affected

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
_DOWN: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class OperationRepository:
    """Implements OperationStore in PostgreSQL, in the role of requests: one tenant at a time."""

    def __init__(self, requests: Database) -> None:
        self._database = requests

    async def remember(self, operation: Operation) -> Operation:
        """Store an operation; a repeat returns the first. Raises OwnerDown."""
        one = operation
        try:
            async with self._database.tenant(one.tenant_id) as connection:
                row = await connection.fetchrow(
                    _REMEMBER,
                    one.tenant_id,
                    one.id,
                    one.subject,
                    one.owner,
                    one.command,
                    one.created_at,
                    one.request_hash,
                )
        except _DOWN as error:
            raise OwnerDown("gateway database") from error
        return _operation(row) if row is not None else one

    async def find(self, tenant_id: UUID, operation_id: UUID) -> Operation | None:
        """Return an operation of a tenant. Raises OwnerDown."""
        try:
            async with self._database.tenant(tenant_id) as connection:
                row = await connection.fetchrow(_FIND, tenant_id, operation_id)
        except _DOWN as error:
            raise OwnerDown("gateway database") from error
        return _operation(row) if row is not None else None


def _operation(row: Any) -> Operation:  # noqa: ANN401 - a record of the driver
    return Operation(**{**dict(row), "id": plain_uuid(row["id"]), "tenant_id": plain_uuid(row["tenant_id"])})


async def forget_old_operations(sweeper: Database, days: int) -> bool:
    """Delete operations that nobody asks for any more; tell whether there may be more of them."""
    async with sweeper.transaction() as connection:
        return affected(await connection.execute(_FORGET, days)) > 0
