"""Tenants, visitors' sessions and operations: what the gateway itself owns."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from holdfast_contracts.enums import AssetLinks, OperationStatus, TenantStatus
from holdfast_contracts.money import Currency
from holdfast_contracts.public.base import Answer, Body, Slug
from holdfast_contracts.public.policies import Policies
from holdfast_contracts.values import Instant, Name, ZoneName

Domain = Annotated[
    str,
    StringConstraints(
        pattern=r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", min_length=4, max_length=253
    ),
]


class TenantSettings(Body):
    """What a tenant may set."""

    asset_links: AssetLinks = AssetLinks.SIGNED
    policies: Policies = Policies()


class CreateTenantDto(Body):
    """Body of `POST /tenants` (platform token)."""

    slug: Slug
    name: Name
    timezone: ZoneName = "UTC"
    currency: Currency = "EUR"
    status: TenantStatus = TenantStatus.ACTIVE
    domains: Annotated[list[Domain], Field(max_length=20)] = []
    settings: TenantSettings = TenantSettings()


def _not_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError("wrong_type", "must not be null")
    return value


T = TypeVar("T")
Changed = Annotated[T | None, BeforeValidator(_not_null)]
"""A field that may be left out, which is None here, and is never null where it is sent.

Its published schema still takes null: a schema only grows, and to say no is the 422's part.
"""


class UpdateTenantDto(Body):
    """Body of `PATCH /tenants/:id`: only what is sent changes."""

    name: Changed[Name] = None
    timezone: Changed[ZoneName] = None
    currency: Changed[Currency] = None
    status: Changed[TenantStatus] = None
    domains: Changed[Annotated[list[Domain], Field(max_length=20)]] = None
    settings: Changed[TenantSettings] = None


class TenantDto(Answer):
    """One business."""

    id: UUID
    slug: str
    name: str
    timezone: str
    currency: str
    status: TenantStatus
    domains: list[str]
    settings: TenantSettings
    created_at: Instant
    updated_at: Instant
    version: int


class PublicSessionDto(Answer):
    """Answer of `POST /public/session`: a guest token for a visitor of a storefront."""

    token: str
    session_id: UUID
    expires_at: Instant


class OperationDto(Answer):
    """A command as its caller sees it."""

    id: UUID
    command: str
    status: OperationStatus
    status_code: int | None
    progress: float | None
    problem: dict[str, Any] | None
    result: Any
    created_at: Instant
    completed_at: Instant | None
