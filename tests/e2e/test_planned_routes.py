"""Routes of the specification that are not built answer 501 and are left out of the OpenAPI document [issue 3, 16]."""

from __future__ import annotations

import pytest
from e2e_samples import NOWHERE
from e2e_world import Tenant, World, ok, refused

ID = NOWHERE
PLANNED = [
    ("GET", f"/bookings/{ID}/tickets/{ID}/wallet/apple"),
    ("GET", f"/bookings/{ID}/tickets/{ID}/wallet/google"),
    ("GET", f"/bookings/{ID}/tickets/wallet/availability"),
    ("GET", "/bookings/by-code/4H7KQ2M9XW3T"),
    ("GET", "/bookings/calendar-events"),
    ("GET", "/bookings/export"),
    ("GET", "/bookings/qr/resolve"),
    ("GET", "/bookings/stats"),
    ("GET", "/bookings/upcoming"),
    ("POST", f"/bookings/{ID}/pay"),
    ("POST", "/bookings/availability/block"),
    ("POST", "/bookings/qr/generate"),
    ("POST", "/bookings/resources/reorder"),
    ("POST", "/bookings/waitlist"),
    ("POST", "/bookings/walk-in"),
    ("PUT", f"/bookings/{ID}"),
    ("PUT", f"/bookings/resources/{ID}"),
    ("PATCH", f"/bookings/{ID}/complete"),
    ("PATCH", f"/bookings/{ID}/no-show"),
    ("PATCH", f"/bookings/{ID}/reschedule"),
    ("PATCH", f"/bookings/resources/{ID}/activate"),
    ("PATCH", f"/bookings/resources/{ID}/deactivate"),
    ("DELETE", "/bookings/availability/block"),
    ("DELETE", f"/bookings/resources/{ID}"),
    ("GET", f"/bookings/calendar/busy-times/{ID}"),
    ("GET", "/bookings/calendar/google/auth"),
    ("GET", "/bookings/calendar/google/callback"),
    ("GET", f"/bookings/calendar/ical/resource/{ID}"),
    ("GET", "/bookings/calendar/ical/tenant"),
    ("POST", f"/bookings/calendar/sync/booking/{ID}"),
    ("POST", f"/bookings/calendar/sync/resource/{ID}"),
    ("DELETE", "/bookings/calendar/disconnect"),
    ("DELETE", f"/bookings/calendar/sync/booking/{ID}"),
    ("POST", "/public/bookings/verify"),
    ("GET", "/public/bookings/BK-7Q2M9KX4"),
    ("POST", "/public/bookings/BK-7Q2M9KX4/cancel"),
    ("POST", "/public/bookings/BK-7Q2M9KX4/reschedule"),
    ("GET", "/resource-categories"),
    ("GET", f"/resource-categories/content/{ID}/requirements"),
    ("POST", "/resource-categories"),
    ("PUT", f"/resource-categories/{ID}"),
    ("PUT", f"/resource-categories/content/{ID}/requirements"),
    ("DELETE", f"/resource-categories/{ID}"),
]
BUILT = [
    ("get", "/booking-assets/{id}/calendar.ics"),
    ("get", "/booking-assets/{id}/qr.png"),
    ("get", "/booking-assets/{id}/tickets/pdf"),
    ("get", "/bookings"),
    ("get", "/bookings/{id}"),
    ("get", "/bookings/{id}/calendar.ics"),
    ("get", "/bookings/{id}/tickets"),
    ("get", "/bookings/{id}/tickets/{ticketId}/pdf"),
    ("get", "/bookings/{id}/tickets/pdf"),
    ("get", "/bookings/availability"),
    ("get", "/bookings/number/{bookingNumber}"),
    ("get", "/bookings/resources"),
    ("get", "/bookings/resources/{id}"),
    ("post", "/bookings"),
    ("post", "/bookings/resources"),
    ("post", "/bookings/scan"),
    ("post", "/bookings/scan/booking"),
    ("post", "/bookings/scan/ticket"),
    ("patch", "/bookings/{id}/cancel"),
    ("patch", "/bookings/{id}/check-in"),
    ("patch", "/bookings/{id}/confirm"),
]


def test_the_64_routes_of_the_reference_are_all_here():
    assert len(PLANNED) + len(BUILT) == 64


@pytest.mark.parametrize(("method", "path"), PLANNED)
def test_a_planned_route_answers_501_and_nothing_made_up(tenant: Tenant, method: str, path: str):
    body = {} if method in {"POST", "PUT", "PATCH"} else None

    refused(tenant.owner.send(method, path, body), 501, "NOT_IMPLEMENTED")


@pytest.mark.parametrize(("method", "path"), [route for route in PLANNED if route[1].startswith("/bookings/stats")])
def test_it_needs_its_credentials_all_the_same(world: World, tenant: Tenant, method: str, path: str):
    refused(world.nobody.send(method, path), 401, "UNAUTHENTICATED")
    refused(tenant.guest.send(method, path), 403, "FORBIDDEN")


def test_the_openapi_document_has_what_is_built_and_not_what_is_planned(world: World):
    paths = ok(world.nobody.get("/openapi.json"))["paths"]
    documented = {(method, path) for path, methods in paths.items() for method in methods}

    assert set(BUILT) <= documented
    assert not [path for path in paths if any(word in path for word in ("wallet", "waitlist", "stats", "categories"))]


def test_the_documents_are_served(world: World):
    assert world.nobody.get("/docs").status_code == 200
    assert world.nobody.get("/asyncapi").status_code == 200
