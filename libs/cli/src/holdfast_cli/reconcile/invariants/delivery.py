"""I10: outbox and inbox drain."""

from __future__ import annotations

from typing import Final

from holdfast_cli.reconcile.findings import Check, Finding, Sight

_WAITING: Final = """
SELECT topic, count(*)::int AS n, extract(epoch FROM clock_timestamp() - min(created_at))::int AS seconds
FROM outbox GROUP BY topic ORDER BY topic
"""
_SET_ASIDE: Final = "SELECT id, topic, reason FROM outbox_dead ORDER BY id"
_FAILED: Final = "SELECT consumer, id, type FROM inbox WHERE outcome = 'failed' ORDER BY received_at"


async def all_is_sent(sight: Sight) -> Finding:
    """See that every outbox is empty, and that nothing was set aside."""
    waiting: list[str] = []
    aside: list[str] = []
    for service in sorted(sight.databases.services):
        waiting += [
            f"{service}: {row['n']} messages to {row['topic']} are unsent, the oldest for {row['seconds']} s"
            for row in await sight.rows(service, _WAITING)
        ]
        aside += [
            f"{service}: row {row['id']} to {row['topic']} can never be sent: {row['reason']}"
            for row in await sight.rows(service, _SET_ASIDE)
        ]
    return Finding.of(len(sight.databases.services), waiting, aside)


async def nothing_is_given_up(sight: Sight) -> Finding:
    """See that no message was given up but those that were broken on purpose; in the inboxes and on the bus."""
    checked = 0
    failed: list[str] = []
    for service in sorted(sight.databases.services):
        checked += await sight.count(service, "inbox")
        failed += [
            f"{service}: {row['consumer']} gave up {row['type']} {row['id']}"
            for row in await sight.rows(service, _FAILED)
        ]
    allowed = sight.allowed.dead_letters
    letters = sight.open_letters or 0
    unhandled = [f"{letters} dead letters wait on the bus (holdfast dlq list)"] if letters > allowed else []
    return Finding.of(checked, failed[allowed:], unhandled)


CHECKS = (
    Check("I10", "nothing waits to be sent", frozenset(), all_is_sent),
    Check("I10", "no message was given up but those allowed", frozenset(), nothing_is_given_up),
)
