"""Requests to owners are counted and timed by route template [spec/08, Metrics]."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY

from holdfast_contracts.problems import not_found
from holdfast_platform.internal import MeasuredRequests, add_error_handlers


def counted(route: str, status: int) -> float:
    labels = {"method": "GET", "route": route, "status": str(status)}
    return REGISTRY.get_sample_value("holdfast_http_seconds_count", labels) or 0.0


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    add_error_handlers(app)
    app.add_middleware(MeasuredRequests)

    @app.get("/internal/measured/{number}")
    async def measured(number: int) -> int:
        if number == 404:
            raise not_found("number")
        if number == 500:
            raise ArithmeticError(number)
        return number

    return app


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/internal/measured/1", "/internal/measured/{number}", 200),
        ("/internal/measured/404", "/internal/measured/{number}", 404),
        ("/internal/measured/500", "/internal/measured/{number}", 500),
        ("/internal/no-such-path/77", "unmatched", 404),
    ],
)
async def test_a_request_counts_for_the_template_of_its_route(app: FastAPI, path: str, route: str, status: int) -> None:
    before = counted(route, status)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    async with httpx.AsyncClient(transport=transport, base_url="http://owner") as owner:
        answer = await owner.get(path)

    assert (answer.status_code, counted(route, status) - before) == (status, 1)
