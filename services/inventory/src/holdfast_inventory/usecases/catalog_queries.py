"""Reads of resources, contents and sessions."""

from datetime import date, timedelta
from uuid import UUID

from holdfast_contracts.problems import not_found
from holdfast_contracts.public.base import Page
from holdfast_contracts.public.contents import ContentResponseDto, SessionResponseDto
from holdfast_contracts.public.resources import ResourceResponseDto
from holdfast_inventory.domain.local_time import edge, utc
from holdfast_inventory.repositories.catalog import (
    CatalogRepository,
    ContentFilter,
    ResourceFilter,
    SessionFilter,
    Slice,
)
from holdfast_inventory.services.showing import show_session


class GetResourceByIdUseCase:
    """One resource."""

    def __init__(self, repository: CatalogRepository) -> None:
        self._repository = repository

    async def execute(self, tenant_id: UUID, resource_id: UUID) -> ResourceResponseDto:
        """The resource. Raises 404."""
        found = await self._repository.resource(tenant_id, resource_id)
        if found is None:
            raise not_found("resource")
        return found


class ListResourcesUseCase:
    """Resources by category, type, status, skill and text."""

    def __init__(self, repository: CatalogRepository) -> None:
        self._repository = repository

    async def execute(self, tenant_id: UUID, only: ResourceFilter, part: Slice) -> Page[ResourceResponseDto]:
        """A page of resources."""
        data, total = await self._repository.resources(tenant_id, only, part)
        return Page[ResourceResponseDto](data=data, total=total, page=part.page, limit=part.limit)


class GetContentByIdUseCase:
    """One content."""

    def __init__(self, repository: CatalogRepository) -> None:
        self._repository = repository

    async def execute(self, tenant_id: UUID, content_id: UUID) -> ContentResponseDto:
        """The content with its tiers. Raises 404."""
        found = await self._repository.content(tenant_id, content_id)
        if found is None:
            raise not_found("content")
        return found


class ListContentsUseCase:
    """Contents by kind, mode, status and text."""

    def __init__(self, repository: CatalogRepository) -> None:
        self._repository = repository

    async def execute(self, tenant_id: UUID, only: ContentFilter, part: Slice) -> Page[ContentResponseDto]:
        """A page of contents."""
        data, total = await self._repository.contents(tenant_id, only, part)
        return Page[ContentResponseDto](data=data, total=total, page=part.page, limit=part.limit)


class ListSessionsUseCase:
    """Sessions of a content, by start."""

    def __init__(self, repository: CatalogRepository) -> None:
        self._repository = repository

    async def execute(
        self, tenant_id: UUID, content_id: UUID, only: SessionFilter, part: Slice
    ) -> Page[SessionResponseDto]:
        """A page of sessions. Raises 404 for an unknown content."""
        found = await self._repository.sessions(tenant_id, content_id, only, part)
        if found is None:
            raise not_found("content")
        content, sessions, total = found
        data = [show_session(s.session, content, s.created_at, s.updated_at, s.version) for s in sessions]
        return Page[SessionResponseDto](data=data, total=total, page=part.page, limit=part.limit)


def sessions_between(date_from: date | None, date_to: date | None, zone: str) -> SessionFilter:
    """Sessions that start on local days of a zone, inclusive."""
    return SessionFilter(
        since=utc(edge(date_from, 0, zone)) if date_from is not None else None,
        until=utc(edge(date_to + timedelta(days=1), 0, zone)) if date_to is not None else None,
    )
