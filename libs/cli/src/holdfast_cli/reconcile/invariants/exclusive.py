"""I1: no double booking of an exclusive resource."""

from __future__ import annotations

from typing import Final

from holdfast_cli.reconcile.findings import Check, Finding, Sight

_OVERLAPS: Final = """
SELECT a.tenant_id, a.resource_id, a.unit, a.claim_id AS one, b.claim_id AS other, a.starts_at, b.starts_at AS again
FROM claim_places a
JOIN claim_places b ON b.resource_id = a.resource_id AND b.unit = a.unit AND a.claim_id < b.claim_id
WHERE NOT a.shared AND NOT b.shared
  AND ((a.starts_at < b.ends_at AND b.starts_at < a.ends_at) OR a.during && b.during)
ORDER BY a.starts_at
"""
_RANGES: Final = """
SELECT tenant_id, claim_id, resource_id FROM claim_places WHERE during <> tstzrange(starts_at, free_from, '[)')
"""
_CONSTRAINTS: Final = """
SELECT conname FROM pg_constraint
WHERE conrelid = 'claim_places'::regclass AND contype = 'x' AND convalidated
  AND pg_get_constraintdef(oid) LIKE '%resource_id WITH =, unit WITH =, during WITH &&%'
"""


async def no_double_booking(sight: Sight) -> Finding:
    """Join live places with themselves, and see that the database forbids what was not found."""
    overlaps = [
        f"unit {row['unit']} of resource {row['resource_id']} is taken twice: claims {row['one']} from "
        f"{row['starts_at']:%Y-%m-%dT%H:%M}Z and {row['other']} from {row['again']:%Y-%m-%dT%H:%M}Z"
        for row in await sight.rows("inventory", _OVERLAPS)
    ]
    ranges = [
        f"claim {row['claim_id']} does not occupy resource {row['resource_id']} for the time it was placed"
        for row in await sight.rows("inventory", _RANGES)
    ]
    known = await sight.rows("inventory", _CONSTRAINTS)
    missing = [] if known else ["the exclusion constraint on claim_places is missing"]
    return Finding.of(await sight.count("inventory", "claim_places"), overlaps, ranges, missing)


CHECKS = (Check("I1", "no exclusive resource is taken twice", frozenset({"inventory"}), no_double_booking),)
