"""The one pipeline of all writes on the bus [spec/02 "How a write answers"; design/interleavings.md, Answers]."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson

from holdfast_contracts import envelope, ids
from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_contracts.values import show_instant
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.domain.tenant import Tenant
from holdfast_gateway.pipeline.admission import Admission
from holdfast_gateway.pipeline.exchange import PROBLEM, Exchange, Header, HttpAnswer
from holdfast_gateway.pipeline.idempotency import Patience, read_patience, request_hash
from holdfast_gateway.pipeline.intake import Intake, check_sender, take_in
from holdfast_gateway.pipeline.results import ORDER, Result, Results, pending_body
from holdfast_gateway.pipeline.routes import Call, Write
from holdfast_gateway.pipeline.waiting import Waiter, Waiters
from holdfast_gateway.ports import BusDown, CommandBus, NotHandedOver, Operation, OperationStore, OwnerDown
from holdfast_gateway.services.limits import InFlight, RouteClass
from holdfast_gateway.settings import GatewaySettings
from holdfast_platform.units.messages import Answer

_SOURCE: Final = b"holdfast/gateway"
_SPECVERSION: Final = envelope.SPECVERSION.encode()
_JSON: Final = b"application/json"
NO_STORE: Final[Header] = (b"cache-control", b"private, no-store")


@dataclass(frozen=True, slots=True)
class Command:
    """A write that is on its way: what the steps of the pipeline share."""

    route: Write
    exchange: Exchange
    caller: Caller
    tenant: Tenant
    call: Call
    intake: Intake
    patience: Patience
    deadline: float

    @property
    def id(self) -> UUID:
        """The command's id, and that of its operation."""
        return self.call.command_id

    def left(self) -> float:
        """Seconds until the caller gets a 202."""
        return max(0.0, self.deadline - time.monotonic())


class Writes:
    """Validates, publishes, waits, answers. Keeps nothing of its own but for a 202."""

    def __init__(
        self,
        admission: Admission,
        bus: CommandBus,
        waiters: Waiters,
        results: Results,
        operations: OperationStore,
        in_flight: InFlight,
        settings: GatewaySettings,
    ) -> None:
        self._admission = admission
        self._bus = bus
        self._waiters = waiters
        self._results = results
        self._operations = operations
        self._in_flight = in_flight
        self._settings = settings

    async def answer(self, route: Write, exchange: Exchange) -> HttpAnswer:
        """Serve one request. Raises Refusal."""
        caller, tenant = await self._admission.with_token(route, exchange, RouteClass.WRITE)
        self._in_flight.enter(tenant.id_text)
        try:
            command = await self._prepare(route, exchange, caller, tenant)
            answer = await self._carry_out(command)
        finally:
            self._in_flight.leave(tenant.id_text)
        answer.headers.append((b"idempotency-key", command.intake.key.encode()))
        if command.patience.applied is not None:
            answer.headers.append((b"preference-applied", command.patience.applied.encode()))
        return answer

    async def _prepare(self, route: Write, exchange: Exchange, caller: Caller, tenant: Tenant) -> Command:
        settings = self._settings
        intake = await take_in(route, exchange, tenant, settings.max_body_bytes)
        check_sender(route, caller, intake.body)
        command_id = ids.command_id(tenant.id, caller.subject, intake.key)
        call = Call(caller, exchange.parameters, intake.body, command_id)
        patience = read_patience(exchange, settings.answer_wait_seconds, settings.answer_wait_most_seconds)
        return Command(route, exchange, caller, tenant, call, intake, patience, time.monotonic() + patience.seconds)

    async def _carry_out(self, command: Command) -> HttpAnswer:
        waiter = self._waiters.open()
        try:
            taken = await self._publish(command, waiter)
            reply = None if command.patience.at_once else await self._hear(waiter, command, taken)
            if reply is not None:
                return await self._answered(command, waiter, reply)
            await self._until_taken(command, taken)
            return await self._later(command)
        except BusDown:
            raise Refusal(ProblemCode.DEPENDENCY_DOWN, "The bus does not answer; repeat with the same key.") from None
        finally:
            self._waiters.close(waiter)

    async def _publish(self, command: Command, waiter: Waiter) -> asyncio.Future[Any]:
        route = command.route
        try:
            return await self._bus.hand_over(
                route.topic,
                route.key(command.call).encode(),
                command_payload(route.command.model_fields, command),
                command_headers(command, self._waiters.address(waiter)),
            )
        except NotHandedOver:
            raise Refusal(ProblemCode.NOT_ACCEPTED, "The command was not accepted; nothing will happen.") from None

    async def _hear(self, waiter: Waiter, command: Command, taken: asyncio.Future[Any]) -> Answer | None:
        taken.add_done_callback(lambda done: _tell_failure(done, waiter))
        return await waiter.answer(command.left())

    async def _until_taken(self, command: Command, taken: asyncio.Future[Any]) -> None:
        """Return once the command is durable. Raises BusDown where the bus has not said so in time."""
        if not taken.done():
            await asyncio.wait([taken], timeout=command.patience.seconds if command.patience.at_once else 0.05)
        if not taken.done() or taken.cancelled() or taken.exception() is not None:
            raise BusDown(command.route.topic.name)

    async def _answered(self, command: Command, waiter: Waiter, reply: Answer) -> HttpAnswer:
        if reply.kind == envelope.KIND_PLACED:
            found = await self._results.poll(command.caller, command.id, command.deadline)
            return as_answer(found.status, found.body, found.etag) if found is not None else await self._later(command)
        if reply.kind == envelope.KIND_RELEASING:
            await waiter.release(self._settings.release_wait_seconds)
        return as_answer(reply.status, reply.body, reply.etag)

    async def _later(self, command: Command) -> HttpAnswer:
        """Ask the owners once; what nobody has yet is promised with a 202."""
        found = None if command.patience.at_once else await self._stored(command)
        if found is not None and found.final:
            return as_answer(found.status, found.body, found.etag)
        operation = Operation(
            id=command.id,
            tenant_id=command.tenant.id,
            subject=command.caller.subject,
            owner=str(command.route.owner),
            command=command.route.operation,
            created_at=datetime.now(UTC),
        )
        try:
            kept = await self._operations.remember(operation)
        except OwnerDown:
            raise Refusal(ProblemCode.DEPENDENCY_DOWN, "It is under way; repeat with the same key.") from None
        location = f"/operations/{command.id}".encode()
        return HttpAnswer(202, pending_body(kept), headers=[(b"location", location), (b"retry-after", b"1"), NO_STORE])

    async def _stored(self, command: Command) -> Result | None:
        try:
            owners = ORDER if command.route.placed else (command.route.owner,)
            return await self._results.find(command.caller, command.id, owners)
        except OwnerDown:
            return None


def _tell_failure(taken: asyncio.Future[Any], waiter: Waiter) -> None:
    if taken.cancelled() or taken.exception() is not None:
        waiter.fail(BusDown("the bus refused the command"))


def as_answer(status: int, body: bytes, etag: str | None) -> HttpAnswer:
    """Return an owner's answer with its bytes as they came."""
    headers: list[Header] = [NO_STORE]
    if etag is not None:
        headers.append((b"etag", quoted(etag)))
    if status >= 500:
        headers.append((b"retry-after", b"1"))
    return HttpAnswer(status, body, _JSON if status < 400 else PROBLEM, headers)


def quoted(etag: str) -> bytes:
    """Return an ETag with its quotes, whether it came with them or not."""
    return etag.encode() if etag.endswith('"') else f'"{etag}"'.encode()


def command_payload(fields: Mapping[str, Any], command: Command) -> bytes:
    """Return the command's JSON, joined from parts that are encoded already: tenant, actor and body."""
    if_match = command.intake.if_match if command.route.versioned else None
    parts = [
        b'{"tenant":%b,"actor":%b,"ifMatch":%b'
        % (command.tenant.facts_json, command.caller.actor_json, b"null" if if_match is None else b"%d" % if_match)
    ]
    if "body" in fields:
        parts.append(b',"body":%b' % command.intake.body_json)
    own = command.route.fields(command.call)
    parts.append(b",%b" % orjson.dumps(own)[1:] if own else b"}")
    return b"".join(parts)


@lru_cache(maxsize=4)
def _now_text(second: int) -> bytes:
    """Return the instant of a second since the epoch; a rush asks for the same one again and again."""
    return show_instant(datetime.fromtimestamp(second, UTC)).encode()


def command_headers(command: Command, reply_to: bytes) -> list[tuple[str, bytes]]:
    """Return the attributes of the command (CloudEvents) and our own."""
    exchange = command.exchange
    headers = [
        (envelope.CE_ID, str(command.id).encode()),
        (envelope.CE_TYPE, command.route.command.__name__.encode()),
        (envelope.CE_SOURCE, _SOURCE),
        (envelope.CE_TIME, _now_text(int(time.time()))),
        (envelope.CE_SPECVERSION, _SPECVERSION),
        (envelope.CE_TENANT, command.tenant.id_text.encode()),
        (envelope.CE_CORRELATION, exchange.correlation.encode()),
        (envelope.CONTENT_TYPE, _JSON),
        (envelope.REPLY, reply_to),
        (envelope.HASH, request_hash(exchange.method, exchange.path, command.intake.body_json).encode()),
        (envelope.OPERATION, command.route.operation.encode()),
        (envelope.SUBJECT, command.caller.subject.encode()),
        (envelope.INSTANCE, exchange.path.encode()),
    ]
    if exchange.traceparent is not None:
        headers.append((envelope.TRACEPARENT, exchange.traceparent.encode()))
    return headers
