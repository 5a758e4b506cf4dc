"""Customers and doors as chaos knows them: each request has a key; each answer, or its absence, is written down."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import aiohttp
from tests.chaos.ledger import Ask, Ledger, Told

from holdfast_contracts.enums import Role
from holdfast_local.keys import StackKeys
from holdfast_local.tokens import mint

PATIENCE_SECONDS = 30.0
SETTLE_SECONDS = 90.0
BREATH_SECONDS = 0.3


class Customers:
    """Everybody who talks to the gateway in a run. Use as an async context manager."""

    def __init__(self, gateway: str, tenant_id: str, keys: StackKeys, ledger: Ledger) -> None:
        self.ledger = ledger
        self._gateway = gateway
        self._tenant_id = tenant_id
        self._keys = keys
        self._tokens: dict[str, str] = {}
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Customers:
        self._http = aiohttp.ClientSession(
            self._gateway,
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(PATIENCE_SECONDS),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()

    def _token(self, subject: str) -> str:
        """A token of the role that the subject's name begins with: `guest-3`, `door-1`, `owner-0`."""
        if subject not in self._tokens:
            role = Role(subject.split("-", 1)[0])
            self._tokens[subject] = mint(self._keys.jwt_hs256_key, self._tenant_id, role, subject)
        return self._tokens[subject]

    async def ask(self, ask: Ask) -> Told:
        """Send a request once and write down what came back, or that nothing did."""
        told = await self._send(ask)
        self.ledger.write(ask, told)
        if not told.definite:
            await asyncio.sleep(BREATH_SECONDS)  # as a person would, who does not hammer a door that is shut
        return told

    async def _send(self, ask: Ask) -> Told:
        assert self._http is not None
        headers = {"Authorization": f"Bearer {self._token(ask.subject)}"}
        if ask.key is not None:
            headers["Idempotency-Key"] = ask.key
        try:
            async with self._http.request(ask.method, ask.path, json=ask.body, headers=headers) as response:
                return Told(response.status, await response.read())
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Told(0)

    async def create(self, subject: str, body: Mapping[str, Any], key: str | None = None) -> Told:
        """`POST /bookings`."""
        return await self.ask(Ask("CreateBooking", "POST", "/bookings", key or _key(), subject, body))

    async def cancel(self, subject: str, booking: str) -> Told:
        """`PATCH /bookings/:id/cancel`."""
        path = f"/bookings/{booking}/cancel"
        return await self.ask(Ask("CancelBooking", "PATCH", path, _key(), subject, {"reason": "Chaos"}, booking))

    async def hold(self, subject: str, body: Mapping[str, Any]) -> Told:
        """`POST /bookings/holds`."""
        return await self.ask(Ask("PlaceHold", "POST", "/bookings/holds", _key(), subject, body))

    async def release(self, subject: str, hold: str) -> Told:
        """`DELETE /bookings/holds/:id`."""
        return await self.ask(Ask("ReleaseHold", "DELETE", f"/bookings/holds/{hold}", _key(), subject))

    async def read(self, subject: str, booking: str) -> Told:
        """`GET /bookings/:id`."""
        return await self.ask(Ask("GetBookingById", "GET", f"/bookings/{booking}", None, subject, booking=booking))

    async def tickets(self, subject: str, booking: str) -> list[dict[str, Any]]:
        """The tickets of a booking; none while they are being made."""
        told = await self.ask(Ask("GetTickets", "GET", f"/bookings/{booking}/tickets", None, subject))
        return told.json if told.status == 200 else []

    async def scan(self, door: str, code: str, nonce: str | None = None) -> Told:
        """`POST /bookings/scan`."""
        body = {"code": code, "gate": "North", "deviceId": door, "nonce": nonce or _key()}
        return await self.ask(Ask("ScanTicket", "POST", "/bookings/scan", _key(), door, body))

    async def settle(self) -> None:
        """Repeat under its key every request whose outcome is unknown, until it is known.

        Raises TimeoutError where some answer never becomes definite.
        """
        deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
        while waiting := self.ledger.open():
            if asyncio.get_running_loop().time() > deadline:
                msg = f"{len(waiting)} requests have no definite answer, such as {waiting[0]}"
                raise TimeoutError(msg)
            for start in range(0, len(waiting), 50):
                await asyncio.gather(*(self.ask(ask) for ask in waiting[start : start + 50]))
            await asyncio.sleep(0.2)

    async def repeat_acknowledged(self, most: int) -> None:
        """Ask again what was acknowledged: the ledger then shows whether the same key gets the same bytes (I5)."""
        done = [
            ask
            for key, ask in self.ledger.asked.items()
            if ask.operation == "CreateBooking" and any(told.good for told in self.ledger.told[key])
        ]
        await asyncio.gather(*(self.ask(ask) for ask in done[:most]))


def _key() -> str:
    return str(uuid.uuid4())
