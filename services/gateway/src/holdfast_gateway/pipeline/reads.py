"""The one pipeline of all reads: who may, what is asked, the owner's bytes back, 304 where nothing changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from holdfast_contracts.problems import PROBLEMS, ProblemCode, Refusal, invalid_fields
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.pipeline.admission import Admission
from holdfast_gateway.pipeline.exchange import PROBLEM, Exchange, Header, HttpAnswer
from holdfast_gateway.pipeline.intake import head_errors
from holdfast_gateway.pipeline.query_values import NoQuery, read_query
from holdfast_gateway.pipeline.questions import Questions
from holdfast_gateway.pipeline.routes import Read
from holdfast_gateway.pipeline.writes import quoted
from holdfast_gateway.ports import OwnerAnswer
from holdfast_gateway.services.limits import RouteClass

_PASSED_ON: Final = ("content-disposition",)
_OWNERS_FAULT: Final = frozenset({401, 403, 405})
"""An owner that answers one of these does not understand the gateway: nothing the caller could change."""

_GIVEN_UP: Final = f'"{ProblemCode.COMMAND_FAILED}"'.encode()


class Reads:
    """Serves reads with a bearer token."""

    def __init__(self, admission: Admission, questions: Questions) -> None:
        self._admission = admission
        self._questions = questions

    async def answer(self, route: Read, exchange: Exchange) -> HttpAnswer:
        """Serve one request. Raises Refusal."""
        caller, tenant = await self._admission.with_token(route, exchange, RouteClass.READ)
        query = checked_query(route, exchange)
        if route.local_days:
            zone = urlencode({"timezone": tenant.state.timezone})
            query = f"{query}&{zone}" if query else zone
        return await self.ask(route, exchange, query, caller)

    async def ask(self, route: Read, exchange: Exchange, query: str, caller: Caller) -> HttpAnswer:
        """Ask the owner and pass its answer on."""
        found = await self._questions.ask(route, exchange.parameters, query, caller, exchange.path)
        return passed_on(route, exchange, found)


def checked_query(route: Read, exchange: Exchange) -> str:
    """Return the parameters as the owner gets them. Raises Refusal (422) with all that is wrong."""
    model = route.query or NoQuery
    errors = head_errors(exchange, model)
    if errors:
        raise invalid_fields(errors)
    return read_query(model, exchange.query)[1]


def passed_on(route: Read, exchange: Exchange, found: OwnerAnswer) -> HttpAnswer:
    """Return an owner's answer as the caller's. Raises Refusal (503) where the owner itself is in trouble."""
    if found.status in _OWNERS_FAULT or (found.status >= 500 and not _is_final(route, found)):
        raise Refusal(ProblemCode.DEPENDENCY_DOWN, f"{route.owner} cannot answer at present.")
    headers: list[Header] = [(b"cache-control", route.cache_control.encode())]
    if found.status >= 400:
        return HttpAnswer(found.status, found.body, PROBLEM, headers)
    headers += _own_headers(found.headers or {})
    if found.etag is not None:
        headers.append((b"etag", quoted(found.etag)))
        if _is_known(exchange, quoted(found.etag)):
            return HttpAnswer(304, headers=headers)
    return HttpAnswer(found.status, found.body, found.content_type.encode(), headers)


def _is_final(route: Read, found: OwnerAnswer) -> bool:
    """Tell whether no repeat can change a 5xx: what is not built, and what its route says it may give up."""
    if found.status == PROBLEMS[ProblemCode.NOT_IMPLEMENTED].status:
        return True
    given_up = ProblemCode.COMMAND_FAILED in route.errors
    return given_up and found.status == PROBLEMS[ProblemCode.COMMAND_FAILED].status and _GIVEN_UP in found.body


def _own_headers(headers: Mapping[str, str]) -> list[Header]:
    return [(name.encode(), headers[name].encode("latin-1")) for name in _PASSED_ON if name in headers]


def _is_known(exchange: Exchange, etag: bytes) -> bool:
    """Tell whether `If-None-Match` names the tag; weakly, as RFC 9110 (section 13.1.2) says."""
    given = exchange.headers.get(b"if-none-match")
    if given is None:
        return False
    tags = [tag.strip().removeprefix(b"W/") for tag in given.split(b",")]
    return b"*" in tags or etag.removeprefix(b"W/") in tags
