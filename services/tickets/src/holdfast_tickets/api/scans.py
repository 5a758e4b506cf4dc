"""`POST /internal/scans`: scans that travel together go to the unit of work together."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from holdfast_contracts import envelope
from holdfast_contracts.internal import ScanCall, ScanCodes
from holdfast_contracts.tickets import ScanCode
from holdfast_platform.internal import InternalTokens, body_response, coalesced_calls
from holdfast_platform.units.batcher import Batcher
from holdfast_platform.units.messages import Answer, Incoming
from holdfast_tickets.domain.roster import Roster

OPERATION = {"any": "ScanCode", "ticket": "ScanTicket", "booking": "ScanBooking"}


def scans_router(batcher: Batcher[Roster], tokens: InternalTokens) -> APIRouter:
    """Return the route."""
    router = APIRouter()

    @router.post("/internal/scans")
    async def scan(request: Request) -> Response:
        caller, body = tokens.caller(request), await request.body()
        calls = coalesced_calls(lambda: ScanCodes.decode(body).calls, caller)
        answers = await asyncio.gather(*(batcher.submit(_incoming(call)) for call in calls))
        told = b",".join(_told(call, answer) for call, answer in zip(calls, answers, strict=True))
        return body_response(b'{"answers":[%b]}' % told)

    return router


def _incoming(call: ScanCall) -> Incoming[ScanCode]:
    command = call.command
    headers = {
        envelope.HASH: call.hash,
        envelope.SUBJECT: command.actor.subject,
        envelope.INSTANCE: call.instance,
        envelope.OPERATION: OPERATION.get(command.target, "ScanCode"),
    }
    if call.correlation:
        headers[envelope.CE_CORRELATION] = call.correlation
    return Incoming(call.command_id, call.tenant, command, headers=headers)


def _told(call: ScanCall, answer: Answer) -> bytes:
    """Return the answer of one call; the body is JSON already."""
    return b'{"id":"%b","status":%d,"etag":null,"body":%b}' % (call.id.encode(), answer.status, answer.body)
