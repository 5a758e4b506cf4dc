"""What cannot be read, is too large, or is poison: the right 4xx as a problem document, and nothing changes."""

from __future__ import annotations

import json

import pytest
from e2e_samples import NOWHERE, Concert, content_body, resource_body, slot_body
from e2e_world import Tenant, World, created, invalid, ok, refused

LARGEST = 262_144
WRITES = [
    ("POST", "/contents"),
    ("POST", f"/contents/{NOWHERE}/sessions"),
    ("POST", "/bookings/resources"),
    ("POST", "/bookings/holds"),
    ("PATCH", f"/bookings/holds/{NOWHERE}"),
    ("POST", "/bookings"),
    ("PATCH", f"/bookings/{NOWHERE}/cancel"),
    ("POST", "/bookings/scan"),
    ("POST", "/bookings/scan/ticket"),
    ("POST", "/bookings/scan/booking"),
]
BROKEN = [
    b"{",
    b"not json",
    b'{"a": 1,}',
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b"\xff\xfe{}",
    b'{"a": "\xed\xa0\x80"}',
    b"{} {}",
]


def sent(tenant: Tenant, method: str, path: str, content: bytes, content_type: str = "application/json"):
    return tenant.owner.send(method, path, content=content, headers={"Content-Type": content_type})


@pytest.mark.parametrize(("method", "path"), WRITES)
class TestEveryWrite:
    """The same faults at every route that takes a body."""

    def test_what_is_no_json_is_400(self, tenant: Tenant, method: str, path: str):
        for content in BROKEN:
            refused(sent(tenant, method, path, content), 400, "MALFORMED_REQUEST")

    def test_json_that_is_no_object_is_refused(self, tenant: Tenant, method: str, path: str):
        for content in (b"[]", b"1", b'"text"', b"true"):
            answer = sent(tenant, method, path, content)
            assert answer.status_code in {400, 422}, (content, answer.text)
            refused(answer, answer.status_code, answer.json()["code"])

    def test_another_media_type_is_415(self, tenant: Tenant, method: str, path: str):
        for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
            refused(sent(tenant, method, path, b"{}", content_type), 415, "UNSUPPORTED_MEDIA_TYPE")

    def test_a_body_over_256_kb_is_413(self, tenant: Tenant, method: str, path: str):
        body = b'{"x": "' + b"a" * LARGEST + b'"}'

        refused(sent(tenant, method, path, body), 413, "BODY_TOO_LARGE")

    def test_a_chunked_body_over_256_kb_is_413(self, tenant: Tenant, method: str, path: str):
        chunks = (b"a" * 65_536 for _ in range(5))

        answer = tenant.owner.send(method, path, content=chunks, headers={"Content-Type": "application/json"})

        refused(answer, 413, "BODY_TOO_LARGE")

    def test_an_unknown_field_is_422_with_its_path(self, tenant: Tenant, method: str, path: str):
        invalid(tenant.owner.send(method, path, {"colour": "red"}), "colour", code="UNKNOWN_FIELD")

    def test_a_deep_body_is_refused(self, tenant: Tenant, method: str, path: str):
        answer = sent(tenant, method, path, b'{"data":' + b"[" * 20_000 + b"]" * 20_000 + b"}")

        assert answer.status_code in {400, 422}, answer.text
        refused(answer, answer.status_code, answer.json()["code"])

    def test_a_nul_in_a_text_is_refused(self, tenant: Tenant, method: str, path: str):
        name = {"/contents": "title", "/bookings/resources": "name"}.get(path, "code" if "scan" in path else "reason")
        answer = sent(tenant, method, path, json.dumps({name: "a\x00b"}).encode())

        assert answer.status_code in {400, 422}, answer.text


@pytest.mark.parametrize("times", [66, 100, 101, 200])
class TestTextThatGrows:
    """NFC makes two characters of U+0958: what is too long as it is kept is refused before anybody relies on it."""

    def test_in_a_booking(self, show: Concert, times: int):
        answer = show.book(show.tenant.guest, customerName="\u0958" * times)

        if times <= 100:
            assert created(answer)["customerName"] == "\u0915\u093c" * times
        else:
            invalid(answer, "customerName", code="TOO_LONG")

    def test_at_a_door(self, tenant: Tenant, times: int):
        answer = tenant.door.post("/bookings/scan", {"code": "x", "gate": "North", "nonce": "\u0958" * times})

        invalid(answer, "nonce", code="TOO_LONG")


@pytest.mark.parametrize("path", ["/bookings", "/contents", "/bookings/resources", "/bookings/availability"])
class TestEveryRead:
    """Parameters of reads are bounded and named."""

    def test_an_unknown_parameter_is_422(self, tenant: Tenant, path: str):
        invalid(tenant.owner.get(path, colour="red"), "colour")

    def test_a_parameter_twice_that_is_single_is_422(self, tenant: Tenant, path: str):
        name = "include" if path.endswith("availability") else "page"

        assert tenant.owner.get(path, **{name: ["1", "2"]}).status_code == 422

    def test_a_huge_parameter_is_a_4xx(self, tenant: Tenant, path: str):
        answer = tenant.owner.get(path, search="x" * 8_000)

        assert 400 <= answer.status_code < 500

    def test_bytes_that_are_no_utf8_are_a_4xx(self, tenant: Tenant, path: str):
        answer = tenant.owner.get(f"{path}?search=%ff%fe")

        assert 400 <= answer.status_code < 500


def test_text_with_nul_is_422_wherever_it_stands(show: Concert):
    for fields, path in (
        ({"customerName": "a\x00b"}, "customerName"),
        ({"customerNote": "a\x00b"}, "customerNote"),
        ({"guests": [{"name": "a\x00b"}]}, "guests[0].name"),
    ):
        invalid(show.book(show.tenant.guest, **fields), path)


def test_nul_in_free_data_is_refused_or_kept_but_never_a_500(show: Concert):
    answer = show.book(show.tenant.guest, data={"note": "a\x00b", "\x00": 1})

    assert answer.status_code in {201, 422}


def test_a_lone_surrogate_is_refused_or_cleaned_but_never_a_500(show: Concert):
    body = json.dumps({**show.body(), "customerName": "a\ud800b"}).encode()

    answer = show.tenant.guest.send("POST", "/bookings", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in {201, 400, 422}, answer.text


def test_free_data_is_kept_as_it_was_sent(show: Concert):
    data = {"campaign": {"id": 7, "tags": ["a", "ü", None, True, 1.5]}, "": "empty"}

    assert show.booked(show.tenant.guest, data=data)["data"] == data


def test_numbers_beyond_all_bounds_are_422(show: Concert):
    payload = show.items()
    payload["items"][0]["quantity"] = 10**30

    invalid(show.book(show.tenant.guest, schedulePayload=payload), "schedulePayload.items[0].quantity")


def test_money_as_a_number_is_422_in_every_place(tenant: Tenant):
    invalid(
        tenant.owner.post("/bookings/resources", resource_body(price=40, pricePerHour=4.5)), "price", "pricePerHour"
    )
    invalid(tenant.owner.post("/contents", content_body(tiers=[{"name": "A", "price": 2}])), "tiers[0].price")


def test_naive_times_are_422_everywhere(tenant: Tenant, show: Concert):
    naive = "2028-06-12T18:00:00"

    invalid(tenant.owner.post(f"/contents/{show.content['id']}/sessions", {"startsAt": naive}), "startsAt")
    payload = {"startsAt": naive, "items": show.items()["items"]}
    invalid(show.book(tenant.guest, schedulePayload=payload), "schedulePayload.startsAt")
    invalid(show.hold(tenant.staff, holdType="staff", expiresAt=naive), "expiresAt")


@pytest.mark.parametrize("bad", ["not-a-uuid", "%00", "1 OR 1=1", "..%2f..%2fetc", NOWHERE[:-1], NOWHERE + "0"])
def test_an_id_that_is_none_is_a_4xx_on_every_path(tenant: Tenant, bad: str):
    for method, path in (
        ("GET", "/bookings/{}"),
        ("GET", "/bookings/{}/tickets"),
        ("GET", "/bookings/{}/history"),
        ("PATCH", "/bookings/{}/cancel"),
        ("GET", "/bookings/resources/{}"),
        ("GET", "/contents/{}"),
        ("DELETE", "/bookings/holds/{}"),
        ("GET", "/operations/{}"),
    ):
        answer = tenant.owner.send(method, path.format(bad))
        assert answer.status_code in {400, 404, 422}, (method, path, answer.text)
        assert answer.headers["content-type"].startswith("application/problem+json")


def test_another_tenants_ids_in_a_body_change_nothing(tenant: Tenant, other: Tenant, show: Concert):
    foreign = resource_body(categoryId=NOWHERE)
    answer = other.owner.post("/bookings/resources", foreign)
    assert answer.status_code in {201, 404, 422}
    mine = created(tenant.owner.post("/bookings/resources", resource_body()))

    refused(other.staff.post("/bookings", slot_body(mine["id"], "2028-06-12", "09:00")), 404, "NOT_FOUND")
    refused(show.book(other.staff), 404, "NOT_FOUND")
    assert show.remaining() == 10


def test_a_tenant_named_in_the_body_is_no_field(show: Concert, other: Tenant):
    answer = show.tenant.guest.post("/bookings", {**show.body(), "tenantId": other.id})

    assert answer.status_code in {403, 422}


def test_errors_never_echo_tokens_or_traces(world: World, tenant: Tenant):
    token = tenant.owner.headers["Authorization"]
    answer = sent(tenant, "POST", "/contents", b'{"kind": "\x1b[31m"')

    assert token not in answer.text
    assert "Traceback" not in answer.text
    assert "site-packages" not in answer.text


def test_the_same_request_works_after_all_that(show: Concert):
    ok(show.tenant.guest.get(f"/bookings/{show.booked(show.tenant.guest)['id']}"))
