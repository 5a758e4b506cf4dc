"""A Kafka that can be paused: connections stay open, and nothing passes in either direction until it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from unittest.mock import patch

from aiokafka import client


class PausableKafka:
    """Stands between clients of this process and the broker."""

    def __init__(self, bootstrap: str) -> None:
        host, _, port = bootstrap.partition(":")
        self._broker = host, int(port)
        self._flows = asyncio.Event()
        self._flows.set()
        self._connections: set[asyncio.Task[None]] = set()

    def pause(self) -> None:
        """Let nothing pass from now on."""
        self._flows.clear()

    def go_on(self) -> None:
        """Let everything pass, also what has come meanwhile."""
        self._flows.set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of a client."""
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        there, back = await asyncio.open_connection(*self._broker)
        with suppress(asyncio.CancelledError):
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        self._connections.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            while data := await reader.read(65_536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    def end(self) -> None:
        """Cut what is still connected."""
        for task in list(self._connections):
            task.cancel()


@asynccontextmanager
async def pausable(bootstrap: str, clients: str = "") -> AsyncIterator[PausableKafka]:
    """Lead those clients that are made meanwhile, and whose id begins so, through a Kafka that can be paused."""
    kafka, connect = PausableKafka(bootstrap), client.create_conn
    server = await asyncio.start_server(kafka.accept, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]

    async def create_conn(host: str, own_port: int, *, client_id: str, **options: Any) -> Any:
        where = ("127.0.0.1", port) if client_id.startswith(clients) else (host, own_port)
        return await connect(*where, client_id=client_id, **options)

    try:
        with patch.object(client, "create_conn", create_conn):
            yield kafka
    finally:
        kafka.go_on()
        server.close()
        kafka.end()
