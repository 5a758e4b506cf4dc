"""Databases of all services with a small world in them; what a test breaks is rolled back after it was judged."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest

from holdfast_cli.databases import Databases, Row
from holdfast_cli.reconcile.findings import Allowed, Outcome, Sight, evaluate
from holdfast_cli.reconcile.invariants import CHECKS
from holdfast_cli.reconcile.ledger import Ledger
from holdfast_cli.stack import SERVICES
from holdfast_platform.database.security import AUDITOR, role_name
from holdfast_platform.testing.databases import migrated_database

sys.path.insert(0, str(Path(__file__).parent))

from reconcile_world import fill

Connections = Mapping[str, "asyncpg.Connection[asyncpg.Record]"]


class BrokenDatabases(Databases):
    """Databases as an auditor sees them inside transactions in which something was broken."""

    def __init__(self, connections: Connections) -> None:
        super().__init__(dict.fromkeys(connections, ""))
        self._connections = connections

    async def fetch(self, service: str, sql: str, *arguments: object) -> Sequence[Row]:
        return await self._connections[service].fetch(sql, *arguments)


class World:
    """The world of one test: changes are made, judged and rolled back in one transaction each."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._changes: dict[str, list[str]] = {service: [] for service in connections}

    def change(self, service: str, *statements: str) -> None:
        """Break something; triggers and with them foreign keys are off."""
        self._changes[service] += statements

    async def judged(
        self,
        ledger: Ledger | None = None,
        allowed: Allowed | None = None,
        letters: int | None = None,
        only: str | None = None,
    ) -> list[Outcome]:
        """Return what the checks find, all or those of one invariant."""
        checks = [check for check in CHECKS if only in (None, check.invariant)]
        try:
            for service, connection in self._connections.items():
                await connection.execute("BEGIN; SET LOCAL session_replication_role = replica")
                for statement in self._changes[service]:
                    await connection.execute(statement)
                await connection.execute(f"SET LOCAL ROLE {role_name(service, AUDITOR)}")
            sight = Sight(BrokenDatabases(self._connections), ledger, allowed or Allowed(), letters)
            return await evaluate(checks, sight)
        finally:
            for connection in self._connections.values():
                await connection.execute("ROLLBACK")


@pytest.fixture(scope="session")
async def filled(postgres_url: str) -> AsyncIterator[dict[str, str]]:
    """A database of each service with its part of the world; nobody changes these for good."""
    async with AsyncExitStack() as stack:
        urls = {}
        for service in SERVICES:
            urls[service] = await stack.enter_async_context(migrated_database(postgres_url, service))
            await fill(service, urls[service])
        yield urls


@pytest.fixture(scope="session")
async def connections(filled: dict[str, str]) -> AsyncIterator[Connections]:
    """A superuser's connection to each."""
    made = {service: await asyncpg.connect(url) for service, url in filled.items()}
    yield made
    for connection in made.values():
        await connection.close()


@pytest.fixture
def world(connections: Connections) -> World:
    """The world of one test."""
    return World(connections)
