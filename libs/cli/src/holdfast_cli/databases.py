"""The services' databases as an auditor sees them: every row, and nothing to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self, TypeAlias

import asyncpg

from holdfast_cli.errors import CannotError
from holdfast_platform.database.security import AUDITOR, role_name

Row: TypeAlias = asyncpg.Record

_BEGIN = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Databases:
    """One connection a service, in the auditor's role and in a read-only transaction for each look."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = dict(urls)
        self._open: dict[str, asyncpg.Connection[asyncpg.Record]] = {}

    @property
    def services(self) -> frozenset[str]:
        """Whose databases are known."""
        return frozenset(self._urls)

    async def __aenter__(self) -> Self:
        """Connect to all. Raises CannotError where one does not answer or has no auditor."""
        for service, url in self._urls.items():
            try:
                self._open[service] = await asyncpg.connect(url, timeout=10, server_settings={"timezone": "UTC"})
                await self._open[service].execute(f"SET ROLE {role_name(service, AUDITOR)}")
                await self._open[service].execute(_BEGIN)
            except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                await self._close()
                raise CannotError(f"The database of {service} does not let an auditor in: {error}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._close()

    async def look_again(self) -> None:
        """Begin a new look: everything read until the next one is of one moment in each database."""
        for connection in self._open.values():
            await connection.execute("ROLLBACK")
            await connection.execute(_BEGIN)

    async def fetch(self, service: str, sql: str, *arguments: object) -> Sequence[Row]:
        """Return the rows of a query on one service's database."""
        return await self._open[service].fetch(sql, *arguments)

    async def _close(self) -> None:
        for connection in self._open.values():
            await connection.close(timeout=5)
        self._open.clear()
