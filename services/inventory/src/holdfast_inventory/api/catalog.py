"""Resources, contents and sessions."""

from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from holdfast_inventory.repositories.catalog import CatalogRepository, ContentFilter, ResourceFilter, Slice
from holdfast_inventory.services.telling import encode
from holdfast_inventory.usecases.catalog_queries import (
    GetContentByIdUseCase,
    GetResourceByIdUseCase,
    ListContentsUseCase,
    ListResourcesUseCase,
    ListSessionsUseCase,
    sessions_between,
)
from holdfast_platform.internal import InternalTokens, body_response

Several = Annotated[list[str] | None, Query()]


def catalog_router(repository: CatalogRepository, tokens: InternalTokens) -> APIRouter:
    """Routes for reading what can be booked; the gateway has checked their parameters."""
    router = APIRouter(prefix="/internal")
    _resources(router, repository, tokens)
    _contents(router, repository, tokens)
    return router


def _resources(router: APIRouter, repository: CatalogRepository, tokens: InternalTokens) -> None:
    get_resource, list_resources = GetResourceByIdUseCase(repository), ListResourcesUseCase(repository)

    @router.get("/resources")
    async def on_list_resources(
        request: Request,
        category_id: Annotated[UUID | None, Query(alias="categoryId")] = None,
        kinds: Annotated[list[str] | None, Query(alias="type")] = None,
        status: Several = None,
        skill: str | None = None,
        search: str | None = None,
        page: int = 1,
        limit: int = 20,
    ) -> Response:
        only = ResourceFilter(category_id, kinds, status, skill, search)
        found = await list_resources.execute(tokens.caller(request).tenant_id, only, Slice(page, limit))
        return body_response(encode(found))

    @router.get("/resources/{resource_id}")
    async def on_get_resource(request: Request, resource_id: UUID) -> Response:
        found = await get_resource.execute(tokens.caller(request).tenant_id, resource_id)
        return body_response(encode(found), etag=str(found.version))


def _contents(router: APIRouter, repository: CatalogRepository, tokens: InternalTokens) -> None:
    get_content, list_contents = GetContentByIdUseCase(repository), ListContentsUseCase(repository)
    list_sessions = ListSessionsUseCase(repository)

    @router.get("/contents")
    async def on_list_contents(
        request: Request,
        kind: Several = None,
        mode: Several = None,
        status: Several = None,
        search: str | None = None,
        page: int = 1,
        limit: int = 20,
    ) -> Response:
        only = ContentFilter(kind, mode, status, search)
        found = await list_contents.execute(tokens.caller(request).tenant_id, only, Slice(page, limit))
        return body_response(encode(found))

    @router.get("/contents/{content_id}")
    async def on_get_content(request: Request, content_id: UUID) -> Response:
        found = await get_content.execute(tokens.caller(request).tenant_id, content_id)
        return body_response(encode(found), etag=str(found.version))

    @router.get("/contents/{content_id}/sessions")
    async def on_list_sessions(
        request: Request,
        content_id: UUID,
        date_from: Annotated[date | None, Query(alias="dateFrom")] = None,
        date_to: Annotated[date | None, Query(alias="dateTo")] = None,
        status: Several = None,
        page: int = 1,
        limit: int = 20,
    ) -> Response:
        tenant_id = tokens.caller(request).tenant_id
        zone = (await get_content.execute(tenant_id, content_id)).timezone
        only = replace(sessions_between(date_from, date_to, zone), statuses=status)
        return body_response(encode(await list_sessions.execute(tenant_id, content_id, only, Slice(page, limit))))
