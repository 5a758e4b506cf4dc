"""A line of log for each message that was done, so that one request can be followed through all services.

Written at level debug only: in a rush it would cost as much as deciding.
"""

from __future__ import annotations

from collections.abc import Iterable

from holdfast_platform import logs
from holdfast_platform.inbox import store as inbox
from holdfast_platform.units.messages import Answer
from holdfast_platform.units.work import AnyIncoming

log = logs.get(__name__)


def whose(given: AnyIncoming) -> dict[str, str]:
    """Return the fields that tie a line to its request: a batch holds messages of many, so no context can."""
    return {
        "type": given.type,
        "messageId": str(given.id),
        "correlationId": given.correlation,
        "tenantId": str(given.tenant_id),
    }


def tell_done(consumer: str, answers: Iterable[tuple[AnyIncoming, Answer | None]]) -> None:
    """Write a line for each message and its outcome."""
    if not logs.debugging():
        return
    for given, answer in answers:
        log.debug("message done", consumer=consumer, outcome=inbox.outcome_of(answer), **whose(given))
