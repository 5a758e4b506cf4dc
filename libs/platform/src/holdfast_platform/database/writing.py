"""Set-based writes: any number of rows in one statement, with the count that the database reports.

Rows travel as one JSON array that PostgreSQL reads with the table's own types
(https://www.postgresql.org/docs/15/functions-json.html, json_populate_recordset). Arrays keep their order, so
identities are given in the order of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import Table

from holdfast_platform.database.pool import Connection
from holdfast_platform.errors import CountMismatch

Row = Mapping[str, object]


def _encode(value: object) -> object:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, Decimal | UUID):  # asyncpg reads a UUID of its own, which orjson does not know
        return str(value)
    if isinstance(value, asyncpg.Range):
        return _range(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    msg = f"cannot write a {type(value).__name__}"
    raise TypeError(msg)


def _range(value: asyncpg.Range[Any]) -> str:
    lower, upper = value.lower, value.upper
    return f"{'[' if value.lower_inc else '('}{lower or ''},{upper or ''}{']' if value.upper_inc else ')'}"


def encode_rows(rows: Sequence[Row]) -> str:
    """Return the rows as the JSON array that the statements below take."""
    return orjson.dumps(rows, default=_encode).decode()


def affected(status: str) -> int:
    """Return how many rows a command changed, from its status tag (`INSERT 0 5`)."""
    return int(status.rsplit(" ", 1)[1])


def expect(count: int, wanted: int, what: str) -> None:
    """Raise CountMismatch unless the database changed as many rows as were decided: it has the last word."""
    if count != wanted:
        raise CountMismatch(f"{what}: {count} of {wanted}")


@lru_cache(maxsize=256)
def _insert_sql(table: str, columns: tuple[str, ...], on_conflict: str) -> str:
    names = ", ".join(columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {names} "  # noqa: S608 - names come from our tables
        f"FROM json_populate_recordset(NULL::{table}, $1::json) {on_conflict}"
    )


@lru_cache(maxsize=256)
def _update_sql(table: str, keys: tuple[str, ...], columns: tuple[str, ...], guard: str) -> str:
    sets = ", ".join(f"{column} = r.{column}" for column in columns)
    match = " AND ".join(f"t.{key} = r.{key}" for key in keys)
    return (
        f"UPDATE {table} AS t SET {sets} "  # noqa: S608 - names come from our tables
        f"FROM json_populate_recordset(NULL::{table}, $1::json) AS r WHERE {match}{f' AND {guard}' if guard else ''}"
    )


async def insert_rows(connection: Connection, table: Table, rows: Sequence[Row], *, on_conflict: str = "") -> int:
    """Insert rows (all with the same columns) in one statement; return how many went in. No rows: no statement."""
    if not rows:
        return 0
    sql = _insert_sql(table.name, tuple(rows[0]), on_conflict)
    return affected(await connection.execute(sql, encode_rows(rows)))


async def update_rows(
    connection: Connection,
    table: Table,
    rows: Sequence[Row],
    *,
    keys: Sequence[str] = ("tenant_id", "id"),
    guard: str = "",
) -> int:
    """Update rows by `keys` in one statement; return how many changed.

    All columns of a row that are no keys are set. `guard` is a further condition on `t` (the table) and `r` (the row
    sent), such as `t.version = r.version - 1`.
    """
    if not rows:
        return 0
    columns = tuple(name for name in rows[0] if name not in keys)
    sql = _update_sql(table.name, tuple(keys), columns, guard)
    return affected(await connection.execute(sql, encode_rows(rows)))
