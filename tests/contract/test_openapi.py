"""The gateway against its own OpenAPI document: schemathesis with all its checks, on every built route.

What a schema cannot say is told here: states of things (409, 412) and rules between fields (422 with codes of their
own) may refuse data that has the right shape; what has the right shape is never refused for its shape.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from holdfast_gateway.api.table import ROUTES
from holdfast_gateway.documents.openapi import openapi_document
from holdfast_gateway.pipeline.routes import Planned

if TYPE_CHECKING:
    from holdfast_local.stack import Stack

pytestmark = pytest.mark.e2e

PLANNED = {(route.method, route.template) for route in ROUTES if isinstance(route, Planned)}
SHAPE_CODES = {"UNKNOWN_FIELD", "TOO_LONG", "TOO_SHORT", "UNKNOWN_VALUE"}
"""Not WRONG_TYPE: for JSON Schema 2.0 is a whole number, for us it is not."""
CONFIG = {
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "304", "401", "403", "404", "409", "412", "422", "503"],
        },
    },
}


schema = schemathesis.openapi.from_dict(openapi_document(), config=SchemathesisConfig.from_dict(CONFIG))


@schema.parametrize()
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_gateway_is_as_its_document_says(case: Any, stack: Stack) -> None:
    if (case.method.upper(), case.path) in PLANNED:
        return
    headers = {"Authorization": f"Bearer {_token(case, stack)}"}
    if "Idempotency-Key" in (case.headers or {}) and _is_printable(case.headers["Idempotency-Key"]):
        case.headers["Idempotency-Key"] = str(uuid4())
    response = case.call(base_url=stack.gateway_url, headers=headers)
    if response.status_code == 501:
        assert response.json()["code"] == "NOT_IMPLEMENTED"
        return
    case.validate_response(response, headers=headers, additional_checks=[is_refused_for_its_shape_only_if_it_is_wrong])


def _token(case: Any, stack: Stack) -> str:
    return stack.keys.platform_token if case.path.startswith("/tenants") else stack.tenants[0].tokens["owner"]


def _is_printable(key: object) -> bool:
    return isinstance(key, str) and 0 < len(key) <= 255 and key.isascii() and key.isprintable()


def is_refused_for_its_shape_only_if_it_is_wrong(_context: Any, response: Any, case: Any) -> None:
    """Data of the right shape may break a rule between fields, but never be told that its shape is wrong."""
    meta = case.meta
    if response.status_code != 422 or meta is None or not meta.generation.mode.is_positive:
        return
    told = {error["code"] for error in json.loads(response.content).get("errors", ())}
    assert not told & SHAPE_CODES, response.text
