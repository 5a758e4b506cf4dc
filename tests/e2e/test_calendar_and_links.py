"""The calendar file, and the signed links of mails and wallets [spec/02, Booking assets; spec/06; spec/10]."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import icalendar
import pytest
from e2e_samples import NOWHERE, Concert, ahead, asset, concert, day_ahead, resource, slot_body, tickets_of
from e2e_world import Caller, Json, Tenant, World, created, eventually, ok, refused

ASSETS = {"calendar": "text/calendar", "qr": "image/png", "ticketsPdf": "application/pdf"}


def calendar_of(caller: Caller, booking: Json) -> tuple[httpx.Response, icalendar.Event]:
    """The answer and its only event."""
    answer = caller.get(f"/bookings/{booking['id']}/calendar.ics")
    assert answer.status_code == 200, answer.text
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    return answer, event


def with_part(link: str, **parts: str) -> str:
    """The link with single parameters replaced."""
    found = urlsplit(link)
    query = {name: values[0] for name, values in parse_qs(found.query).items()} | parts
    return f"{found.path}?" + "&".join(f"{name}={value}" for name, value in query.items())


class TestCalendarFile:
    """One VEVENT for the booking, which any calendar can read."""

    def test_it_tells_what_when_and_where(self, tenant: Tenant):
        show = concert(tenant, title="Harbour concert; part 1, evening", venue="Pier 7")
        booking = show.booked(tenant.guest)

        answer, event = calendar_of(tenant.guest, booking)

        assert answer.headers["content-type"].split(";")[0] == "text/calendar"
        calendar = icalendar.Calendar.from_ical(answer.content)
        assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
        assert "PRODID" in calendar
        assert str(event["UID"]).startswith(f"{booking['id']}@")
        assert "Harbour concert; part 1, evening" in str(event["SUMMARY"])
        assert str(event["LOCATION"]) == "Pier 7"
        assert event["STATUS"] == "CONFIRMED"
        assert event["SEQUENCE"] == 0
        assert event["DTSTART"].dt.astimezone(UTC) == datetime.fromisoformat(booking["startsAt"])
        assert event["DTEND"].dt.astimezone(UTC) == datetime.fromisoformat(booking["endsAt"])
        assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
        assert event["DTSTAMP"].dt == datetime.fromisoformat(booking["updatedAt"])

    def test_every_zone_it_names_is_defined_and_lines_are_folded(self, tenant: Tenant):
        booking = concert(tenant, title="Ü" * 150, venue="V" * 200).booked(tenant.guest)

        answer, _ = calendar_of(tenant.guest, booking)

        (zone,) = icalendar.Calendar.from_ical(answer.content).walk("VTIMEZONE")
        assert zone["TZID"] == "Europe/Berlin"
        lines = answer.content.split(b"\r\n")
        assert max(len(line) for line in lines) <= 75
        assert all(line.decode() is not None for line in lines)
        assert b"\n" not in answer.content.replace(b"\r\n", b"")

    def test_text_of_users_adds_no_property(self, tenant: Tenant):
        show = concert(tenant, title="Fun\nATTACH:https://evil.example/x\nX-A:b", venue="Pier\r\nSTATUS:CANCELLED")

        _, event = calendar_of(tenant.guest, show.booked(tenant.guest))

        assert event["STATUS"] == "CONFIRMED"
        assert "ATTACH" not in event
        assert "X-A" not in event

    def test_a_cancelled_booking_is_cancelled_and_counts_on(self, show: Concert):
        booking = show.booked(show.tenant.guest)
        _, before = calendar_of(show.tenant.guest, booking)
        ok(show.tenant.staff.patch(f"/bookings/{booking['id']}/cancel"))

        def cancelled() -> icalendar.Event | None:
            _, event = calendar_of(show.tenant.guest, booking)
            return event if event["STATUS"] == "CANCELLED" else None

        after = eventually(cancelled)
        assert after is not None
        assert after["UID"] == before["UID"]
        assert after["SEQUENCE"] > before["SEQUENCE"]

    def test_a_pending_booking_is_tentative(self, tenant: Tenant):
        policy = {"booking": {"autoConfirm": False, "approval": "always"}}
        booking = concert(tenant, policies=policy).booked(tenant.guest)

        assert calendar_of(tenant.guest, booking)[1]["STATUS"] == "TENTATIVE"

    def test_an_appointment_in_another_zone_is_read_right(self, tenant: Tenant):
        ana = resource(tenant, timezone="America/New_York")
        booking = created(tenant.guest.post("/bookings", slot_body(ana["id"], day_ahead(), "09:00")))

        _, event = calendar_of(tenant.guest, booking)

        assert event["DTSTART"].params["TZID"] == "America/New_York"
        assert event["DTSTART"].dt.astimezone(UTC) == datetime.fromisoformat(booking["startsAt"])

    def test_an_unknown_booking_is_404(self, tenant: Tenant):
        refused(tenant.staff.get(f"/bookings/{NOWHERE}/calendar.ics"), 404, "NOT_FOUND")


class TestSignedLinks:
    """Opened by `exp`, `kid` and `sig`; wrong, expired, unknown and cancelled all answer the same 404."""

    @pytest.fixture
    def booking(self, show: Concert) -> Json:
        booking = show.booked(show.tenant.guest)
        tickets_of(show.tenant.guest, booking, 1)
        calendar_of(show.tenant.guest, booking)
        return booking

    @pytest.mark.parametrize("name", ASSETS)
    def test_a_link_opens_without_a_token_and_says_nothing_to_others(self, world: World, booking: Json, name: str):
        answer = world.nobody.get(asset(booking["links"][name]))

        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == ASSETS[name]
        assert {part.strip() for part in answer.headers["cache-control"].split(",")} >= {"private", "no-store"}
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["x-content-type-options"] == "nosniff"

    def test_it_is_good_until_30_days_after_the_end(self, booking: Json):
        expiry = int(parse_qs(urlsplit(booking["links"]["qr"]).query)["exp"][0])

        end = datetime.fromisoformat(booking["endsAt"]) + timedelta(days=30)
        assert abs(expiry - end.timestamp()) <= 1

    @pytest.mark.parametrize("name", ASSETS)
    def test_every_way_to_be_wrong_is_the_same_404(
        self, world: World, tenant: Tenant, booking: Json, name: str, show: Concert
    ):
        link = booking["links"][name]
        path = urlsplit(link).path
        another = show.booked(tenant.guest)["links"][name]
        past = str(int(ahead(days=-1).timestamp()))
        future = str(int(ahead(days=4000).timestamp()))
        attempts = [
            path,
            with_part(link, sig="x" * 43),
            with_part(link, sig=""),
            with_part(link, exp=past),
            with_part(link, exp=future),
            with_part(link, exp="soon"),
            with_part(link, kid="k9"),
            path + "?" + urlsplit(another).query,
            path.replace(booking["id"], NOWHERE) + "?" + urlsplit(link).query,
        ]

        answers = [refused(world.nobody.get(attempt), 404, "NOT_FOUND") for attempt in attempts]

        assert len({(one["title"], one["detail"]) for one in answers}) == 1

    def test_a_link_opens_its_own_asset_only(self, world: World, booking: Json):
        signed = urlsplit(booking["links"]["qr"]).query

        refused(world.nobody.get(f"/booking-assets/{booking['id']}/tickets/pdf?{signed}"), 404, "NOT_FOUND")

    def test_with_another_tenants_slug_it_is_404(self, world: World, tenant: Tenant, other: Tenant, booking: Json):
        link = asset(booking["links"]["calendar"])

        refused(world.nobody.with_headers(X_Tenant_Slug=other.slug).get(link), 404, "NOT_FOUND")
        assert world.nobody.with_headers(X_Tenant_Slug=tenant.slug).get(link).status_code == 200

    @pytest.mark.parametrize("name", ASSETS)
    def test_of_a_cancelled_booking_it_is_404(self, world: World, tenant: Tenant, booking: Json, name: str):
        ok(tenant.staff.patch(f"/bookings/{booking['id']}/cancel"))
        link = asset(booking["links"][name])

        eventually(lambda: world.nobody.get(link).status_code == 404)
        refused(world.nobody.get(link), 404, "NOT_FOUND")

    def test_where_a_tenant_leaves_links_open_the_bare_id_opens_them(self, world: World):
        trusting = world.new_tenant(settings={"assetLinks": "open"})
        booking = concert(trusting).booked(trusting.guest)
        tickets_of(trusting.guest, booking, 1)
        nobody = world.nobody.with_headers(X_Tenant_Slug=trusting.slug)

        assert nobody.get(f"/booking-assets/{booking['id']}/qr.png").status_code == 200
        refused(nobody.get(f"/booking-assets/{NOWHERE}/qr.png"), 404, "NOT_FOUND")

    def test_an_id_that_is_no_uuid_is_422(self, world: World, booking: Json):
        query = urlsplit(booking["links"]["qr"]).query

        assert world.nobody.get(f"/booking-assets/seven/qr.png?{query}").status_code in {404, 422}
