"""Set-based writes: all rows of a batch, of all tables, in one statement, with the counts that the database reports.

A round trip costs more than most of these statements take, so what may run together is sent together: each write is a
WITH query of one statement (https://www.postgresql.org/docs/15/queries-with.html#QUERIES-WITH-MODIFYING).

Rows travel as one JSON array that PostgreSQL reads with the table's own types
(https://www.postgresql.org/docs/15/functions-json.html, json_populate_recordset). Arrays keep their order, so
identities are given in the order of the rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import Table

from holdfast_platform.database.pool import Connection
from holdfast_platform.errors import CountMismatch

Row = Mapping[str, object]
_PARAMETER = re.compile(r"\$(\d+)")


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


@lru_cache(maxsize=256)
def _together(statements: tuple[str, ...]) -> str:
    """Return one statement that runs them all and counts the rows of each; its parameters are theirs, in a row."""
    queries, counts, taken = [], [], 0
    for number, sql in enumerate(statements):
        queries.append(f"w{number} AS ({_shifted(sql, taken)} RETURNING 1)")
        counts.append(f"(SELECT count(*) FROM w{number})")  # noqa: S608 - a number
        taken += max(int(parameter) for parameter in _PARAMETER.findall(sql))
    return f"WITH {', '.join(queries)} SELECT {', '.join(counts)}"


def _shifted(sql: str, by: int) -> str:
    return _PARAMETER.sub(lambda parameter: f"${int(parameter[1]) + by}", sql)


@dataclass(frozen=True, slots=True)
class _Write:
    """One statement, with how many rows it must change."""

    sql: str
    arguments: tuple[object, ...]
    rows: int | None
    what: str


class Writes:
    """What a transaction writes: gathered, then sent as one statement and counted.

    Writes of one statement see the same rows and run in no promised order: none may need what another has done. What
    must come later begins `after` them.
    """

    def __init__(self) -> None:
        self._steps: list[list[_Write]] = [[]]

    def after(self) -> None:
        """Let what is added from now on run when everything before has run."""
        self._steps.append([])

    def insert(self, table: Table, rows: Sequence[Row], *, on_conflict: str = "", exact: bool = True) -> None:
        """Insert rows, all with the same columns; without `exact` some of them may be there already."""
        if rows:
            sql = _insert_sql(table.name, tuple(rows[0]), on_conflict)
            self.add(sql, [encode_rows(rows)], len(rows) if exact else None, f"new rows of {table.name}")

    def update(
        self, table: Table, rows: Sequence[Row], *, keys: Sequence[str] = ("tenant_id", "id"), guard: str = ""
    ) -> None:
        """Update rows by `keys`: all columns of a row that are no keys are set.

        `guard` is a further condition on `t` (the table) and `r` (the row sent), such as `t.version = r.version - 1`.
        """
        if rows:
            columns = tuple(name for name in rows[0] if name not in keys)
            sql = _update_sql(table.name, tuple(keys), columns, guard)
            self.add(sql, [encode_rows(rows)], len(rows), f"changed rows of {table.name}")

    def add(self, sql: str, arguments: Sequence[object], rows: int | None, what: str) -> None:
        """Run a statement that must change so many rows, None where any number will do."""
        self._steps[-1].append(_Write(sql, tuple(arguments), rows, what))

    async def send(self, connection: Connection) -> None:
        """Run what was added, in as few statements as there are steps.

        Raises CountMismatch where the database changed another number of rows than was decided.
        """
        for step in self._steps:
            if step:
                for write, count in zip(step, await _counts(connection, step), strict=True):
                    if write.rows is not None:
                        expect(count, write.rows, write.what)


async def _counts(connection: Connection, writes: Sequence[_Write]) -> Sequence[int]:
    if len(writes) == 1:
        return [affected(await connection.execute(writes[0].sql, *writes[0].arguments))]
    sql = _together(tuple(write.sql for write in writes))
    counts = await connection.fetchrow(sql, *chain.from_iterable(write.arguments for write in writes))
    assert counts is not None  # noqa: S101 - a SELECT of counts has a row
    return tuple(counts)
