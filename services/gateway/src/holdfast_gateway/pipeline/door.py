"""Binds each route of the table to the pipeline of its kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from starlette.types import ASGIApp

from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_gateway.pipeline.admission import Admission
from holdfast_gateway.pipeline.app import Answer, PublicDoor, Runner
from holdfast_gateway.pipeline.assets import QUIET, Assets
from holdfast_gateway.pipeline.exchange import Exchange, HttpAnswer
from holdfast_gateway.pipeline.own import OwnAnswer
from holdfast_gateway.pipeline.reads import Reads
from holdfast_gateway.pipeline.routes import Access, Local, Planned, Read, Route, Scan, Write
from holdfast_gateway.pipeline.scans import Scans
from holdfast_gateway.pipeline.writes import Writes
from holdfast_gateway.services.limits import RouteClass


class NotBuilt:
    """Serves planned routes: the checks of who may, then 501; never a made-up answer."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    async def answer(self, route: Planned, exchange: Exchange) -> HttpAnswer:
        """Raise Refusal, always."""
        if route.access is Access.TOKEN:
            await self._admission.with_token(route, exchange, RouteClass.READ)
        raise Refusal(ProblemCode.NOT_IMPLEMENTED, f"{route.operation} is planned, but not built yet.")


@dataclass(frozen=True, slots=True)
class Pipelines:
    """One for each kind of route; `own` by operation."""

    writes: Writes
    reads: Reads
    scans: Scans
    assets: Assets
    planned: NotBuilt
    own: Mapping[str, OwnAnswer]


def public_door(
    routes: Iterable[Route], pipelines: Pipelines, documents: ASGIApp, document_paths: Iterable[str]
) -> PublicDoor:
    """Return the application that serves the table."""
    return PublicDoor((_runner(route, pipelines) for route in routes), documents, document_paths)


def _runner(route: Route, pipelines: Pipelines) -> Runner:
    if isinstance(route, Read) and route.access is Access.LINK:
        return Runner(route, partial(pipelines.assets.answer, route), QUIET)
    return Runner(route, _answer(route, pipelines))


def _answer(route: Route, pipelines: Pipelines) -> Answer:
    if isinstance(route, Write):
        return partial(pipelines.writes.answer, route)
    if isinstance(route, Read):
        return partial(pipelines.reads.answer, route)
    if isinstance(route, Scan):
        return partial(pipelines.scans.answer, route)
    if isinstance(route, Local):
        return partial(pipelines.own[route.operation], route)
    if isinstance(route, Planned):
        return partial(pipelines.planned.answer, route)
    msg = f"nothing serves a {type(route).__name__}"
    raise TypeError(msg)
