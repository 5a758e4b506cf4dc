"""The door on a real PostgreSQL: evaluated in order, admitted once, told the same again."""

from __future__ import annotations

import json
from uuid import uuid4

import orjson
import pytest
from pydantic import ValidationError
from tickets_world import (
    BOOKING,
    CANCELLED,
    OTHER_TENANT,
    TENANT,
    code_of,
    codes_of,
    number_of,
    presented,
    scan,
    tier,
    told,
)

from holdfast_contracts.enums import BookingStatus
from holdfast_contracts.public.tickets import ScanTicketResult
from holdfast_platform.testing.units import counted_statements, decide
from holdfast_tickets.handlers.scans import on_scans
from holdfast_tickets.services.printing import payload_text

pytestmark = pytest.mark.integration


@pytest.fixture
async def codes(unit, admin) -> list[str]:
    await decide(unit, told())
    return await codes_of(admin)


async def payloads(parties) -> list[str]:
    party = await parties.find(TENANT, BOOKING)
    signers = await parties.signers(TENANT, party.tickets)
    return [payload_text(ticket, party.admission, signers) for ticket in party.tickets]


async def scanned_events(admin) -> list[dict]:
    rows = await admin.fetch("SELECT headers, payload FROM outbox ORDER BY id")
    named = [(orjson.loads(row["headers"])["ce_type"], orjson.loads(row["payload"])) for row in rows]
    return [body for name, body in named if name == "TicketScanned"]


async def test_the_first_scan_admits_the_second_says_when(door, admin, codes) -> None:
    first = await scan(door, codes[0], gate="North", device_id="door-1", scanned_at="2027-06-12T17:30:12Z")
    assert (first["result"], first["admitted"], first["firstAdmission"]) == ("valid", True, None)
    assert (first["ticket"]["status"], first["booking"]["status"]) == ("checked_in", "checked_in")
    assert first["party"] == {"admitted": 1, "total": 2}
    second = await scan(door, codes[0].lower(), gate="South", device_id="door-3")
    assert (second["result"], second["admitted"], second["scannedAt"]) == (
        "already_checked_in",
        False,
        "2027-06-12T17:31:00Z",
    )
    assert second["firstAdmission"] == {"at": "2027-06-12T17:30:12Z", "gate": "North", "deviceId": "door-1"}
    assert second["ticket"]["attendeeName"] == "Ida Berg"
    assert second["event"]["title"] == "Harbour concert"
    assert second["booking"]["customerNote"] == "Near the aisle"
    assert [event["admitted"] for event in await scanned_events(admin)] == [True, False]
    assert await admin.fetchval("SELECT count(*) FROM scans") == 2


async def test_answers_have_the_contracts_shape_and_no_contacts(door, codes) -> None:
    for code in (codes[0], codes[0], code_of(BOOKING), "nonsense"):
        body = await scan(door, code)
        assert list(body) == [field.alias for field in ScanTicketResult.model_fields.values()]
        ScanTicketResult.model_validate(body)
        assert "ida@example.com" not in json.dumps(body)


async def test_a_signed_payload_admits_and_a_changed_one_does_not(door, parties, codes) -> None:
    first, second = await payloads(parties)
    flipped = first[:-3] + ("AAA" if first[-3:] != "AAA" else "BBA")
    assert (await scan(door, flipped))["result"] == "bad_signature"
    assert (await scan(door, f"  {first.lower()} "))["result"] == "valid"
    assert (await scan(door, second, target="ticket"))["result"] == "valid"
    assert (await scan(door, "T1:HELLO"))["result"] == "bad_signature"


async def test_another_tenants_codes_are_not_found(unit, door, parties, codes) -> None:
    (payload, _) = await payloads(parties)
    await decide(unit, told(tenant=OTHER_TENANT, booking=uuid4()))
    for code in (codes[0], code_of(BOOKING), number_of(BOOKING)):
        assert (await scan(door, code, tenant=OTHER_TENANT))["result"] == "not_found"
    assert (await scan(door, payload, tenant=OTHER_TENANT))["result"] == "bad_signature"
    assert (await scan(door, codes[0]))["result"] == "valid"


@pytest.mark.parametrize("target", ["any", "booking"])
@pytest.mark.parametrize("name", ["code", "number"])
async def test_a_booking_admits_its_party(door, codes, target, name) -> None:
    code = {"code": code_of(BOOKING), "number": number_of(BOOKING).lower()}[name]
    body = await scan(door, code, target=target)
    assert (body["result"], body["party"], len(body["tickets"])) == ("valid", {"admitted": 2, "total": 2}, 2)
    again = await scan(door, code, target=target)
    assert (again["result"], again["party"]) == ("already_checked_in", {"admitted": 2, "total": 2})
    assert again["ticket"]["ticketCode"] == codes[0]


async def test_a_party_may_come_in_parts(door, codes) -> None:
    first = await scan(door, code_of(BOOKING), target="booking", count=1)
    assert (first["result"], first["party"], first["ticket"]["ticketCode"]) == (
        "valid",
        {"admitted": 1, "total": 2},
        codes[0],
    )
    too_many = await scan(door, codes[0], target="booking", count=2)
    assert (too_many["result"], too_many["admitted"]) == ("already_checked_in", False)
    assert (await scan(door, codes[0], target="booking"))["party"] == {"admitted": 2, "total": 2}
    (answer,) = await decide(door, presented(codes[0], target="booking", count=3))
    assert (answer.status, json.loads(answer.body)["errors"][0]["path"]) == (422, "count")


async def test_a_bookings_code_is_no_tickets(door, codes) -> None:
    assert (await scan(door, code_of(BOOKING), target="ticket"))["result"] == "not_found"


@pytest.mark.parametrize(
    ("result", "given"),
    [
        ("too_early", {"scanned_at": "2027-06-12T15:59:59Z"}),
        ("valid", {"scanned_at": "2027-06-12T16:00:00Z"}),
        ("too_late", {"scanned_at": "2027-06-12T20:00:00Z"}),
        ("wrong_event", {"session_id": uuid4()}),
        ("wrong_tier", {"tier_ids": [uuid4()]}),
        ("not_inside", {"direction": "exit"}),
        ("too_early", {"scanned_at": None}),
        ("valid", {"scanned_at": None, "force": True}),
    ],
)
async def test_results_by_what_the_door_says(door, codes, result, given) -> None:
    body = await scan(door, codes[0], **given)
    assert (body["result"], body["admitted"]) == (result, result == "valid")
    assert body["ticket"]["ticketCode"] == codes[0]


async def test_a_cancelled_booking_is_refused_even_by_force(unit, door, codes) -> None:
    await decide(unit, told("BookingCancelled", **CANCELLED))
    for code in (codes[0], code_of(BOOKING)):
        body = await scan(door, code, force=True)
        assert (body["result"], body["admitted"], body["forced"]) == ("cancelled", False, False)
    assert body["party"] == {"admitted": 0, "total": 2}


@pytest.mark.parametrize(
    ("result", "name", "status", "other"),
    [
        ("pending_approval", "BookingCreated", BookingStatus.PENDING, {}),
        ("unpaid", "BookingCreated", BookingStatus.PENDING, {"paymentStatus": "unpaid"}),
        ("waitlisted", "BookingWaitlisted", BookingStatus.WAITLISTED, {}),
        ("expired", "BookingExpired", BookingStatus.EXPIRED, {}),
    ],
)
async def test_a_booking_without_tickets_says_why(unit, door, result, name, status, other) -> None:
    await decide(unit, told(name, status=status, **other))
    body = await scan(door, code_of(BOOKING))
    assert (body["result"], body["ticket"], body["booking"]["bookingNumber"]) == (result, None, number_of(BOOKING))


async def test_force_passes_a_repeat_and_is_kept(door, admin, codes) -> None:
    await scan(door, codes[0])
    body = await scan(door, codes[0], force=True)
    assert (body["result"], body["forced"]) == ("valid", True)
    row = await admin.fetchrow("SELECT overridden, subject FROM scans WHERE overridden IS NOT NULL")
    assert (row["overridden"], row["subject"]) == ("already_checked_in", "acc-42")


async def test_a_dry_run_admits_nobody_but_is_kept(door, admin, codes) -> None:
    body = await scan(door, codes[0], dry_run=True)
    assert (body["result"], body["admitted"], body["dryRun"], body["ticket"]["status"]) == (
        "valid",
        False,
        True,
        "valid",
    )
    assert await scanned_events(admin) == []
    assert await admin.fetchval("SELECT count(*) FROM scans WHERE dry_run") == 1
    assert (await scan(door, codes[0]))["result"] == "valid"


async def test_out_and_in_again_where_the_tier_lets(unit, door, admin) -> None:
    await decide(unit, told(tiers=[tier(entryPolicy="re_entry_after_exit")]))
    code, _ = await codes_of(admin)
    steps = [(await scan(door, code, direction=way))["result"] for way in ("entry", "entry", "exit", "exit", "entry")]
    assert steps == ["valid", "already_checked_in", "valid", "not_inside", "valid"]


async def test_one_nonce_one_answer_one_row(door, admin, codes) -> None:
    first = await decide(door, presented(codes[0], nonce="n-1", device_id="door-1"))
    again = await decide(door, presented(codes[0], nonce="n-1", device_id="door-1", scanned_at=None))
    assert again == first
    twice = await decide(
        door,
        presented(codes[1], nonce="n-2", device_id="door-1"),
        presented(codes[1], nonce="n-2", device_id="door-1"),
    )
    assert twice[0] == twice[1]
    assert await admin.fetchval("SELECT count(*) FROM scans") == 2
    (other,) = await decide(door, presented(codes[1], nonce="n-1", device_id="door-1"))
    assert (other.status, json.loads(other.body)["errors"][0]["path"]) == (422, "nonce")
    assert (await scan(door, codes[0], nonce="n-1", device_id="door-2"))["result"] == "already_checked_in"


async def test_one_key_one_answer(door, admin, codes) -> None:
    command = uuid4()
    first = await decide(door, presented(codes[0], command_id=command))
    assert await decide(door, presented(codes[0], command_id=command)) == first
    assert await admin.fetchval("SELECT count(*) FROM scans") == 1
    (other,) = await decide(door, presented(codes[1], command_id=command))
    assert json.loads(other.body)["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_one_of_two_is_scanned_the_other_stays_valid(unit, door, admin, codes) -> None:
    await scan(door, codes[0])
    await decide(unit, told("BookingCheckedIn", version=2, status=BookingStatus.CHECKED_IN, via="door"))
    assert (await scan(door, codes[1]))["result"] == "valid"


async def test_one_batch_of_doors_of_two_tenants(unit, door, admin, codes) -> None:
    other = uuid4()
    await decide(unit, told(tenant=OTHER_TENANT, booking=other))
    (foreign, _) = await codes_of(admin, other, OTHER_TENANT)
    answers = await decide(
        door,
        presented(codes[0]),
        presented(codes[0], tenant=OTHER_TENANT),
        presented(foreign, tenant=OTHER_TENANT),
        presented(codes[0]),
    )
    assert [json.loads(answer.body)["result"] for answer in answers] == [
        "valid",
        "not_found",
        "valid",
        "already_checked_in",
    ]


async def test_whatever_is_scanned_is_answered(door, codes) -> None:
    for code in ("’; DROP TABLE tickets", "💥" * 500, "T1:", "T1:" + "A" * 149, "BK-", "-", "١٢٣٤٥٦٧٨٩٠١٢"):
        assert (await scan(door, code))["result"] in ("not_found", "bad_signature")


@pytest.mark.parametrize("field", ["code", "nonce"])
async def test_nul_is_the_callers_own_fault(field) -> None:
    with pytest.raises(ValidationError, match="NUL"):
        presented(**{"code": "9XK2M4QT7HWC", field: "a\x00b"})


@pytest.mark.parametrize("text", [" ", "\x85", "\u202e"], ids=ascii)
@pytest.mark.parametrize("field", ["code", "nonce"])
async def test_what_cleaning_leaves_nothing_of_is_the_callers_own_fault(field, text) -> None:
    """Scans travel together: one that its owner could not read would fail all that came with it."""
    with pytest.raises(ValidationError, match="blank"):
        presented(**{"code": "9XK2M4QT7HWC", field: text})


@pytest.mark.parametrize("size", [1, 2, 50])
async def test_statements_do_not_depend_on_the_number_of_doors(unit, door, admin, size) -> None:
    bookings = [uuid4() for _ in range(size)]
    await decide(unit, *(told(booking=booking) for booking in bookings))
    batch = [presented((await codes_of(admin, booking))[0], nonce=str(booking)) for booking in bookings]
    with counted_statements() as seen:
        await decide(door, *batch)
    # BEGIN, lock, inbox, parties, nonces, all that is written, COMMIT
    assert len(seen) == 7, seen


async def test_every_message_of_doors_has_its_use_case() -> None:
    assert [message.type_name() for message in on_scans(None)] == ["ScanCode"]
