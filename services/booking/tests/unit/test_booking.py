"""What can happen to one booking, by whom and when."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from booking_samples import CONCERT_POLICY, EARLY, END, GUEST, STAFF, START, STRANGER, begun, confirmed, pending, price

from holdfast_booking.domain.states import Happening
from holdfast_contracts.enums import BookingStatus, CheckInVia, PaymentStatus
from holdfast_contracts.problems import ProblemCode, Refusal

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def test_a_free_booking_begins_as_confirmed() -> None:
    change = begun()
    assert (change.booking.status, change.booking.version, change.happening) == ("confirmed", 1, Happening.CONFIRMED)
    assert change.booking.payment_status is PaymentStatus.NOT_REQUIRED
    assert change.step is not None
    assert change.step.source is None


@pytest.mark.parametrize(
    ("policy", "guests", "status"),
    [
        ({"autoConfirm": False}, 1, "pending"),
        ({"approval": "always"}, 1, "pending"),
        ({"approval": "over_party_size", "approvalPartySize": 4}, 4, "confirmed"),
        ({"approval": "over_party_size", "approvalPartySize": 4}, 5, "pending"),
        ({}, 500, "confirmed"),
    ],
)
def test_what_waits_for_staff_begins_as_pending(policy: dict[str, object], guests: int, status: str) -> None:
    change = begun(policy={"booking": {**policy, "pendingMinutes": 45}}, guest_count=guests)
    assert change.booking.status == status
    waits = status == "pending"
    assert change.booking.pending_expires_at == (EARLY + timedelta(minutes=45) if waits else None)
    assert change.happening is (Happening.CREATED if waits else Happening.CONFIRMED)


def test_a_priced_booking_waits_for_payment_only_with_a_provider() -> None:
    assert begun(payable=True).booking.payment_status is PaymentStatus.UNPAID
    assert begun(payable=True).booking.status is BookingStatus.PENDING
    assert begun(payable=True, quote=price("0.00")).booking.status is BookingStatus.CONFIRMED


def test_confirm_and_confirm_again() -> None:
    change = pending().confirm(STAFF, EARLY + HOUR)
    assert (change.booking.status, change.booking.version) == ("confirmed", 2)
    assert change.booking.confirmed_at == EARLY + HOUR
    assert change.booking.pending_expires_at is None
    again = change.booking.confirm(STAFF, EARLY + 2 * HOUR)
    assert again.step is None
    assert again.booking is change.booking


def test_the_last_moment_for_free_is_free_and_the_next_costs() -> None:
    booking = confirmed()
    free = booking.cancel(GUEST, START - 24 * HOUR)
    late = booking.cancel(GUEST, START - 24 * HOUR + SECOND)
    assert free.booking.cancellation_fee_at(END) == 0
    assert late.booking.cancellation_fee_at(END) == Decimal("25.00")
    assert late.step is not None
    assert late.step.note == "Fee of 25.00 EUR"
    assert late.booking.cancelled_by == "customer"
    assert late.ends_claim


def test_customers_cannot_cancel_after_the_start_but_staff_can() -> None:
    booking = confirmed()
    assert booking.cancel(GUEST, START).booking.status == "cancelled"
    with pytest.raises(Refusal) as refused:
        booking.cancel(GUEST, START + SECOND)
    assert refused.value.code is ProblemCode.CANCEL_TOO_CLOSE
    assert booking.cancel(STAFF, START + SECOND).booking.cancelled_by == "business"


def test_without_tiers_the_free_window_is_the_last_moment() -> None:
    booking = confirmed(policy={"cancellation": {"freeUntilHours": 6}})
    assert booking.cancellable_until == START - 6 * HOUR
    with pytest.raises(Refusal) as refused:
        booking.cancel(GUEST, START - 6 * HOUR + SECOND)
    assert refused.value.code is ProblemCode.CANCEL_TOO_CLOSE


def test_a_policy_may_forbid_customers_to_cancel() -> None:
    booking = confirmed(policy={"cancellation": {"customerCancel": False}})
    assert booking.cancellable_until is None
    with pytest.raises(Refusal) as refused:
        booking.cancel(GUEST, EARLY)
    assert refused.value.code is ProblemCode.CANCEL_NOT_ALLOWED


def test_a_waived_fee_is_in_the_history_and_only_staff_waive() -> None:
    booking = confirmed()
    change = booking.cancel(STAFF, START - HOUR, waive_fee=True, reason="Ill", reason_code="illness")
    assert change.step is not None
    assert (change.step.reason, change.step.reason_code) == ("Ill", "illness")
    assert change.step.note == "Fee of 25.00 EUR waived"
    assert change.booking.cancellation_fee_at(END) == 0
    with pytest.raises(Refusal) as refused:
        booking.cancel(GUEST, EARLY, waive_fee=True)
    assert refused.value.code is ProblemCode.FORBIDDEN


def test_cancel_again_changes_nothing_and_gives_nothing_back() -> None:
    cancelled = confirmed().cancel(GUEST, EARLY).booking
    again = cancelled.cancel(GUEST, END)
    assert again.step is None
    assert not again.ends_claim


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (START - 2 * HOUR - SECOND, ProblemCode.TOO_EARLY),
        (START - 2 * HOUR, None),
        (END - SECOND, None),
        (END, ProblemCode.TOO_LATE),
    ],
)
def test_check_in_inside_its_window(at: object, code: ProblemCode | None) -> None:
    booking = confirmed()
    if code is None:
        change = booking.check_in(STAFF, at)
        assert (change.booking.status, change.via) == ("checked_in", CheckInVia.STAFF)
        return
    with pytest.raises(Refusal) as refused:
        booking.check_in(STAFF, at)
    assert refused.value.code is code
    limit = "2027-06-12T16:00:00Z" if code is ProblemCode.TOO_EARLY else "2027-06-12T20:00:00Z"
    assert refused.value.extras == {"from": "confirmed", "to": "checked_in", "at": limit}


def test_check_in_until_counts_from_the_start() -> None:
    booking = confirmed(policy={"booking": {"checkInUntilMinutes": 30, "checkInFromMinutes": 10}})
    assert booking.check_in(STAFF, START + 0.5 * HOUR - SECOND).step
    for outside in (START + 0.5 * HOUR, START - timedelta(minutes=11)):
        with pytest.raises(Refusal):
            booking.check_in(STAFF, outside)


def test_a_wrong_state_is_told_before_a_wrong_time() -> None:
    with pytest.raises(Refusal) as refused:
        pending().check_in(STAFF, EARLY)
    assert refused.value.code is ProblemCode.INVALID_TRANSITION
    assert refused.value.extras["allowed"] == ["confirmed", "expired", "cancelled"]


def test_the_first_admission_checks_in_and_later_ones_change_nothing() -> None:
    change = confirmed().admit_at_door(STAFF, START, START + SECOND, where="gate North")
    assert (change.booking.status, change.via, change.booking.checked_in_at) == ("checked_in", CheckInVia.DOOR, START)
    assert change.booking.admit_at_door(STAFF, START, START, where="gate North").step is None


def test_staff_let_in_the_rest_of_a_party_that_a_door_has_begun_once() -> None:
    begun = confirmed().admit_at_door(STAFF, START, START + SECOND, where="gate North").booking
    change = begun.check_in(STAFF, START + HOUR)
    assert (change.happening, change.via) == (Happening.CHECKED_IN, CheckInVia.STAFF)
    assert change.step is not None
    assert (change.step.source, change.step.target, change.step.version) == ("checked_in", "checked_in", 3)
    assert (change.booking.version, change.booking.checked_in_at) == (3, START)
    assert change.booking.check_in(STAFF, START + HOUR).step is None
    assert change.booking.admit_at_door(STAFF, START, START + HOUR, where="gate North").step is None


def test_the_rest_of_a_party_has_the_window_of_all() -> None:
    begun = confirmed().admit_at_door(STAFF, START, START + SECOND, where="gate North").booking
    with pytest.raises(Refusal) as refused:
        begun.check_in(STAFF, START + 50 * HOUR)
    assert refused.value.code is ProblemCode.TOO_LATE


def test_a_check_in_by_staff_again_changes_nothing() -> None:
    assert confirmed().check_in(STAFF, START).booking.check_in(STAFF, START + HOUR).step is None


def test_an_admission_of_a_cancelled_booking_is_noted_and_it_stays_cancelled() -> None:
    cancelled = confirmed().cancel(STAFF, START).booking
    change = cancelled.admit_at_door(STAFF, START, START + SECOND, where="gate North")
    assert (change.booking.status, change.booking.version, change.happening) == ("cancelled", 3, Happening.UPDATED)
    assert change.step is not None
    assert change.step.note == "Admitted although cancelled: gate North"
    assert not change.ends_claim


def test_an_admission_is_noted_once_whatever_comes_again() -> None:
    cancelled = confirmed().cancel(STAFF, START).booking
    noted = cancelled.admit_at_door(STAFF, START, START + SECOND, where="gate North").booking
    assert noted.checked_in_at == START
    assert noted.admit_at_door(STAFF, START, START + 24 * 30 * HOUR, where="gate North").step is None
    assert noted.admit_at_door(STAFF, START + SECOND, START + HOUR, where="gate South").step is None


def test_only_a_pending_booking_whose_time_is_up_expires() -> None:
    booking = pending()
    until = booking.pending_expires_at
    assert until is not None
    assert booking.expire(until - SECOND).step is None
    change = booking.expire(until)
    assert (change.booking.status, change.happening) == ("expired", Happening.EXPIRED)
    assert change.ends_claim
    assert booking.confirm(STAFF, until).booking.expire(until + HOUR).step is None


def test_versions_and_owners() -> None:
    booking = confirmed()
    assert booking.seen_by(GUEST) is booking.seen_by(STAFF) is booking.at_version(1) is booking.at_version(None)
    with pytest.raises(Refusal) as stranger:
        booking.seen_by(STRANGER)
    assert stranger.value.code is ProblemCode.NOT_FOUND
    with pytest.raises(Refusal) as older:
        booking.at_version(2)
    assert older.value.code is ProblemCode.VERSION_MISMATCH


def test_computed_fields_as_in_the_example() -> None:
    booking = confirmed()
    assert booking.cancellable_until == START
    assert booking.reschedulable_until == START - 24 * HOUR
    assert f"{booking.cancellation_fee_at(EARLY)}" == "0.00"


@pytest.mark.parametrize("status", ["checked_in", "completed", "cancelled", "no_show", "expired"])
def test_a_booking_that_cannot_be_cancelled_shows_no_limits(status: str) -> None:
    booking = replace(confirmed(), status=BookingStatus(status))
    assert booking.cancellable_until is None
    assert booking.reschedulable_until is None
    assert booking.cancellation_fee_at(START) == 0


def test_a_policy_that_says_nothing_has_the_defaults() -> None:
    booking = confirmed(policy={})
    assert booking.status == "confirmed"
    assert booking.cancellable_until == booking.reschedulable_until == START - 24 * HOUR
    assert CONCERT_POLICY["booking"]
