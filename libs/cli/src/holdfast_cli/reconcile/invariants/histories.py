"""I11: legal histories. Every step is in the graph, and versions have no gaps."""

from __future__ import annotations

from typing import Final

from holdfast_cli.reconcile.findings import Check, Finding, Sight
from holdfast_cli.reconcile.graph import TRANSITIONS

_STEPS: Final = """
WITH steps AS (
  SELECT booking_id, version, from_status, to_status,
         lag(version) OVER w AS before, lag(to_status) OVER w AS was
  FROM booking_history WINDOW w AS (PARTITION BY tenant_id, booking_id ORDER BY version)
)
"""
_GAPS: Final = _STEPS + "SELECT * FROM steps WHERE version <> coalesce(before, 0) + 1"
_TORN: Final = _STEPS + "SELECT * FROM steps WHERE from_status IS DISTINCT FROM was"
_ILLEGAL: Final = (
    _STEPS
    + """
SELECT * FROM steps s
WHERE s.from_status IS DISTINCT FROM s.to_status
  AND NOT EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS legal(source, target)
                  WHERE legal.source IS NOT DISTINCT FROM s.from_status AND legal.target = s.to_status)
"""
)
_ENDS: Final = """
SELECT b.id, b.booking_number, b.version, b.status, h.version AS told, h.to_status
FROM bookings b
LEFT JOIN LATERAL (SELECT version, to_status FROM booking_history h
                   WHERE h.tenant_id = b.tenant_id AND h.booking_id = b.id ORDER BY version DESC LIMIT 1) h ON true
WHERE h.version IS DISTINCT FROM b.version OR h.to_status IS DISTINCT FROM b.status
"""


async def histories_are_legal(sight: Sight) -> Finding:
    """Walk every history from its beginning to what the booking is now."""
    sources = [None if source is None else str(source) for source, _ in TRANSITIONS]
    targets = [str(target) for _, target in TRANSITIONS]
    gaps = [
        f"booking {row['booking_id']} has version {row['version']} after {row['before'] or 'none'}"
        for row in await sight.rows("booking", _GAPS)
    ]
    torn = [
        f"booking {row['booking_id']} left {row['from_status']} in version {row['version']} and was {row['was']}"
        for row in await sight.rows("booking", _TORN)
    ]
    illegal = [
        f"booking {row['booking_id']} went from {row['from_status']} to {row['to_status']} in version {row['version']}"
        for row in await sight.rows("booking", _ILLEGAL, sources, targets)
    ]
    ends = [
        f"booking {row['booking_number']} is {row['status']} in version {row['version']}; its history ends with "
        f"{row['to_status'] or 'nothing'} in version {row['told'] or 0}"
        for row in await sight.rows("booking", _ENDS)
    ]
    return Finding.of(await sight.count("booking", "booking_history"), gaps, torn, illegal, ends)


CHECKS = (Check("I11", "histories are legal, versions without gaps", frozenset({"booking"}), histories_are_legal),)
