"""Operations that were answered with 202, each tenant's its own (I12)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from holdfast_gateway.ports import DependencyDown, Operation
from holdfast_gateway.repositories.operations import OperationRepository, forget_old_operations
from holdfast_gateway.settings import GatewaySettings
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import REQUESTS, role_name
from holdfast_platform.testing.silence import Line

pytestmark = pytest.mark.integration

SECONDS = 2.0
"""Longest wait of a store for its database."""


def operation() -> Operation:
    at = datetime(2027, 1, 10, tzinfo=UTC)
    return Operation(uuid4(), uuid4(), "acc-1", "booking", "CreateBooking", at, request_hash="a hash")


async def test_an_operation_is_kept_as_it_was_first(requests: Database) -> None:
    store, first = OperationRepository(requests, SECONDS), operation()
    later = replace(first, created_at=datetime(2028, 1, 1, tzinfo=UTC), request_hash="another")
    assert await store.remember(first) == first
    assert await store.remember(later) == first
    found = await store.find(first.tenant_id, first.id)
    assert found == first
    assert (type(found.id), type(found.tenant_id)) == (UUID, UUID)


async def test_what_was_promised_before_hashes_were_kept_has_none(
    requests: Database, admin: asyncpg.Connection
) -> None:
    store, one = OperationRepository(requests, SECONDS), operation()
    await admin.execute(
        "INSERT INTO operations (tenant_id, id, subject, owner, command) VALUES ($1, $2, 'a', 'booking', 'C')",
        one.tenant_id,
        one.id,
    )
    assert (await store.remember(one)).request_hash is None


async def test_another_tenants_operation_is_not_found(requests: Database) -> None:
    store, one = OperationRepository(requests, SECONDS), operation()
    await store.remember(one)
    assert await store.find(uuid4(), one.id) is None


async def test_the_policy_holds_without_the_filter(requests: Database) -> None:
    store, one = OperationRepository(requests, SECONDS), operation()
    await store.remember(one)
    async with requests.tenant(uuid4()) as connection:
        assert await connection.fetch("SELECT * FROM operations") == []
    async with requests.tenant(one.tenant_id) as connection:
        assert len(await connection.fetch("SELECT * FROM operations")) == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("INSERT INTO operations VALUES ($1, $2, 'a', 'b', 'c')", uuid4(), uuid4())


async def test_old_operations_are_forgotten(requests: Database, sweeper: Database, admin: asyncpg.Connection) -> None:
    store, old, new = OperationRepository(requests, SECONDS), operation(), operation()
    await store.remember(old)
    await store.remember(Operation(new.id, new.tenant_id, "a", "booking", "C", datetime.now(UTC)))
    await admin.execute(
        "UPDATE operations SET created_at = clock_timestamp() - interval '8 days' WHERE id = $1", old.id
    )
    assert await forget_old_operations(sweeper, 7)
    assert not await forget_old_operations(sweeper, 7)
    assert await store.find(old.tenant_id, old.id) is None
    assert await store.find(new.tenant_id, new.id) is not None


async def test_a_database_that_falls_silent_is_given_up_in_time(settings: GatewaySettings) -> None:
    """Neither the statement that is under way nor its connection, nor those that wait for one, keep a caller."""
    line, one = Line(), operation()
    async with line.to(settings.database_url.get_secret_value()) as url:
        through = settings.model_copy(update={"database_url": SecretStr(url), "database_pool_size": 1})
        database = Database(through, role_name("gateway", REQUESTS))
        await database.start()
        store = OperationRepository(database, 0.3)
        assert await store.find(one.tenant_id, one.id) is None
        line.speaks.clear()
        started = time.monotonic()
        outcomes = await asyncio.gather(
            store.remember(one), *(store.find(one.tenant_id, one.id) for _ in range(3)), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes] == [DependencyDown] * 4
        assert time.monotonic() - started < 1.0
        line.speaks.set()
        assert await store.remember(one) == one
        await database.stop()


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.AdminShutdownError("bye"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.QueryCanceledError("slow"),
        asyncpg.InternalClientError("got result for unknown protocol state 3"),
        asyncpg.InterfaceError("connection is closed"),
        ConnectionResetError("gone"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_database_that_is_away_is_told_as_such(error: Exception) -> None:
    store, one = OperationRepository(_Failing(error), SECONDS), operation()  # type: ignore[arg-type]
    with pytest.raises(DependencyDown):
        await store.remember(one)
    with pytest.raises(DependencyDown):
        await store.find(one.tenant_id, one.id)


async def test_a_defect_is_no_outage() -> None:
    store, one = OperationRepository(_Failing(asyncpg.UndefinedTableError("ours")), SECONDS), operation()  # type: ignore[arg-type]
    with pytest.raises(asyncpg.UndefinedTableError):
        await store.find(one.tenant_id, one.id)


class _Failing:
    """A database of which every use ends like this."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    @asynccontextmanager
    async def tenant(self, _tenant_id: UUID) -> AsyncIterator[object]:
        raise self._error
        yield
