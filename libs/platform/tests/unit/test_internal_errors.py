"""What an internal route answers when its database fails: a problem document, and nothing raised behind it."""

from __future__ import annotations

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from holdfast_platform.errors import InfrastructureDown
from holdfast_platform.internal import add_error_handlers


def failing_with(error: Exception) -> FastAPI:
    app = FastAPI()
    add_error_handlers(app)

    @app.get("/internal/thing")
    async def thing() -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (asyncpg.AdminShutdownError("bye"), 503, "DEPENDENCY_DOWN"),
        (asyncpg.QueryCanceledError("slow"), 503, "DEPENDENCY_DOWN"),
        (asyncpg.InterfaceError("connection is closed"), 503, "DEPENDENCY_DOWN"),
        (asyncpg.InternalClientError("unknown protocol state"), 503, "DEPENDENCY_DOWN"),
        (ConnectionResetError("gone"), 503, "DEPENDENCY_DOWN"),
        (TimeoutError("slow"), 503, "DEPENDENCY_DOWN"),
        (InfrastructureDown("away"), 503, "DEPENDENCY_DOWN"),
        (asyncpg.UndefinedTableError("ours"), 500, "COMMAND_FAILED"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_a_failure_of_the_database_is_answered_and_goes_no_further(
    error: Exception, status: int, code: str
) -> None:
    transport = httpx.ASGITransport(failing_with(error))  # raises what the app lets through
    async with httpx.AsyncClient(transport=transport, base_url="http://owner.test") as client:
        answer = await client.get("/internal/thing")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_what_is_not_the_databases_reaches_the_servers_log() -> None:
    """Negative control of the test above: such an error passes through the app."""
    transport = httpx.ASGITransport(failing_with(KeyError("ours")))
    async with httpx.AsyncClient(transport=transport, base_url="http://owner.test") as client:
        with pytest.raises(KeyError):
            await client.get("/internal/thing")
