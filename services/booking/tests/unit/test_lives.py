"""Any life of a booking: legal histories without gaps, and capacity given back at most once (I11)."""

from datetime import datetime, timedelta

from booking_samples import EARLY, GUEST, STAFF, START, begun
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from holdfast_booking.domain.booking import Change
from holdfast_booking.domain.states import allowed_from
from holdfast_contracts.problems import ProblemCode, Refusal

WHO = st.sampled_from([GUEST, STAFF])
EXPECTED = {
    ProblemCode.INVALID_TRANSITION,
    ProblemCode.TOO_EARLY,
    ProblemCode.TOO_LATE,
    ProblemCode.CANCEL_TOO_CLOSE,
    ProblemCode.CANCEL_NOT_ALLOWED,
}


class Life(RuleBasedStateMachine):
    @initialize(waits=st.booleans(), lead=st.integers(1, 60 * 24 * 3))
    def begin(self, waits: bool, lead: int) -> None:
        self.now: datetime = START - timedelta(minutes=lead)
        first = begun(policy={"booking": {"approval": "always" if waits else "none"}}, now=self.now)
        self.booking, self.steps, self.released = first.booking, [first.step], 0

    def happens(self, change: Change) -> None:
        assert (change.step is None) == (change.booking is self.booking)
        if change.step is not None:
            self.steps.append(change.step)
            self.released += change.ends_claim
        self.booking = change.booking

    def asks(self, what: object) -> None:
        before = self.booking
        try:
            self.happens(what())
        except Refusal as refusal:
            refused = refusal.code
            unchanged = self.booking is before
        else:
            return
        assert refused in EXPECTED
        assert unchanged

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(by=WHO)
    def confirm(self, by: object) -> None:
        self.asks(lambda: self.booking.confirm(by, self.now))

    @rule(by=WHO)
    def cancel(self, by: object) -> None:
        self.asks(lambda: self.booking.cancel(by, self.now))

    @rule()
    def check_in(self) -> None:
        self.asks(lambda: self.booking.check_in(STAFF, self.now))

    @rule()
    def admit(self) -> None:
        self.happens(self.booking.admit_at_door(STAFF, self.now, self.now, where="gate"))

    @rule()
    def expire(self) -> None:
        self.happens(self.booking.expire(self.now))

    @invariant()
    def history_is_legal(self) -> None:
        if not hasattr(self, "steps"):
            return
        assert [step.version for step in self.steps] == list(range(1, self.booking.version + 1))
        for before, after in zip(self.steps, self.steps[1:], strict=False):
            assert after.source is before.target
            assert after.target is after.source or after.target in allowed_from(after.source)
        assert self.released == (1 if self.booking.has_ended else 0)
        assert self.booking.created_at >= EARLY


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
