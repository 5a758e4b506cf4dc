"""The state machine of a booking as data [spec/03, State machine]. Guards I11."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from holdfast_contracts.enums import BookingStatus
from holdfast_contracts.problems import ProblemCode, Refusal


class Happening(StrEnum):
    """What happened to a booking, by the name of the event that tells it."""

    CREATED = "BookingCreated"
    CONFIRMED = "BookingConfirmed"
    UPDATED = "BookingUpdated"
    RESCHEDULED = "BookingRescheduled"
    CHECKED_IN = "BookingCheckedIn"
    CHECK_IN_UNDONE = "BookingCheckInUndone"
    COMPLETED = "BookingCompleted"
    NO_SHOW_MARKED = "BookingNoShowMarked"
    CANCELLED = "BookingCancelled"
    EXPIRED = "BookingExpired"
    WAITLISTED = "BookingWaitlisted"


class Trigger(StrEnum):
    """What makes a booking move."""

    CREATE = "create"
    JOIN_WAITLIST = "join_waitlist"
    CONFIRM = "confirm"
    PAYMENT = "payment"
    TIME_UP = "time_up"
    ACCEPT_OFFER = "accept_offer"
    CANCEL = "cancel"
    CHECK_IN = "check_in"
    COMPLETE = "complete"
    NO_SHOW = "no_show"
    UNDO_CHECK_IN = "undo_check_in"


@dataclass(frozen=True, slots=True)
class Transition:
    """One edge of the graph; `source` None is the beginning."""

    source: BookingStatus | None
    target: BookingStatus
    triggers: frozenset[Trigger]
    happening: Happening


def _edge(source: BookingStatus | None, target: BookingStatus, happening: Happening, *triggers: Trigger) -> Transition:
    return Transition(source, target, frozenset(triggers), happening)


_S = BookingStatus
_H = Happening
_T = Trigger

TRANSITIONS: Final[tuple[Transition, ...]] = (
    _edge(None, _S.PENDING, _H.CREATED, _T.CREATE),
    _edge(None, _S.CONFIRMED, _H.CONFIRMED, _T.CREATE),
    _edge(None, _S.WAITLISTED, _H.WAITLISTED, _T.JOIN_WAITLIST),
    _edge(_S.PENDING, _S.CONFIRMED, _H.CONFIRMED, _T.CONFIRM, _T.PAYMENT),
    _edge(_S.PENDING, _S.EXPIRED, _H.EXPIRED, _T.TIME_UP),
    _edge(_S.WAITLISTED, _S.PENDING, _H.CREATED, _T.ACCEPT_OFFER),
    _edge(_S.WAITLISTED, _S.CONFIRMED, _H.CONFIRMED, _T.ACCEPT_OFFER),
    _edge(_S.WAITLISTED, _S.EXPIRED, _H.EXPIRED, _T.TIME_UP),
    _edge(_S.PENDING, _S.CANCELLED, _H.CANCELLED, _T.CANCEL),
    _edge(_S.CONFIRMED, _S.CANCELLED, _H.CANCELLED, _T.CANCEL),
    _edge(_S.WAITLISTED, _S.CANCELLED, _H.CANCELLED, _T.CANCEL),
    _edge(_S.CONFIRMED, _S.CHECKED_IN, _H.CHECKED_IN, _T.CHECK_IN),
    _edge(_S.CONFIRMED, _S.COMPLETED, _H.COMPLETED, _T.COMPLETE),
    _edge(_S.CHECKED_IN, _S.COMPLETED, _H.COMPLETED, _T.COMPLETE),
    _edge(_S.CONFIRMED, _S.NO_SHOW, _H.NO_SHOW_MARKED, _T.NO_SHOW),
    _edge(_S.NO_SHOW, _S.CHECKED_IN, _H.CHECKED_IN, _T.CHECK_IN),
    _edge(_S.CHECKED_IN, _S.CONFIRMED, _H.CHECK_IN_UNDONE, _T.UNDO_CHECK_IN),
    _edge(_S.EXPIRED, _S.CONFIRMED, _H.CONFIRMED, _T.PAYMENT),
)
"""Every legal step of a booking, also those that no route reaches yet."""

_EDGES: Final = MappingProxyType({(edge.source, edge.target): edge for edge in TRANSITIONS})

ACTIVE: Final = frozenset({_S.PENDING, _S.CONFIRMED, _S.CHECKED_IN})
"""Statuses in which a booking counts for `maxActivePerCustomer` until its end."""

CANCELLABLE: Final = frozenset(edge.source for edge in TRANSITIONS if edge.target is _S.CANCELLED)
RESCHEDULABLE: Final = frozenset({_S.PENDING, _S.CONFIRMED})

_DONE: Final = MappingProxyType(
    {
        _S.PENDING: "made pending",
        _S.CONFIRMED: "confirmed",
        _S.CHECKED_IN: "checked in",
        _S.COMPLETED: "completed",
        _S.CANCELLED: "cancelled",
        _S.NO_SHOW: "marked as a no-show",
        _S.WAITLISTED: "put on the waiting list",
        _S.EXPIRED: "expired",
    }
)
_IS: Final = MappingProxyType({_S.CHECKED_IN: "checked-in", _S.NO_SHOW: "no-show"})


def allowed_from(source: BookingStatus) -> list[BookingStatus]:
    """Return where a booking may go from here, in the order of the specification's table."""
    return [edge.target for edge in TRANSITIONS if edge.source is source]


def transition(source: BookingStatus | None, target: BookingStatus, trigger: Trigger) -> Transition:
    """Return the edge that `trigger` takes, or raise `INVALID_TRANSITION` with `from, to, allowed`."""
    edge = _EDGES.get((source, target))
    if edge is None or trigger not in edge.triggers:
        raise invalid_transition(source, target)
    return edge


def invalid_transition(source: BookingStatus | None, target: BookingStatus) -> Refusal:
    """Return the refusal of a step that the graph does not have."""
    here = "new" if source is None else _IS.get(source, str(source))
    article = "An" if here[0] in "aeiou" else "A"
    allowed = [] if source is None else [str(status) for status in allowed_from(source)]
    return Refusal(
        ProblemCode.INVALID_TRANSITION,
        f"{article} {here} booking cannot be {_DONE[target]}.",
        {"from": None if source is None else str(source), "to": str(target), "allowed": allowed},
    )
