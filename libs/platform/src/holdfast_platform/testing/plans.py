"""What a statement reads, by the plan that PostgreSQL took under row-level security."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from holdfast_platform.database.pool import Database


async def rows_read(database: Database, tenants: Iterable[UUID], table: str, sql: str, *arguments: object) -> int:
    """Return how many rows of a table a batch's statement looks at, with those it looks at and does not want."""
    async with database.batch(tenants) as connection:
        rows = await connection.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {sql}", *arguments)
    lines = [row[0] for row in rows]
    print("\n".join(lines))  # noqa: T201 - pytest shows it where the assertion fails
    read, loops, here = 0, 1, False
    for line in lines:
        if found := re.search(r"actual rows=(\d+) loops=(\d+)", line):
            here = re.search(rf" on {table}( |$)", line) is not None
            loops = int(found[2])
            read += int(found[1]) * loops * here
        if here and (removed := re.search(r"Rows Removed by \w+(?: \w+)*: (\d+)", line)):
            read += int(removed[1]) * loops
    return read
