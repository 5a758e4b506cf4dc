"""The graph word for word as the specification's table, and what is refused."""

import pytest

from holdfast_booking.domain.states import TRANSITIONS, Trigger, allowed_from, transition
from holdfast_contracts import booking as messages
from holdfast_contracts.enums import BookingStatus
from holdfast_contracts.problems import ProblemCode, Refusal

TABLE = """
- pending | - confirmed | - waitlisted
pending confirmed | pending expired | pending cancelled
waitlisted pending | waitlisted confirmed | waitlisted expired | waitlisted cancelled
confirmed cancelled | confirmed checked_in | confirmed completed | confirmed no_show
checked_in completed | checked_in confirmed
no_show checked_in | expired confirmed
"""


def test_the_graph_is_the_table_of_the_specification() -> None:
    expected = {tuple(edge.split()) for line in TABLE.strip().splitlines() for edge in line.split("|")}
    assert {(str(edge.source or "-"), str(edge.target)) for edge in TRANSITIONS} == expected


def test_each_edge_is_told_by_an_event_of_the_contract() -> None:
    names = {event.type_name() for event in messages.EVENTS}
    assert {str(edge.happening) for edge in TRANSITIONS} <= names


@pytest.mark.parametrize("source", list(BookingStatus))
@pytest.mark.parametrize("target", list(BookingStatus))
def test_every_other_pair_is_refused_with_what_is_allowed(source: BookingStatus, target: BookingStatus) -> None:
    if target in allowed_from(source):
        return
    for trigger in Trigger:
        with pytest.raises(Refusal) as refused:
            transition(source, target, trigger)
        assert refused.value.code is ProblemCode.INVALID_TRANSITION
        assert refused.value.extras == {"from": source, "to": target, "allowed": allowed_from(source)}


def test_an_edge_is_taken_by_its_own_trigger_only() -> None:
    with pytest.raises(Refusal):
        transition(BookingStatus.EXPIRED, BookingStatus.CONFIRMED, Trigger.CONFIRM)
    assert transition(BookingStatus.EXPIRED, BookingStatus.CONFIRMED, Trigger.PAYMENT)


def test_the_sentence_of_the_example() -> None:
    with pytest.raises(Refusal) as refused:
        transition(BookingStatus.CANCELLED, BookingStatus.CHECKED_IN, Trigger.CHECK_IN)
    assert refused.value.detail == "A cancelled booking cannot be checked in."
    assert refused.value.extras["allowed"] == []
