"""The one pipeline of all writes on the bus [spec/02 "How a write answers"; design/interleavings.md, Answers]."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from holdfast_contracts import envelope, ids
from holdfast_contracts.problems import ProblemCode, Refusal, key_reused
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.domain.tenant import Tenant
from holdfast_gateway.pipeline.admission import Admission
from holdfast_gateway.pipeline.commands import Command, command_headers, command_payload
from holdfast_gateway.pipeline.exchange import JSON, PROBLEM, Exchange, Header, HttpAnswer
from holdfast_gateway.pipeline.idempotency import read_patience, request_hash
from holdfast_gateway.pipeline.intake import take_in
from holdfast_gateway.pipeline.results import ORDER, Result, Results, pending_body
from holdfast_gateway.pipeline.routes import Call, Write
from holdfast_gateway.pipeline.waiting import Waiter, Waiters
from holdfast_gateway.ports import BusDown, CommandBus, DependencyDown, NotHandedOver, OperationStore
from holdfast_gateway.services.limits import InFlight, RouteClass, Turns
from holdfast_gateway.settings import GatewaySettings
from holdfast_platform import metrics
from holdfast_platform.units.messages import Answer

NO_STORE: Final[Header] = (b"cache-control", b"private, no-store")


ACCEPTED: Final = 202
UNAVAILABLE: Final = 503
_ACKNOWLEDGED: Final = 1.0
"""Seconds that the bus has to take a command at least, also where its caller's time went by in the tenant's turns."""


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
        turns: Turns,
        settings: GatewaySettings,
    ) -> None:
        self._admission = admission
        self._bus = bus
        self._waiters = waiters
        self._results = results
        self._operations = operations
        self._in_flight = in_flight
        self._turns = turns
        self._settings = settings

    async def answer(self, route: Write, exchange: Exchange) -> HttpAnswer:
        """Serve one request. Raises Refusal."""
        caller, tenant = await self._admission.with_token(route, exchange, RouteClass.WRITE)
        self._in_flight.enter(tenant.id_text)
        try:
            command = await self._prepare(route, exchange, caller, tenant)
            async with self._turns.of(tenant.id_text, self._left(command)):
                answer = await self._carry_out(command)
        finally:
            self._in_flight.leave(tenant.id_text)
        if command.patience.applied is not None and not (command.patience.at_once and answer.status != ACCEPTED):
            answer.headers.append((b"preference-applied", command.patience.applied.encode()))
        return answer

    async def _prepare(self, route: Write, exchange: Exchange, caller: Caller, tenant: Tenant) -> Command:
        settings = self._settings
        intake = await take_in(route, exchange, tenant, settings.max_body_bytes, caller)
        command_id = ids.command_id(tenant.id, caller.subject, intake.key)
        call = Call(caller, exchange.parameters, intake.body, command_id)
        patience = read_patience(exchange, settings.answer_wait_seconds, settings.answer_wait_most_seconds)
        deadline = time.monotonic() + patience.seconds
        hashed = request_hash(exchange.method, exchange.path, intake.body_json)
        return Command(route, exchange, caller, tenant, call, intake, patience, deadline, hashed)

    async def _carry_out(self, command: Command) -> HttpAnswer:
        if command.patience.at_once and command.intake.own_key:
            known = await self._known(command)
            if known is not None:
                return known
        waiter = self._waiters.open()
        try:
            taken = await self._publish(command, waiter)
            reply = None if command.patience.at_once else await self._hear(waiter, command, taken)
            if reply is not None:
                return await self._answered(command, waiter, reply)
            await self._until_taken(command, taken)
            return await self._later(command, waiter)
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

    async def _known(self, command: Command) -> HttpAnswer | None:
        """Return the outcome of a key that was used before, None where there is none yet.

        Raises Refusal (422) where the key stands for another request: nobody would hear the owner say so. What an owner
        has stored counts; else what was promised with a 202.
        """
        stored = await self._stored(command)
        if stored is not None and stored.final:
            return _told(command, stored)
        if stored is not None:
            refuse_another(command, stored.request_hash)
            return None
        try:
            promised = await self._operations.find(command.tenant.id, command.id)
        except DependencyDown:
            return None  # then the 202 cannot be kept either, and is not given
        refuse_another(command, promised.request_hash if promised is not None else None)
        return None

    async def _hear(self, waiter: Waiter, command: Command, taken: asyncio.Future[Any]) -> Answer | None:
        taken.add_done_callback(lambda done: _tell_failure(done, waiter))
        asked = time.monotonic()
        heard = await waiter.answer(self._left(command))
        if heard is not None:
            metrics.RESULT_SECONDS.labels(command.route.operation).observe(time.monotonic() - asked)
        return heard

    def _left(self, command: Command) -> float:
        """Return the seconds until the caller gets a 202; none once the service stops."""
        return 0.0 if self._waiters.ended else command.left()

    async def _until_taken(self, command: Command, taken: asyncio.Future[Any]) -> None:
        """Return once the command is durable. Raises BusDown where the bus has not said so in time."""
        if not taken.done():
            seconds = min(command.left(), self._settings.answer_wait_seconds)
            await asyncio.wait([taken], timeout=max(seconds, _ACKNOWLEDGED))
        if not taken.done() or taken.cancelled() or taken.exception() is not None:
            raise BusDown(command.route.topic.name)

    async def _answered(self, command: Command, waiter: Waiter, reply: Answer) -> HttpAnswer:
        if reply.kind == envelope.KIND_PLACED:
            found = await self._results.poll(command.caller, command.id, lambda: self._left(command))
            return _told(command, found) if found is not None else await self._later(command, waiter)
        if reply.kind == envelope.KIND_RELEASING:
            await waiter.release(self._settings.release_wait_seconds)
        return as_answer(reply.status, reply.body, reply.etag)

    async def _later(self, command: Command, waiter: Waiter) -> HttpAnswer:
        """Ask the owners once more, briefly; what nobody has yet is promised with a 202."""
        found = None if command.patience.at_once or self._waiters.ended else await self._stored(command)
        if found is not None and found.final:
            return _told(command, found)
        try:
            kept = await self._operations.remember(command.operation())
        except DependencyDown:
            raise Refusal(ProblemCode.DEPENDENCY_DOWN, "It is under way; repeat with the same key.") from None
        if kept.request_hash not in (None, command.hash):
            return await self._contested(command, waiter)
        location = f"/operations/{command.id}".encode()
        return HttpAnswer(
            ACCEPTED, pending_body(kept), headers=[(b"location", location), (b"retry-after", b"1"), NO_STORE]
        )

    async def _contested(self, command: Command, waiter: Waiter) -> HttpAnswer:
        """Wait for the owner's word: another request with this key got a 202, and only one of the two is carried out.

        Nothing can be promised here and nothing refused before the owner has decided (I5).
        """
        reply = await waiter.answer(0.0 if self._waiters.ended else self._settings.answer_wait_seconds)
        if reply is not None and reply.kind == envelope.KIND_ANSWER:
            return as_answer(reply.status, reply.body, reply.etag)
        detail = "Another request with this key is not decided yet; repeat with the same key."
        raise Refusal(ProblemCode.DEPENDENCY_DOWN, detail)

    async def _stored(self, command: Command) -> Result | None:
        """Return what the owners have, None also where one is silent: no 202 waits for that."""
        owners = ORDER if command.route.placed else (command.route.owner,)
        try:
            async with asyncio.timeout(self._settings.lookup_seconds):
                return await self._results.find(command.caller, command.id, owners)
        except (DependencyDown, TimeoutError):
            return None


def refuse_another(command: Command, known: str | None) -> None:
    """Raise Refusal (422) where the hash that is known under the command's id is another request's."""
    if known not in (None, command.hash):
        raise key_reused()


def _told(command: Command, found: Result) -> HttpAnswer:
    """Return a stored answer to the request that it belongs to. Raises Refusal (422) for another one."""
    refuse_another(command, found.request_hash)
    return as_answer(found.status, found.body, found.etag)


def _tell_failure(taken: asyncio.Future[Any], waiter: Waiter) -> None:
    if taken.cancelled() or taken.exception() is not None:
        waiter.fail(BusDown("the bus refused the command"))


def as_answer(status: int, body: bytes, etag: str | None) -> HttpAnswer:
    """Return an owner's answer with its bytes as they came."""
    headers: list[Header] = [NO_STORE]
    if etag is not None:
        headers.append((b"etag", quoted(etag)))
    if status == UNAVAILABLE:  # a stored 500 is told again as it is
        headers.append((b"retry-after", b"1"))
    return HttpAnswer(status, body, JSON if status < 400 else PROBLEM, headers)


def quoted(etag: str) -> bytes:
    """Return an ETag with its quotes, whether it came with them or not."""
    return etag.encode() if etag.endswith('"') else f'"{etag}"'.encode()
