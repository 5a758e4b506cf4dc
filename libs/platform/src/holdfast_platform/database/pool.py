"""Connections: a pool for each role, transactions that carry their tenants.

Statements are SQL and run by asyncpg: one driver, no session in between; SQLAlchemy declares the tables (decision
0002). A login has no rights of its own; each pool takes one role (see `security`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

import asyncpg
import orjson

from holdfast_platform.database.security import REQUESTS
from holdfast_platform.settings import ServiceSettings

if TYPE_CHECKING:
    Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.pool.PoolConnectionProxy
    Pool = asyncpg.Pool

_PLANNED_ONCE: Final = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
"""Batches reach rows by keys alone, in the same few statements: planning each anew took longer than running it
(decision 0010)."""

_SILENCE_SECONDS: Final = 30.0
"""A server that says nothing for so long is given up; a relay may wait long for its turn. Somebody waits for the answer
to a request: there a second after the server should have given the statement up itself."""


class _LeanConnection(asyncpg.Connection):
    """A connection that is not reset on release: settings are transaction-local, and a reset costs a round trip."""

    _plans_since = 0.0

    def get_reset_query(self) -> str:
        return ""

    async def begin(self, statements: str, plan_seconds: float) -> None:
        """Begin a transaction with these statements, in one round trip; plans that are old are thrown away first.

        A plan made while a table was small reads all of a tenant's rows once there are many.
        """
        now = time.monotonic()
        if now - self._plans_since >= plan_seconds:
            self._plans_since = now
            statements = f"DISCARD PLANS; {statements}"
        await self.execute(statements)


async def _prepare(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: value if isinstance(value, str) else orjson.dumps(value, default=str).decode(),
        decoder=orjson.loads,
    )


class Database:
    """A pool of connections in one role."""

    def __init__(
        self, settings: ServiceSettings, role: str, *, size: int | None = None, idle_ms: int | None = None
    ) -> None:
        self._url = settings.database_url.get_secret_value()
        self._size = size or settings.database_pool_size
        self._plan_seconds = settings.plan_seconds
        of_requests = role.endswith(f"_{REQUESTS}")
        self._silence = settings.statement_timeout_ms / 1_000 + 1.0 if of_requests else _SILENCE_SECONDS
        self.role = role
        self._server_settings = {
            "role": role,
            "application_name": role,
            "timezone": "UTC",
            "lock_timeout": str(settings.lock_timeout_ms),
            "statement_timeout": str(settings.statement_timeout_ms),
            "idle_in_transaction_session_timeout": str(idle_ms or settings.idle_in_transaction_timeout_ms),
            "jit": "off",
            **({} if of_requests else _PLANNED_ONCE),
        }
        self._pool: Pool | None = None

    async def start(self) -> None:
        """Open the pool. Raises OSError or asyncpg errors where the server does not answer."""
        self._pool = await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=self._size,
            connection_class=_LeanConnection,
            init=_prepare,
            server_settings=self._server_settings,
            command_timeout=self._silence,
            timeout=5,
        )

    async def stop(self) -> None:
        """Close the pool; connections that do not end in time are cut."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            await asyncio.wait_for(pool.close(), timeout=5)
        except TimeoutError:
            pool.terminate()

    @property
    def pool(self) -> Pool:
        """The open pool."""
        if self._pool is None:
            msg = f"the pool of {self.role} is not open"
            raise RuntimeError(msg)
        return self._pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Give a connection without a transaction."""
        async with self.pool.acquire(timeout=5) as connection:
            yield connection

    @asynccontextmanager
    async def batch(self, tenants: Iterable[UUID]) -> AsyncIterator[Connection]:
        """Give a transaction that sees the rows of these tenants (consumer role) [design/interleavings.md]."""
        listed = ",".join(sorted({str(tenant) for tenant in tenants}))
        async with self._transaction(f"BEGIN; SELECT set_config('app.tenant_ids', '{{{listed}}}', true)") as connection:
            yield connection

    @asynccontextmanager
    async def tenant(self, tenant_id: UUID) -> AsyncIterator[Connection]:
        """Give a transaction that sees the rows of one tenant (requests role)."""
        async with self._transaction(f"BEGIN; SELECT set_config('app.tenant_id', '{tenant_id!s}', true)") as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self, prelude: str = "") -> AsyncIterator[Connection]:
        """Give a transaction without a tenant: for sweepers, whose role sees little.

        The statements of `prelude` travel with the BEGIN, and whoever got the connection may send the COMMIT with its
        own last statement.
        """
        async with self._transaction(f"BEGIN; {prelude}") as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, begin: str) -> AsyncIterator[Connection]:
        # BEGIN and the tenant travel in one round trip, which is why asyncpg's own transactions are not used.
        async with self.pool.acquire(timeout=5) as connection:
            try:
                await cast("_LeanConnection", connection).begin(begin, self._plan_seconds)
                yield connection
                if connection.is_in_transaction() or connection.is_closed():  # a lost connection tells so here
                    await connection.execute("COMMIT")
            except (TimeoutError, asyncio.CancelledError):
                _cut(connection)
                raise
            except BaseException:
                await _abandon(connection)
                raise


async def _abandon(connection: Connection) -> None:
    """Roll back, or cut a connection that cannot any more; the pool may have taken a broken one back already."""
    try:
        if connection.is_in_transaction():
            await connection.execute("ROLLBACK", timeout=2)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        _cut(connection)


def _cut(connection: Connection) -> None:
    """End a connection at once; the server rolls back what was not committed.

    Whoever had no more time for a statement has none for a ROLLBACK, nor for the pool, which waits for its cancelling.
    """
    with suppress(asyncpg.InterfaceError):
        connection.terminate()
