"""Reads, scans and assets: what is asked of whom, what comes back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from gateway_doubles import ASSET_KEY, OTHER, TENANT, Gateway, make_gateway

from holdfast_contracts.enums import Role
from holdfast_contracts.internal import ReadBookings, ScanCodes
from holdfast_contracts.problems import ProblemCode, Refusal, problem_bytes
from holdfast_gateway.api.examples import BOOKING, BOOKING_ANSWER, SCAN, SCAN_ANSWER
from holdfast_gateway.ports import OwnerAnswer
from holdfast_platform.links import LinkSigner

SIGNER = LinkSigner(ASSET_KEY, "http://gateway.test")
PDF = f"/booking-assets/{BOOKING}/tickets/pdf"


def found(_path: str, _call: Any) -> tuple[int, Any, str | None]:
    return 200, BOOKING_ANSWER, '"1"'


def problem(code: ProblemCode) -> OwnerAnswer:
    body = problem_bytes(Refusal(code, "no"), "/x")
    return OwnerAnswer(404, body, content_type="application/problem+json")


async def test_parameters_are_passed_on_in_one_spelling(gateway: Gateway) -> None:
    gateway.owners.answer = lambda *_: OwnerAnswer(200, b"{}")
    await gateway.call("GET", "/bookings?status=confirmed&status=pending&page=02&dateFrom=2027-06-01")
    owner, path, _ = gateway.owners.asked[0]
    assert owner == "booking"
    asked = "page=2&status=confirmed&status=pending&dateFrom=2027-06-01"
    assert path == f"/internal/bookings?{asked}&timezone=Europe%2FBerlin"  # its days are the tenant's


async def test_an_owner_that_is_down_is_503(gateway: Gateway) -> None:
    gateway.owners.down = {"inventory", "booking", "tickets"}
    for method, path, body in (
        ("GET", "/contents", None),
        ("GET", f"/bookings/{BOOKING}", None),
        ("POST", "/bookings/scan", SCAN),
    ):
        answer = await gateway.call(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "DEPENDENCY_DOWN"), path
        assert answer.headers["retry-after"]


async def test_an_owner_in_trouble_is_503(gateway: Gateway) -> None:
    gateway.owners.answer = lambda *_: OwnerAnswer(500, b"Internal Server Error", content_type="text/plain")
    answer = await gateway.call("GET", "/contents")
    assert (answer.status_code, answer.json()["code"]) == (503, "DEPENDENCY_DOWN")


def failing(code: ProblemCode) -> OwnerAnswer:
    refusal = Refusal(code, "no")
    return OwnerAnswer(refusal.status, problem_bytes(refusal, "/x"), content_type="application/problem+json")


async def test_what_an_owner_has_not_built_is_passed_on(gateway: Gateway) -> None:
    """Availability of a mode that is planned only: no repeat helps, so it is no 503."""
    gateway.owners.answer = lambda *_: failing(ProblemCode.NOT_IMPLEMENTED)
    path = f"/bookings/availability?contentId={BOOKING}&dateFrom=2027-06-01&dateTo=2027-06-02"
    answer = await gateway.call("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (501, "NOT_IMPLEMENTED")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "retry-after" not in answer.headers


async def test_a_ticket_that_cannot_be_drawn_is_told_as_that(gateway: Gateway) -> None:
    gateway.owners.answer = lambda *_: failing(ProblemCode.COMMAND_FAILED)
    gateway.owners.answer_call = found
    answer = await gateway.call("GET", f"/bookings/{BOOKING}/tickets/pdf")
    assert (answer.status_code, answer.json()["code"]) == (500, "COMMAND_FAILED")
    assert "retry-after" not in answer.headers
    for other in (f"/bookings/{BOOKING}/tickets", "/contents"):
        assert (await gateway.call("GET", other)).status_code == 503, other


async def test_an_unchanged_answer_is_304(gateway: Gateway) -> None:
    gateway.owners.answer_call = found
    for tag in ('"1"', 'W/"1"', '"0", "1"', "*"):
        answer = await gateway.call("GET", f"/bookings/{BOOKING}", headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')
    answer = await gateway.call("GET", f"/bookings/{BOOKING}", headers={"If-None-Match": '"2"'})
    assert (answer.status_code, answer.json()) == (200, BOOKING_ANSWER)


async def test_reads_that_wait_travel_together(gateway: Gateway) -> None:
    gateway.owners.pause = 0.01
    gateway.owners.answer_call = lambda _path, call: (200, {"who": call["actor"]["subject"]}, None)
    calls = [gateway.call("GET", f"/bookings/{BOOKING}", role) for role in (Role.OWNER, Role.STAFF, Role.GUEST) * 10]
    answers = await asyncio.gather(*calls)
    assert [answer.json()["who"] for answer in answers] == ["acc-owner", "acc-staff", "acc-guest"] * 10
    assert len(gateway.owners.posted) < 10
    path, sent = gateway.owners.posted[0]
    assert path == "/internal/bookings/read"
    first, *_ = ReadBookings.decode(orjson.dumps({"calls": sent})).calls
    assert (first.tenant, str(first.booking_id), first.instance) == (TENANT, BOOKING, f"/bookings/{BOOKING}")


async def test_a_call_that_cannot_be_read_fails_alone(gateway: Gateway) -> None:
    """Whoever finds a way past the checks of the edge does not close the other doors."""
    gateway.owners.pause = 0.01
    gateway.owners.answer_call = lambda *_: (200, SCAN_ANSWER, None)
    gateway.owners.unread = lambda call: call["command"]["body"]["code"] == "POISON"
    codes = [SCAN["code"]] * 9 + ["POISON"] + [SCAN["code"]] * 20
    calls = [gateway.call("POST", "/bookings/scan", Role.DOOR, json={**SCAN, "code": code}) for code in codes]
    answers = await asyncio.gather(*calls)
    assert [answer.status_code for answer in answers] == [503 if code == "POISON" else 200 for code in codes]


async def test_a_scan_carries_its_command_and_the_id_of_its_key(gateway: Gateway) -> None:
    gateway.owners.answer_call = lambda *_: (200, SCAN_ANSWER, None)
    for _ in range(2):
        answer = await gateway.call("POST", "/bookings/scan", Role.DOOR, json=SCAN, headers={"Idempotency-Key": "s"})
        assert (answer.status_code, answer.json()) == (200, SCAN_ANSWER)
        assert answer.headers["idempotency-key"] == "s"
    calls = [ScanCodes.decode(orjson.dumps({"calls": sent})).calls[0] for _, sent in gateway.owners.posted]
    assert calls[0].command_id == calls[1].command_id
    assert calls[0].hash == calls[1].hash
    assert (calls[0].command.target, calls[0].command.body.code) == ("any", SCAN["code"])


async def test_a_guest_cannot_scan(gateway: Gateway) -> None:
    assert (await gateway.call("POST", "/bookings/scan", Role.GUEST, json=SCAN)).status_code == 403


async def test_what_lags_is_waited_for() -> None:
    gateway = make_gateway(ready_wait_seconds=10)
    asked = 0

    def late(*_: Any) -> OwnerAnswer:
        nonlocal asked
        asked += 1
        return (
            OwnerAnswer(200, b"%PDF", content_type="application/pdf") if asked > 2 else problem(ProblemCode.NOT_READY)
        )

    gateway.owners.answer = late
    gateway.owners.answer_call = found
    async with gateway.client:
        answer = await gateway.call("GET", f"/bookings/{BOOKING}/tickets/pdf")
    assert (answer.status_code, answer.content) == (200, b"%PDF")
    assert answer.headers["content-type"] == "application/pdf"


@pytest.mark.parametrize("code", [ProblemCode.NOT_READY, ProblemCode.NOT_FOUND])
async def test_what_stays_away_is_not_ready(gateway: Gateway, code: ProblemCode) -> None:
    gateway.owners.answer = lambda *_: problem(code)
    gateway.owners.answer_call = found
    for path in ("tickets/pdf", "calendar.ics"):
        answer = await gateway.call("GET", f"/bookings/{BOOKING}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_READY")
        assert answer.headers["retry-after"] == "1"
    answer = await gateway.call("GET", f"/bookings/{BOOKING}/tickets")
    assert (answer.status_code, answer.json()) == (200, [])


async def test_what_is_of_no_booking_is_not_found(gateway: Gateway) -> None:
    for path in ("tickets", "tickets/pdf", "calendar.ics"):
        answer = await gateway.call("GET", f"/bookings/{BOOKING}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def signed(path: str = PDF, tenant: Any = TENANT, days: int = 0) -> str:
    return SIGNER.sign(tenant, path, datetime.now(UTC) - timedelta(days=30) + timedelta(days=days, hours=1), "")


async def asset(gateway: Gateway, address: str, **headers: str) -> Any:
    gateway.owners.answer = lambda *_: OwnerAnswer(200, b"%PDF", content_type="application/pdf")
    gateway.owners.answer_call = gateway.owners.answer_call or found
    return await gateway.call("GET", address, None, headers=headers)


async def test_a_signed_link_opens_its_asset(gateway: Gateway) -> None:
    answer = await asset(gateway, signed())
    assert (answer.status_code, answer.content) == (200, b"%PDF")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert gateway.owners.asked[0][1] == f"/internal/bookings/{BOOKING}/tickets/pdf"
    assert gateway.owners.asked[0][2].tenant_id == TENANT


async def test_a_qr_takes_its_scale_along(gateway: Gateway) -> None:
    path = f"/booking-assets/{BOOKING}/qr.png"
    await asset(gateway, f"{signed(path)}&scale=4")
    assert gateway.owners.asked[0][1] == f"/internal/bookings/{BOOKING}/qr.png?scale=4"


@pytest.mark.parametrize(
    "address",
    [
        PDF,
        signed(days=-1),
        signed(tenant=OTHER).replace(OTHER.hex, TENANT.hex),
        signed(f"/booking-assets/{OTHER}/tickets/pdf").replace(str(OTHER), BOOKING),
        signed()[:-2],
        signed().replace("k1.", "k2."),
        signed().replace(TENANT.hex, "none"),
        signed().partition("&kid")[0],
    ],
)
async def test_other_links_are_the_same_404(gateway: Gateway, address: str) -> None:
    answer = await asset(gateway, address)
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (
        404,
        "NOT_FOUND",
        "There is no such asset.",
    )
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert gateway.owners.asked == []


async def test_cancelled_and_unknown_are_that_404_too(gateway: Gateway) -> None:
    gateway.owners.answer_call = lambda *_: (200, {**BOOKING_ANSWER, "status": "cancelled"}, None)
    cancelled = await asset(gateway, signed())
    gateway.owners.answer_call = lambda *_: (404, {"code": "NOT_FOUND"}, None)
    unknown = await asset(gateway, signed())
    assert cancelled.status_code == unknown.status_code == 404
    assert cancelled.content == unknown.content


async def test_a_link_with_another_tenants_slug_is_404(gateway: Gateway) -> None:
    for headers in ({"X-Tenant-Slug": "other"}, {"X-Tenant-Slug": "nobody"}, {"Host": "other.example"}):
        assert (await asset(gateway, signed(), **headers)).status_code == 404
    for headers in ({"X-Tenant-Slug": "demo"}, {"Host": "demo.example"}, {}):
        assert (await asset(gateway, signed(), **headers)).status_code == 200


async def test_a_tenant_may_open_its_assets(gateway: Gateway) -> None:
    assert (await asset(gateway, PDF, **{"X-Tenant-Slug": "other"})).status_code == 200
    assert gateway.owners.asked[-1][2].tenant_id == OTHER
    assert (await asset(gateway, PDF, **{"X-Tenant-Slug": "demo"})).status_code == 404
