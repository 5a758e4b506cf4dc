"""Staff check in the rest of a party that a door has begun; and what the owners measure [spec/08; spec/10]."""

from __future__ import annotations

import httpx
import pytest
from e2e_doors import enter, sold, tonight
from e2e_samples import Concert, history, step, tickets_of
from e2e_world import Json, Tenant, World, eventually, ok


def begun_at_the_door(tenant: Tenant, party: int) -> tuple[Json, list[Json]]:
    """A booking of which a door has let one in, and its tickets."""
    booking, tickets = sold(tonight(tenant), party)
    enter(tenant, tickets[0])
    path = f"/bookings/{booking['id']}"
    eventually(lambda: ok(tenant.staff.get(path))["status"] == "checked_in")
    return ok(tenant.staff.get(path)), tickets


class TestTheRestOfAParty:
    """`PATCH …/check-in` admits all live tickets of a booking [spec/10, Bookings]."""

    def test_staff_let_in_those_that_the_door_has_not(self, tenant: Tenant):
        booking, tickets = begun_at_the_door(tenant, 3)

        answer = step(tenant.staff, booking, "check-in")
        shown = ok(answer)

        assert (shown["status"], shown["version"], answer.headers["ETag"]) == ("checked_in", 3, '"3"')
        assert shown["checkedInAt"] == booking["checkedInAt"]
        eventually(lambda: [one["status"] for one in tickets_of(tenant.guest, booking, 3)] == ["checked_in"] * 3)
        assert enter(tenant, tickets[2])["result"] == "already_checked_in"
        assert [(one["version"], one["from"], one["to"]) for one in history(tenant, booking)] == [
            (1, None, "confirmed"),
            (2, "confirmed", "checked_in"),
            (3, "checked_in", "checked_in"),
        ]

    def test_it_happens_once(self, tenant: Tenant):
        booking, _ = begun_at_the_door(tenant, 2)

        versions = [ok(step(tenant.staff, booking, "check-in"))["version"] for _ in range(3)]

        assert versions == [3, 3, 3]


def series(world: World, service: str, begins: str) -> dict[str, float]:
    """Series of a service whose names begin so, by name and labels."""
    text = httpx.get(f"{world.description['health'][service]}/metrics", timeout=10).text
    lines = (line.rpartition(" ") for line in text.splitlines() if line.startswith(begins))
    return {name: float(value) for name, _, value in lines}


class TestMeasured:
    """What 08 lists, each where it happens."""

    def test_refusals_by_reason(self, world: World, show: Concert):
        name = 'holdfast_claims_refused_total{reason="SOLD_OUT"}'
        before = series(world, "inventory", name).get(name, 0)
        show.book(show.tenant.guest, 11)

        assert series(world, "inventory", name)[name] == before + 1

    def test_holds_live_and_expired(self, world: World, show: Concert):
        show.held(show.tenant.visitor(), 1)

        found = series(world, "inventory", "holdfast_holds{")

        assert set(found) == {'holdfast_holds{state="live"}', 'holdfast_holds{state="expired"}'}

    def test_the_time_from_a_command_to_its_result(self, world: World, show: Concert):
        name = 'holdfast_result_seconds_count{operation="CreateBooking"}'
        before = series(world, "gateway", name).get(name, 0)
        show.booked(show.tenant.guest)

        assert series(world, "gateway", name)[name] == before + 1

    @pytest.mark.parametrize(
        ("service", "path", "route"),
        [
            ("inventory", "/contents/{content}", "/internal/contents/{content_id}"),
            ("booking", "/bookings/{booking}/history", "/internal/bookings/{booking_id}/history"),
            ("tickets", "/bookings/{booking}/tickets", "/internal/bookings/{booking_id}/tickets"),
            ("calendar", "/bookings/{booking}/calendar.ics", "/internal/bookings/{booking_id}/calendar.ics"),
        ],
    )
    def test_requests_of_the_owners_by_route(self, world: World, show: Concert, service: str, path: str, route: str):
        booking = show.booked(show.tenant.guest)
        asked = path.format(content=show.content["id"], booking=booking["id"])
        eventually(lambda: show.tenant.staff.get(asked).status_code == 200)

        counts = series(world, service, "holdfast_http_seconds_count{")

        assert any(f'route="{route}"' in name and 'status="200"' in name for name in counts), sorted(counts)
        assert not any(booking["id"] in name for name in counts)
