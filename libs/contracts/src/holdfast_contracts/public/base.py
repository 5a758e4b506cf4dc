"""The two kinds of body: what a request may hold, and what an answer always holds."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

T = TypeVar("T")


class Body(BaseModel):
    """A request's body: camelCase, strict, unknown fields refused. Validate JSON with `by_name=False`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class Answer(BaseModel):
    """An answer's body: camelCase, every field always there, `null` where there is no value."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        json_schema_serialization_defaults_required=True,
    )


class Page(Answer, Generic[T]):
    """A list: one page of it, and how many there are in all."""

    data: list[T]
    total: int
    page: int
    limit: int


Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 62)]
Ids = list[UUID]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")]
