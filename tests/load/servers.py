"""Processes of the baselines, started beside the stack and ended for certain."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

from holdfast_local.ports import HOST, free_port

START_SECONDS = 60.0


class Server(NamedTuple):
    """A running baseline."""

    port: int
    pid: int


@asynccontextmanager
async def direct(kind: str, environment: Mapping[str, str]) -> AsyncIterator[Server]:
    """Run a baseline (`a` or `b`) and give where it is."""
    port = free_port()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.load.direct", "--kind", kind, "--port", str(port),
        env={**os.environ, **environment},
    )  # fmt: skip
    try:
        await _listening(child, port)
        yield Server(port, child.pid)
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


async def _listening(child: asyncio.subprocess.Process, port: int) -> None:
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while True:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            if child.returncode is not None or asyncio.get_running_loop().time() > deadline:
                msg = "the baseline did not start; what it says stands above"
                raise RuntimeError(msg) from None
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
