"""Who may: the checks that come before the body is looked at: 401, tenant, 403, 429 [spec/10, order of checks]."""

from __future__ import annotations

from holdfast_contracts.problems import ProblemCode, Refusal, not_found
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.domain.tenant import Tenant
from holdfast_gateway.pipeline.authentication import Authenticator, unauthenticated
from holdfast_gateway.pipeline.exchange import Exchange
from holdfast_gateway.pipeline.routes import Route
from holdfast_gateway.services.limits import RateLimiter, RouteClass
from holdfast_gateway.services.tenants import TenantDirectory
from holdfast_platform import logs


class Admission:
    """Lets a request in, or says why not."""

    def __init__(self, authenticator: Authenticator, tenants: TenantDirectory, rates: RateLimiter) -> None:
        self._authenticator = authenticator
        self._tenants = tenants
        self._rates = rates

    async def with_token(self, route: Route, exchange: Exchange, kind: RouteClass) -> tuple[Caller, Tenant]:
        """Return caller and tenant of a request with a bearer token. Raises Refusal."""
        if b"authorization" in exchange.repeated:
            raise unauthenticated("One bearer token is needed.")
        caller = await self._authenticator.caller(exchange.headers.get(b"authorization"))
        tenant = self._tenant_of(caller)
        logs.tenant.set(tenant.id_text)
        self._refuse_another_tenant(tenant, exchange)
        if route.scopes.isdisjoint(caller.scopes):
            wanted = " or ".join(sorted(route.scopes))
            raise Refusal(ProblemCode.FORBIDDEN, f"The token needs the scope {wanted}.")
        self._rates.admit(kind, tenant.id_text, exchange.address)
        return caller, tenant

    def without_token(self, exchange: Exchange, kind: RouteClass) -> Tenant:
        """Return the tenant that slug or host name. Raises Refusal: 404 where none is open, 429."""
        tenant = self.named(exchange)
        if tenant is None or not tenant.is_open:
            raise not_found("tenant")
        logs.tenant.set(tenant.id_text)
        self._rates.admit(kind, tenant.id_text, exchange.address)
        return tenant

    def named(self, exchange: Exchange) -> Tenant | None:
        """Return the tenant that `X-Tenant-Slug`, else `Host` names."""
        slug = exchange.header(b"x-tenant-slug")
        if slug is not None:
            return self._tenants.by_slug(slug)
        host = exchange.header(b"host")
        return self._tenants.by_host(host) if host else None

    def _tenant_of(self, caller: Caller) -> Tenant:
        """Return the caller's tenant; one that is unknown, suspended or closed answers 404 like every foreign id."""
        tenant = self._tenants.by_id(caller.tenant_id)
        if tenant is None or not tenant.is_open:
            raise not_found("tenant")
        return tenant

    def _refuse_another_tenant(self, tenant: Tenant, exchange: Exchange) -> None:
        slug = exchange.headers.get(b"x-tenant-slug")
        if slug is not None and slug.decode("latin-1") != tenant.state.slug:
            raise another_tenant()
        if slug is None and (host := exchange.header(b"host")) is not None:
            named = self._tenants.by_host(host)
            if named is not None and named is not tenant:
                raise another_tenant()


def another_tenant() -> Refusal:
    """Return the 403 for a tenant in the request that differs from the token's."""
    return Refusal(ProblemCode.TENANT_MISMATCH, "The request names another tenant than the token.")
