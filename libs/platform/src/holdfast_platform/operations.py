"""`GET /internal/operations/{id}`: the stored result of a command, for the gateway."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from holdfast_contracts import envelope
from holdfast_contracts.problems import not_found
from holdfast_contracts.values import show_instant
from holdfast_platform.database.pool import Database
from holdfast_platform.inbox import store
from holdfast_platform.internal import InternalTokens

OUTCOME: str = "hf-outcome"
RECEIVED: str = "hf-received"
TYPE: str = "hf-type"


def operations_router(requests: Database, tokens: InternalTokens) -> APIRouter:
    """Return the route. Body: the stored answer's bytes; headers tell its status, `ETag`, outcome, operation and hash.

    By the hash a gateway knows whether the result is that of its own request, or of another one with the same key.
    """
    router = APIRouter()

    @router.get("/internal/operations/{operation_id}")
    async def get_operation(request: Request, operation_id: UUID) -> Response:
        caller = tokens.caller(request)
        async with requests.tenant(caller.tenant_id) as connection:
            found = await store.find(connection, operation_id)
        if found is None or (found.subject != caller.subject and not caller.staff):
            raise not_found("operation")
        headers = {OUTCOME: found.outcome, TYPE: found.type, RECEIVED: show_instant(found.received_at)}
        if found.operation is not None:
            headers[envelope.OPERATION] = found.operation
        if found.request_hash is not None:
            headers[envelope.HASH] = found.request_hash
        if found.answer is None:
            return Response(b"", 200, headers)
        headers[envelope.REPLY_STATUS] = str(found.answer.status)
        headers[envelope.REPLY_KIND] = found.answer.kind
        if found.answer.etag is not None:
            headers[envelope.REPLY_ETAG] = found.answer.etag
        return Response(found.answer.body, 200, headers, media_type="application/json")

    return router
