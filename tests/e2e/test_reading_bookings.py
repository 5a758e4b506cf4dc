"""Who sees which booking, and lists with filters, order and pages [spec/02, Bookings; spec/09; spec/10]."""

from __future__ import annotations

from uuid import uuid4

import pytest
from e2e_samples import NOWHERE, Concert, ahead, concert, day_ahead, instant, resource, slot_body
from e2e_world import Json, Tenant, World, created, invalid, ok, refused


@pytest.fixture(scope="module")
def books(world: World) -> Tenant:
    """A tenant of its own, so that what is listed is known."""
    return world.new_tenant(timezone="Europe/Berlin")


@pytest.fixture(scope="module")
def shelf(books: Tenant) -> dict[str, Json]:
    """Four bookings: two of an event, one cancelled, and one appointment."""
    show = concert(books, starts_at=ahead(days=40).replace(hour=18))
    ana = resource(books)
    return {
        "ada": show.booked(
            books.guest, customerName="Ada", customerEmail="ada@lovelace.example", guests=[{"name": "Ada"}]
        ),
        "bob": show.another(ahead(days=20)).booked(books.staff, customerName="Bob"),
        "cyd": ok(books.staff.patch(f"/bookings/{show.booked(books.guest, customerName='Cyd')['id']}/cancel")),
        "dan": created(books.guest.post("/bookings", slot_body(ana["id"], day_ahead(10), "09:00", customerName="Dan"))),
    }


def names(books: Tenant, **query: object) -> list[str]:
    return [one["customerName"] for one in ok(books.staff.get("/bookings", **query))["data"]]


class TestOneBooking:
    """Staff see any, a guest only those made with the same `sub`."""

    def test_a_guest_sees_their_own(self, show: Concert):
        visitor = show.tenant.visitor()
        booking = show.booked(visitor)

        assert ok(visitor.get(f"/bookings/{booking['id']}"))["id"] == booking["id"]
        number = booking["bookingNumber"]
        assert ok(visitor.get(f"/bookings/number/{number}"))["id"] == booking["id"]
        assert ok(visitor.get(f"/bookings/number/{number.lower()}"))["id"] == booking["id"]
        assert visitor.get(f"/bookings/{booking['id']}/tickets").status_code == 200

    @pytest.mark.parametrize("path", ["", "/tickets", "/tickets/pdf", "/calendar.ics"])
    def test_another_guest_gets_404_for_all_of_it(self, show: Concert, path: str):
        booking = show.booked(show.tenant.visitor())

        refused(show.tenant.visitor().get(f"/bookings/{booking['id']}{path}"), 404, "NOT_FOUND")

    @pytest.mark.parametrize("path", ["", "/tickets", "/tickets/pdf", "/calendar.ics", "/history"])
    def test_another_tenant_gets_404_for_all_of_it(self, show: Concert, other: Tenant, path: str):
        booking = show.booked(show.tenant.guest)

        refused(other.owner.get(f"/bookings/{booking['id']}{path}"), 404, "NOT_FOUND")

    def test_another_guest_cannot_cancel_it_nor_find_it_by_number(self, show: Concert, other: Tenant):
        booking = show.booked(show.tenant.visitor())
        stranger = show.tenant.visitor()

        refused(stranger.patch(f"/bookings/{booking['id']}/cancel"), 404, "NOT_FOUND")
        refused(stranger.get(f"/bookings/number/{booking['bookingNumber']}"), 404, "NOT_FOUND")
        refused(other.staff.get(f"/bookings/number/{booking['bookingNumber']}"), 404, "NOT_FOUND")
        refused(other.staff.patch(f"/bookings/{booking['id']}/cancel"), 404, "NOT_FOUND")

    @pytest.mark.parametrize("step", ["confirm", "cancel", "check-in"])
    def test_a_transition_of_another_tenants_booking_is_404(self, show: Concert, other: Tenant, step: str):
        booking = show.booked(show.tenant.guest)

        refused(other.staff.patch(f"/bookings/{booking['id']}/{step}"), 404, "NOT_FOUND")
        assert ok(show.tenant.staff.get(f"/bookings/{booking['id']}"))["version"] == 1

    def test_an_unknown_id_is_404_and_what_is_no_uuid_is_422(self, tenant: Tenant):
        refused(tenant.staff.get(f"/bookings/{NOWHERE}"), 404, "NOT_FOUND")
        refused(tenant.staff.get("/bookings/number/BK-00000000"), 404, "NOT_FOUND")
        invalid(tenant.staff.get("/bookings/seven"), "id")
        invalid(tenant.staff.patch("/bookings/seven/cancel"), "id")


class TestList:
    """GET /bookings: filters, order, pages."""

    def test_a_page_has_data_total_page_and_limit(self, books: Tenant, shelf: dict[str, Json]):
        body = ok(books.staff.get("/bookings"))

        assert set(body) == {"data", "total", "page", "limit"}
        assert (body["total"], body["page"], body["limit"]) == (4, 1, 20)
        newest = body["data"][0]
        assert {**newest, "links": None} == {**shelf["dan"], "links": None}

    def test_the_newest_comes_first_unless_told(self, books: Tenant, shelf: dict[str, Json]):
        assert names(books)[0] == "Dan"
        assert names(books, sort="customerName") == ["Ada", "Bob", "Cyd", "Dan"]
        assert names(books, sort="-customerName") == ["Dan", "Cyd", "Bob", "Ada"]
        assert names(books, sort="startsAt")[:2] == ["Dan", "Bob"]
        assert names(books, sort="-startsAt")[2:] == ["Bob", "Dan"]

    def test_status_and_mode_and_type_filter_and_repeat(self, books: Tenant, shelf: dict[str, Json]):
        assert names(books, status="cancelled") == ["Cyd"]
        assert len(names(books, status=["cancelled", "confirmed"])) == 4
        assert names(books, bookingMode="time_slot") == ["Dan"]
        assert sorted(names(books, type="event")) == ["Ada", "Bob", "Cyd"]
        assert names(books, origin="dashboard") == ["Bob"]
        assert names(books, status=["no_show", "expired"]) == []

    def test_content_and_resource_filter(self, books: Tenant, shelf: dict[str, Json]):
        assert names(books, resourceId=shelf["dan"]["resourceId"]) == ["Dan"]
        assert len(names(books, contentId=shelf["ada"]["contentId"])) == 3
        assert names(books, contentId=NOWHERE) == []

    def test_dates_are_the_tenants_days_inclusive(self, books: Tenant, shelf: dict[str, Json]):
        day = shelf["ada"]["localStart"][:10]

        assert sorted(names(books, dateFrom=day, dateTo=day)) == ["Ada", "Cyd"]
        assert sorted(names(books, dateFrom=day)) == ["Ada", "Cyd"]
        assert "Ada" not in names(books, dateTo=day_ahead(30))

    def test_a_late_evening_belongs_to_the_local_day(self, world: World):
        berlin = world.new_tenant(timezone="Europe/Berlin")
        show = concert(berlin, starts_at=ahead(days=60).replace(hour=23, minute=30, second=0))
        booking = show.booked(berlin.guest)
        utc_day, local_day = booking["startsAt"][:10], booking["localStart"][:10]

        assert utc_day != local_day
        assert ok(berlin.staff.get("/bookings", dateFrom=local_day, dateTo=local_day))["total"] == 1
        assert ok(berlin.staff.get("/bookings", dateFrom=utc_day, dateTo=utc_day))["total"] == 0

    def test_search_finds_name_number_email_and_code(self, books: Tenant, shelf: dict[str, Json]):
        ada = shelf["ada"]

        for text in ("ada", ada["bookingNumber"], "lovelace.example"):
            assert names(books, search=text) == ["Ada"], text
        assert names(books, search="%") == []
        assert names(books, search=uuid4().hex) == []

    def test_pages_have_no_gaps_and_no_repeats(self, books: Tenant, shelf: dict[str, Json]):
        pages = [ok(books.staff.get("/bookings", limit=1, page=page)) for page in range(1, 6)]

        assert [len(page["data"]) for page in pages] == [1, 1, 1, 1, 0]
        assert len({one["id"] for page in pages for one in page["data"]}) == 4
        assert {page["total"] for page in pages} == {4}

    @pytest.mark.parametrize(
        ("query", "path"),
        [
            ({"page": "0"}, "page"),
            ({"page": "two"}, "page"),
            ({"limit": "0"}, "limit"),
            ({"limit": "101"}, "limit"),
            ({"limit": "1000"}, "limit"),
            ({"sort": "price"}, "sort"),
            ({"sort": "--startsAt"}, "sort"),
            ({"status": "lost"}, "status"),
            ({"type": "party"}, "type"),
            ({"bookingMode": "x"}, "bookingMode"),
            ({"contentId": "x"}, "contentId"),
            ({"dateFrom": "2027-06-31"}, "dateFrom"),
            ({"dateFrom": "2027-06-02", "dateTo": "2027-06-01"}, "dateTo"),
            ({"colour": "red"}, "colour"),
            ({"search": "a\x00b"}, "search"),
        ],
    )
    def test_a_wrong_parameter_is_422_with_its_name(self, tenant: Tenant, query: dict, path: str):
        assert invalid(tenant.staff.get("/bookings", **query))["errors"][0]["path"].split("[")[0] == path

    def test_another_tenants_list_is_empty_of_it(self, books: Tenant, other: Tenant, shelf: dict[str, Json]):
        ids = {one["id"] for one in ok(other.owner.get("/bookings", limit=100))["data"]}

        assert not ids & {one["id"] for one in shelf.values()}


def test_times_are_utc_with_z_and_whole_seconds(show: Concert):
    booking = show.booked(show.tenant.guest)

    for name in (
        "startsAt",
        "endsAt",
        "createdAt",
        "updatedAt",
        "confirmedAt",
        "cancellableUntil",
        "reschedulableUntil",
    ):
        assert len(booking[name]) == 20
        assert booking[name].endswith("Z")
    assert instant(ahead()) >= booking["createdAt"]
