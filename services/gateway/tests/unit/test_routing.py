"""From paths to routes: nothing is taken for what it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from gateway_doubles import Gateway, make_gateway

from holdfast_contracts.enums import Role
from holdfast_gateway.api.table import ROUTES
from holdfast_gateway.documents.openapi import check_examples, openapi_document
from holdfast_gateway.pipeline.results import PLACED
from holdfast_gateway.pipeline.routes import Access, Planned, Write

ID = "e1f20314-2536-4475-8697-a8b9cadbecfd"


def filled(path: str) -> str:
    return re.sub(r":(bookingNumber|ticketCode|provider|customerKey)", "BK-7Q2M9KX4", re.sub(r":\w*[iI]d", ID, path))


def test_the_table_has_the_64_routes_of_the_reference() -> None:
    assert sum(route.reference for route in ROUTES) == 64
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)
    assert len({route.operation for route in ROUTES}) == len(ROUTES)


def test_every_route_with_a_token_names_its_scopes() -> None:
    for route in ROUTES:
        assert bool(route.scopes) == (route.access is Access.TOKEN), route.path


def test_examples_are_valid_and_planned_routes_are_left_out() -> None:
    assert check_examples() == []
    paths = openapi_document()["paths"]
    for route in ROUTES:
        assert (route.method.lower() in paths.get(route.template, {})) == (not isinstance(route, Planned)), route


@pytest.mark.parametrize(
    "route", [one for one in ROUTES if isinstance(one, Planned)], ids=lambda r: f"{r.method} {r.path}"
)
async def test_planned_routes_answer_501_after_who_may(route: Planned) -> None:
    gateway = make_gateway()
    async with gateway.client:
        if route.access is Access.TOKEN:
            assert (await gateway.call(route.method, filled(route.path), None)).status_code == 401
            if len(route.scopes) < 6:
                lacking = await gateway.call(route.method, filled(route.path), Role.PLATFORM)
                assert lacking.status_code == 403
        answer = await gateway.call(route.method, filled(route.path))
    assert (answer.status_code, answer.json()["code"]) == (501, "NOT_IMPLEMENTED")


async def test_a_fixed_name_is_never_an_id(gateway: Gateway) -> None:
    answer = await gateway.call("GET", "/bookings/stats")
    assert answer.json()["code"] == "NOT_IMPLEMENTED"
    assert gateway.owners.asked == gateway.owners.posted == []


@pytest.mark.parametrize(
    ("path", "name"),
    [("/bookings/nobody", "id"), (f"/bookings/{ID}/tickets/7/pdf", "ticketId"), ("/operations/1", "id")],
)
async def test_an_id_that_is_no_uuid_is_422(gateway: Gateway, path: str, name: str) -> None:
    answer = await gateway.call("GET", path)
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [name]


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/bookings/", f"/bookings/{ID}/", f"/bookings/{ID}/nothing", "//bookings"]
)
async def test_an_unknown_path_is_404(gateway: Gateway, path: str) -> None:
    answer = await gateway.client.get(f"http://gateway.test{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_another_method_is_405_with_what_is_allowed(gateway: Gateway) -> None:
    answer = await gateway.call("DELETE", f"/bookings/{ID}", None)
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert (await gateway.call("POST", "/openapi.json", None)).status_code == 405


async def test_options_tells_what_is_allowed(gateway: Gateway) -> None:
    answer = await gateway.call("OPTIONS", "/bookings", None)
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


async def test_documents_are_served_and_switchable(gateway: Gateway) -> None:
    document = (await gateway.client.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    assert (await gateway.client.get("/docs")).status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/asyncapi", "/contents", "/nowhere"])
async def test_every_answer_is_what_it_says_it_is(gateway: Gateway, path) -> None:
    assert (await gateway.client.get(path)).headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/asyncapi"])
async def test_the_head_of_a_document_is_told_without_its_body(gateway: Gateway, path: str) -> None:
    """HEAD answers as GET would, but for the body (RFC 9110, section 9.3.2)."""
    got, head = await gateway.client.get(path), await gateway.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length"):
        assert head.headers[name] == got.headers[name]


def test_what_passes_two_owners_is_known_by_name() -> None:
    assert {route.operation for route in ROUTES if isinstance(route, Write) and route.placed} == PLACED


def test_no_file_of_the_gateway_is_long() -> None:
    source = Path(__file__).parents[2] / "src"
    long = {path.name: count for path in source.rglob("*.py") if (count := len(path.read_text().splitlines())) > 300}
    assert set(long) <= {"examples.py"}
