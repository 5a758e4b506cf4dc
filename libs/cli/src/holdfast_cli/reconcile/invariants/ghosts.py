"""I4 and I5: no ghosts. Capacity is taken for bookings that live, and bookings come from requests, one for each."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from holdfast_cli.databases import Row
from holdfast_cli.reconcile.findings import Check, Finding, Sight
from holdfast_cli.reconcile.graph import HOLDING
from holdfast_contracts.ids import derived_id

_CLAIMS: Final = "SELECT tenant_id, id, booking_id FROM claims WHERE status = 'live' AND booking_id IS NOT NULL"
_BOOKINGS: Final = "SELECT tenant_id, id, claim_id, status, booking_number, created_at FROM bookings"
_RECORDED: Final = (
    "SELECT id, outcome, received_at FROM inbox WHERE consumer = 'booking.claims' AND type = 'ClaimPlaced'"
)
_REFUSED: Final = "SELECT id FROM inbox WHERE type = 'PlaceClaim' AND outcome IN ('refused', 'failed')"


async def claims_and_bookings(sight: Sight) -> Finding:
    """Hold live claims and live bookings against each other."""
    claims = {(row["tenant_id"], row["booking_id"]): row["id"] for row in await sight.rows("inventory", _CLAIMS)}
    bookings = {(row["tenant_id"], row["id"]): row for row in await sight.rows("booking", _BOOKINGS)}
    holding = {key: row for key, row in bookings.items() if row["status"] in HOLDING}
    lost = [
        f"claim {claim} is live for booking {key[1]}, which {_state(bookings.get(key))}"
        for key, claim in claims.items()
        if key not in holding
    ]
    bare = [
        f"booking {row['booking_number']} ({key[1]}) is {row['status']} and has no live claim"
        for key, row in holding.items()
        if key not in claims
    ]
    other = [
        f"booking {row['booking_number']} ({key[1]}) names claim {row['claim_id']}, but {claims[key]} is live for it"
        for key, row in holding.items()
        if key in claims and claims[key] != row["claim_id"]
    ]
    return Finding.of(len(claims) + len(holding), lost, bare, other)


def _state(row: Row | None) -> str:
    return "does not exist" if row is None else f"is {row['status']}"


async def bookings_come_from_requests(sight: Sight) -> Finding:
    """Trace every booking to the one command that it was made by; a refused one makes none.

    A booking's id is derived from its command's. Only as far back as the inbox goes.
    """
    recorded = await sight.rows("booking", _RECORDED)
    refused = {row["id"] for row in await sight.rows("inventory", _REFUSED)}
    refused |= {row["id"] for row in recorded if row["outcome"] in ("refused", "failed")}
    made = {derived_id(row["id"], "booking") for row in recorded if row["outcome"] == "done"}
    never = {derived_id(command, "booking"): command for command in refused}
    first: datetime | None = min((row["received_at"] for row in recorded), default=None)
    bookings = await sight.rows("booking", _BOOKINGS)
    untraced = [
        f"booking {row['booking_number']} ({row['id']}) comes from no recorded claim"
        for row in bookings
        if row["id"] not in made and (first is None or row["created_at"] >= first)
    ]
    ghosts = [
        f"booking {row['booking_number']} ({row['id']}) exists, but its command {never[row['id']]} was refused"
        for row in bookings
        if row["id"] in never
    ]
    existing = {row["id"] for row in bookings}
    vanished = [f"booking {booking} was recorded and does not exist" for booking in made if booking not in existing]
    return Finding.of(len(bookings), untraced, ghosts, vanished)


_BOTH = frozenset({"inventory", "booking"})
CHECKS = (
    Check("I4", "every live claim has its live booking, and the other way round", _BOTH, claims_and_bookings),
    Check("I4, I5", "every booking comes from one request that was not refused", _BOTH, bookings_come_from_requests),
)
