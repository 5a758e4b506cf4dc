"""The gateway: builds and wires, decides nothing."""

from __future__ import annotations

import random
from collections.abc import Mapping

from holdfast_contracts.topics import GATEWAY_REPLIES
from holdfast_gateway.adapters.issuer_keys import PublishedKeys, SharedKey
from holdfast_gateway.adapters.kafka_bus import KafkaBus
from holdfast_gateway.adapters.owners_http import HttpOwners
from holdfast_gateway.api.table import DOCUMENT_PATHS, ROUTES
from holdfast_gateway.documents.site import documents_app
from holdfast_gateway.handlers.tenants import TenantWork
from holdfast_gateway.pipeline.assembly import Ports, assemble, authenticator, rate_limiter
from holdfast_gateway.pipeline.authentication import PlatformGate
from holdfast_gateway.pipeline.door import public_door
from holdfast_gateway.pipeline.own import OwnAnswer, Tenants
from holdfast_gateway.pipeline.waiting import EndOfWaits, Waiters
from holdfast_gateway.ports import VerificationKeys
from holdfast_gateway.repositories.operations import OperationRepository, forget_old_operations
from holdfast_gateway.repositories.tenants import TenantRepository
from holdfast_gateway.services.keeping import TenantKeeping
from holdfast_gateway.services.tenants import TenantDirectory
from holdfast_gateway.settings import GatewaySettings
from holdfast_platform.internal import InternalTokens
from holdfast_platform.lifecycle import HttpServer, Service
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.replies import ReplyListener
from holdfast_platform.service import Frame, run
from holdfast_platform.settings import read_settings


def build(settings: GatewaySettings) -> Service:
    """Return the service, ready to run."""
    frame = Frame("gateway", settings)
    directory = TenantDirectory(settings.tenant_base_domain)
    repository = TenantRepository(frame.sweeper)
    keeping = TenantKeeping(repository, directory, frame.consumer, frame.relay.wake)
    owners = http_owners(settings, frame.tokens)
    bus = KafkaBus(lambda: make_producer(settings))
    waiters = Waiters(random.randrange(GATEWAY_REPLIES.partitions))  # noqa: S311 - replicas may share one
    ear = ReplyListener(settings, waiters.partition, waiters.hear)
    keys = verification_keys(settings)
    ports = Ports(directory, keys, owners, bus, waiters, OperationRepository(frame.requests, settings.promise_seconds))
    gate = platform_gate(settings, keys)
    pipelines = assemble(settings, ports, tenant_routes(settings, frame, repository, keeping, gate))
    documents = documents_app(enabled=settings.docs_enabled)
    paths = DOCUMENT_PATHS if settings.docs_enabled else ()
    door = HttpServer(
        public_door(ROUTES, pipelines, documents, paths),
        settings.http_host,
        settings.http_port,
        trusted_proxies=settings.trusted_proxies,
    )
    frame.health.add("tenants", lambda: keeping.problem)
    frame.health.add("producer", lambda: bus.problem)
    frame.health.add("replies", lambda: ear.ready)
    for part in (keeping, owners, bus, ear, door, EndOfWaits(waiters, settings.drain_answer_seconds)):
        frame.add_front(part)
    _sweep(frame, settings, keeping)
    return frame.build()


def _sweep(frame: Frame, settings: GatewaySettings, keeping: TenantKeeping) -> None:
    days = settings.inbox_retention_days
    frame.sweep_every("tenants-refresh", settings.tenants_refresh_seconds, keeping.refresh_again)
    frame.sweep_every("tenants-republish", settings.tenants_republish_seconds, keeping.announce)
    frame.sweep_every(
        "operations", settings.retention_sweep_seconds, lambda: forget_old_operations(frame.sweeper, days)
    )


def http_owners(settings: GatewaySettings, tokens: InternalTokens) -> HttpOwners:
    """Return the owners over HTTP."""
    urls = {
        "inventory": settings.inventory_url,
        "booking": settings.booking_url,
        "tickets": settings.tickets_url,
        "calendar": settings.calendar_url,
    }
    return HttpOwners(
        urls, tokens, timeout_seconds=settings.owner_timeout_seconds, connections=settings.owner_connections
    )


def verification_keys(settings: GatewaySettings) -> VerificationKeys:
    """Return the keys of the one algorithm that is configured."""
    if settings.jwks_url is None or settings.algorithm == "HS256":
        assert settings.jwt_hs256_key is not None  # noqa: S101 - the settings have refused to be without
        return SharedKey(settings.jwt_hs256_key.get_secret_value())
    return PublishedKeys(
        settings.jwks_url,
        settings.algorithm,
        refresh_seconds=settings.jwks_refresh_seconds,
        timeout_seconds=settings.jwks_timeout_seconds,
    )


def platform_gate(settings: GatewaySettings, keys: VerificationKeys) -> PlatformGate:
    """Return what opens /tenants."""
    token = settings.platform_token.get_secret_value() if settings.platform_token is not None else None
    return PlatformGate(token, authenticator(settings, keys).caller)


def tenant_routes(
    settings: GatewaySettings, frame: Frame, repository: TenantRepository, keeping: TenantKeeping, gate: PlatformGate
) -> Mapping[str, OwnAnswer]:
    """Return what serves /tenants."""
    changes = frame.batcher(frame.unit("gateway.tenants", TenantWork()))
    tenants = Tenants(gate, repository, changes, keeping.refresh, rate_limiter(settings), settings.max_body_bytes)
    return {
        "ListTenants": tenants.list,
        "CreateTenant": tenants.create,
        "GetTenant": tenants.get,
        "UpdateTenant": tenants.update,
    }


def main() -> None:
    """Run until told to stop."""
    run(build(read_settings(GatewaySettings)))


if __name__ == "__main__":
    main()
