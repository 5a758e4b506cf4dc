"""A write as a command on the bus: its payload joined from parts that are encoded already, and its headers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson

from holdfast_contracts import envelope
from holdfast_contracts.values import show_instant
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.domain.tenant import Tenant
from holdfast_gateway.pipeline.exchange import JSON, Exchange
from holdfast_gateway.pipeline.idempotency import Patience
from holdfast_gateway.pipeline.intake import Intake
from holdfast_gateway.pipeline.routes import Call, Write
from holdfast_gateway.ports import Operation

_SOURCE: Final = b"holdfast/gateway"
_SPECVERSION: Final = envelope.SPECVERSION.encode()


@dataclass(frozen=True, slots=True)
class Command:
    """A write that is on its way: what the steps of the pipeline share. `hash` tells requests with one key apart."""

    route: Write
    exchange: Exchange
    caller: Caller
    tenant: Tenant
    call: Call
    intake: Intake
    patience: Patience
    deadline: float
    hash: str

    @property
    def id(self) -> UUID:
        """The command's id, and that of its operation."""
        return self.call.command_id

    def left(self) -> float:
        """Seconds until the caller gets a 202."""
        return max(0.0, self.deadline - time.monotonic())

    def operation(self) -> Operation:
        """Return what a 202 promises."""
        return Operation(
            id=self.id,
            tenant_id=self.tenant.id,
            subject=self.caller.subject,
            owner=str(self.route.owner),
            command=self.route.operation,
            created_at=datetime.now(UTC),
            request_hash=self.hash,
        )


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
        (envelope.CONTENT_TYPE, JSON),
        (envelope.REPLY, reply_to),
        (envelope.HASH, command.hash.encode()),
        (envelope.OPERATION, command.route.operation.encode()),
        (envelope.SUBJECT, command.caller.subject.encode()),
        (envelope.INSTANCE, exchange.path.encode()),
    ]
    if exchange.traceparent is not None:
        headers.append((envelope.TRACEPARENT, exchange.traceparent.encode()))
    return headers
