"""Doors: every result that can be reached, in its order [spec/05, Scanning]."""

from __future__ import annotations

import pytest
from e2e_doors import enter, sold, tonight, with_policy
from e2e_qr import read_qr
from e2e_samples import ahead, asset, concert, instant, scan
from e2e_world import Tenant, eventually, ok

ANSWER = {
    "result", "admitted", "direction", "scannedAt", "forced", "dryRun", "ticket", "booking", "event",
    "firstAdmission", "party",
}  # fmt: skip
APPROVAL = {"booking": {"autoConfirm": False, "approval": "always"}}


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
