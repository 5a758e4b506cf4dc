"""Bad input gets the right 4xx as a problem, with paths and plain words, and reaches nobody."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from gateway_doubles import TENANT, Gateway, bearer

from holdfast_contracts.enums import Role
from holdfast_gateway.api.examples import (
    BOOKING,
    CREATE_APPOINTMENT,
    CREATE_BOOKING,
    CREATE_CONTENT,
    CREATE_HOLD,
    CREATE_RESOURCE,
)
from holdfast_gateway.ports import OwnerAnswer

JSON = {"Content-Type": "application/json"}


def changed(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**deepcopy(body), **more}


async def refused(
    gateway: Gateway, body: Any, path: str = "/bookings", role: Role = Role.STAFF
) -> list[tuple[str, str]]:
    answer = await gateway.call("POST", path, role, json=body)
    assert answer.status_code == 422, answer.text
    assert gateway.bus.sent == []
    document = answer.json()
    assert document["code"] == "VALIDATION_FAILED"
    assert document["instance"] == path
    return [(error["path"], error["code"]) for error in document["errors"]]


async def test_the_specifications_example_word_for_word(gateway: Gateway) -> None:
    body = changed(CREATE_BOOKING, colour="red")
    body["schedulePayload"]["items"][0] = {"tierId": body["schedulePayload"]["items"][0]["tierId"], "quantity": 0}
    answer = await gateway.call("POST", "/bookings", Role.STAFF, json=body)
    assert answer.json() == {
        "type": "urn:holdfast:problem:VALIDATION_FAILED",
        "title": "Invalid values",
        "status": 422,
        "detail": "2 fields are not valid.",
        "instance": "/bookings",
        "code": "VALIDATION_FAILED",
        "statusCode": 422,
        "message": "2 fields are not valid.",
        "error": "Unprocessable Entity",
        "errors": [
            {"path": "schedulePayload.items[0].quantity", "code": "OUT_OF_RANGE", "message": "must be at least 1"},
            {"path": "colour", "code": "UNKNOWN_FIELD", "message": "is not a field of this request"},
        ],
    }


@pytest.mark.parametrize(
    ("more", "path", "code"),
    [
        ({"bookingMode": None}, "bookingMode", "UNKNOWN_VALUE"),
        ({"guestCount": 501}, "guestCount", "OUT_OF_RANGE"),
        ({"guestCount": "2"}, "guestCount", "WRONG_TYPE"),
        ({"guestCount": 2.5}, "guestCount", "WRONG_TYPE"),
        ({"customerEmail": "nobody"}, "customerEmail", "INVALID_FORMAT"),
        ({"customerPhone": "12"}, "customerPhone", "INVALID_FORMAT"),
        ({"customerName": "x" * 201}, "customerName", "TOO_LONG"),
        ({"customerName": "   "}, "customerName", "REQUIRED"),
        ({"customerNote": "a\x00b"}, "customerNote", "NUL_CHARACTER"),
        ({"sessionId": "a\x00b"}, "sessionId", "NUL_CHARACTER"),
        ({"data": {"deep": {"a": ["x\x00"]}}}, "data.deep.a[0]", "NUL_CHARACTER"),
        ({"data": {"n": 10**30}}, "data.n", "OUT_OF_RANGE"),
        ({"data": {"n": ["x" * 5001]}}, "data.n[0]", "TOO_LONG"),
        ({"data": {"x" * 101: 1}}, "data", "TOO_LONG"),
        ({"data": {"a": [0] * 1000}}, "data", "TOO_LONG"),
        ({"data": {"a": [[[[[[[[[[]]]]]]]]]]}}, "data.a[0][0][0][0][0][0][0][0][0]", "TOO_DEEP"),
        ({"holdId": "no uuid"}, "holdId", "INVALID_FORMAT"),
        ({"customer_name": "Ida"}, "customer_name", "UNKNOWN_FIELD"),
        ({"guests": [{"kind": "dog"}]}, "guests[0].kind", "UNKNOWN_VALUE"),
        ({"guests": {}}, "guests", "WRONG_TYPE"),
        ({"schedulePayload": {"items": []}}, "schedulePayload.items", "TOO_SHORT"),
        ({"schedulePayload": None}, "schedulePayload", "WRONG_TYPE"),
        (
            {"schedulePayload": {"date": "2027-01-01", "startTime": "09:00"}},
            "schedulePayload",
            "PAYLOAD_OF_ANOTHER_MODE",
        ),
    ],
)
async def test_wrong_fields_are_named(gateway: Gateway, more: dict[str, Any], path: str, code: str) -> None:
    assert (path, code) in await refused(gateway, changed(CREATE_BOOKING, **more))


async def test_free_json_is_bounded_wherever_it_stands(gateway: Gateway) -> None:
    resource = changed(CREATE_RESOURCE, metadata={"custom": {"languages": "a\x00"}})
    path = "metadata.custom.languages"
    assert await refused(gateway, resource, "/bookings/resources", Role.OWNER) == [(path, "NUL_CHARACTER")]
    content = changed(CREATE_CONTENT, tiers=[{"name": "A", "seatMap": {"rows": [0] * 20_000}}])
    assert await refused(gateway, content, "/contents", Role.OWNER) == [("tiers[0].seatMap", "TOO_LONG")]


@pytest.mark.parametrize(("number", "status"), [("1e999", 422), ("9007199254740993", 422), ("NaN", 400), ("1e9", 201)])
async def test_a_field_whose_name_is_escaped_is_bounded_too(gateway: Gateway, number: str, status: int) -> None:
    text = json.dumps(changed(CREATE_BOOKING, data={"n": 0}))
    content = text.replace('"data"', '"d\\u0061ta"').replace('"n": 0', f'"n": {number}')
    answer = await gateway.call("POST", "/bookings", content=content.encode(), headers=JSON)
    assert answer.status_code == status
    assert len(gateway.bus.sent) == (status == 201)


async def test_free_json_is_cleaned_before_it_is_sent_on(gateway: Gateway) -> None:
    data = {"e\u0301": ["Mu\u0308ller\x07 "]}
    assert (await gateway.call("POST", "/bookings", json=changed(CREATE_BOOKING, data=data))).status_code == 201
    assert gateway.bus.sent[0].message.body.data == {"é": ["Müller"]}


async def test_missing_fields_are_named(gateway: Gateway) -> None:
    assert await refused(gateway, {}) == [("bookingMode", "REQUIRED"), ("schedulePayload", "REQUIRED")]


async def test_money_is_a_string_and_times_have_an_offset(gateway: Gateway) -> None:
    assert await refused(gateway, changed(CREATE_RESOURCE, price=40.0), "/bookings/resources", Role.OWNER) == [
        ("price", "INVALID_FORMAT")
    ]
    content = changed(CREATE_CONTENT, tiers=[{"name": "A", "salesStart": "2027-01-01T00:00:00"}])
    assert await refused(gateway, content, "/contents", Role.OWNER) == [("tiers[0].salesStart", "NAIVE_DATETIME")]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "MALFORMED_REQUEST"),
        (b"{", 400, "MALFORMED_REQUEST"),
        (b'{"bookingMode": NaN}', 400, "MALFORMED_REQUEST"),
        (b'{"data": {"x": NaN}}', 400, "MALFORMED_REQUEST"),
        (b'{"data": {"x": "\\ud800"}}', 400, "MALFORMED_REQUEST"),
        (b'{"data": {"\\ud800": 1}}', 400, "MALFORMED_REQUEST"),
        (b"\xff\xfe", 400, "MALFORMED_REQUEST"),
        (b'{"customerName": "\xff"}', 400, "MALFORMED_REQUEST"),
        (b'{"customerName": "\\ud800"}', 400, "MALFORMED_REQUEST"),
        (b"[" * 5000, 400, "MALFORMED_REQUEST"),
        (b'{"data":' + b'{"a":' * 300 + b"1" + b"}" * 301, 400, "MALFORMED_REQUEST"),
        (b'{"data":' + b'{"a":' * 60 + b"1" + b"}" * 61, 422, "VALIDATION_FAILED"),
        (b"[]", 422, "VALIDATION_FAILED"),
        (b"7", 422, "VALIDATION_FAILED"),
        (b'"' + b"x" * 300_000 + b'"', 413, "BODY_TOO_LARGE"),
    ],
)
async def test_what_is_no_json_is_400(gateway: Gateway, content: bytes, status: int, code: str) -> None:
    answer = await gateway.call("POST", "/bookings", content=content, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "application/json; charset=utf-8"}, 201),
        ({"Content-Type": "Application/JSON"}, 201),
    ],
)
async def test_only_json_in_utf_8_is_taken(gateway: Gateway, headers: dict[str, str], status: int) -> None:
    content = json.dumps(changed(CREATE_BOOKING)).encode()
    answer = await gateway.call("POST", "/bookings", content=content, headers=headers)
    assert answer.status_code == status


async def test_a_chunked_body_is_bounded_too(gateway: Gateway) -> None:
    async def endless() -> Any:
        for _ in range(400):
            yield b"x" * 1000

    answer = await gateway.client.post("/bookings", content=endless(), headers={**JSON, **bearer()})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("query", "path", "code"),
    [
        ("page=0", "page", "OUT_OF_RANGE"),
        ("limit=1000", "limit", "OUT_OF_RANGE"),
        ("limit=ten", "limit", "WRONG_TYPE"),
        ("page=1&page=2", "page", "REPEATED"),
        ("colour=red", "colour", "UNKNOWN_FIELD"),
        ("sort=price", "sort", "UNKNOWN_VALUE"),
        ("status=confirmed&status=lost", "status", "UNKNOWN_VALUE"),
        ("dateFrom=2027-02-30", "dateFrom", "INVALID_FORMAT"),
        ("dateFrom=2027-02-02&dateTo=2027-02-01", "dateTo", "OUT_OF_RANGE"),
        ("search=%00", "search", "INVALID_FORMAT"),
        ("search=%ff", "search", "INVALID_FORMAT"),
        ("search=a%0Ab", "search", "INVALID_FORMAT"),
        ("search=%C2%85", "search", "INVALID_FORMAT"),
    ],
)
async def test_wrong_parameters_are_named(gateway: Gateway, query: str, path: str, code: str) -> None:
    answer = await gateway.call("GET", f"/bookings?{query}")
    assert answer.status_code == 422
    assert [(error["path"], error["code"]) for error in answer.json()["errors"]] == [(path, code)]
    assert gateway.owners.asked == []


async def test_every_wrong_parameter_is_named(gateway: Gateway) -> None:
    answer = await gateway.call("GET", "/bookings?page=0&limit=5&limit=6&search=%ff&dateFrom=2027-02-30&colour=red")
    named = {(error["path"], error["code"]) for error in answer.json()["errors"]}
    assert named == {
        ("page", "OUT_OF_RANGE"),
        ("limit", "REPEATED"),
        ("search", "INVALID_FORMAT"),
        ("dateFrom", "INVALID_FORMAT"),
        ("colour", "UNKNOWN_FIELD"),
    }


async def test_too_many_parameters_are_refused_as_a_whole(gateway: Gateway) -> None:
    answer = await gateway.call("GET", "/bookings?" + "&".join(["status=confirmed"] * 201))
    assert [(error["path"], error["code"]) for error in answer.json()["errors"]] == [("query", "TOO_LONG")]


@pytest.mark.parametrize("words", ["Müller", "東京　駅", "می‌خواهم", "👨‍👩‍👧", "a b"])
async def test_words_of_any_language_are_taken(gateway: Gateway, words: str) -> None:
    gateway.owners.answer = lambda *_: OwnerAnswer(200, b"{}")
    assert (await gateway.call("GET", f"/contents?{urlencode({'search': words})}")).status_code == 200
    assert parse_qs(gateway.owners.asked[0][1].partition("?")[2]) == {"search": [words]}


async def test_words_to_look_for_are_cleaned_like_those_that_are_kept(gateway: Gateway) -> None:
    gateway.owners.answer = lambda *_: OwnerAnswer(200, b"{}")
    await gateway.call("GET", "/contents?search=%20Mu%CC%88ller+%26+Co%20")
    assert gateway.owners.asked[0][1] == "/internal/contents?search=M%C3%BCller+%26+Co"


async def test_a_nul_does_not_hide_what_else_is_wrong(gateway: Gateway) -> None:
    body = {**CREATE_BOOKING, "customerName": "a\x00", "guestCount": 0, "colour": "red", "data": {"a": "\x00"}}
    answer = await gateway.call("POST", "/bookings", json=body)
    named = [error["path"] for error in answer.json()["errors"]]
    assert sorted(named) == ["colour", "customerName", "data.a", "guestCount"]


async def test_the_own_tenant_is_the_own_tenant_in_any_spelling(gateway: Gateway) -> None:
    answer = await gateway.call("POST", "/bookings", json={**CREATE_BOOKING, "tenantId": str(TENANT).upper()})
    assert (answer.status_code, [error["path"] for error in answer.json()["errors"]]) == (422, ["tenantId"])


async def test_a_problem_names_its_request_by_a_uri_reference(gateway: Gateway) -> None:
    """RFC 9457, section 3.1.5; RFC 3986, section 4.1."""
    answer = await gateway.call("GET", "/nowhere/%E2%82%AC%20a")
    assert answer.json()["instance"] == "/nowhere/%E2%82%AC%20a"


async def test_availability_asks_for_a_content_or_a_resource(gateway: Gateway) -> None:
    answer = await gateway.call("GET", "/bookings/availability?dateFrom=2027-01-01&dateTo=2027-01-02")
    assert [error["path"] for error in answer.json()["errors"]] == ["contentId"]


@pytest.mark.parametrize("query", ["", "?", "?include=unavailable"])
async def test_parameters_that_are_needed_are_missed(gateway: Gateway, query: str) -> None:
    answer = await gateway.call("GET", f"/bookings/availability{query}")
    assert answer.status_code == 422
    assert {"dateFrom", "dateTo"} <= {error["path"] for error in answer.json()["errors"]}


async def test_a_write_takes_no_parameters(gateway: Gateway) -> None:
    answer = await gateway.call("POST", "/bookings?x=1", json=CREATE_BOOKING)
    assert [error["path"] for error in answer.json()["errors"]] == ["x"]


@pytest.mark.parametrize("key", ["x" * 256, "", "ключ", "a\x7fb"])
async def test_a_key_is_printable_and_short(gateway: Gateway, key: str) -> None:
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers={"Idempotency-Key": key.encode()})
    assert [error["path"] for error in answer.json()["errors"]] == ["Idempotency-Key"]


async def test_a_key_stands_once(gateway: Gateway) -> None:
    headers = [*bearer().items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    answer = await gateway.client.post("/bookings", json=CREATE_BOOKING, headers=headers)
    assert [(error["path"], error["code"]) for error in answer.json()["errors"]] == [("Idempotency-Key", "REPEATED")]


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("3", "INVALID_FORMAT"),
        ('"3', "INVALID_FORMAT"),
        ("x", "INVALID_FORMAT"),
        ('"3" "4"', "INVALID_FORMAT"),
        ('*, "3"', "INVALID_FORMAT"),
        (", ,", "INVALID_FORMAT"),
        ('"1", "2"', "NOT_ALLOWED"),
    ],
)
async def test_if_match_is_tags_with_one_version(gateway: Gateway, tag: str, code: str) -> None:
    path = "/bookings/e1f20314-2536-4475-8697-a8b9cadbecfd/confirm"
    answer = await gateway.call("PATCH", path, headers={"If-Match": tag})
    assert [(error["path"], error["code"]) for error in answer.json()["errors"]] == [("If-Match", code)]
    assert gateway.bus.sent == []


async def test_lines_of_if_match_are_one_list(gateway: Gateway) -> None:
    path = "/bookings/e1f20314-2536-4475-8697-a8b9cadbecfd/confirm"
    for tags, expected in ((('"3"', '"abc"'), 201), (('"3"', '"4"'), 422)):
        headers = [*bearer().items(), *(("If-Match", tag) for tag in tags)]
        assert (await gateway.client.patch(path, headers=headers)).status_code == expected
    assert gateway.bus.sent[0].message.if_match == 3


async def test_a_guest_leaves_a_contact_and_staff_need_not(gateway: Gateway) -> None:
    body = changed(CREATE_BOOKING)
    del body["customerEmail"], body["customerPhone"]
    assert await refused(gateway, body, role=Role.GUEST) == [("customerEmail", "REQUIRED")]
    assert (await gateway.call("POST", "/bookings", Role.STAFF, json=body)).status_code == 201


async def test_what_a_guest_has_to_send_is_missed_beside_wrong_headers_and_parameters(gateway: Gateway) -> None:
    body = changed(CREATE_BOOKING)
    del body["customerEmail"], body["customerPhone"], body["contentId"], body["schedulePayload"]["sessionId"]
    body["schedulePayload"]["startsAt"] = "2027-06-12T18:00:00Z"
    headers = {"If-Match": "3", "Idempotency-Key": ""}
    answer = await gateway.call("POST", "/bookings?x=1", Role.GUEST, json=body, headers=headers)
    named = {error["path"] for error in answer.json()["errors"]}
    assert named == {"x", "If-Match", "Idempotency-Key", "contentId", "customerEmail"}
    assert answer.json()["detail"] == "5 fields are not valid."


async def test_what_only_staff_may_send_is_403_before_wrong_headers(gateway: Gateway) -> None:
    body = changed(CREATE_BOOKING, internalNote="vip")
    answer = await gateway.call("POST", "/bookings", Role.GUEST, json=body, headers={"If-Match": "3"})
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/bookings", changed(CREATE_BOOKING, internalNote="vip")),
        ("/bookings", changed(CREATE_BOOKING, origin="phone")),
        ("/bookings/holds", changed(CREATE_HOLD, holdType="staff")),
        ("/bookings/holds", changed(CREATE_HOLD, holdType="staff", expiresAt="2027-01-01T00:00:00Z")),
        ("/bookings/holds", changed(CREATE_HOLD, holdType="waitlist_offer")),
    ],
)
async def test_fields_of_staff_are_403_for_guests(gateway: Gateway, path: str, body: dict[str, Any]) -> None:
    answer = await gateway.call("POST", path, Role.GUEST, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert (await gateway.call("POST", path, Role.STAFF, json=body)).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/bookings", changed(CREATE_BOOKING, internalNote="vip", colour="red")),
        ("POST", "/bookings", changed(CREATE_BOOKING, origin="phone", guestCount=0)),
        ("POST", "/bookings", changed(CREATE_BOOKING, origin=7)),
        ("POST", "/bookings/holds", {"holdType": "staff"}),
        ("PATCH", f"/bookings/holds/{BOOKING}", {"expiresAt": "tomorrow"}),
        ("PATCH", f"/bookings/{BOOKING}/cancel", {"waiveFee": True, "reason": 7}),
        ("PATCH", "/bookings/no-uuid/cancel", {"waiveFee": True}),
    ],
)
async def test_the_right_that_lacks_comes_before_what_is_wrong(
    gateway: Gateway, method: str, path: str, body: dict[str, Any]
) -> None:
    """403 comes before 422 [spec/10, order of checks]."""
    answer = await gateway.call(method, path, Role.GUEST, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert (await gateway.call(method, path, Role.STAFF, json=body)).status_code == 422
    assert gateway.bus.sent == []


async def test_a_hold_type_that_is_none_is_a_mistake(gateway: Gateway) -> None:
    for kind in (["staff"], {"staff": 1}, "nobody's"):
        answer = await gateway.call("POST", "/bookings/holds", Role.GUEST, json=changed(CREATE_HOLD, holdType=kind))
        assert answer.status_code == 422


async def test_only_a_hold_of_staff_has_an_end_of_its_own(gateway: Gateway) -> None:
    body = changed(CREATE_HOLD, expiresAt="2027-01-01T00:00:00Z")
    assert await refused(gateway, body, "/bookings/holds") == [("expiresAt", "NOT_ALLOWED")]


@pytest.mark.parametrize(
    "body",
    [
        {"bookingMode": "nights", "schedulePayload": {"checkIn": "2027-07-01", "checkOut": "2027-07-04"}},
        changed(CREATE_APPOINTMENT, recurrence={"rrule": "FREQ=DAILY;COUNT=2"}),
    ],
)
async def test_what_is_not_built_of_a_create_is_501(gateway: Gateway, body: dict[str, Any]) -> None:
    answer = await gateway.call("POST", "/bookings", json=body)
    assert (answer.status_code, answer.json()["code"]) == (501, "NOT_IMPLEMENTED")
    assert gateway.bus.sent == []
