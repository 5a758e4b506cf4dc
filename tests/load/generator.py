"""The load generator: one process, raw HTTP/1.1 over keep-alive sockets, the same for every server measured.

It shares two cores with what it measures, so it does nothing but write ready bytes, read a status line and a length,
and note the time. It is called with a plan (JSON) on standard input and answers with figures (JSON).
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

import uvloop

_CONTENT_LENGTH: Final = b"content-length:"
_SAID_MOST: Final = 5
"""Unexpected answers that are kept word for word, so that a failed run tells why."""


@dataclass(frozen=True)
class Plan:
    """What to send. Each client sends its next request when it has the answer to the last (a closed loop).

    `bodies` are taken in turn over all clients, `tokens` one a client. With `each` every client sends that many and
    ends; else the run lasts `warm` and then `seconds`, and only the latter is counted.
    """

    port: int
    clients: int
    path: str
    tokens: Sequence[str]
    bodies: Sequence[str]
    method: str = "POST"
    host: str = "127.0.0.1"
    prefix: str = "bench"
    keyed: bool = True
    each: int = 0
    warm: float = 1.0
    seconds: float = 3.0
    first_body: int = 0


@dataclass
class Figures:
    """What was measured. Latencies are in milliseconds; `rate` counts all answers a second, `good` those below 300."""

    answers: int = 0
    good: int = 0
    seconds: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    worst: float = 0.0
    sent: int = 0
    said: list[str] = field(default_factory=list)
    acknowledged: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds if self.seconds else 0.0

    @property
    def good_rate(self) -> float:
        """Successful answers a second."""
        return self.good / self.seconds if self.seconds else 0.0


class _Run:
    """What all clients share: the requests to come, and what came back."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.sent = 0
        self.acknowledged = 0
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []
        self.said: list[str] = []
        self.counting = bool(plan.each)
        self.over = False
        self._bodies = [_with_length(body.encode()) for body in plan.bodies]
        self._next = plan.first_body

    def request(self, head: bytes) -> bytes:
        """The next request of a client whose request line and headers are `head`."""
        number = self._next
        self._next = number + 1
        self.sent += 1
        body = self._bodies[number % len(self._bodies)]
        if self.plan.keyed:
            return b"%bidempotency-key: %b-%d\r\n%b" % (head, self.plan.prefix.encode(), number, body)
        return head + body

    def answered(self, status: int, latency: float, answer: bytes) -> None:
        """Count an answer."""
        if status < 300:
            self.acknowledged += status != 202
        elif len(self.said) < _SAID_MOST and status != 409:
            self.said.append(answer[:600].decode(errors="replace"))
        if self.counting:
            self.statuses[status] += 1
            self.latencies.append(latency)


def _with_length(body: bytes) -> bytes:
    return b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


class _Client(asyncio.Protocol):
    """One client: one connection, one request at a time."""

    def __init__(self, run: _Run, token: str, ended: Callable[[], None]) -> None:
        plan = run.plan
        self._run = run
        self._head = (
            f"{plan.method} {plan.path} HTTP/1.1\r\nhost: {plan.host}:{plan.port}\r\nauthorization: Bearer {token}\r\n"
        ).encode()
        self._ended = ended
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._wanted = 0
        self._began = 0.0
        self._left = plan.each

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._transport = transport  # type: ignore[assignment]  # a stream's transport

    def send(self) -> None:
        """Send the next request."""
        assert self._transport is not None
        self._wanted = 0
        self._buffer = b""
        request = self._run.request(self._head)
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Read until the answer is whole; then send again."""
        self._buffer = self._buffer + data if self._buffer else data
        if not self._wanted:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._wanted = end + 4 + _length(self._buffer[:end])
        if len(self._buffer) >= self._wanted:
            self._done()

    def _done(self) -> None:
        run = self._run
        run.answered(int(self._buffer[9:12]), time.perf_counter() - self._began, self._buffer)
        if run.plan.each:
            self._left -= 1
        if run.over or (run.plan.each and self._left <= 0):
            self._close()
        else:
            self.send()

    def _close(self) -> None:
        assert self._transport is not None
        transport, self._transport = self._transport, None
        transport.close()
        self._ended()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a connection that the server ended under a request."""
        if self._transport is not None:
            self._run.answered(599, time.perf_counter() - self._began, repr(exc).encode())
            self._transport = None
            self._ended()


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(_CONTENT_LENGTH)
    return int(lowered[at + len(_CONTENT_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0


async def drive(plan: Plan) -> Figures:
    """Carry out a plan. Raises OSError where the server does not accept the connections."""
    run = _Run(plan)
    finished = asyncio.Event()
    alive = plan.clients

    def ended() -> None:
        nonlocal alive
        alive -= 1
        if not alive:
            finished.set()

    loop = asyncio.get_running_loop()
    clients = []
    for number in range(plan.clients):
        client = _Client(run, plan.tokens[number % len(plan.tokens)], ended)
        await loop.create_connection(lambda client=client: client, plan.host, plan.port)
        clients.append(client)
    for client in clients:
        client.send()
    seconds = await _wait(run, finished)
    return _figures(run, seconds)


async def _wait(run: _Run, finished: asyncio.Event) -> float:
    began = time.perf_counter()
    if run.plan.each:
        await finished.wait()
        return time.perf_counter() - began
    await asyncio.sleep(run.plan.warm)
    run.counting, began = True, time.perf_counter()
    await asyncio.sleep(run.plan.seconds)
    run.counting, seconds = False, time.perf_counter() - began
    run.over = True
    await finished.wait()
    return seconds


def _figures(run: _Run, seconds: float) -> Figures:
    ordered = sorted(run.latencies)

    def percentile(share: float) -> float:
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    return Figures(
        answers=len(ordered),
        good=sum(count for status, count in run.statuses.items() if status < 300 and status != 202),
        seconds=seconds,
        statuses={str(status): count for status, count in sorted(run.statuses.items())},
        p50=percentile(0.5),
        p95=percentile(0.95),
        p99=percentile(0.99),
        worst=1000 * ordered[-1] if ordered else 0.0,
        sent=run.sent,
        said=run.said,
        acknowledged=run.acknowledged,
    )


async def measure(plan: Plan) -> Figures:
    """Carry out a plan in a process of its own."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.load.generator", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await child.communicate(json.dumps(asdict(plan)).encode())
    if child.returncode:
        msg = f"the load generator ended with status {child.returncode}"
        raise RuntimeError(msg)
    return Figures(**json.loads(told))


def main() -> None:
    """Read the plan, drive, print the figures."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    plan = Plan(**json.load(sys.stdin))
    print(json.dumps(asdict(uvloop.run(drive(plan)))))


if __name__ == "__main__":
    main()
