"""I8: holds end."""

from __future__ import annotations

from typing import Final

from holdfast_cli.reconcile.findings import Check, Finding, Sight

_OVERDUE: Final = """
SELECT id, hold_type, expires_at, extract(epoch FROM clock_timestamp() - expires_at)::int AS seconds
FROM inventory_holds WHERE expires_at < clock_timestamp() - $1::interval ORDER BY expires_at
"""
_WITHOUT_HOLD: Final = """
SELECT c.id, c.hold_id FROM claims c
WHERE c.status = 'live' AND c.hold_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM inventory_holds h
                  WHERE h.tenant_id = c.tenant_id AND h.id = c.hold_id AND h.claim_id = c.id)
"""
_WITHOUT_CLAIM: Final = """
SELECT h.id, h.claim_id, c.status FROM inventory_holds h
LEFT JOIN claims c ON c.tenant_id = h.tenant_id AND c.id = h.claim_id
WHERE c.status IS DISTINCT FROM 'live'
"""


async def holds_end(sight: Sight) -> Finding:
    """See that no hold outlives its end by more than a sweep, and that what it held goes with it."""
    overdue = [
        f"hold {row['id']} ({row['hold_type']}) ended {row['seconds']} s ago and is still there"
        for row in await sight.rows("inventory", _OVERDUE, sight.allowed.sweep)
    ]
    orphans = [
        f"claim {row['id']} is live for the hold {row['hold_id']}, which is gone"
        for row in await sight.rows("inventory", _WITHOUT_HOLD)
    ]
    empty = [
        f"hold {row['id']} holds nothing: its claim {row['claim_id']} is {row['status'] or 'gone'}"
        for row in await sight.rows("inventory", _WITHOUT_CLAIM)
    ]
    return Finding.of(await sight.count("inventory", "inventory_holds"), overdue, orphans, empty)


CHECKS = (Check("I8", "holds end, and what they held with them", frozenset({"inventory"}), holds_end),)
