"""`holdfast migrate`: brings the services' databases to the newest revision, before the services start."""

from __future__ import annotations

import asyncio
from typing import Annotated

import asyncpg
import typer

from holdfast_cli.errors import CannotError
from holdfast_cli.stack import SERVICES, readable
from holdfast_platform.database.migrate import upgrade
from holdfast_platform.database.revisions import current_revision, head_of
from holdfast_platform.database.roles import admin_url_of
from holdfast_platform.database.security import database_name


def migrate(
    url: Annotated[
        str,
        typer.Option(
            envvar="DATABASE_URL", help="Any database of the server, as an administrator who may take owners' roles."
        ),
    ],
    services: Annotated[list[str] | None, typer.Argument(help="Whose databases.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All services.")] = False,
) -> None:
    """Migrate the databases of services; a database that is up to date stays as it is."""
    chosen = list(SERVICES) if every else services or []
    unknown = [service for service in chosen if service not in SERVICES]
    if unknown or not chosen:
        what = f"There is no service {unknown[0]!r}. " if unknown else ""
        raise CannotError(f"{what}Name services of {', '.join(SERVICES)}, or give --all.")
    asyncio.run(_migrate(readable(url, "--url (DATABASE_URL)"), chosen))


async def _migrate(url: str, services: list[str]) -> None:
    # One after the other: Alembic keeps the operations that migrations call in one global place.
    for service in services:
        address = admin_url_of(url, database_name(service))
        try:
            before = await current_revision(address)
            await upgrade(service, address)
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise CannotError(f"{service}: {error}") from error
        except ModuleNotFoundError as error:
            raise CannotError(f"{service} is not installed here: {error}") from error
        head = head_of(service)
        typer.echo(f"{service}: {head} (no change)" if before == head else f"{service}: {before or 'empty'} → {head}")
