"""A migrated database of its own for a test module, on whatever server the tests run."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
from pydantic import SecretStr

from holdfast_platform.database.migrate import upgrade
from holdfast_platform.database.roles import create_database
from holdfast_platform.database.security import database_name
from holdfast_platform.settings import ServiceSettings

TEST_KEY = "0123456789abcdef0123456789abcdef"
"""A key for tests only."""

SettingsT = TypeVar("SettingsT", bound=ServiceSettings)


def settings_for(kind: type[SettingsT], database_url: str, bootstrap: str = "127.0.0.1:1", **more: Any) -> SettingsT:  # noqa: ANN401
    """Return settings for a test, with the keys that production would get from its secrets."""
    given: dict[str, Any] = {
        "env": "test",
        "database_url": SecretStr(database_url),
        "kafka_bootstrap_servers": bootstrap,
        "internal_token_key": SecretStr(TEST_KEY),
        "asset_link_key": SecretStr(TEST_KEY),
        **more,
    }
    return kind(**given)


@asynccontextmanager
async def empty_database(admin_url: str, service: str) -> AsyncIterator[str]:
    """Give the administrator's URL of a new database with the service's roles, not migrated; dropped afterwards.

    The administrator may take the service's roles, and then is bound by their policies like the service itself.
    """
    name = f"{database_name(service)}_{secrets.token_hex(4)}"
    url = await create_database(admin_url, service, name)
    try:
        yield url
    finally:
        connection = await asyncpg.connect(admin_url)
        try:
            await connection.execute(f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")
        finally:
            await connection.close()


@asynccontextmanager
async def migrated_database(admin_url: str, service: str) -> AsyncIterator[str]:
    """Give the administrator's URL of a new database at the newest revision of the service; dropped afterwards."""
    async with empty_database(admin_url, service) as url:
        await upgrade(service, url)
        yield url
