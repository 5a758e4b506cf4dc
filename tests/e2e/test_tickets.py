"""Tickets: issued by the confirmation, listed, printed, drawn [spec/05; spec/09, Tickets and doors; spec/10]."""

from __future__ import annotations

import io
import re
from uuid import UUID

import pytest
from e2e_qr import error_level, module_pixels, read_qr
from e2e_samples import NOWHERE, Concert, asset, concert, day_ahead, resource, scan, slot_body, tickets_of
from e2e_world import Caller, Json, Tenant, created, eventually, invalid, ok, refused
from PIL import Image
from pypdf import PdfReader

FIELDS = {
    "id", "tenantId", "bookingId", "ticketCode", "tierId", "seatLabel", "attendeeName", "attendeeEmail",
    "checkedInAt", "status", "entryPolicy", "codeVersion", "data", "version", "createdAt", "updatedAt",
}  # fmt: skip
CODE = re.compile("[0-9A-HJKMNP-TV-Z]{12}")


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def pdf_of(caller: Caller, path: str) -> bytes:
    answer = caller.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


class TestIssuing:
    """One for each admission, once, at confirmation."""

    def test_a_ticket_has_all_its_fields(self, show: Concert):
        guests = [{"name": "Ida Berg", "email": "ida@example.com"}, {"name": "Ole Berg"}]
        booking = show.booked(show.tenant.guest, 2, seats=["A1", "A2"], guests=guests)

        tickets = tickets_of(show.tenant.guest, booking, 2)

        assert all(set(ticket) == FIELDS for ticket in tickets)
        assert [ticket["attendeeName"] for ticket in tickets] == ["Ida Berg", "Ole Berg"]
        assert [ticket["attendeeEmail"] for ticket in tickets] == ["ida@example.com", None]
        assert [ticket["seatLabel"] for ticket in tickets] == ["A1", "A2"]
        for ticket in tickets:
            assert (ticket["tenantId"], ticket["bookingId"], ticket["tierId"]) == (
                show.tenant.id,
                booking["id"],
                show.tier(),
            )
            assert (ticket["status"], ticket["entryPolicy"], ticket["checkedInAt"]) == ("valid", "once", None)
            assert (ticket["codeVersion"], ticket["version"], ticket["data"]) == (1, 1, {})
            assert CODE.fullmatch(ticket["ticketCode"])
            UUID(ticket["id"])
        assert len({ticket["ticketCode"] for ticket in tickets} | {booking["ticketCode"]}) == 3

    def test_a_family_ticket_admits_four(self, show: Concert):
        booking = show.booked(show.tenant.guest, 2, tier=1)

        assert {ticket["tierId"] for ticket in tickets_of(show.tenant.guest, booking, 8)} == {show.tier(1)}

    def test_an_appointment_has_one_for_each_guest(self, tenant: Tenant):
        ana = resource(tenant)
        booking = created(tenant.guest.post("/bookings", slot_body(ana["id"], day_ahead(), "09:00", guestCount=3)))

        assert {ticket["tierId"] for ticket in tickets_of(tenant.guest, booking, 3)} == {None}

    def test_a_cancelled_bookings_tickets_are_cancelled(self, show: Concert):
        booking = show.booked(show.tenant.guest, 2)
        before = tickets_of(show.tenant.guest, booking, 2)
        ok(show.tenant.staff.patch(f"/bookings/{booking['id']}/cancel"))

        def cancelled() -> list[Json] | None:
            tickets = tickets_of(show.tenant.guest, booking, 2)
            return tickets if {ticket["status"] for ticket in tickets} == {"cancelled"} else None

        after = eventually(cancelled)
        assert [one["ticketCode"] for one in after or []] == [one["ticketCode"] for one in before]
        assert all(one["version"] == 2 for one in after or [])

    def test_an_unknown_booking_is_404(self, tenant: Tenant):
        refused(tenant.staff.get(f"/bookings/{NOWHERE}/tickets"), 404, "NOT_FOUND")


class TestPdf:
    """One page a ticket, with what a person at the door reads."""

    def test_all_tickets_have_a_page_each_with_their_text(self, tenant: Tenant):
        show = concert(tenant, title="Harbour concert", venue="Pier 7")
        guests = [{"name": "Ida Berg"}, {"name": "Ole Berg"}]
        booking = show.booked(tenant.guest, 2, seats=["A1", "A2"], guests=guests)
        tickets = tickets_of(tenant.guest, booking, 2)

        texts = pages(pdf_of(tenant.guest, f"/bookings/{booking['id']}/tickets/pdf"))

        assert len(texts) == 2
        for number, (text, ticket) in enumerate(zip(texts, tickets, strict=True), start=1):
            squeezed = re.sub(r"\s+", " ", text)
            for expected in (
                "Pier Seven",
                "Harbour concert",
                "Pier 7",
                ticket["attendeeName"],
                "Standard",
                ticket["seatLabel"],
            ):
                assert expected in squeezed, (expected, squeezed)
            assert re.search(rf"{number}\s*/\s*2", text)
            code = ticket["ticketCode"]
            assert f"{code[:4]} {code[4:8]} {code[8:]}" in squeezed
            assert booking["localStart"][11:16] in squeezed
            assert "Europe/Berlin" in squeezed or "CET" in squeezed or "CEST" in squeezed

    def test_one_ticket_is_one_page(self, show: Concert):
        booking = show.booked(show.tenant.guest, 2)
        tickets = tickets_of(show.tenant.guest, booking, 2)

        texts = pages(pdf_of(show.tenant.staff, f"/bookings/{booking['id']}/tickets/{tickets[1]['id']}/pdf"))

        assert len(texts) == 1
        assert tickets[1]["ticketCode"][:4] in texts[0]

    def test_the_same_ticket_gives_the_same_bytes(self, show: Concert):
        booking = show.booked(show.tenant.guest)
        (ticket,) = tickets_of(show.tenant.guest, booking, 1)
        path = f"/bookings/{booking['id']}/tickets/{ticket['id']}/pdf"

        assert pdf_of(show.tenant.guest, path) == pdf_of(show.tenant.staff, path)

    @pytest.mark.parametrize(
        "name",
        ["Łukasz Żółć", "Ἀλέξανδρος", "Ольга", "x" * 200, "<b>Bold</b> & <img src='file:///etc/passwd'/>", "😀 🎉"],
    )
    def test_any_name_can_be_printed(self, show: Concert, name: str):
        booking = show.booked(show.tenant.guest, guests=[{"name": name}])
        tickets_of(show.tenant.guest, booking, 1)

        (text,) = pages(pdf_of(show.tenant.guest, f"/bookings/{booking['id']}/tickets/pdf"))

        if name.isalpha() and len(name) < 50:
            assert name in text
        assert "root:" not in text

    @pytest.mark.parametrize("title", ["Łódź Jazz", "Ελληνική βραδιά", "Вечер джаза", "حفل موسيقي", "日本の夜 🎉"])
    def test_an_event_of_any_language_has_tickets(self, tenant: Tenant, title: str):
        show = concert(tenant, title=title)
        booking = show.booked(tenant.guest)
        tickets_of(tenant.guest, booking, 1)

        for paper in ("a4", "80mm"):
            (text,) = pages(pdf_of(tenant.guest, f"/bookings/{booking['id']}/tickets/pdf?paper={paper}"))

            assert title in text or booking["bookingNumber"] in text

    def test_the_largest_party_has_all_its_pages(self, tenant: Tenant):
        show = concert(tenant, tiers=[{"name": "All", "price": "1.00", "quantity": 500, "maxPerOrder": 500}])
        booking = show.booked(tenant.guest, 500)
        tickets_of(tenant.guest, booking, 500)

        content = pdf_of(tenant.guest, f"/bookings/{booking['id']}/tickets/pdf")

        assert len(PdfReader(io.BytesIO(content)).pages) == 500

    def test_a_cancelled_ticket_says_so(self, show: Concert):
        booking = show.booked(show.tenant.guest)
        tickets_of(show.tenant.guest, booking, 1)
        ok(show.tenant.staff.patch(f"/bookings/{booking['id']}/cancel"))

        def marked() -> bool:
            answer = show.tenant.staff.get(f"/bookings/{booking['id']}/tickets/pdf")
            return answer.status_code == 200 and "CANCELLED" in "".join(pages(answer.content)).upper()

        eventually(marked)

    def test_a_ticket_of_another_booking_is_404(self, show: Concert):
        one, two = show.booked(show.tenant.guest), show.booked(show.tenant.guest)
        (ticket,) = tickets_of(show.tenant.guest, two, 1)

        refused(show.tenant.staff.get(f"/bookings/{one['id']}/tickets/{ticket['id']}/pdf"), 404, "NOT_FOUND")
        refused(show.tenant.staff.get(f"/bookings/{one['id']}/tickets/{NOWHERE}/pdf"), 404, "NOT_FOUND")
        invalid(show.tenant.staff.get(f"/bookings/{one['id']}/tickets/seven/pdf"), "ticketId")

    def test_it_is_private_and_is_not_stored(self, show: Concert):
        booking = show.booked(show.tenant.guest)
        tickets_of(show.tenant.guest, booking, 1)

        headers = show.tenant.guest.get(f"/bookings/{booking['id']}/tickets/pdf").headers

        assert "private" in headers["cache-control"]
        assert headers["x-content-type-options"] == "nosniff"


class TestQr:
    """GET /booking-assets/:id/qr.png: of the booking, or of one of its tickets."""

    @pytest.fixture
    def booking(self, show: Concert) -> Json:
        booking = show.booked(show.tenant.guest, 2)
        tickets_of(show.tenant.guest, booking, 2)
        return booking

    def png(self, tenant: Tenant, booking: Json, **query: object) -> bytes:
        answer = tenant.world.nobody.get(asset(booking["links"]["qr"], **query))
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "image/png"
        return answer.content

    def test_it_is_a_png_of_error_level_m(self, tenant: Tenant, booking: Json):
        png = self.png(tenant, booking)
        picture = Image.open(io.BytesIO(png))

        assert picture.format == "PNG"
        assert picture.width == picture.height
        assert error_level(png) == "M"

    @pytest.mark.parametrize("scale", [1, 5, 20])
    def test_its_scale_is_the_size_of_a_module(self, tenant: Tenant, booking: Json, scale: int):
        assert module_pixels(self.png(tenant, booking, scale=scale)) == scale

    @pytest.mark.parametrize("scale", ["0", "21", "big"])
    def test_another_scale_is_422(self, tenant: Tenant, booking: Json, scale: str):
        invalid(tenant.world.nobody.get(asset(booking["links"]["qr"], scale=scale)), "scale")

    def test_the_qr_of_a_ticket_is_signed_and_scans_as_that_ticket(self, tenant: Tenant, booking: Json):
        ticket = tickets_of(tenant.guest, booking, 2)[1]

        payload = read_qr(self.png(tenant, booking, ticketId=ticket["id"]))

        assert re.fullmatch("T1:[A-Z2-7]+=*", payload)
        answer = scan(tenant.door, payload, dryRun=True)
        assert answer["ticket"]["id"] == ticket["id"]

    def test_the_qr_of_the_booking_scans_as_the_party(self, tenant: Tenant, booking: Json):
        payload = read_qr(self.png(tenant, booking))

        answer = scan(tenant.door, payload, path="/bookings/scan/booking", dryRun=True)

        assert answer["booking"]["id"] == booking["id"]
        assert answer["party"]["total"] == 2

    def test_a_ticket_of_another_booking_is_404(self, tenant: Tenant, booking: Json, show: Concert):
        another = show.booked(tenant.guest)
        (ticket,) = tickets_of(tenant.guest, another, 1)

        refused(tenant.world.nobody.get(asset(booking["links"]["qr"], ticketId=ticket["id"])), 404, "NOT_FOUND")
