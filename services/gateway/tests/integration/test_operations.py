"""Operations that were answered with 202, each tenant's its own (I12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from holdfast_gateway.ports import Operation
from holdfast_gateway.repositories.operations import OperationRepository, forget_old_operations
from holdfast_platform.database.pool import Database

pytestmark = pytest.mark.integration


def operation() -> Operation:
    at = datetime(2027, 1, 10, tzinfo=UTC)
    return Operation(uuid4(), uuid4(), "acc-1", "booking", "CreateBooking", at, request_hash="a hash")


async def test_an_operation_is_kept_as_it_was_first(requests: Database) -> None:
    store, first = OperationRepository(requests), operation()
    later = replace(first, created_at=datetime(2028, 1, 1, tzinfo=UTC), request_hash="another")
    assert await store.remember(first) == first
    assert await store.remember(later) == first
    found = await store.find(first.tenant_id, first.id)
    assert found == first
    assert (type(found.id), type(found.tenant_id)) == (UUID, UUID)


async def test_what_was_promised_before_hashes_were_kept_has_none(
    requests: Database, admin: asyncpg.Connection
) -> None:
    store, one = OperationRepository(requests), operation()
    await admin.execute(
        "INSERT INTO operations (tenant_id, id, subject, owner, command) VALUES ($1, $2, 'a', 'booking', 'C')",
        one.tenant_id,
        one.id,
    )
    assert (await store.remember(one)).request_hash is None


async def test_another_tenants_operation_is_not_found(requests: Database) -> None:
    store, one = OperationRepository(requests), operation()
    await store.remember(one)
    assert await store.find(uuid4(), one.id) is None


async def test_the_policy_holds_without_the_filter(requests: Database) -> None:
    store, one = OperationRepository(requests), operation()
    await store.remember(one)
    async with requests.tenant(uuid4()) as connection:
        assert await connection.fetch("SELECT * FROM operations") == []
    async with requests.tenant(one.tenant_id) as connection:
        assert len(await connection.fetch("SELECT * FROM operations")) == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("INSERT INTO operations VALUES ($1, $2, 'a', 'b', 'c')", uuid4(), uuid4())


async def test_old_operations_are_forgotten(requests: Database, sweeper: Database, admin: asyncpg.Connection) -> None:
    store, old, new = OperationRepository(requests), operation(), operation()
    await store.remember(old)
    await store.remember(Operation(new.id, new.tenant_id, "a", "booking", "C", datetime.now(UTC)))
    await admin.execute(
        "UPDATE operations SET created_at = clock_timestamp() - interval '8 days' WHERE id = $1", old.id
    )
    assert await forget_old_operations(sweeper, 7)
    assert not await forget_old_operations(sweeper, 7)
    assert await store.find(old.tenant_id, old.id) is None
    assert await store.find(new.tenant_id, new.id) is not None
