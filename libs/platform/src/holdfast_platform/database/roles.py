"""Creates a service's database, login and roles on a server; safe to repeat, and for several services at once."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from holdfast_platform.database.security import ROLES, database_name, role_name

_LOCK = 0x484F4C45


def owner_name(service: str) -> str:
    """Return the role that owns a service's tables; migrations take it."""
    return f"{database_name(service)}_owner"


def service_url(admin_url: str, service: str, password: str) -> str:
    """Return the address of a service's database with its own login."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    login = f"{database_name(service)}:{quote(password, safe='')}"
    return urlunsplit((parts.scheme, f"{login}@{host}", f"/{database_name(service)}", parts.query, ""))


def admin_url_of(admin_url: str, database: str) -> str:
    """Return the address of a database with the administrator's login."""
    parts = urlsplit(admin_url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))


async def provision(admin_url: str, service: str, password: str) -> str:
    """Create database, login and roles of a service where missing, set the login's password, return the service's URL.

    Raises asyncpg errors where the administrator may not do this.
    """
    await create_database(admin_url, service, database_name(service))
    connection = await asyncpg.connect(admin_url)
    try:
        literal = await connection.fetchval("SELECT quote_literal($1::text)", password)
        await connection.execute(f"ALTER ROLE {database_name(service)} PASSWORD {literal}")
    finally:
        await connection.close()
    return service_url(admin_url, service, password)


async def create_database(admin_url: str, service: str, name: str) -> str:
    """Create a database for a service under any name, with its roles; return the administrator's URL of it."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await _roles(connection, service)
        await _database(connection, service, name)
    finally:
        await connection.close()
    url = admin_url_of(admin_url, name)
    inside = await asyncpg.connect(url)
    try:
        await _grants(inside, service, name)
    finally:
        await inside.close()
    return url


async def _roles(connection: asyncpg.Connection[asyncpg.Record], service: str) -> None:
    login, owner = database_name(service), owner_name(service)
    for name in (owner, *(role_name(service, role) for role in ROLES)):
        await _create_role(connection, name, "NOLOGIN NOBYPASSRLS NOSUPERUSER NOCREATEDB NOCREATEROLE")
    await _create_role(connection, login, "LOGIN NOINHERIT NOBYPASSRLS NOSUPERUSER NOCREATEDB NOCREATEROLE")
    for role in ROLES:
        await connection.execute(f"GRANT {role_name(service, role)} TO {login}")
    await connection.execute(f"GRANT {owner} TO CURRENT_USER")


async def _create_role(connection: asyncpg.Connection[asyncpg.Record], name: str, options: str) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
        await connection.execute(f"CREATE ROLE {name} {options}")


async def _database(connection: asyncpg.Connection[asyncpg.Record], service: str, name: str) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await connection.execute(
            f"CREATE DATABASE {name} OWNER {owner_name(service)} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"
        )


async def _grants(connection: asyncpg.Connection[asyncpg.Record], service: str, name: str) -> None:
    await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    await connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    await connection.execute(f"GRANT CREATE, USAGE ON SCHEMA public TO {owner_name(service)}")
    for grantee in (database_name(service), *(role_name(service, role) for role in ROLES)):
        await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {grantee}")
        await connection.execute(f"GRANT USAGE ON SCHEMA public TO {grantee}")
