"""Negative controls: the same statements without one of their guards, so that a test shows that it can fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest.mock import patch

import asyncpg

UNLOCKED: Final = {" FOR NO KEY UPDATE OF a": "", " FOR NO KEY UPDATE SKIP LOCKED": "", " FOR NO KEY UPDATE": ""}
"""Row locks are not taken."""


@contextmanager
def rewritten(changes: Mapping[str, str], *, needed: bool = True) -> Iterator[None]:
    """Send each statement with these parts of its text replaced, the first that matches first.

    Raises AssertionError at the end where nothing was replaced: then the control has become none.
    """
    replaced = 0

    def careless(original: Any) -> object:  # noqa: ANN401 - the driver's own methods
        async def call(self: object, query: str, *arguments: object, **options: object) -> object:
            nonlocal replaced
            for guard, instead in changes.items():
                replaced += query.count(guard)
                query = query.replace(guard, instead)
            return await original(self, query, *arguments, **options)

        return call

    with ExitStack() as stack:
        for name in ("execute", "fetch", "fetchrow", "fetchval"):
            original = getattr(asyncpg.Connection, name)
            stack.enter_context(patch.object(asyncpg.Connection, name, careless(original)))
        yield
    assert replaced or not needed, f"no statement has {', '.join(map(repr, changes))}"  # noqa: S101 - for tests
