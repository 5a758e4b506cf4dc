"""A service's life: start in order, run until told to stop, leave without losing anything.

Start: pools, producers, relay, sweepers, consumers, HTTP. Stop: not ready → stop consuming → finish what is under way
→ drain the relay → close [spec/08, Delivery rules].
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from holdfast_contracts.problems import ProblemCode, Refusal, problem_bytes
from holdfast_platform import logs
from holdfast_platform.health import Health

log = logs.get(__name__)


class Part(Protocol):
    """Anything with a beginning and an end."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End in order."""


class HttpServer:
    """A uvicorn server inside the service's own loop, without signal handlers of its own."""

    def __init__(self, app: ASGIApp, host: str, port: int, *, backlog: int = 4096, trusted_proxies: str = "") -> None:
        """`trusted_proxies` may say for whom they ask (`X-Forwarded-For`): addresses or networks, comma separated."""
        self._server = _QuietServer(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                loop="none",
                http=_PlainSpokenProtocol,
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
                date_header=True,
                backlog=backlog,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=trusted_proxies,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=10,
            )
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen. Raises OSError where the address is taken."""
        self._task = asyncio.create_task(self._serve(), name="http")
        while not self._server.started:
            if self._task.done():
                await self._task
                msg = "the HTTP server did not start; is its port in use?"
                raise OSError(msg)
            await asyncio.sleep(0.01)

    async def _serve(self) -> None:
        try:
            await self._server.serve()
        except SystemExit as error:
            msg = "the HTTP server could not listen; is its port in use?"
            raise OSError(msg) from error

    async def stop(self) -> None:
        """Take no new connection, finish what is in flight, close."""
        self._server.should_exit = True
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)


class _PlainSpokenProtocol(HttpToolsProtocol):
    """Answers what is no HTTP with a problem document, as everything else that is refused."""

    def send_400_response(self, msg: str) -> None:
        """Write the answer and close the connection."""
        body = problem_bytes(Refusal(ProblemCode.MALFORMED_REQUEST, msg), "/")
        head = (
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        )
        self.transport.write(head + body)
        self.transport.close()


class _QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Service:
    """Starts parts in the order given and stops them in the order given for that."""

    def __init__(
        self, name: str, health: Health, *, start: Sequence[Part], stop: Sequence[Part], drain_seconds: float
    ) -> None:
        self.name = name
        self._health = health
        self._start = start
        self._stop = stop
        self._drain_seconds = drain_seconds

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        async with self.running():
            log.info("service started", name=self.name)
            await stopped.wait()
            log.info("service stops", name=self.name)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything, give control, stop everything; also for tests."""
        started: list[Part] = []
        try:
            for part in self._start:
                await part.start()
                started.append(part)
            self._health.started = True
            yield
        finally:
            self._health.draining = True
            for part in self._stop:
                if part in started:
                    await self._end(part)

    async def _end(self, part: Part) -> None:
        try:
            await asyncio.wait_for(part.stop(), timeout=self._drain_seconds)
        except TimeoutError:
            log.warning("a part did not stop in time", part=type(part).__name__)
        except Exception:
            log.exception("a part failed to stop", part=type(part).__name__)
