"""I3, I4, I5 and I13 against a ledger: what callers were told is so."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from holdfast_cli.databases import Row
from holdfast_cli.reconcile.findings import Check, Finding, Sight
from holdfast_cli.reconcile.ledger import CANCEL, READ, Ledger, Request, Verdict

_BOOKINGS: Final = "SELECT id, tenant_id, status, booking_number FROM bookings WHERE tenant_id = ANY($1::uuid[])"


def _ledger(sight: Sight) -> Ledger:
    if sight.ledger is None:
        msg = "this check needs a ledger"
        raise RuntimeError(msg)
    return sight.ledger


async def _bookings(sight: Sight, ledger: Ledger) -> dict[UUID | None, Row]:
    rows = await sight.rows("booking", _BOOKINGS, sorted(ledger.tenants, key=str))
    return {row["id"]: row for row in rows}


async def nothing_acknowledged_is_lost(sight: Sight) -> Finding:
    """See that every acknowledged create has its booking, and what was cancelled is so (I3)."""
    ledger = _ledger(sight)
    bookings = await _bookings(sight, ledger)
    told = [entry for request in ledger.creates() for entry in request.told]
    lost = [
        f"booking {entry.booking} was acknowledged (key {entry.key!r}) and does not exist"
        for entry in told
        if entry.booking not in bookings
    ]
    elsewhere = [
        f"booking {entry.booking} was acknowledged to tenant {entry.tenant} and belongs to {row['tenant_id']}"
        for entry in told
        if (row := bookings.get(entry.booking)) is not None and row["tenant_id"] != entry.tenant
    ]
    cancels = [entry for entry in ledger.of(CANCEL) if entry.verdict is Verdict.ACKNOWLEDGED]
    alive = [
        f"booking {entry.booking} was acknowledged as cancelled and is {_status(bookings, entry.booking)}"
        for entry in cancels
        if _status(bookings, entry.booking) != "cancelled"
    ]
    return Finding.of(len(told) + len(cancels), lost, elsewhere, alive)


def _status(bookings: dict[UUID | None, Row], booking: UUID | None) -> str:
    return str(bookings[booking]["status"]) if booking in bookings else "gone"


async def nothing_else_exists(sight: Sight) -> Finding:
    """See that every booking of the ledger's tenants was acknowledged or its outcome unknown, and none refused (I4)."""
    ledger = _ledger(sight)
    bookings = await _bookings(sight, ledger)
    requests = ledger.creates()
    by_verdict: dict[Verdict, list[Request]] = {verdict: [] for verdict in Verdict}
    for request in requests:
        by_verdict[request.verdict].append(request)
    refused = [
        f"{request} was refused, and its booking {request.booking} exists"
        for request in by_verdict[Verdict.REFUSED]
        if request.booking in bookings
    ]
    known = {request.booking for request in requests} | {entry.booking for r in requests for entry in r.told}
    unknown = [booking for booking in bookings if booking not in known]
    # Requests whose outcome is unknown and whose id cannot be derived may each have made one booking.
    possible = sum(1 for request in by_verdict[Verdict.UNKNOWN] if request.booking is None)
    ghosts = [f"booking {booking} comes from no request of the ledger" for booking in unknown[possible:]]
    return Finding.of(len(bookings), refused, ghosts)


async def one_effect_a_key(sight: Sight) -> Finding:
    """See that every repeat of a key was told the same booking, byte for byte (I5)."""
    requests = [request for request in _ledger(sight).creates() if request.told]
    several = [
        f"{request} made {len(made)} bookings: {', '.join(sorted(map(str, made)))}"
        for request in requests
        if len(made := {entry.booking for entry in request.told}) > 1
    ]
    bodies = [
        f"{request} was answered with {len(told)} different bodies"
        for request in requests
        if len(told := {entry.body_sha256 for entry in request.told if entry.body_sha256}) > 1
    ]
    return Finding.of(len(requests), several, bodies)


async def writes_can_be_read(sight: Sight) -> Finding:
    """See that every read after a create's 2xx showed the booking (I13)."""
    known: set[tuple[UUID, UUID | None]] = set()
    checked, unseen = 0, []
    for entry in _ledger(sight).entries:
        here = (entry.tenant, entry.booking)
        if entry.operation == READ and here in known:
            checked += 1
            if entry.status == 404:
                unseen.append(f"booking {entry.booking} was acknowledged and then read as 404")
        elif entry.verdict is Verdict.ACKNOWLEDGED and entry.booking is not None:
            known.add(here)
    return Finding.of(checked, unseen)


_NEEDS = frozenset({"booking"})
CHECKS = (
    Check("I3", "no acknowledged booking is lost", _NEEDS, nothing_acknowledged_is_lost, needs_ledger=True),
    Check("I4", "no booking but those asked for", _NEEDS, nothing_else_exists, needs_ledger=True),
    Check("I5", "one effect and one answer for each key", frozenset(), one_effect_a_key, needs_ledger=True),
    Check("I13", "a read after a write shows it", frozenset(), writes_can_be_read, needs_ledger=True),
)
