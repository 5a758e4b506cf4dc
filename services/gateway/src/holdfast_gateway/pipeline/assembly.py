"""Builds the pipelines from settings and ports: the same for the service, for tests and for benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_gateway.domain.buckets import Allowance
from holdfast_gateway.pipeline.admission import Admission
from holdfast_gateway.pipeline.assets import Assets
from holdfast_gateway.pipeline.authentication import SESSION_ISSUER, Authenticator, Issuer
from holdfast_gateway.pipeline.coalescer import Coalescer
from holdfast_gateway.pipeline.door import NotBuilt, Pipelines
from holdfast_gateway.pipeline.own import Operations, OwnAnswer, Sessions
from holdfast_gateway.pipeline.questions import Questions
from holdfast_gateway.pipeline.reads import Reads
from holdfast_gateway.pipeline.results import Results
from holdfast_gateway.pipeline.routes import Owner
from holdfast_gateway.pipeline.scans import Scans
from holdfast_gateway.pipeline.waiting import Waiters
from holdfast_gateway.pipeline.writes import Writes
from holdfast_gateway.ports import CommandBus, OperationStore, Owners, VerificationKeys
from holdfast_gateway.services.limits import InFlight, RateLimiter, RouteClass, Turns
from holdfast_gateway.services.tenants import TenantDirectory
from holdfast_gateway.settings import GatewaySettings
from holdfast_gateway.usecases.issue_visitor_session import IssueVisitorSessionUseCase
from holdfast_platform.links import LinkSigner


@dataclass(frozen=True, slots=True)
class Ports:
    """What the pipelines stand on."""

    tenants: TenantDirectory
    keys: VerificationKeys
    owners: Owners
    bus: CommandBus
    waiters: Waiters
    operations: OperationStore


def assemble(settings: GatewaySettings, ports: Ports, tenant_routes: Mapping[str, OwnAnswer]) -> Pipelines:
    """Return a pipeline for each kind of route; `tenant_routes` serve /tenants."""
    key = session_key(settings)
    rates = rate_limiter(settings)
    admission = Admission(authenticator(settings, ports.keys), ports.tenants, rates)
    in_flight = InFlight(settings.commands_in_flight)
    results = Results(ports.owners, ports.operations)
    most = settings.coalesced_most
    questions = Questions(
        ports.owners,
        Coalescer(ports.owners, Owner.BOOKING, "/internal/bookings/read", most),
        ready_seconds=settings.ready_wait_seconds,
        poll_seconds=settings.ready_poll_seconds,
        document_seconds=settings.document_timeout_seconds,
    )
    reads = Reads(admission, questions)
    signer = LinkSigner(settings.asset_link_key.get_secret_value(), settings.public_url)
    issue = IssueVisitorSessionUseCase(
        key, SESSION_ISSUER, settings.jwt_audience, timedelta(hours=settings.session_hours)
    )
    own: dict[str, OwnAnswer] = {
        "IssueVisitorSession": Sessions(admission, issue, settings.max_body_bytes).answer,
        "GetOperation": Operations(admission, results).answer,
        **tenant_routes,
    }
    turns = Turns(settings.commands_at_owners)
    return Pipelines(
        writes=Writes(admission, ports.bus, ports.waiters, results, ports.operations, in_flight, turns, settings),
        reads=reads,
        scans=Scans(admission, Coalescer(ports.owners, Owner.TICKETS, "/internal/scans", most), in_flight, settings),
        assets=Assets(admission, ports.tenants, signer, rates, questions, reads),
        planned=NotBuilt(admission),
        own=own,
    )


def authenticator(settings: GatewaySettings, keys: VerificationKeys) -> Authenticator:
    """Return who reads bearer tokens."""
    issuer = Issuer(settings.jwt_issuer, settings.jwt_audience, settings.algorithm)
    return Authenticator(issuer, keys, session_key(settings))


def session_key(settings: GatewaySettings) -> str:
    """Return the key of visitors' tokens. The settings have refused to be without one."""
    key = settings.session_key
    if key is None:
        raise Refusal(ProblemCode.INTERNAL_ERROR, "SESSION_TOKEN_KEY is not set.")
    return key


def rate_limiter(settings: GatewaySettings) -> RateLimiter:
    """Return the limits of each class of routes."""
    return RateLimiter(
        {
            RouteClass.WRITE: Allowance(settings.write_rate, settings.write_burst),
            RouteClass.READ: Allowance(settings.read_rate, settings.read_burst),
            RouteClass.SESSION: Allowance(settings.session_rate, settings.session_burst),
        }
    )
