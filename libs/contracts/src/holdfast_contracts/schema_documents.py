"""JSON Schemas (2020-12) of every message and every public body, made from the classes; committed in `schemas/`.

A message's schema is what its reader takes, and open: fields that a later version adds are no error. A request's is
closed, an answer's has every field as required.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from holdfast_contracts.message import Message
from holdfast_contracts.public.availability import AvailabilityResponseDto
from holdfast_contracts.public.bookings import BookingResponseDto, CancelBookingDto, CreateBookingDto, HistoryEntryDto
from holdfast_contracts.public.contents import (
    ContentResponseDto,
    CreateContentDto,
    CreateSessionDto,
    SessionResponseDto,
)
from holdfast_contracts.public.holds import CreateHoldDto, ExtendHoldDto, HoldResponseDto
from holdfast_contracts.public.resources import CreateResourceDto, ResourceResponseDto
from holdfast_contracts.public.tenants import (
    CreateTenantDto,
    OperationDto,
    PublicSessionDto,
    TenantDto,
    UpdateTenantDto,
)
from holdfast_contracts.public.tickets import ScanBookingDto, ScanDto, ScanTicketResult, TicketDto
from holdfast_contracts.registry import MESSAGES

Schema: TypeAlias = dict[str, Any]

REQUESTS: Final[tuple[type[BaseModel], ...]] = (
    CancelBookingDto,
    CreateBookingDto,
    CreateContentDto,
    CreateHoldDto,
    CreateResourceDto,
    CreateSessionDto,
    CreateTenantDto,
    ExtendHoldDto,
    ScanBookingDto,
    ScanDto,
    UpdateTenantDto,
)
"""Bodies that the gateway takes."""

ANSWERS: Final[tuple[type[BaseModel], ...]] = (
    AvailabilityResponseDto,
    BookingResponseDto,
    ContentResponseDto,
    HistoryEntryDto,
    HoldResponseDto,
    OperationDto,
    PublicSessionDto,
    ResourceResponseDto,
    ScanTicketResult,
    SessionResponseDto,
    TenantDto,
    TicketDto,
)
"""Bodies that the gateway answers."""


def message_schema(message: type[Message]) -> Schema:
    """Return the schema of a message's payload: open, so that readers tolerate what a later version adds."""
    return opened(message.model_json_schema(by_alias=True, mode="validation"))


def body_schema(body: type[BaseModel]) -> Schema:
    """Return the schema of a public body, as it is taken or as it is answered."""
    return body.model_json_schema(by_alias=True, mode="serialization" if body in ANSWERS else "validation")


def shared_schemas(models: Iterable[type[BaseModel]], prefix: str) -> dict[str, Schema]:
    """Return the open schemas of these models and of all that they refer to, by name, below `prefix`."""
    mode: JsonSchemaMode = "validation"
    wanted = [(model, mode) for model in models]
    _, definitions = models_json_schema(
        wanted, by_alias=True, ref_template=prefix + "{model}", schema_generator=GenerateJsonSchema
    )
    found: dict[str, Schema] = definitions["$defs"]
    return {name: opened(schema) for name, schema in sorted(found.items())}


def opened(schema: Schema) -> Schema:
    """Return the schema without `additionalProperties: false` anywhere."""
    opening: Schema = _open(schema)
    return opening


def _open(part: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    if isinstance(part, dict):
        return {
            name: _open(value)
            for name, value in part.items()
            if not (name == "additionalProperties" and value is False)
        }
    return [_open(value) for value in part] if isinstance(part, list) else part


def schema_files() -> dict[str, str]:
    """Return the text of each schema by its path below `schemas/`."""
    files = {
        f"{topic}/{name}.json": as_text(message_schema(message))
        for topic, messages in MESSAGES.items()
        for name, message in messages.items()
    }
    files |= {f"public/requests/{body.__name__}.json": as_text(body_schema(body)) for body in REQUESTS}
    files |= {f"public/answers/{body.__name__}.json": as_text(body_schema(body)) for body in ANSWERS}
    return files


def as_text(document: object) -> str:
    """Return a generated JSON document as it is committed."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
