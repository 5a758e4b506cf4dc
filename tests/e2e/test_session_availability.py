"""Availability of sessions: one slot each, with its tiers, also when it is full [spec/04; spec/09; spec/10]."""

from __future__ import annotations

from e2e_samples import Concert, ahead, concert
from e2e_world import Tenant, ok, refused


def listed(show: Concert, **query: object) -> dict:
    """Availability of the content on the day of its session."""
    day = show.session["localStart"][:10]
    path = "/bookings/availability"
    return ok(show.tenant.guest.get(path, contentId=show.content["id"], dateFrom=day, dateTo=day, **query))


def test_a_session_is_one_slot_with_its_tiers(tenant: Tenant, show: Concert):
    found = listed(show)

    (slot,) = found["slots"]
    assert (slot["start"], slot["end"]) == (show.session["startsAt"], show.session["endsAt"])
    assert (slot["localStart"], slot["offset"]) == (show.session["localStart"], show.session["offset"])
    assert (slot["sessionId"], slot["status"], slot["reason"]) == (show.id, "available", None)
    assert slot["tiers"] == show.session["tiers"]
    assert slot["resources"] == []
    assert found["nextAvailable"] == slot["start"]
    assert found["timezone"] == "Europe/Berlin"


def test_it_is_limited_when_at_most_a_fifth_or_three_are_left(tenant: Tenant):
    show = concert(tenant, tiers=[{"name": "Standard", "kind": "paid", "price": "5.00", "quantity": 20}])
    show.booked(tenant.guest, 15)
    assert listed(show)["slots"][0]["status"] == "available"
    show.booked(tenant.guest, 1)

    slot = listed(show)["slots"][0]

    assert (slot["status"], slot["remaining"]) == ("limited", 4)


def test_a_sold_out_session_is_listed_as_full(tenant: Tenant):
    show = concert(tenant, session={"capacity": 2})
    show.booked(tenant.guest, 2)

    found = listed(show)

    (slot,) = found["slots"]
    assert (slot["status"], slot["remaining"]) == ("full", 0)
    assert found["nextAvailable"] is None


def test_the_next_available_is_the_first_that_is_not_full(tenant: Tenant):
    start = ahead(days=30).replace(hour=10)
    show = concert(tenant, starts_at=start, session={"capacity": 1})
    later = show.another(start.replace(hour=15))
    show.booked(tenant.guest)

    found = listed(show)

    assert [slot["status"] for slot in found["slots"]] == ["full", "available"]
    assert found["nextAvailable"] == later.session["startsAt"]


def test_what_is_held_is_not_left(tenant: Tenant, show: Concert):
    show.held(tenant.visitor(), 4)

    assert listed(show)["slots"][0]["tiers"][0]["remaining"] == 6


def test_a_tier_can_be_asked_for_alone(tenant: Tenant, show: Concert):
    show.booked(tenant.guest, 10)

    assert listed(show, tierId=show.tier(0))["slots"][0]["status"] == "full"
    assert listed(show, tierId=show.tier(1))["slots"][0]["status"] == "available"


def test_a_draft_offers_nothing_to_a_visitor(tenant: Tenant):
    show = concert(tenant, status="draft")

    day = show.session["localStart"][:10]
    answer = tenant.guest.get("/bookings/availability", contentId=show.content["id"], dateFrom=day, dateTo=day)

    assert answer.status_code in {200, 404, 409}
    assert answer.status_code != 200 or all(slot["status"] == "closed" for slot in answer.json()["slots"])


def test_another_tenants_content_is_404(tenant: Tenant, other: Tenant, show: Concert):
    day = show.session["localStart"][:10]
    query = {"contentId": show.content["id"], "dateFrom": day, "dateTo": day}

    refused(other.guest.get("/bookings/availability", **query), 404, "NOT_FOUND")
