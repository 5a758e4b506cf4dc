"""`GET /internal/availability`."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from holdfast_inventory.services.telling import encode
from holdfast_inventory.usecases.get_availability import AvailabilityQuery, GetAvailabilityUseCase
from holdfast_platform.internal import InternalTokens, body_response


def availability_router(use_case: GetAvailabilityUseCase, tokens: InternalTokens) -> APIRouter:
    """The route; the gateway has checked its parameters."""
    router = APIRouter(prefix="/internal")

    @router.get("/availability")
    async def on_get_availability(  # noqa: PLR0913, PLR0917 - one argument for each query parameter
        request: Request,
        date_from: Annotated[date, Query(alias="dateFrom")],
        date_to: Annotated[date, Query(alias="dateTo")],
        content_id: Annotated[UUID | None, Query(alias="contentId")] = None,
        resource_id: Annotated[UUID | None, Query(alias="resourceId")] = None,
        guests: int = 1,
        duration_minutes: Annotated[int | None, Query(alias="durationMinutes")] = None,
        timezone: str | None = None,
        tier_id: Annotated[UUID | None, Query(alias="tierId")] = None,
        include: Annotated[list[str] | None, Query()] = None,
    ) -> Response:
        query = AvailabilityQuery(
            date_from, date_to, content_id, resource_id, guests, duration_minutes, timezone, tier_id,
            unavailable="unavailable" in (include or ()),
        )  # fmt: skip
        return body_response(encode(await use_case.execute(tokens.caller(request).tenant_id, query)))

    return router
