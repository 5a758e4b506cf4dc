"""Doors: entry policies, nonces, force, dry runs, exits, parties, callers [spec/05, Scanning; spec/10]."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from e2e_doors import enter, sold, tonight, with_policy
from e2e_samples import NOWHERE, scan, tickets_of
from e2e_world import Tenant, eventually, invalid, ok, refused


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
