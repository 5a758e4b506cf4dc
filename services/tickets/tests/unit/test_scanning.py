"""The result table, its order, entry policies, force, parties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast_contracts.enums import (
    BookingMode,
    BookingStatus,
    EntryPolicy,
    PaymentStatus,
    ScanDirection,
    ScanResult,
    TicketStatus,
)
from holdfast_tickets.domain.admission import Admission, Business, TierTerms
from holdfast_tickets.domain.entry import may_enter
from holdfast_tickets.domain.party import count_party, evaluate_party
from holdfast_tickets.domain.payload import TicketClaims
from holdfast_tickets.domain.scanning import Attempt, evaluate, passed
from holdfast_tickets.domain.ticket import Entry, Passage, Ticket

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2027, 6, 12, 18, 0, tzinfo=UTC)
NOW = START - timedelta(minutes=30)
TIER, SESSION = uuid4(), uuid4()
ORDER = list(ScanResult)


def an_admission(**other) -> Admission:
    given_fields = {
        "booking_id": UUID(int=1),
        "tenant_id": UUID(int=2),
        "version": 1,
        "status": BookingStatus.CONFIRMED,
        "booking_number": "BK-7Q2M9KX4",
        "ticket_code": "4H7KQ2M9XW3T",
        "mode": BookingMode.SESSION,
        "business": Business("Demo", "demo", "Europe/Berlin"),
        "timezone": "Europe/Berlin",
        "changed_at": NOW,
        "session_id": SESSION,
        "starts_at": START,
        "ends_at": START + timedelta(hours=2),
        "tiers": {TIER: TierTerms(TIER, "Standard")},
    }
    return Admission(**{**given_fields, **other})


def a_ticket(**other) -> Ticket:
    given_fields = {
        "id": uuid4(),
        "tenant_id": UUID(int=2),
        "booking_id": UUID(int=1),
        "position": 1,
        "ticket_code": "9XK2M4QT7HWC",
        "created_at": NOW,
        "updated_at": NOW,
        "key_number": 1,
        "tier_id": TIER,
    }
    return Ticket(**{**given_fields, **other})


def claims(code_version: int) -> TicketClaims:
    return TicketClaims(1, UUID(int=9), code_version, None, None)


USED = Passage(1, True, Entry(NOW - timedelta(minutes=1), "North", "door-1"), NOW - timedelta(minutes=1))

REASONS: dict[ScanResult, dict[str, dict[str, object]]] = {
    ScanResult.CANCELLED: {"admission": {"status": BookingStatus.CANCELLED}},
    ScanResult.REFUNDED: {"ticket": {"status": TicketStatus.REFUNDED}},
    ScanResult.EXPIRED: {"ticket": {"status": TicketStatus.EXPIRED}},
    ScanResult.WAITLISTED: {"admission": {"status": BookingStatus.WAITLISTED}},
    ScanResult.SUPERSEDED: {"attempt": {"claims": claims(7)}},
    ScanResult.WRONG_EVENT: {"attempt": {"session_id": uuid4()}},
    ScanResult.WRONG_TIER: {"attempt": {"tiers": frozenset({uuid4()})}},
    ScanResult.UNPAID: {"admission": {"payment_status": PaymentStatus.UNPAID}},
    ScanResult.PENDING_APPROVAL: {"admission": {"status": BookingStatus.PENDING}},
    ScanResult.BLOCKED: {"admission": {"blocked": True}},
    ScanResult.TOO_EARLY: {"attempt": {"at": START - timedelta(minutes=121)}},
    ScanResult.TOO_LATE: {"attempt": {"at": START + timedelta(hours=2)}},
    ScanResult.ALREADY_CHECKED_IN: {"ticket": {"passage": USED}},
}
"""For each result of an entry: the least that brings it about."""

FORGIVEN = {ScanResult.UNPAID, ScanResult.TOO_EARLY, ScanResult.TOO_LATE, ScanResult.ALREADY_CHECKED_IN}
OF_ENTRIES_ONLY = {
    ScanResult.UNPAID,
    ScanResult.PENDING_APPROVAL,
    ScanResult.BLOCKED,
    ScanResult.TOO_EARLY,
    ScanResult.TOO_LATE,
}


def situation(*reasons: ScanResult, **attempt: object) -> tuple[Ticket, Admission, Attempt]:
    parts: dict[str, dict[str, object]] = {"ticket": {}, "admission": {}, "attempt": {"at": NOW}}
    for reason in reasons:
        for part, fields in REASONS[reason].items():
            parts[part].update(fields)
    return (
        a_ticket(**parts["ticket"]),
        an_admission(**parts["admission"]),
        Attempt(**{**parts["attempt"], **attempt}),
    )


def clash(first: ScanResult, second: ScanResult) -> bool:
    """Whether two reasons need the same field, so that only one of them can hold."""
    return any(
        REASONS[first].get(part, {}).keys() & REASONS[second].get(part, {}).keys()
        for part in ("ticket", "admission", "attempt")
    )


def test_nothing_in_the_way_is_valid() -> None:
    assert evaluate(*situation()).result is ScanResult.VALID


def test_every_result_of_a_found_ticket_has_its_reason() -> None:
    others = {ScanResult.BAD_SIGNATURE, ScanResult.NOT_FOUND, ScanResult.NOT_INSIDE, ScanResult.VALID}
    assert set(ORDER) - others == set(REASONS)


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_alone(reason) -> None:
    assert evaluate(*situation(reason)).result is reason


@pytest.mark.parametrize("reasons", [pair for pair in combinations(REASONS, 2) if not clash(*pair)], ids="+".join)
def test_of_two_reasons_the_earlier_in_the_table_is_told(reasons) -> None:
    assert evaluate(*situation(*reasons)).result is min(reasons, key=ORDER.index)


@pytest.mark.parametrize("reason", REASONS)
def test_force_passes_time_payment_and_repeat_only(reason) -> None:
    verdict = evaluate(*situation(reason, force=True))
    assert (verdict.result, verdict.overridden) == (
        (ScanResult.VALID, reason) if reason in FORGIVEN else (reason, None)
    )


@given(st.sets(st.sampled_from(list(REASONS)), max_size=5), st.booleans())
def test_force_never_makes_a_result_worse_nor_passes_what_it_must_not(reasons, force) -> None:
    ticket, admission, attempt = situation(*reasons)
    plain, forced = evaluate(ticket, admission, attempt), evaluate(ticket, admission, replace(attempt, force=force))
    if not force or plain.result not in FORGIVEN:
        assert plain == forced
    elif forced.valid:
        assert forced.overridden is plain.result
    else:
        assert forced.result in reasons - FORGIVEN
        assert forced.overridden is None


@pytest.mark.parametrize("reason", sorted(OF_ENTRIES_ONLY))
def test_nobody_is_kept_inside(reason) -> None:
    ticket, admission, attempt = situation(reason, direction=ScanDirection.EXIT)
    assert evaluate(replace(ticket, passage=USED), admission, attempt).valid
    assert evaluate(ticket, admission, attempt).result is ScanResult.NOT_INSIDE


@pytest.mark.parametrize("policy", EntryPolicy)
def test_entry_policies(policy) -> None:
    late, next_day = datetime(2027, 6, 12, 21, 59, tzinfo=UTC), datetime(2027, 6, 12, 22, 0, tzinfo=UTC)
    inside = Passage(1, True, Entry(late), late)
    outside = replace(inside, inside=False)
    same_day = late + timedelta(seconds=30)
    allowed = {
        (name, at): may_enter(policy, used, at, BERLIN)
        for name, used in (("fresh", Passage()), ("inside", inside), ("outside", outside))
        for at in (same_day, next_day)
    }
    expected = {
        EntryPolicy.ONCE: {"fresh"},
        EntryPolicy.ONCE_PER_DAY: {"fresh"},
        EntryPolicy.RE_ENTRY_AFTER_EXIT: {"fresh", "outside"},
        EntryPolicy.UNLIMITED: {"fresh", "inside", "outside"},
    }[policy]
    for (name, at), may in allowed.items():
        # Midnight in Berlin is 22:00 UTC in summer: a new day there, though not in UTC.
        new_day = policy is EntryPolicy.ONCE_PER_DAY and at == next_day
        assert may is (name in expected or new_day), (name, at)


def test_the_tiers_window_goes_before_the_policys() -> None:
    terms = TierTerms(TIER, "Early", check_in_from=START - timedelta(hours=5), check_in_until=START)
    admission = an_admission(tiers={TIER: terms}, check_in_until=timedelta(minutes=10))
    window, without = admission.window(TIER), admission.window(None)
    assert (window.opens_at, window.closes_at) == (START - timedelta(hours=5), START)
    assert (without.opens_at, without.closes_at) == (START - timedelta(hours=2), START + timedelta(minutes=10))


def run_through(policy: EntryPolicy, steps: list[tuple[str, int, bool]]) -> Ticket:
    ticket, admission = a_ticket(entry_policy=policy), an_admission(starts_at=None, ends_at=None)
    at = NOW
    for way, minutes, force in steps:
        at += timedelta(minutes=minutes)
        attempt = Attempt(at=at, direction=ScanDirection(way), force=force)
        verdict = evaluate(ticket, admission, attempt)
        before = ticket
        if verdict.valid:
            ticket = passed(ticket, attempt, at)
        assert ticket.version == before.version + verdict.valid
        assert (ticket.passage.first is None) == (ticket.passage.entries == 0)
        if before.passage.first is not None:
            assert ticket.passage.first == before.passage.first
    return ticket


steps_of_all_sorts = st.lists(st.tuples(st.sampled_from(["entry", "exit"]), st.integers(0, 2000), st.just(False)))


@given(steps_of_all_sorts)
def test_once_is_once_whatever_happens(steps) -> None:
    """I7."""
    assert run_through(EntryPolicy.ONCE, steps).passage.entries <= 1


@given(steps_of_all_sorts)
def test_re_entry_never_admits_two_at_a_time(steps) -> None:
    used = run_through(EntryPolicy.RE_ENTRY_AFTER_EXIT, steps).passage
    assert used.entries <= sum(way == "exit" for way, _, _ in steps) + 1


@given(steps_of_all_sorts)
def test_once_per_day_admits_no_more_often_than_days(steps) -> None:
    minutes = sum(pause for _, pause, _ in steps)
    assert run_through(EntryPolicy.ONCE_PER_DAY, steps).passage.entries <= minutes // (24 * 60) + 2


def a_party(*passages: Passage, **other) -> list[Ticket]:
    return [a_ticket(position=place, passage=used, **other) for place, used in enumerate(passages, 1)]


def test_a_party_passes_as_far_as_it_may() -> None:
    tickets = a_party(USED, Passage(), Passage())
    whole = evaluate_party(tickets, an_admission(), Attempt(at=NOW))
    assert (whole.verdict.result, [ticket.position for ticket in whole.passing]) == (ScanResult.VALID, [2, 3])
    two = evaluate_party(tickets, an_admission(), Attempt(at=NOW), 2)
    assert [ticket.position for ticket in two.passing] == [2, 3]
    three = evaluate_party(tickets, an_admission(), Attempt(at=NOW), 3)
    assert (three.verdict.result, three.passing, three.shown.position) == (ScanResult.ALREADY_CHECKED_IN, (), 1)


def test_force_with_a_count_takes_unused_tickets_first() -> None:
    two = evaluate_party(a_party(USED, Passage(), Passage()), an_admission(), Attempt(at=NOW, force=True), 2)
    assert ([ticket.position for ticket in two.passing], two.verdict.overridden) == ([2, 3], None)
    three = evaluate_party(a_party(USED, Passage(), Passage()), an_admission(), Attempt(at=NOW, force=True), 3)
    assert (len(three.passing), three.verdict.overridden) == (3, ScanResult.ALREADY_CHECKED_IN)


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.integers(1, 10) | st.none())
def test_a_party_is_admitted_by_exactly_the_count_or_not_at_all(used, count) -> None:
    tickets = a_party(*(USED if one else Passage() for one in used))
    found = evaluate_party(tickets, an_admission(), Attempt(at=NOW), count)
    free = used.count(False)
    expected = free if count is None else count if count <= free else 0
    assert len(found.passing) == expected
    assert found.verdict.valid is (expected > 0)
    assert not any(ticket.passage.entries for ticket in found.passing)


def test_counts_of_a_party() -> None:
    tickets = a_party(USED, Passage(), Passage())
    assert (count_party(tickets).admitted, count_party(tickets).total) == (1, 3)
    cancelled = [tickets[0].cancel(NOW), *tickets[1:]]
    assert (count_party(cancelled).admitted, count_party(cancelled).total) == (0, 2)
    gone = [ticket.cancel(NOW) for ticket in tickets]
    assert (count_party(gone).admitted, count_party(gone).total) == (1, 3)
