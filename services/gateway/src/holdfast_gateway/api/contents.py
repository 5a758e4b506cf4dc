"""Contents and their sessions (our own)."""

from __future__ import annotations

from functools import partial
from typing import Final

from holdfast_contracts.inventory import CreateContent, ScheduleSession
from holdfast_contracts.public.base import Page
from holdfast_contracts.public.contents import (
    ContentResponseDto,
    CreateContentDto,
    CreateSessionDto,
    SessionResponseDto,
)
from holdfast_contracts.topics import INVENTORY_COMMANDS
from holdfast_gateway.api import examples
from holdfast_gateway.api.queries import ListContents, ListSessions
from holdfast_gateway.api.vocabulary import READ_CATALOG, WRITE_CATALOG, C, made_by, of_path, planned
from holdfast_gateway.pipeline.routes import Controller, Owner, Read, Write

_NO_CACHE: Final = "private, no-cache"

_LIST: Final = Read(
    method="GET",
    path="/contents",
    owner=Owner.INVENTORY,
    operation="ListContents",
    summary="List contents",
    scopes=READ_CATALOG,
    reference=False,
    internal="/internal/contents",
    query=ListContents,
    shape=Page[ContentResponseDto],
    answer_example=examples.page_of(examples.CONTENT_ANSWER),
    cache_control=_NO_CACHE,
)

_CREATE: Final = Write(
    method="POST",
    path="/contents",
    owner=Owner.INVENTORY,
    operation="CreateContent",
    summary="Add a content with its tiers",
    notes="The time zone comes from the tenant unless given.",
    scopes=WRITE_CATALOG,
    reference=False,
    body=CreateContentDto,
    command=CreateContent,
    topic=INVENTORY_COMMANDS,
    key=made_by,
    status=201,
    shape=ContentResponseDto,
    answer_example=examples.CONTENT_ANSWER,
    example=examples.CREATE_CONTENT,
)

_GET: Final = Read(
    method="GET",
    path="/contents/:id",
    owner=Owner.INVENTORY,
    operation="GetContentById",
    summary="One content",
    scopes=READ_CATALOG,
    reference=False,
    internal="/internal/contents/{id}",
    shape=ContentResponseDto,
    answer_example=examples.CONTENT_ANSWER,
    cache_control=_NO_CACHE,
    errors=(C.NOT_FOUND,),
)

_SESSIONS: Final = Read(
    method="GET",
    path="/contents/:id/sessions",
    owner=Owner.INVENTORY,
    operation="ListSessions",
    summary="Dated occurrences of a content",
    scopes=READ_CATALOG,
    reference=False,
    internal="/internal/contents/{id}/sessions",
    query=ListSessions,
    shape=Page[SessionResponseDto],
    cache_control=_NO_CACHE,
    errors=(C.NOT_FOUND,),
    answer_example=examples.page_of(examples.SESSION_ANSWER),
)

_SCHEDULE: Final = Write(
    method="POST",
    path="/contents/:id/sessions",
    owner=Owner.INVENTORY,
    operation="ScheduleSession",
    summary="Add a dated occurrence",
    notes="`endsAt` comes from the content's duration unless given.",
    scopes=WRITE_CATALOG,
    reference=False,
    body=CreateSessionDto,
    command=ScheduleSession,
    topic=INVENTORY_COMMANDS,
    key=of_path,
    fields=lambda call: {"contentId": of_path(call)},
    status=201,
    shape=SessionResponseDto,
    errors=(C.NOT_FOUND,),
    example=examples.CREATE_SESSION,
    answer_example=examples.SESSION_ANSWER,
)

_planned: Final = partial(planned, Owner.INVENTORY, ours=True)


CONTENTS: Final = Controller(
    "contents",
    "Contents and sessions",
    (
        _LIST,
        _CREATE,
        _GET,
        _SESSIONS,
        _SCHEDULE,
        _planned("PUT", "/contents/:id", "UpdateContent", "Change a content", WRITE_CATALOG),
        _planned("DELETE", "/contents/:id", "DeleteContent", "Take a content away", WRITE_CATALOG),
        _planned(
            "PATCH", "/contents/:id/sessions/:sessionId", "ChangeSession", "Move or cancel an occurrence", WRITE_CATALOG
        ),
    ),
)
