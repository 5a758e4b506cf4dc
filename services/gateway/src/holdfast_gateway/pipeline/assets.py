"""Assets of a booking, opened by a link: wrong, expired, unknown, cancelled answer the same 404 [spec/02]."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode

from holdfast_contracts.enums import Role
from holdfast_contracts.problems import ProblemCode, Refusal, not_found
from holdfast_contracts.scopes import Scope
from holdfast_gateway.domain.caller import Caller, make_caller
from holdfast_gateway.domain.tenant import Tenant
from holdfast_gateway.pipeline.admission import Admission
from holdfast_gateway.pipeline.exchange import Exchange, Header, HttpAnswer
from holdfast_gateway.pipeline.questions import Questions
from holdfast_gateway.pipeline.reads import Reads, checked_query
from holdfast_gateway.pipeline.routes import Read
from holdfast_gateway.pipeline.routing import parameter_errors
from holdfast_gateway.ports import DependencyDown
from holdfast_gateway.services.limits import RateLimiter, RouteClass
from holdfast_gateway.services.tenants import TenantDirectory
from holdfast_platform.links import LinkSigner

_SIGNATURE: Final = ("exp", "kid", "sig")
QUIET: Final[list[Header]] = [
    (b"cache-control", b"private, no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex"),
]
SUBJECT: Final = "asset-link"
"""`sub` of internal calls behind a link: it may read the one booking that the link names."""


@dataclass(frozen=True, slots=True)
class _Door:
    tenants: TenantDirectory
    signer: LinkSigner


class Assets:
    """Serves links in mails and wallets, without a token."""

    def __init__(
        self,
        admission: Admission,
        tenants: TenantDirectory,
        signer: LinkSigner,
        rates: RateLimiter,
        questions: Questions,
        reads: Reads,
    ) -> None:
        self._admission = admission
        self._door = _Door(tenants, signer)
        self._rates = rates
        self._questions = questions
        self._reads = reads

    async def answer(self, route: Read, exchange: Exchange) -> HttpAnswer:
        """Serve one request. Raises Refusal."""
        answer = await self._open(route, exchange)
        answer.headers = [header for header in answer.headers if header[0] != b"cache-control"] + QUIET
        return answer

    async def _open(self, route: Read, exchange: Exchange) -> HttpAnswer:
        self._rates.admit(RouteClass.READ, None, exchange.address)
        tenant = self._tenant(exchange)
        if tenant is None or parameter_errors(exchange.parameters):
            raise not_found("asset")
        query = _without_signature(checked_query(route, exchange))
        caller = _link_caller(tenant)
        try:
            live = await self._questions.is_live(exchange.parameters["id"], caller, exchange.path)
        except DependencyDown:
            raise Refusal(ProblemCode.DEPENDENCY_DOWN, "booking does not answer at present.") from None
        if not live:
            raise not_found("asset")
        return await self._same_404(route, exchange, query, caller)

    async def _same_404(self, route: Read, exchange: Exchange, query: str, caller: Caller) -> HttpAnswer:
        answer = await self._reads.ask(route, exchange, query, caller)
        if answer.status == 404:
            raise not_found("asset")
        return answer

    def _tenant(self, exchange: Exchange) -> Tenant | None:
        """Return the tenant whose link it is, or whose assets are open; never one that the request contradicts."""
        named = self._admission.named(exchange)
        given = dict(parse_qsl(exchange.query.decode("latin-1"), keep_blank_values=True))
        if not any(name in given for name in _SIGNATURE):
            return named if named is not None and named.is_open and named.opens_assets_by_id else None
        tenant = self._signed(exchange, given)
        contradicted = named is not tenant and (named is not None or b"x-tenant-slug" in exchange.headers)
        return None if contradicted else tenant

    def _signed(self, exchange: Exchange, given: dict[str, str]) -> Tenant | None:
        exp, kid, sig = (given.get(name, "") for name in _SIGNATURE)
        tenant_id = self._door.signer.verify("GET", exchange.path, exp, kid, sig, datetime.now(UTC))
        tenant = self._door.tenants.by_id(tenant_id) if tenant_id is not None else None
        return tenant if tenant is not None and tenant.is_open else None


def _link_caller(tenant: Tenant) -> Caller:
    return make_caller(tenant.id, SUBJECT, Role.SERVICE.value, Scope.BOOKINGS_READ.value, 0.0)


def _without_signature(query: str) -> str:
    return urlencode([(name, value) for name, value in parse_qsl(query) if name not in _SIGNATURE])
