"""Commands, scans and time on bookings, and what happens when they cross."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import orjson
import pytest
from booking_world import (
    OTHER_TENANT,
    booked,
    cancel,
    check_in,
    claim,
    confirm,
    expire,
    guest,
    legal,
    scanned,
    staff,
    time_is_up,
)

from holdfast_contracts import booking as messages
from holdfast_contracts import envelope
from holdfast_contracts.enums import CheckInVia, ScanDirection
from holdfast_platform.testing.units import counted_statements

pytestmark = pytest.mark.integration

SOON = timedelta(minutes=30)
APPROVAL = {"booking": {"approval": "always"}}


def code(answer) -> str:
    return orjson.loads(answer.body)["code"]


# -- cancel ------------------------------------------------------------------------------------------------------


async def test_a_cancel_answers_tells_and_gives_the_claim_back(world) -> None:
    given = claim()
    await world.claims(given)
    booking = given.message.booking_id
    (answer,) = await world.commands(cancel(booking, reason="Ill", reason_code="illness", replies=["3:r1", "4:r2"]))
    body = orjson.loads(answer.body)
    assert (answer.status, answer.etag, body["status"], body["cancelledBy"]) == (200, "2", "cancelled", "customer")
    assert (body["reasonCode"], body["cancellableUntil"]) == ("illness", None)
    assert await world.told() == ["BookingConfirmed", "BookingCancelled"]
    (release,) = await world.outbox("inventory.commands.v1")
    assert release["key"] == given.message.claim_key
    assert release["json"]["claimId"] == str(given.message.claim_id)
    assert release["headers"][envelope.REPLY] == "3:r1,4:r2"
    assert release["headers"][envelope.REPLY_KIND] == envelope.KIND_RELEASED
    assert await legal(world, booking)


async def test_a_late_cancel_costs_what_the_answer_said(world) -> None:
    booking = await booked(world, starts_in=SOON)
    (answer,) = await world.commands(cancel(booking))
    assert orjson.loads(answer.body)["cancellationFeeNow"] == "25.00"
    assert await world.admin.fetchval("SELECT note FROM booking_history WHERE version = 2") == "Fee of 25.00 EUR"


async def test_cancelling_again_is_200_without_a_change(world) -> None:
    booking = await booked(world)
    first, again = await world.commands(cancel(booking), cancel(booking))
    assert (first.status, again.status, again.etag) == (200, 200, "2")
    assert len(await world.released()) == 1
    assert await legal(world, booking)


async def test_somebody_elses_booking_is_not_there(world) -> None:
    booking = await booked(world)
    answers = await world.commands(
        cancel(booking, actor=guest("visitor-2")), cancel(uuid4()), cancel(booking, actor=staff(), if_match=9)
    )
    assert [(answer.status, code(answer)) for answer in answers] == [
        (404, "NOT_FOUND"),
        (404, "NOT_FOUND"),
        (412, "VERSION_MISMATCH"),
    ]
    assert await world.status(booking) == "confirmed"


# -- two at once ---------------------------------------------------------------------------------------------------


async def test_cancel_and_check_in_in_one_batch_are_decided_one_after_the_other(world) -> None:
    booking = await booked(world, starts_in=SOON)
    first, second = await world.commands(cancel(booking), check_in(booking))
    assert (first.status, second.status) == (200, 409)
    problem = orjson.loads(second.body)
    assert (problem["code"], problem["from"], problem["to"]) == ("INVALID_TRANSITION", "cancelled", "checked_in")
    assert problem["allowed"] == []
    assert await legal(world, booking)


async def test_the_same_if_match_twice_in_one_batch_412_for_the_second(world) -> None:
    booking = await booked(world, starts_in=SOON)
    first, second = await world.commands(check_in(booking, if_match=1), check_in(booking, if_match=1))
    assert (first.status, second.status) == (200, 412)
    assert await legal(world, booking)


async def test_a_version_mismatch_is_told_before_a_wrong_state(world) -> None:
    booking = await booked(world)
    await world.commands(cancel(booking))
    (answer,) = await world.commands(check_in(booking, if_match=1))
    assert (answer.status, code(answer)) == (412, "VERSION_MISMATCH")


async def test_two_tenants_in_one_batch_that_name_each_others_ids(world) -> None:
    ours, theirs = await booked(world), await booked(world, tenant=OTHER_TENANT)
    answers = await world.commands(
        cancel(theirs, actor=staff()),
        cancel(ours, tenant=OTHER_TENANT, actor=staff()),
        cancel(ours, actor=staff()),
    )
    assert [answer.status for answer in answers] == [404, 404, 200]
    assert await world.status(theirs) == "confirmed"


async def test_one_id_in_two_tenants_is_two_bookings(world) -> None:
    command = uuid4()
    await world.claims(claim(command=command))
    await world.admin.execute("DELETE FROM inbox")
    await world.claims(claim(command=command, tenant=OTHER_TENANT))
    booking = claim(command=command).message.booking_id
    await world.commands(cancel(booking, actor=staff()))
    found = await world.admin.fetch("SELECT tenant_id, status FROM bookings WHERE id = $1", booking)
    assert {(row["tenant_id"] == OTHER_TENANT, row["status"]) for row in found} == {
        (True, "confirmed"),
        (False, "cancelled"),
    }


# -- confirm and time --------------------------------------------------------------------------------------------------


async def test_confirm_a_pending_booking_and_again(world) -> None:
    booking = await booked(world, policy=APPROVAL)
    (answer,) = await world.commands(confirm(booking))
    body = orjson.loads(answer.body)
    assert (body["status"], body["version"], body["pendingExpiresAt"]) == ("confirmed", 2, None)
    (again,) = await world.commands(confirm(booking))
    assert (again.status, again.etag) == (200, "2")
    assert await world.told() == ["BookingCreated", "BookingConfirmed"]


async def test_a_finding_that_came_too_late_changes_nothing(world) -> None:
    booking = await booked(world, policy=APPROVAL)
    await world.time(expire(booking))
    assert await world.status(booking) == "pending"
    await time_is_up(world, booking)
    await world.commands(confirm(booking))
    await world.time(expire(booking, 7))
    assert await world.status(booking) == "confirmed"


# -- the door ----------------------------------------------------------------------------------------------------------


async def test_the_first_admission_checks_the_booking_in_by_the_door(world) -> None:
    booking = await booked(world, starts_in=SOON)
    await world.tickets(scanned(booking), scanned(booking))
    assert await world.status(booking) == "checked_in"
    (event,) = [row for row in await world.outbox("booking.events.v1") if row["type"] == "BookingCheckedIn"]
    assert messages.BookingCheckedIn.decode(event["payload"]).via is CheckInVia.DOOR
    assert await legal(world, booking)


async def test_staff_check_in_says_so(world) -> None:
    booking = await booked(world, starts_in=SOON)
    (answer,) = await world.commands(check_in(booking))
    assert orjson.loads(answer.body)["checkedInAt"]
    event = (await world.outbox("booking.events.v1"))[-1]
    assert messages.BookingCheckedIn.decode(event["payload"]).via is CheckInVia.STAFF


async def test_staff_check_in_the_rest_after_a_door(world) -> None:
    booking = await booked(world, starts_in=SOON)
    await world.tickets(scanned(booking))
    answers = [(await world.commands(check_in(booking)))[0] for _ in range(2)]
    assert [(answer.status, answer.etag) for answer in answers] == [(200, "3")] * 2
    told = [
        messages.BookingCheckedIn.decode(row["payload"])
        for row in await world.outbox("booking.events.v1")
        if row["type"] == "BookingCheckedIn"
    ]
    assert [(event.version, event.previous_status, event.via) for event in told] == [
        (2, "confirmed", CheckInVia.DOOR),
        (3, "checked_in", CheckInVia.STAFF),
    ]
    assert await legal(world, booking)


async def test_an_admission_of_a_cancelled_booking_is_noted_and_it_stays_cancelled(world) -> None:
    booking = await booked(world, starts_in=SOON)
    await world.commands(cancel(booking, actor=staff()))
    await world.tickets(scanned(booking))
    assert await world.status(booking) == "cancelled"
    assert await world.versions(booking) == [
        (1, None, "confirmed"),
        (2, "confirmed", "cancelled"),
        (3, "cancelled", "cancelled"),
    ]
    assert len(await world.released()) == 1
    assert await legal(world, booking)


@pytest.mark.parametrize("replayed", [False, True])
async def test_a_scan_that_comes_again_when_the_inbox_has_forgotten_it_adds_no_version(world, replayed) -> None:
    """Scans are kept 30 days and the inbox 7; a replay has a new id anyway."""
    booking = await booked(world, starts_in=SOON)
    await world.commands(cancel(booking, actor=staff()))
    scan = scanned(booking)
    await world.tickets(scan)
    await world.admin.execute("DELETE FROM inbox")
    await world.tickets(replace(scan, id=uuid4() if replayed else scan.id, waiters=[]))
    assert len(await world.versions(booking)) == 3
    assert await legal(world, booking)


async def test_control_without_what_the_booking_remembers_each_time_adds_a_version(world) -> None:
    booking = await booked(world, starts_in=SOON)
    await world.commands(cancel(booking, actor=staff()))
    scan = scanned(booking)
    for _ in range(2):
        await world.tickets(replace(scan, waiters=[]))
        await world.admin.execute("DELETE FROM inbox")
        await world.admin.execute("UPDATE bookings SET checked_in_at = NULL")
    assert len(await world.versions(booking)) == 4


async def test_refused_scans_exits_and_unknown_bookings_change_nothing(world) -> None:
    booking = await booked(world, starts_in=SOON)
    await world.tickets(
        scanned(booking, admitted=False), scanned(booking, direction=ScanDirection.EXIT), scanned(uuid4())
    )
    assert await world.status(booking) == "confirmed"
    assert await world.admin.fetchval("SELECT count(*) FROM inbox WHERE consumer = 'booking.tickets'") == 3


async def test_an_old_scan_after_newer_versions_changes_nothing(world) -> None:
    booking = await booked(world, starts_in=SOON)
    scan = scanned(booking)
    await world.tickets(scan)
    await world.tickets(replace(scanned(booking), id=scan.id))
    await world.tickets(scanned(booking))
    assert await world.versions(booking) == [(1, None, "confirmed"), (2, "confirmed", "checked_in")]


# -- time guards and costs ---------------------------------------------------------------------------------------------


async def test_check_in_outside_its_window(world) -> None:
    (answer,) = await world.commands(check_in(await booked(world)))
    problem = orjson.loads(answer.body)
    assert (problem["status"], problem["code"]) == (409, "TOO_EARLY")
    assert (problem["from"], problem["to"]) == ("confirmed", "checked_in")
    assert problem["at"].endswith("Z")


async def test_a_batch_of_commands_costs_the_same_statements_whatever_its_size(world) -> None:
    counts = []
    for size in (1, 40):
        bookings = [(await booked(world, email=f"c{size}-{n}@example.com")) for n in range(size)]
        with counted_statements() as seen:
            await world.commands(*(cancel(booking) for booking in bookings))
        counts.append(len(seen))
    assert counts == [5, 5]
