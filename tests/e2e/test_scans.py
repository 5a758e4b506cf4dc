"""Doors: every result that can be reached, nonces, force, dry runs, exits, parties [spec/05, Scanning; spec/09]."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from e2e_qr import read_qr
from e2e_samples import NOWHERE, Concert, ahead, concert, instant, scan, tickets_of
from e2e_world import Json, Tenant, eventually, invalid, ok, refused
from test_tickets import asset

ANSWER = {
    "result", "admitted", "direction", "scannedAt", "forced", "dryRun", "ticket", "booking", "event",
    "firstAdmission", "party",
}  # fmt: skip
TONIGHT = {"minutes": 45}
APPROVAL = {"booking": {"autoConfirm": False, "approval": "always"}}


def tonight(tenant: Tenant, **fields: object) -> Concert:
    """An event whose doors are open."""
    return concert(tenant, starts_at=ahead(**TONIGHT), **fields)


def with_policy(tenant: Tenant, policy: str) -> Concert:
    return tonight(
        tenant, tiers=[{"name": "Pass", "kind": "paid", "price": "9.00", "quantity": 9, "entryPolicy": policy}]
    )


def sold(show: Concert, quantity: int = 1, **fields: object) -> tuple[Json, list[Json]]:
    """A booking with its tickets."""
    booking = show.booked(show.tenant.guest, quantity, **fields)
    return booking, tickets_of(show.tenant.guest, booking, quantity)


def enter(tenant: Tenant, ticket: Json, **fields: object) -> Json:
    return scan(tenant.door, ticket["ticketCode"], **fields)


class TestTheAnswer:
    """What a door shows, also where it refuses."""

    def test_it_has_ticket_booking_event_and_party(self, tenant: Tenant):
        show = tonight(tenant)
        booking, tickets = sold(
            show, 2, seats=["A1", "A2"], guests=[{"name": "Ida"}, {"name": "Ole"}], customerNote="Aisle"
        )

        answer = enter(tenant, tickets[0], gate="North", deviceId="door-1")

        assert set(answer) >= ANSWER
        assert (answer["result"], answer["admitted"], answer["direction"]) == ("valid", True, "entry")
        assert (answer["forced"], answer["dryRun"]) == (False, False)
        ticket = answer["ticket"]
        assert (ticket["id"], ticket["ticketCode"]) == (tickets[0]["id"], tickets[0]["ticketCode"])
        assert (ticket["status"], ticket["attendeeName"]) == ("checked_in", "Ida")
        assert (ticket["tierName"], ticket["seatLabel"]) == ("Standard", "A1")
        assert answer["booking"]["id"] == booking["id"]
        assert answer["booking"]["bookingNumber"] == booking["bookingNumber"]
        assert answer["booking"]["customerNote"] == "Aisle"
        assert answer["event"] == {
            "contentId": show.content["id"],
            "title": "Harbour concert",
            "sessionId": show.id,
            "startsAt": booking["startsAt"],
        }
        assert answer["party"] == {"admitted": 1, "total": 2}

    def test_a_second_scan_tells_when_where_and_by_which_device_it_was_first(self, tenant: Tenant):
        _, (ticket,) = sold(tonight(tenant))
        first = enter(tenant, ticket, gate="North", deviceId="door-1")

        second = enter(tenant, ticket, gate="South", deviceId="door-3")

        assert (second["result"], second["admitted"]) == ("already_checked_in", False)
        assert second["firstAdmission"] == {"at": first["scannedAt"], "gate": "North", "deviceId": "door-1"}
        assert second["ticket"]["attendeeName"] == ticket["attendeeName"]

    def test_no_contact_data_is_shown(self, tenant: Tenant):
        _, (ticket,) = sold(tonight(tenant), customerEmail="secret@example.com", customerPhone="+4930123456")

        text = str(enter(tenant, ticket))

        assert "secret@example.com" not in text
        assert "+4930123456" not in text


class TestResults:
    """The table of results, in its order."""

    def test_a_code_is_forgiven_case_and_letters_that_look_alike(self, tenant: Tenant):
        _, (ticket,) = sold(tonight(tenant))
        typed = ticket["ticketCode"].lower().replace("0", "o").replace("1", "l")

        assert scan(tenant.door, f"{typed[:4]}-{typed[4:8]} {typed[8:]}")["result"] == "valid"

    def test_a_broken_signature(self, tenant: Tenant):
        booking, (ticket,) = sold(tonight(tenant))
        link = asset(booking["links"]["qr"], ticketId=ticket["id"])
        payload = read_qr(tenant.world.nobody.get(link).content)
        end = "A" if payload[-9] != "A" else "B"
        forged = payload[:-9] + end + payload[-8:]

        answer = scan(tenant.door, forged)

        assert (answer["result"], answer["admitted"], answer["ticket"]) == ("bad_signature", False, None)
        assert scan(tenant.door, payload)["result"] == "valid"

    @pytest.mark.parametrize("code", ["ZZZZZZZZZZZZ", "hello", "BK-00000000", "4"])
    def test_an_unknown_code(self, tenant: Tenant, code: str):
        answer = scan(tenant.door, code)

        assert (answer["result"], answer["admitted"]) == ("not_found", False)
        assert (answer["ticket"], answer["booking"], answer["event"]) == (None, None, None)

    def test_another_tenants_code_is_not_found(self, tenant: Tenant, other: Tenant):
        _, (ticket,) = sold(tonight(other))

        assert enter(tenant, ticket)["result"] == "not_found"

    def test_a_cancelled_one_also_with_force(self, tenant: Tenant):
        show = tonight(tenant)
        booking, (ticket,) = sold(show)
        ok(tenant.staff.patch(f"/bookings/{booking['id']}/cancel"))

        eventually(lambda: enter(tenant, ticket)["result"] == "cancelled")

        forced = enter(tenant, ticket, force=True)
        assert (forced["result"], forced["admitted"]) == ("cancelled", False)
        assert forced["ticket"]["status"] == "cancelled"

    def test_another_event(self, tenant: Tenant):
        show = tonight(tenant)
        _, (ticket,) = sold(show)

        answer = enter(tenant, ticket, sessionId=concert(tenant).id)

        assert (answer["result"], answer["event"]["sessionId"]) == ("wrong_event", show.id)
        assert enter(tenant, ticket, sessionId=show.id)["result"] == "valid"

    def test_pending_approval(self, tenant: Tenant):
        booking = tonight(tenant, policies=APPROVAL).booked(tenant.guest)

        answer = eventually(
            lambda: next(
                (one for one in [scan(tenant.door, booking["ticketCode"])] if one["result"] != "not_found"), None
            )
        )

        assert (answer["result"], answer["booking"]["id"]) == ("pending_approval", booking["id"])

    def test_too_early_before_the_window_and_force_passes(self, tenant: Tenant):
        _, (ticket,) = sold(concert(tenant, starts_at=ahead(hours=5)))

        assert enter(tenant, ticket)["result"] == "too_early"
        forced = enter(tenant, ticket, force=True)
        assert (forced["result"], forced["admitted"], forced["forced"]) == ("valid", True, True)

    def test_a_tier_has_a_window_of_its_own(self, tenant: Tenant):
        tier = {"name": "Early birds", "kind": "free", "quantity": 5}
        over = {**tier, "checkInFrom": instant(ahead(hours=-2)), "checkInUntil": instant(ahead(hours=-1))}
        later = {**tier, "checkInFrom": instant(ahead(minutes=20)), "checkInUntil": instant(ahead(hours=1))}

        assert enter(tenant, sold(tonight(tenant, tiers=[over]))[1][0])["result"] == "too_late"
        assert enter(tenant, sold(tonight(tenant, tiers=[later]))[1][0])["result"] == "too_early"

    def test_not_inside_who_leaves_without_having_entered(self, tenant: Tenant):
        _, (ticket,) = sold(with_policy(tenant, "re_entry_after_exit"))

        answer = enter(tenant, ticket, direction="exit")

        assert (answer["result"], answer["direction"]) == ("not_inside", "exit")


class TestEntryPolicies:
    """once, re_entry_after_exit, unlimited, once_per_day."""

    def test_once_means_once_also_after_an_exit(self, tenant: Tenant):
        _, (ticket,) = sold(with_policy(tenant, "once"))

        assert enter(tenant, ticket)["result"] == "valid"
        assert enter(tenant, ticket, direction="exit")["result"] == "valid"
        assert enter(tenant, ticket)["result"] == "already_checked_in"

    def test_re_entry_needs_an_exit(self, tenant: Tenant):
        _, (ticket,) = sold(with_policy(tenant, "re_entry_after_exit"))

        results = [
            enter(tenant, ticket, direction=way)["result"] for way in ("entry", "entry", "exit", "exit", "entry")
        ]

        assert results == ["valid", "already_checked_in", "valid", "not_inside", "valid"]

    def test_unlimited_is_always_valid(self, tenant: Tenant):
        _, (ticket,) = sold(with_policy(tenant, "unlimited"))

        assert [enter(tenant, ticket)["result"] for _ in range(3)] == ["valid"] * 3

    def test_once_per_day_refuses_the_second_of_a_day(self, tenant: Tenant):
        _, (ticket,) = sold(with_policy(tenant, "once_per_day"))

        assert [enter(tenant, ticket)["result"] for _ in range(2)] == ["valid", "already_checked_in"]

    def test_force_passes_a_repeat(self, tenant: Tenant):
        _, (ticket,) = sold(tonight(tenant))
        enter(tenant, ticket)

        forced = enter(tenant, ticket, force=True)

        assert (forced["result"], forced["admitted"], forced["forced"]) == ("valid", True, True)


class TestOnce:
    """One admission of a ticket, whatever doors do."""

    def test_of_many_doors_at_once_one_admits(self, tenant: Tenant):
        _, (ticket,) = sold(tonight(tenant))

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda number: enter(tenant, ticket, deviceId=f"door-{number}"), range(12)))

        assert sorted(answer["result"] for answer in answers) == ["already_checked_in"] * 11 + ["valid"]

    def test_the_same_nonce_of_a_device_gives_the_same_answer(self, tenant: Tenant):
        _, (ticket,) = sold(tonight(tenant))
        nonce = uuid4().hex

        first, second = (enter(tenant, ticket, nonce=nonce, deviceId="door-1") for _ in range(2))

        assert first["result"] == "valid"
        assert second == first
        assert enter(tenant, ticket, nonce=uuid4().hex, deviceId="door-1")["result"] == "already_checked_in"

    def test_one_nonce_at_once_is_one_answer(self, tenant: Tenant):
        _, (ticket,) = sold(tonight(tenant))
        nonce = uuid4().hex

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: enter(tenant, ticket, nonce=nonce, deviceId="door-1"), range(8)))

        assert {answer["result"] for answer in answers} == {"valid"}

    def test_a_dry_run_admits_nobody(self, tenant: Tenant):
        _, (ticket,) = sold(tonight(tenant))

        dry = enter(tenant, ticket, dryRun=True)

        assert (dry["result"], dry["admitted"], dry["dryRun"]) == ("valid", False, True)
        assert dry["ticket"]["status"] == "valid"
        assert enter(tenant, ticket)["result"] == "valid"


class TestTheBooking:
    """The first admission checks the booking in; one of five leaves four valid."""

    def test_the_first_admission_checks_the_booking_in(self, tenant: Tenant):
        booking, tickets = sold(tonight(tenant), 3)
        enter(tenant, tickets[0])

        shown = eventually(
            lambda: next(
                (one for one in [ok(tenant.staff.get(f"/bookings/{booking['id']}"))] if one["status"] == "checked_in"),
                None,
            )
        )

        assert (shown["version"], shown["checkedInAt"] is None) == (2, False)
        assert [one["status"] for one in tickets_of(tenant.guest, booking, 3)] == ["checked_in", "valid", "valid"]

    def test_a_check_in_by_staff_uses_up_the_tickets(self, tenant: Tenant):
        booking, (ticket,) = sold(tonight(tenant))
        ok(tenant.staff.patch(f"/bookings/{booking['id']}/check-in"))

        eventually(lambda: tickets_of(tenant.guest, booking, 1)[0]["status"] == "checked_in")
        assert enter(tenant, ticket)["result"] == "already_checked_in"


class TestParties:
    """POST /bookings/scan/booking admits all, or `count`."""

    PATH = "/bookings/scan/booking"

    @pytest.mark.parametrize("name", ["ticketCode", "bookingNumber"])
    def test_all_of_a_party_by_its_code_or_number(self, tenant: Tenant, name: str):
        booking, _ = sold(tonight(tenant), 3)

        answer = scan(tenant.door, booking[name], path=self.PATH)

        assert (answer["result"], answer["admitted"]) == ("valid", True)
        assert answer["party"] == {"admitted": 3, "total": 3}
        assert scan(tenant.door, booking[name], path=self.PATH)["result"] == "already_checked_in"

    def test_part_of_a_party_and_then_the_rest(self, tenant: Tenant):
        booking, _ = sold(tonight(tenant), 5)

        steps = [scan(tenant.door, booking["ticketCode"], path=self.PATH, count=count) for count in (3, 2)]

        assert [(step["result"], step["party"]["admitted"]) for step in steps] == [("valid", 3), ("valid", 5)]

    def test_any_code_of_a_booking_admits_it_here(self, tenant: Tenant):
        booking, tickets = sold(tonight(tenant), 2)

        answer = scan(tenant.door, tickets[0]["ticketCode"], path=self.PATH)

        assert (answer["booking"]["id"], answer["party"]) == (booking["id"], {"admitted": 2, "total": 2})

    def test_scan_finds_out_what_a_code_is(self, tenant: Tenant):
        booking, tickets = sold(tonight(tenant), 2)

        assert scan(tenant.door, tickets[0]["ticketCode"])["party"] == {"admitted": 1, "total": 2}
        assert scan(tenant.door, booking["ticketCode"])["party"] == {"admitted": 2, "total": 2}

    def test_a_bookings_code_is_no_ticket(self, tenant: Tenant):
        booking, _ = sold(tonight(tenant), 2)

        assert scan(tenant.door, booking["ticketCode"], path="/bookings/scan/ticket")["result"] == "not_found"

    @pytest.mark.parametrize("count", [0, -1, "2", 501])
    def test_a_wrong_count_is_422(self, tenant: Tenant, count: object):
        invalid(tenant.door.post(self.PATH, {"code": "ABC", "count": count}), "count")


class TestCallers:
    """401, 403 and 422 only for the caller's own faults."""

    def test_who_may_scan(self, tenant: Tenant):
        for caller in (tenant.owner, tenant.staff, tenant.door):
            assert scan(caller, "ZZZZZZZZZZZZ")["result"] == "not_found"
        for caller in (tenant.guest, tenant.auditor):
            refused(caller.post("/bookings/scan", {"code": "ZZZZZZZZZZZZ"}), 403, "FORBIDDEN")
        refused(tenant.world.nobody.post("/bookings/scan", {"code": "Z"}), 401, "UNAUTHENTICATED")

    @pytest.mark.parametrize("path", ["/bookings/scan", "/bookings/scan/ticket", "/bookings/scan/booking"])
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "code"),
            ({"code": ""}, "code"),
            ({"code": 12}, "code"),
            ({"code": "x" * 1001}, "code"),
            ({"code": "A", "direction": "in"}, "direction"),
            ({"code": "A", "force": "yes"}, "force"),
            ({"code": "A", "scannedAt": "2027-06-12T17:30:00"}, "scannedAt"),
            ({"code": "A", "sessionId": "tonight"}, "sessionId"),
            ({"code": "A", "nonce": ""}, "nonce"),
            ({"code": "A", "door": "North"}, "door"),
        ],
    )
    def test_a_wrong_field_is_422(self, tenant: Tenant, path: str, body: dict, field: str):
        invalid(tenant.door.post(path, body), field)

    def test_an_unknown_session_is_no_fault_of_the_caller(self, tenant: Tenant):
        _, (ticket,) = sold(tonight(tenant))

        assert enter(tenant, ticket, sessionId=NOWHERE)["result"] == "wrong_event"
