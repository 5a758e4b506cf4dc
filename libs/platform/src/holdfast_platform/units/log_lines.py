"""A line of log for each message that was done, so that one request can be followed through all services."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast_contracts import envelope
from holdfast_platform import logs
from holdfast_platform.inbox import store as inbox
from holdfast_platform.units.messages import Answer
from holdfast_platform.units.work import AnyIncoming


def whose(given: AnyIncoming) -> dict[str, str]:
    """Return the fields that tie a line to its request: a batch holds messages of many, so no context can."""
    return {
        "type": given.type,
        "messageId": str(given.id),
        "correlationId": given.correlation,
        "tenantId": str(given.tenant_id),
        **logs.trace_id(given.headers.get(envelope.TRACEPARENT)),
    }


def tell_done(consumer: str, answers: Sequence[tuple[AnyIncoming, Answer | None]]) -> None:
    """Write a line for each message and its outcome."""
    if answers and logs.telling():
        lines = ({"consumer": consumer, "outcome": inbox.outcome_of(a), **whose(given)} for given, a in answers)
        logs.tell_many(__name__, "message done", lines)
