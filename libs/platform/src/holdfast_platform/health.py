"""Health, readiness and metrics of a service, on its internal port [spec/08, Health]."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

import asyncpg
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse

from holdfast_platform import metrics
from holdfast_platform.database.pool import Database
from holdfast_platform.database.revisions import revision_of

Check = Callable[[], str | None]
"""Returns None while all is well, else why not."""

_DATABASE_EVERY: Final = 1.0


class Health:
    """Knows whether the service may take work: database, bus, consumers, migrations, and that it is not draining."""

    def __init__(self, database: Database, expected_revision: str | None) -> None:
        self._database = database
        self._expected = expected_revision
        self._checks: dict[str, Check] = {}
        self._asked_at = 0.0
        self._database_says: str | None = "not asked yet"
        self._lock = asyncio.Lock()
        self.draining = False
        self.started = False

    def add(self, name: str, check: Check) -> None:
        """Add a condition of readiness."""
        self._checks[name] = check

    async def problems(self) -> dict[str, str]:
        """Return what keeps the service from being ready; empty when it is."""
        found: dict[str, str] = {}
        if not self.started:
            found["service"] = "is starting"
        if self.draining:
            found["service"] = "is draining"
        if (reason := await self._ask_database()) is not None:
            found["database"] = reason
        for name, check in self._checks.items():
            if (reason := check()) is not None:
                found[name] = reason
        metrics.READY.set(0 if found else 1)
        return found

    async def _ask_database(self) -> str | None:
        async with self._lock:
            if time.monotonic() - self._asked_at >= _DATABASE_EVERY:
                self._database_says = await self._revision_problem()
                self._asked_at = time.monotonic()
            return self._database_says

    async def _revision_problem(self) -> str | None:
        try:
            async with asyncio.timeout(2), self._database.connection() as connection:
                found = await revision_of(connection)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, RuntimeError) as error:
            return f"{type(error).__name__}: {error}"
        if self._expected is not None and found != self._expected:
            return f"is at revision {found}, the code needs {self._expected}: run `holdfast migrate`"
        return None


def health_router(health: Health) -> APIRouter:
    """Return the three routes."""
    router = APIRouter()

    @router.get("/health/live")
    async def live() -> Response:
        return JSONResponse({"status": "ok"})

    @router.get("/health/ready")
    async def ready() -> Response:
        problems = await health.problems()
        return JSONResponse(
            {"status": "not ready" if problems else "ok", "problems": problems}, status_code=503 if problems else 200
        )

    @router.get("/metrics")
    async def all_metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
