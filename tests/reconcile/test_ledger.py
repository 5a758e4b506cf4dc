"""What callers were told against what there is: I3, I4, I5, I13, each with its negative control."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from reconcile_world import APPOINTMENT, CANCELLED, CONCERT, OTHER, REFUSED, SUBJECT, TENANT, booking

from holdfast_cli.errors import CannotError
from holdfast_cli.reconcile.findings import Outcome
from holdfast_cli.reconcile.ledger import Ledger, Verdict

pytestmark = pytest.mark.integration


def told(operation: str, status: int | None, key: str | None = None, **more: Any) -> dict[str, Any]:
    entry = {"operation": operation, "status": status, "tenant": str(TENANT), "key": key, "bookingId": None}
    return {**entry, "body_sha256": None, "subject": SUBJECT, **more}


def created(key: str, status: int | None = 201, **more: Any) -> dict[str, Any]:
    made = str(booking(key)) if status == 201 else None
    return told("CreateBooking", status, key, **{"bookingId": made, **more})


TRUE = [
    created(CONCERT, body_sha256="aa"),
    created(CONCERT, body_sha256="aa"),
    created(APPOINTMENT, None),
    created(CANCELLED),
    created(REFUSED, 409),
    told("GetBookingById", 200, bookingId=str(booking(CONCERT))),
    told("CancelBooking", 200, "c1", bookingId=str(booking(CANCELLED))),
]


def ledger_of(entries: list[dict[str, Any]], folder: Path) -> Ledger:
    path = folder / "ledger.jsonl"
    path.write_text("\n".join(json.dumps(entry) for entry in entries) + "\n")
    return Ledger.read(path)


def said(outcomes: list[Outcome], invariant: str) -> list[str]:
    return [
        difference
        for outcome in outcomes
        if outcome.check.invariant == invariant and outcome.finding is not None
        for difference in outcome.finding.differences
    ]


async def test_a_true_ledger_holds(world, tmp_path):
    outcomes = await world.judged(ledger_of(TRUE, tmp_path))
    assert [outcome.finding.differences for outcome in outcomes if not outcome.holds] == []
    assert all(outcome.finding is not None and outcome.finding.checked for outcome in outcomes)


async def test_a_lost_booking_is_seen(world, tmp_path):
    world.change("booking", f"DELETE FROM bookings WHERE id = '{booking(CONCERT)}'")
    found = said(await world.judged(ledger_of(TRUE, tmp_path)), "I3")
    assert any(f"booking {booking(CONCERT)} was acknowledged" in difference for difference in found)


async def test_a_booking_acknowledged_to_another_tenant_is_seen(world, tmp_path):
    entries = [*TRUE, created(CONCERT, tenant=str(OTHER))]
    found = said(await world.judged(ledger_of(entries, tmp_path)), "I3")
    assert found == [f"booking {booking(CONCERT)} was acknowledged to tenant {OTHER} and belongs to {TENANT}"]


async def test_a_cancellation_that_did_not_happen_is_seen(world, tmp_path):
    entries = [*TRUE, told("CancelBooking", 200, "c2", bookingId=str(booking(APPOINTMENT)))]
    found = said(await world.judged(ledger_of(entries, tmp_path)), "I3")
    assert found == [f"booking {booking(APPOINTMENT)} was acknowledged as cancelled and is confirmed"]


async def test_a_refused_booking_that_exists_is_seen(world, tmp_path):
    entries = [entry for entry in TRUE if entry["key"] != APPOINTMENT] + [created(APPOINTMENT, 409)]
    found = said(await world.judged(ledger_of(entries, tmp_path)), "I4")
    assert any("was refused, and its booking" in difference for difference in found)


async def test_a_booking_that_nobody_asked_for_is_seen(world, tmp_path):
    entries = [entry for entry in TRUE if entry["key"] != APPOINTMENT]
    found = said(await world.judged(ledger_of(entries, tmp_path)), "I4")
    assert found == [f"booking {booking(APPOINTMENT)} comes from no request of the ledger"]


async def test_a_silent_request_without_subject_may_have_made_one_booking(world, tmp_path):
    entries = [entry for entry in TRUE if entry["key"] != APPOINTMENT]
    silent = created("somebody", None, subject=None)
    assert said(await world.judged(ledger_of([*entries, silent], tmp_path)), "I4") == []


async def test_two_bookings_of_one_key_are_seen(world, tmp_path):
    entries = [*TRUE, created(CONCERT, bookingId=str(booking(CANCELLED)))]
    found = said(await world.judged(ledger_of(entries, tmp_path)), "I5")
    assert any("made 2 bookings" in difference for difference in found)


async def test_other_bytes_for_one_key_are_seen(world, tmp_path):
    found = said(await world.judged(ledger_of([*TRUE, created(CONCERT, body_sha256="bb")], tmp_path)), "I5")
    assert any("answered with 2 different bodies" in difference for difference in found)


async def test_a_read_that_does_not_show_a_write_is_seen(world, tmp_path):
    unseen = told("GetBookingById", 404, bookingId=str(booking(CANCELLED)))
    found = said(await world.judged(ledger_of([*TRUE, unseen], tmp_path)), "I13")
    assert found == [f"booking {booking(CANCELLED)} was acknowledged and then read as 404"]
    early = said(await world.judged(ledger_of([unseen, *TRUE], tmp_path)), "I13")
    assert early == []


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ([201], Verdict.ACKNOWLEDGED),
        ([None, 503, 201], Verdict.ACKNOWLEDGED),
        ([503, 409], Verdict.REFUSED),
        ([202], Verdict.UNKNOWN),
        ([429], Verdict.UNKNOWN),
        ([None], Verdict.UNKNOWN),
    ],
)
def test_what_a_caller_knows_after_all_tries(statuses: list[int | None], verdict: Verdict, tmp_path: Path):
    (request,) = ledger_of([created("k", status) for status in statuses], tmp_path).creates()
    assert request.verdict is verdict
    assert request.booking == booking("k")


def test_a_line_that_is_none_is_refused(tmp_path: Path):
    (tmp_path / "ledger.jsonl").write_text('{"operation": "CreateBooking"}\n')
    with pytest.raises(CannotError, match="line 1 is no line of a ledger"):
        Ledger.read(tmp_path / "ledger.jsonl")


def test_bookings_ids_are_uuids_in_any_spelling(tmp_path: Path):
    (request,) = ledger_of([created("k", bookingId=booking("k").hex)], tmp_path).creates()
    assert request.booking == UUID(booking("k").hex)
