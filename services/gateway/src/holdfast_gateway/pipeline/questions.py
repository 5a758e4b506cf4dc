"""Asking an owner for the body of a read: one call, or travelling with others; patient where events lag."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Final

import orjson

from holdfast_contracts.problems import ProblemCode, Refusal, not_found
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.pipeline.coalescer import Coalescer
from holdfast_gateway.pipeline.routes import Read
from holdfast_gateway.ports import DependencyDown, OwnerAnswer, Owners

_NOT_READY: Final = ProblemCode.NOT_READY.encode()
_ONE_TICKET: Final = "ticketId="
"""Who names a ticket has seen it, or guesses."""
_ANYTHING_BUT_LIVE: Final = frozenset({"cancelled", "expired", "waitlisted"})
"""A booking in these has no ticket and no place in a calendar."""


class Questions:
    """Asks the owners in the name of callers. Raises Refusal: 503 where an owner does not answer."""

    def __init__(
        self, owners: Owners, bookings: Coalescer, *, ready_seconds: float, poll_seconds: float, document_seconds: float
    ) -> None:
        self._owners = owners
        self._bookings = bookings
        self._ready_seconds = ready_seconds
        self._poll_seconds = poll_seconds
        self._document_seconds = document_seconds

    async def ask(
        self, route: Read, parameters: Mapping[str, str], query: str, caller: Caller, path: str
    ) -> OwnerAnswer:
        """Return the owner's answer."""
        try:
            if route.coalesced:
                return await self.booking(parameters["id"], caller, path)
            internal = _filled(route.internal, parameters, query)
            if route.lagging:
                return await self._when_ready(route, internal, parameters["id"], caller, path)
            return await self._get(route, internal, caller, path)
        except DependencyDown as down:
            raise Refusal(ProblemCode.DEPENDENCY_DOWN, f"{route.owner} does not answer at present.") from down

    async def booking(self, booking_id: str, caller: Caller, path: str) -> OwnerAnswer:
        """Return a booking as booking answers this caller; such reads travel together. Raises DependencyDown."""
        fields = orjson.dumps({"tenant": caller.tenant_id, "bookingId": booking_id, "instance": path})
        return await self._bookings.ask(caller.tenant_id, b'%b,"actor":%b' % (fields[1:-1], caller.reader_json))

    async def is_live(self, booking_id: str, caller: Caller, path: str) -> bool:
        """Tell whether a booking exists and is not cancelled. Raises DependencyDown."""
        answer = await self.booking(booking_id, caller, path)
        return answer.status == 200 and orjson.loads(answer.body).get("status") not in _ANYTHING_BUT_LIVE

    async def _get(self, route: Read, internal: str, caller: Caller, path: str) -> OwnerAnswer:
        seconds = self._document_seconds if route.is_document else None
        return await self._owners.get(route.owner, internal, caller, path, seconds=seconds)

    async def _when_ready(self, route: Read, internal: str, booking_id: str, caller: Caller, path: str) -> OwnerAnswer:
        """Ask until what is made by an event is there, at most for a moment [spec/10, Tickets, links, calendars]."""
        until = time.monotonic() + self._ready_seconds
        answer = await self._get(route, internal, caller, path)
        # Whoever keeps a copy cannot tell a booking that is on its way from one that never was: booking can.
        if answer.status == 404 and (await self.booking(booking_id, caller, path)).status != 200:
            raise not_found("booking")
        about_one_ticket = "ticketId" in route.parameters or _ONE_TICKET in internal
        while _is_late(answer, about_one_ticket) and time.monotonic() < until:
            await asyncio.sleep(self._poll_seconds)
            answer = await self._get(route, internal, caller, path)
        return _not_made_yet(route) if _is_late(answer, about_one_ticket) else answer


def _is_late(answer: OwnerAnswer, about_one_ticket: bool) -> bool:
    """Tell whether an answer may still come: of one ticket only where the owner says so itself."""
    return answer.status == 404 and (not about_one_ticket or _NOT_READY in answer.body)


def _not_made_yet(route: Read) -> OwnerAnswer:
    """Return what is said of a booking that exists while its reaction has not come: no tickets yet, or 404."""
    if route.shape is not None:
        return OwnerAnswer(200, b"[]")
    raise Refusal(ProblemCode.NOT_READY, "It is being made; ask again in a moment.")


def _filled(template: str, parameters: Mapping[str, str], query: str) -> str:
    """Return the internal path; parameters are UUIDs or codes, checked before."""
    path = template
    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", value)
    return f"{path}?{query}" if query else path
