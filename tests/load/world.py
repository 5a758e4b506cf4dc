"""What is sold in a benchmark: contents and sessions of the stack's first tenant, the same ids in the baselines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
from tests.load.direct.database import copy_catalogue, make

from holdfast_contracts.enums import Role
from holdfast_contracts.message import TenantFacts
from holdfast_local.client import Api
from holdfast_local.seed import TENANTS
from holdfast_local.stack import Stack
from holdfast_local.tokens import mint

GUESTS = 256
"""Accounts that the load comes from; a client keeps its own."""
REST_SECONDS = 60.0


@dataclass(frozen=True)
class Event:
    """A content with sessions of one tier."""

    content_id: str
    tier_id: str
    sessions: tuple[str, ...]

    def bodies(self) -> list[str]:
        """A create for each session: one ticket, one guest."""
        return [self._body(session, number) for number, session in enumerate(self.sessions)]

    def _body(self, session: str, number: int) -> str:
        return json.dumps(
            {
                "contentId": self.content_id,
                "bookingMode": "session",
                "schedulePayload": {
                    "sessionId": session,
                    "items": [{"tierId": self.tier_id, "quantity": 1}],
                },
                "guests": [{"name": f"Ida Berg {number}", "email": f"ida{number}@example.com", "kind": "adult"}],
                "customerName": f"Ida Berg {number}",
                "customerEmail": f"ida{number}@example.com",
                "customerPhone": "+4930123456",
            },
            separators=(",", ":"),
        )


@dataclass
class World:
    """A running stack, and the databases of the baselines on the same server."""

    stack: Stack
    direct_url: str

    @property
    def tenant_id(self) -> str:
        """The tenant that everything belongs to."""
        return self.stack.tenants[0].id

    @property
    def port(self) -> int:
        """The gateway's public port."""
        return int(self.stack.gateway_url.rsplit(":", 1)[1])

    def tokens(self, role: Role = Role.GUEST, count: int = GUESTS) -> list[str]:
        """A token for each of so many accounts."""
        key = self.stack.keys.jwt_hs256_key
        return [mint(key, self.tenant_id, role, f"{role}-{number}") for number in range(count)]

    def direct_environment(self) -> dict[str, str]:
        """The settings of a baseline."""
        wanted = TENANTS[0]
        facts = TenantFacts(
            id=UUID(self.tenant_id), slug=wanted["slug"], name=wanted["name"], domain=None,
            timezone=wanted["timezone"], currency=wanted["currency"],
        )  # fmt: skip
        return {
            "DATABASE_URL": self.direct_url,
            "JWT_HS256_KEY": self.stack.keys.jwt_hs256_key,
            "ASSET_LINK_KEY": self.stack.keys.asset_link_key,
            "TENANT": facts.encode().decode(),
        }

    async def event(self, sessions: int, units: int, *, soon: bool = False) -> Event:
        """Make a content with so many sessions of so many units each, here and in the baselines."""
        async with Api(self.stack.gateway_url, self.stack.tenants[0].tokens["owner"]) as owner:
            content = await owner.create("/contents", _concert(units))
            starts = datetime.now(UTC).replace(microsecond=0) + (timedelta(hours=1) if soon else timedelta(days=40))
            bodies = [
                {"startsAt": f"{starts + timedelta(minutes=number * (not soon)):%Y-%m-%dT%H:%M:%SZ}"}
                for number in range(sessions)
            ]
            made = await asyncio.gather(*(owner.create(f"/contents/{content['id']}/sessions", body) for body in bodies))
        tiers = content["tiers"]
        assert isinstance(tiers, list)
        event = Event(str(content["id"]), str(tiers[0]["id"]), tuple(str(session["id"]) for session in made))
        await copy_catalogue(self.stack.database_url("inventory"), self.direct_url, [UUID(event.content_id)])
        return event

    async def rest(self) -> float:
        """Wait until nothing is under way any more in the stack; return how long that took."""
        began = asyncio.get_running_loop().time()
        await until_rest(self.stack)
        return asyncio.get_running_loop().time() - began

    async def ask(self, service: str, question: str, *values: object) -> int:
        """A number from a service's database, or from the baselines' (`direct`)."""
        url = self.direct_url if service == "direct" else self.stack.database_url(service)
        connection = await asyncpg.connect(url)
        try:
            return int(await connection.fetchval(question, *values) or 0)
        finally:
            await connection.close()


def _concert(units: int) -> dict[str, object]:
    return {
        "kind": "event",
        "mode": "session",
        "title": "Measured evening",
        "venue": "Pier 7",
        "durationMinutes": 120,
        "status": "published",
        "tiers": [{"name": "Standard", "kind": "paid", "price": "25.00", "currency": "EUR", "quantity": units}],
    }


async def make_direct(stack: Stack) -> str:
    """Make the baselines' database on the stack's server."""
    return await make(stack.engines.postgres.url(), "direct_baseline")


async def until_rest(stack: Stack, patience: float = REST_SECONDS) -> None:
    """Return when all outboxes are empty and all groups have read everything. Raises TimeoutError."""
    from tests.load.groups import lag_of_all_groups  # noqa: PLC0415 - aiokafka only where it is needed

    await until(lambda: _outboxes_empty(stack), patience, "the outboxes are empty")
    await until(lambda: lag_of_all_groups(stack.bootstrap), patience, "all groups have read everything", empty=True)
    await until(lambda: _outboxes_empty(stack), patience, "the outboxes are empty")


async def until(condition: Callable[[], object], patience: float, what: str, *, empty: bool = False) -> None:
    """Wait for an awaitable condition to be true (or, with `empty`, to be 0). Raises TimeoutError."""
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        found = await condition()  # type: ignore[misc]
        if (not found) if empty else found:
            return
        if asyncio.get_running_loop().time() > deadline:
            msg = f"waited {patience:.0f} s in vain until {what} (last seen: {found})"
            raise TimeoutError(msg)
        await asyncio.sleep(0.1)


async def _outboxes_empty(stack: Stack) -> bool:
    for service in ("gateway", "inventory", "booking", "tickets", "calendar"):
        connection = await asyncpg.connect(stack.database_url(service))
        try:
            if await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
                return False
        finally:
            await connection.close()
    return True
