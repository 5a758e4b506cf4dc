"""What is too much: rates per tenant and address, and writes under way [spec/07, Limits]."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from functools import lru_cache
from weakref import WeakValueDictionary

from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_gateway.domain.buckets import Allowance, Buckets


class RouteClass(StrEnum):
    """Routes that share an allowance."""

    READ = "read"
    WRITE = "write"
    SESSION = "session"


@lru_cache(maxsize=10_000)
def neighbourhood(address: str) -> str:
    """Return what is limited as one address: an IPv6 host has its whole /64."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else address


class RateLimiter:
    """Token buckets for each class of routes, one for a tenant and one for an address."""

    def __init__(self, allowances: dict[RouteClass, Allowance]) -> None:
        self._tenants = {kind: Buckets(allowance) for kind, allowance in allowances.items()}
        self._addresses = {kind: Buckets(allowance) for kind, allowance in allowances.items()}

    def admit(self, kind: RouteClass, tenant: str | None, address: str) -> None:
        """Raise Refusal (429 with `retryAfter`) where the tenant or the address asks too often."""
        now = time.monotonic()
        wait = self._addresses[kind].take(neighbourhood(address), now)
        if not wait and tenant is not None and kind is not RouteClass.SESSION:
            wait = self._tenants[kind].take(tenant, now)
        if wait:
            seconds = max(1, round(wait + 0.5))
            raise Refusal(ProblemCode.RATE_LIMITED, "Too many requests.", extras={"retryAfter": seconds})


class InFlight:
    """Counts writes under way: overall, and a quarter of that for each tenant, so that one rush starves nobody."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._most_of_a_tenant = max(1, most // 4)
        self._all = 0
        self._of_tenant: defaultdict[str, int] = defaultdict(int)

    def enter(self, tenant: str) -> None:
        """Count one in. Raises Refusal (503 OVERLOADED) where there are too many."""
        if self._all >= self._most or self._of_tenant[tenant] >= self._most_of_a_tenant:
            if not self._of_tenant[tenant]:
                del self._of_tenant[tenant]
            raise Refusal(ProblemCode.OVERLOADED, "Too many requests are under way.")
        self._all += 1
        self._of_tenant[tenant] += 1

    def leave(self, tenant: str) -> None:
        """Count one out."""
        self._all -= 1
        self._of_tenant[tenant] -= 1
        if not self._of_tenant[tenant]:
            del self._of_tenant[tenant]


class Turns:
    """At most so many commands of a tenant are with their owners; the rest of a rush waits here, in order.

    So another tenant's command finds few before it, on the bus and at the owners [design/interleavings.md, Operations].
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._of_tenant: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, tenant: str, seconds: float) -> AsyncIterator[None]:
        """Wait for a turn and keep it; who has waited so many seconds goes on without one: nobody is refused here."""
        turns = self._of_tenant.get(tenant)
        if turns is None:
            turns = self._of_tenant[tenant] = asyncio.Semaphore(self._most)
        taken = await _taken(turns, seconds)
        try:
            yield
        finally:
            if taken:
                turns.release()


async def _taken(turns: asyncio.Semaphore, seconds: float) -> bool:
    if not turns.locked():
        return await turns.acquire()
    try:
        return await asyncio.wait_for(turns.acquire(), seconds)
    except TimeoutError:
        return False
