"""The OpenAPI document says what the routes do: tags of answers, codes of refusals, words to look for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from gateway_doubles import Gateway

from holdfast_gateway.documents.openapi import openapi_document

DOCUMENT = openapi_document()
TAGGED = {
    "ConfirmBooking", "CancelBooking", "CheckInBooking", "CreateBooking", "GetBookingById", "GetBookingByNumber",
    "CreateContent", "GetContentById", "ScheduleSession", "CreateResource", "GetResourceById", "PlaceHold",
    "ExtendHold", "CreateTenant", "GetTenant", "UpdateTenant", "GetBookingCalendar", "GetTicketsPdf", "GetTicketPdf",
    "GetAssetCalendar", "GetAssetQr", "GetAssetTicketsPdf",
}  # fmt: skip
"""What has a version, and documents."""


def operations() -> dict[str, dict[str, Any]]:
    return {one["operationId"]: one for path in DOCUMENT["paths"].values() for one in path.values()}


def codes(operation: dict[str, Any], status: str) -> set[str]:
    problems = operation["responses"].get(status, {}).get("content", {}).get("application/problem+json", {})
    return set(problems.get("examples", ()))


def test_a_tag_is_told_where_one_is_sent() -> None:
    with_tag = {
        name
        for name, operation in operations().items()
        if "ETag" in operation["responses"].get("200", operation["responses"].get("201", {})).get("headers", {})
    }
    assert with_tag == TAGGED


def test_only_what_has_a_tag_can_be_unchanged() -> None:
    for name, operation in operations().items():
        asks = any(parameter["name"] == "If-None-Match" for parameter in operation["parameters"])
        assert asks == ("304" in operation["responses"]), name
        assert not asks or name in TAGGED
        assert not asks or "ETag" in operation["responses"]["304"]["headers"]


@pytest.mark.parametrize("operation", ["ListBookings", "ListContents", "ListResources"])
@pytest.mark.parametrize(("words", "taken"), [("Müller", True), ("می\u200cخواهم", True), ("", True), ("a\nb", False)])
def test_words_to_look_for_are_of_any_language(operation: str, words: str, taken: bool) -> None:
    (parameter,) = [one for one in operations()[operation]["parameters"] if one["name"] == "search"]
    assert (re.search(parameter["schema"]["pattern"], words) is not None) == taken


def test_a_key_can_be_reused_only_where_it_is_kept() -> None:
    reusing = {name for name, operation in operations().items() if "IDEMPOTENCY_KEY_REUSED" in codes(operation, "422")}
    assert {"CreateBooking", "ScanCode", "CreateTenant", "UpdateTenant"} < reusing
    assert "IssueVisitorSession" not in reusing


async def test_a_session_of_another_tenant_is_refused_as_it_is_told(gateway: Gateway) -> None:
    session = {"headers": {"X-Tenant-Slug": "demo"}, "json": {"tenantSlug": "other"}}
    answer = await gateway.call("POST", "/public/session", None, **session)
    assert (answer.status_code, answer.json()["code"]) == (403, "TENANT_MISMATCH")
    assert codes(operations()["IssueVisitorSession"], "403") == {"TENANT_MISMATCH"}


async def test_a_session_for_a_key_is_made_anew_whatever_is_sent(gateway: Gateway) -> None:
    headers = {"X-Tenant-Slug": "demo", "Idempotency-Key": "once"}
    first = await gateway.call("POST", "/public/session", None, headers=headers)
    again = await gateway.call("POST", "/public/session", None, headers=headers, json={})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["sessionId"] != again.json()["sessionId"]
