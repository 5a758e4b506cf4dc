"""The checker's state machine and booking's own are the same, though each is written down by itself."""

from holdfast_booking.domain.states import TRANSITIONS as BOOKINGS
from holdfast_cli.reconcile.graph import ADMITTING, HOLDING, TRANSITIONS, WITHOUT_TICKETS
from holdfast_contracts.enums import BookingStatus
from holdfast_tickets.domain.admission import ADMITTING as TICKETS_ADMITTING
from holdfast_tickets.domain.admission import WITHOUT_TICKETS as TICKETS_WITHOUT


def test_both_graphs_are_the_same():
    assert {(edge.source, edge.target) for edge in BOOKINGS} == TRANSITIONS


def test_statuses_that_hold_and_admit_are_the_same():
    assert set(HOLDING) == set(BookingStatus) - {
        BookingStatus.CANCELLED,
        BookingStatus.EXPIRED,
        BookingStatus.WAITLISTED,
    }
    assert set(ADMITTING) == set(TICKETS_ADMITTING)
    assert set(WITHOUT_TICKETS) == set(TICKETS_WITHOUT)
