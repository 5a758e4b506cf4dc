"""A stack of its own with things to sell; what was broken is healed here, and the verdict is asked for."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.chaos.customers import Customers
from tests.chaos.ledger import Ledger
from tests.load.world import until_rest

from holdfast_local.client import Api
from holdfast_local.keys import SERVICES
from holdfast_local.stack import Stack

REST_SECONDS = 120.0
MANY = {"WRITE_RATE": "1000000", "WRITE_BURST": "1000000", "READ_RATE": "1000000", "READ_BURST": "1000000"}
"""Limits of rates are tested elsewhere; a race must reach the owners."""


@dataclass(frozen=True)
class Evening:
    """A content with sessions of one tier; doors are open."""

    content: str
    tier: str
    sessions: tuple[str, ...]

    def wish(self, session: int = 0, quantity: int = 1) -> dict[str, Any]:
        """A `schedulePayload` for units of one session."""
        return {
            "sessionId": self.sessions[session],
            "items": [{"tierId": self.tier, "quantity": quantity}],
        }

    def booking(self, session: int = 0, quantity: int = 1, **more: Any) -> dict[str, Any]:
        """A body of `POST /bookings`."""
        return {
            "contentId": self.content,
            "bookingMode": "session",
            "schedulePayload": self.wish(session, quantity),
            "customerName": "Ida Berg",
            "customerEmail": "ida@example.com",
            **more,
        }


@dataclass(frozen=True)
class Chair:
    """A resource with a capacity, and a day on which it can be booked."""

    resource: str
    day: date

    def booking(self, slot: int) -> dict[str, Any]:
        """A body of `POST /bookings` for the half hour with that number, from nine."""
        hours, minutes = divmod(9 * 60 + 30 * slot, 60)
        return {
            "resourceId": self.resource,
            "bookingMode": "time_slot",
            "schedulePayload": {"date": f"{self.day}", "startTime": f"{hours:02d}:{minutes:02d}"},
            "customerName": "Lee Wong",
            "customerPhone": "+12125550123",
        }


class Arena:
    """One stack, one tenant, one ledger; tests share it and leave it healed."""

    def __init__(self, stack: Stack, customers: Customers, seed: int) -> None:
        self.stack = stack
        self.customers = customers
        self.seed = seed
        self._began = time.monotonic()

    @property
    def ledger(self) -> Ledger:
        """The ledger of everything that was asked here."""
        return self.customers.ledger

    def dice(self, *names: object) -> random.Random:
        """Chance that depends on the seed and on who asks, and on nothing else."""
        return random.Random(f"{self.seed}/{'/'.join(map(str, names))}")

    async def evening(self, units: int, sessions: int = 1, tenant: int = 0) -> Evening:
        """Make a content with sessions that begin soon, so that doors are open."""
        async with self._owner(tenant) as owner:
            content = await owner.create("/contents", _concert(units))
            starts = datetime.now(UTC) + timedelta(hours=1)
            made = [
                await owner.create(
                    f"/contents/{content['id']}/sessions",
                    {"startsAt": f"{starts + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}"},
                )
                for number in range(sessions)
            ]
        tiers = content["tiers"]
        assert isinstance(tiers, list)
        return Evening(str(content["id"]), str(tiers[0]["id"]), tuple(str(session["id"]) for session in made))

    async def chair(self, capacity: int = 1) -> Chair:
        """Make a resource that is open every day."""
        hours = [{"start": "09:00", "end": "18:00"}]
        body = {
            "type": "staff",
            "name": f"Chair {random.getrandbits(32):x}",
            "schedule": {"weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), hours)},
            "defaultDurationMinutes": 30,
            "slotIntervalMinutes": 30,
            "capacity": capacity,
            "price": "40.00",
        }
        async with self._owner() as owner:
            made = await owner.create("/bookings/resources", body)
        return Chair(str(made["id"]), datetime.now(UTC).date() + timedelta(days=20))

    def _owner(self, tenant: int = 0) -> Api:
        return Api(self.stack.gateway_url, self.stack.tenants[tenant].tokens["owner"])

    async def do(self, work: Callable[..., object], *arguments: object, **settings: str | bool) -> None:
        """Do something to the stack without stopping the crowd: its methods block."""
        self.say(f"{getattr(work, '__name__', work)} {' '.join(map(str, arguments))} {settings or ''}")
        await asyncio.to_thread(work, *arguments, **settings)

    async def heal(self) -> None:
        """Start what is dead, wait until all are ready, know every outcome, and come to rest."""
        await self.do(self._revive)
        self.say(f"all parts run; {len(self.ledger.open())} requests have no definite answer")
        await self.customers.settle()
        await self.customers.repeat_acknowledged(30)
        self.say("every outcome is known")
        await until_rest(self.stack, REST_SECONDS)
        self.say("nothing is under way any more")

    def say(self, what: str) -> None:
        """Tell progress; `pytest -s`, and so `make chaos`, shows it."""
        print(f"  {time.monotonic() - self._began:7.1f} s  {what}", flush=True)

    def _revive(self) -> None:
        for part in ("postgres", "kafka", *SERVICES):
            if not self.stack.process(part).alive:
                self.stack.start(part, ready=False)
        self.stack.wait_ready(*SERVICES, patience=90)

    async def differences(self, invariant: str) -> str:
        """The sentences in which `holdfast reconcile` tells how an invariant is broken; empty where it holds."""
        told = await self.verdict("--json")
        checks = json.loads(told.stdout)["checks"]
        return "\n".join(line for one in checks if one["invariant"] == invariant for line in one["differences"] or ())

    async def verdict(self, *options: str) -> subprocess.CompletedProcess[str]:
        """What `holdfast reconcile` says of the stack, and of the ledger."""
        command = [
            sys.executable,
            "-m",
            "holdfast_cli.main",
            "reconcile",
            "--bootstrap",
            self.stack.bootstrap,
            "--wait",
            "30",
            "--ledger",
            str(self.ledger.path),
            *options,
        ]
        for service in SERVICES:
            command += ["--database", f"{service}={self.stack.database_url(service)}"]
        return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)

    async def judge(self) -> None:
        """Heal, and see that nothing is wrong. Raises AssertionError with what reconcile printed."""
        await self.heal()
        told = await self.verdict()
        self.say(f"reconcile ended with {told.returncode}")
        assert told.returncode == 0, f"seed {self.seed}\n{told.stdout}\n{told.stderr}"


def _concert(units: int) -> Mapping[str, object]:
    return {
        "kind": "event",
        "mode": "session",
        "title": "Stormy evening",
        "durationMinutes": 120,
        "status": "published",
        "tiers": [{"name": "Standard", "kind": "paid", "price": "25.00", "currency": "EUR", "quantity": units}],
    }


@asynccontextmanager
async def open_arena(stack: Stack, directory: Path, seed: int) -> AsyncIterator[Arena]:
    """An arena on a running stack."""
    tenant = await _own_tenant(stack)
    ledger = Ledger(directory / "ledger.jsonl", tenant)
    async with Customers(stack.gateway_url, tenant, stack.keys, ledger) as customers:
        yield Arena(stack, customers, seed)


async def _own_tenant(stack: Stack) -> str:
    """The first tenant: nobody else books there, so that every booking must be in the ledger (I4)."""
    return stack.tenants[0].id


def names(prefix: str, count: int) -> Iterable[str]:
    """So many accounts of one role."""
    return (f"{prefix}-{number}" for number in range(count))


def tally(statuses: Iterable[int]) -> str:
    """Statuses and how often, for a failure's words."""
    found: dict[int, int] = {}
    for status in statuses:
        found[status] = found.get(status, 0) + 1
    return json.dumps(found, sort_keys=True)
