"""What a route is: data. The tables in `api/` declare them, the pipelines serve them, the documents show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from holdfast_contracts.message import Command
from holdfast_contracts.problems import FieldError, ProblemCode
from holdfast_contracts.public.base import Answer, Body
from holdfast_contracts.scopes import Scope
from holdfast_contracts.topics import Topic
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.pipeline.query_values import Query


@dataclass(frozen=True, slots=True)
class ListOf:
    """A plain array of one model."""

    item: type[Answer]


Shape = type[Answer] | ListOf
"""Model of an answer's body, or an array of one."""

TEXT_PARAMETERS: Final = frozenset({"bookingNumber", "ticketCode", "provider", "customerKey"})
"""Path parameters that are no UUIDs."""


class Access(StrEnum):
    """What opens a route."""

    TOKEN = "token"  # noqa: S105 - a kind, not a secret
    PLATFORM = "platform"
    LINK = "link"
    OPEN = "open"


class Owner(StrEnum):
    """The service that decides or answers."""

    GATEWAY = "gateway"
    INVENTORY = "inventory"
    BOOKING = "booking"
    TICKETS = "tickets"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What every route has. Any one of `scopes` opens it; `reference` tells the 64 of the reference from our own."""

    method: str
    path: str
    owner: Owner
    operation: str
    summary: str
    scopes: frozenset[Scope] = frozenset()
    access: Access = Access.TOKEN
    reference: bool = True
    errors: tuple[ProblemCode, ...] = ()
    notes: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names in the path, in order."""
        return tuple(part[1:] for part in self.path.split("/") if part.startswith(":"))

    @property
    def template(self) -> str:
        """The path as OpenAPI and metrics write it."""
        return "/".join(f"{{{part[1:]}}}" if part.startswith(":") else part for part in self.path.split("/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(Route):
    """A route that is not built: 501 after the checks of who may."""


@dataclass(frozen=True, slots=True)
class Call:
    """One write whose body is valid: what a declaration's functions see."""

    caller: Caller
    parameters: Mapping[str, str]
    body: Body | None
    command_id: UUID


Check = Callable[[Caller, Any], Sequence[FieldError]]
"""Returns what a valid body lacks from this caller; `Any` is the route's own body model.

Raises Refusal (403) for what the caller may not send.
"""


def takes_all(_caller: Caller, _body: object) -> Sequence[FieldError]:
    """Let every valid body pass."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending(Route):
    """What all routes with a body share.

    Of a body as it came, valid or not, `unbuilt` says what is planned only (501), `for_staff` names the field that only
    staff may send (403).
    """

    body: type[Body] | None = None
    body_required: bool = True
    check: Check = takes_all
    unbuilt: Callable[[Mapping[str, Any]], str | None] = lambda _raw: None
    for_staff: Callable[[Mapping[str, Any]], str | None] = lambda _raw: None
    status: int = 200
    shape: Shape | None = None
    example: Any = None
    answer_example: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Sending):
    """A command on the bus. `fields` are the command's own besides tenant, actor, ifMatch and body.

    `placed`: the first owner only takes the capacity, booking has the answer.
    """

    command: type[Command]
    topic: Topic
    key: Callable[[Call], str]
    fields: Callable[[Call], Mapping[str, Any]] = lambda _call: {}
    versioned: bool = False
    placed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Sending):
    """An attempt at a door: decided by tickets over coalesced internal HTTP."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Route):
    """A question to an owner.

    `lagging`: made in reaction to an event, so waited for. `coalesced`: travels with others to the owner.
    `local_days`: its dates are the tenant's local days, so the owner is told the tenant's zone.
    """

    internal: str
    query: type[Query] | None = None
    shape: Shape | None = None
    media_type: str = "application/json"
    cache_control: str = "private, no-store"
    lagging: bool = False
    coalesced: bool = False
    local_days: bool = False
    answer_example: Any = None

    @property
    def is_document(self) -> bool:
        """Whether its answer is drawn or written for the occasion, which takes longer than finding a row."""
        return self.media_type != "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Local(Sending):
    """A route that the gateway itself answers; `versioned` ones honour `If-Match`."""

    query: type[Query] | None = None
    versioned: bool = False
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Controller:
    """The routes of one controller of the reference, or of our own."""

    name: str
    title: str
    routes: tuple[Route, ...] = field(default=())
