"""Sweepers: what is due is looked for again and again; nothing is scheduled ahead."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from holdfast_platform import logs
from holdfast_platform.errors import InfrastructureDown, TooSlow, classify

log = logs.get(__name__)


class Sweeper:
    """Calls `sweep` every so many seconds (± 10 %, so that replicas spread), and at once again while it finds work.

    `sweep` returns True where there may be more. Failures are logged and tried again with the next round.
    """

    def __init__(self, name: str, seconds: float, sweep: Callable[[], Awaitable[bool]]) -> None:
        self.name = name
        self._seconds = seconds
        self._sweep = sweep
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to sweep."""
        self._task = asyncio.create_task(self._run(), name=f"sweeper-{self.name}")

    async def stop(self) -> None:
        """End; a sweep under way is cancelled, its transaction rolls back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                more = await self._sweep()
            except Exception as error:
                more = False
                cause = classify(error)
                if isinstance(cause, InfrastructureDown | TooSlow):
                    log.warning("sweep waits for the infrastructure", sweeper=self.name, reason=str(cause))
                else:
                    log.exception("sweep failed", sweeper=self.name)
            if not more:
                await asyncio.sleep(self._seconds * random.uniform(0.9, 1.1))  # noqa: S311 - spreads replicas
