"""What the gateway answers itself: visitors' sessions, operations, tenants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

from holdfast_contracts import envelope, ids
from holdfast_contracts.gateway import CreateTenant, UpdateTenant
from holdfast_contracts.message import Message
from holdfast_contracts.problems import ProblemCode, Refusal, invalid_fields, not_found
from holdfast_contracts.public.base import Page
from holdfast_contracts.public.tenants import CreateTenantDto, TenantDto, UpdateTenantDto
from holdfast_gateway.domain.registry import Registry
from holdfast_gateway.pipeline.admission import Admission
from holdfast_gateway.pipeline.authentication import PlatformGate, unauthenticated
from holdfast_gateway.pipeline.exchange import Exchange, HttpAnswer
from holdfast_gateway.pipeline.idempotency import request_hash
from holdfast_gateway.pipeline.intake import Intake, head_errors, take_in
from holdfast_gateway.pipeline.query_values import Paged, read_query
from holdfast_gateway.pipeline.results import Results
from holdfast_gateway.pipeline.routes import Local
from holdfast_gateway.pipeline.writes import NO_STORE, as_answer
from holdfast_gateway.ports import DependencyDown
from holdfast_gateway.repositories.tenants import TenantRepository
from holdfast_gateway.services.limits import RateLimiter, RouteClass
from holdfast_gateway.usecases.change_tenants import PLATFORM, tenant_body
from holdfast_gateway.usecases.issue_visitor_session import IssueVisitorSessionUseCase
from holdfast_platform import logs
from holdfast_platform.errors import InfrastructureDown, TooSlow, classify
from holdfast_platform.units.batcher import Batcher
from holdfast_platform.units.messages import Incoming

log = logs.get(__name__)
T = TypeVar("T")

_DATABASE_SECONDS: Final = 8.0
"""Longest wait for the gateway's own database; above the limits of a connection and of a statement."""
_REFRESH_SECONDS: Final = 2.0

OwnAnswer = Callable[[Local, Exchange], Awaitable[HttpAnswer]]


class Sessions:
    """POST /public/session."""

    def __init__(self, admission: Admission, issue: IssueVisitorSessionUseCase, most_bytes: int) -> None:
        self._admission = admission
        self._issue = issue
        self._most_bytes = most_bytes

    async def answer(self, route: Local, exchange: Exchange) -> HttpAnswer:
        """Return a guest token of the tenant that slug or host names. Raises Refusal."""
        tenant = self._admission.without_token(exchange, RouteClass.SESSION)
        await take_in(route, exchange, tenant, self._most_bytes)
        session = self._issue.execute(tenant.id)
        body = session.__pydantic_serializer__.to_json(session, by_alias=True)
        return HttpAnswer(route.status, body, headers=[NO_STORE])


class Operations:
    """GET /operations/:id."""

    def __init__(self, admission: Admission, results: Results) -> None:
        self._admission = admission
        self._results = results

    async def answer(self, route: Local, exchange: Exchange) -> HttpAnswer:
        """Return an operation to its caller, or to staff of the tenant. Raises Refusal."""
        caller, _ = await self._admission.with_token(route, exchange, RouteClass.READ)
        errors = head_errors(exchange)
        if errors:
            raise invalid_fields(errors)
        try:
            body = await self._results.operation(caller, UUID(exchange.parameters["id"]))
        except DependencyDown:
            raise Refusal(ProblemCode.DEPENDENCY_DOWN, "An owner does not answer at present.") from None
        return HttpAnswer(200, body, headers=[NO_STORE])


class Tenants:
    """/tenants, opened by the platform token."""

    def __init__(
        self,
        gate: PlatformGate,
        repository: TenantRepository,
        changes: Batcher[Registry],
        refresh: Callable[[], Awaitable[None]],
        rates: RateLimiter,
        most_bytes: int,
    ) -> None:
        self._gate = gate
        self._rates = rates
        self._repository = repository
        self._changes = changes
        self._refresh = refresh
        self._most_bytes = most_bytes

    async def list(self, route: Local, exchange: Exchange) -> HttpAnswer:
        """Return a page of tenants. Raises Refusal."""
        await self._admit(exchange)
        errors = head_errors(exchange, Paged)
        if errors:
            raise invalid_fields(errors)
        query = read_query(Paged, exchange.query)[0]
        assert isinstance(query, Paged)  # noqa: S101 - read_query returns what it was asked for
        found, total = await _asked(self._repository.page(query.page, query.limit))
        page = Page[TenantDto](data=found, total=total, page=query.page, limit=query.limit)
        return HttpAnswer(route.status, page.__pydantic_serializer__.to_json(page, by_alias=True), headers=[NO_STORE])

    async def get(self, route: Local, exchange: Exchange) -> HttpAnswer:
        """Return one tenant. Raises Refusal."""
        await self._admit(exchange)
        errors = head_errors(exchange)
        if errors:
            raise invalid_fields(errors)
        tenant = await _asked(self._repository.find(UUID(exchange.parameters["id"])))
        if tenant is None:
            raise not_found("tenant")
        return as_answer(route.status, tenant_body(tenant), str(tenant.version))

    async def create(self, route: Local, exchange: Exchange) -> HttpAnswer:
        """Add a tenant. Raises Refusal."""
        await self._admit(exchange)
        intake = await take_in(route, exchange, None, self._most_bytes)
        assert isinstance(intake.body, CreateTenantDto)  # noqa: S101 - the route's own model
        return await self._change(CreateTenant(body=intake.body), route, exchange, intake)

    async def update(self, route: Local, exchange: Exchange) -> HttpAnswer:
        """Change a tenant. Raises Refusal."""
        await self._admit(exchange)
        intake = await take_in(route, exchange, None, self._most_bytes)
        assert isinstance(intake.body, UpdateTenantDto)  # noqa: S101 - the route's own model
        tenant_id = UUID(exchange.parameters["id"])
        message = UpdateTenant(tenant_id=tenant_id, body=intake.body, if_match=intake.if_match)
        return await self._change(message, route, exchange, intake)

    async def _admit(self, exchange: Exchange) -> None:
        if b"authorization" in exchange.repeated:
            raise unauthenticated("One bearer token is needed.")
        await self._gate.check(exchange.headers.get(b"authorization"))
        self._rates.admit(RouteClass.WRITE, None, exchange.address)

    async def _change(self, message: Message, route: Local, exchange: Exchange, intake: Intake) -> HttpAnswer:
        given = Incoming(
            ids.command_id(PLATFORM, "platform", intake.key),
            PLATFORM,
            message,
            headers=_headers(route, exchange, intake),
        )
        answer = await _asked(self._changes.submit(given))
        await self._show_at_once()
        return as_answer(answer.status, answer.body, answer.etag)

    async def _show_at_once(self) -> None:
        """Let requests see a change. It is committed: where this fails the answer stays, and a sweeper comes soon."""
        try:
            async with asyncio.timeout(_REFRESH_SECONDS):
                await self._refresh()
        except Exception:
            log.warning("tenants not read again after a change", exc_info=True)


async def _asked(asking: Awaitable[T]) -> T:
    """Return what the database says. Raises Refusal (503) where it does not answer."""
    try:
        async with asyncio.timeout(_DATABASE_SECONDS):
            return await asking
    except Exception as error:
        if isinstance(classify(error), InfrastructureDown | TooSlow):
            detail = "The database does not answer at present; repeat with the same key."
            raise Refusal(ProblemCode.DEPENDENCY_DOWN, detail) from error
        raise


def _headers(route: Local, exchange: Exchange, intake: Intake) -> Mapping[str, str]:
    return {
        envelope.HASH: request_hash(exchange.method, exchange.path, sent_only(intake.body)),
        envelope.OPERATION: route.operation,
        envelope.SUBJECT: "platform",
        envelope.INSTANCE: exchange.path,
        envelope.CE_CORRELATION: exchange.correlation,
    }


def sent_only(body: Any) -> bytes:  # noqa: ANN401 - any body
    """Return the canonical JSON of what was sent of a body: a change of nothing is not a change to null."""
    encoded: bytes = body.__pydantic_serializer__.to_json(body, by_alias=True, exclude_unset=True)
    return encoded
