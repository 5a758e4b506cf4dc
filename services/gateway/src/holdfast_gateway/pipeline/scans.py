"""The pipeline of a door: decided by tickets, travelling with other scans, answered by result [spec/05, Scanning]."""

from __future__ import annotations

import orjson

from holdfast_contracts import ids
from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.domain.tenant import Tenant
from holdfast_gateway.pipeline.admission import Admission
from holdfast_gateway.pipeline.coalescer import Coalescer
from holdfast_gateway.pipeline.exchange import Exchange, HttpAnswer
from holdfast_gateway.pipeline.idempotency import request_hash
from holdfast_gateway.pipeline.intake import Intake, take_in
from holdfast_gateway.pipeline.routes import Scan
from holdfast_gateway.pipeline.writes import as_answer
from holdfast_gateway.ports import DependencyDown
from holdfast_gateway.services.limits import InFlight, RouteClass
from holdfast_gateway.settings import GatewaySettings


class Scans:
    """Serves scans."""

    def __init__(
        self, admission: Admission, tickets: Coalescer, in_flight: InFlight, settings: GatewaySettings
    ) -> None:
        self._admission = admission
        self._tickets = tickets
        self._in_flight = in_flight
        self._settings = settings

    async def answer(self, route: Scan, exchange: Exchange) -> HttpAnswer:
        """Serve one request. Raises Refusal."""
        caller, tenant = await self._admission.with_token(route, exchange, RouteClass.WRITE)
        self._in_flight.enter(tenant.id_text)
        try:
            intake = await take_in(route, exchange, tenant, self._settings.max_body_bytes, caller)
            found = await self._tickets.ask(tenant.id, scan_call(route, exchange, caller, tenant, intake))
        except DependencyDown as down:
            detail = "tickets does not answer at present; repeat with the same key."
            raise Refusal(ProblemCode.DEPENDENCY_DOWN, detail) from down
        finally:
            self._in_flight.leave(tenant.id_text)
        return as_answer(found.status, found.body, found.etag)


def scan_call(route: Scan, exchange: Exchange, caller: Caller, tenant: Tenant, intake: Intake) -> bytes:
    """Return the inside of a ScanCall: the command with the id and hash that make a repeat harmless (I5, I7)."""
    head = orjson.dumps(
        {
            "tenant": tenant.id,
            "commandId": ids.command_id(tenant.id, caller.subject, intake.key),
            "hash": request_hash(exchange.method, exchange.path, intake.body_json),
            "instance": exchange.path,
            "correlation": exchange.correlation,
        }
    )
    command = b'{"tenant":%b,"actor":%b,"ifMatch":null,"body":%b,"target":"%b"}' % (
        tenant.facts_json,
        caller.actor_json,
        intake.body_json,
        route.target.encode(),
    )
    return b'%b,"command":%b' % (head[1:-1], command)
