"""A line to the database that a test can make fall silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


class Line:
    """A line to the database that can fall silent: what is sent arrives, but nothing comes back until it `speaks`."""

    def __init__(self) -> None:
        self.speaks = asyncio.Event()
        self.speaks.set()
        self._pumps: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def to(self, url: str) -> AsyncIterator[str]:
        """Give the address at which the database of `url` is reached through this line."""
        parts = urlsplit(url)

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            back_reader, back_writer = await asyncio.open_connection(parts.hostname, parts.port)
            self._pumps.add(asyncio.create_task(_pump(reader, back_writer)))
            self._pumps.add(asyncio.create_task(_pump(back_reader, writer, self.speaks)))

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        login = parts.netloc.rpartition("@")[0]
        port = server.sockets[0].getsockname()[1]
        try:
            yield urlunsplit((parts.scheme, f"{login}@127.0.0.1:{port}", parts.path, parts.query, ""))
        finally:
            self.speaks.set()
            server.close()
            for pump in self._pumps:
                pump.cancel()
            await asyncio.gather(*self._pumps, return_exceptions=True)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, speaks: asyncio.Event | None = None
) -> None:
    """Carry bytes one way until one side hangs up; one that listens to `speaks` carries none while it is silent."""
    while data := await reader.read(65_536):
        if speaks is not None:
            await speaks.wait()
        writer.write(data)
    if speaks is not None:
        await speaks.wait()
    writer.close()
