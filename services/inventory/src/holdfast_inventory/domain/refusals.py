"""Refusals for capacity: always with what is left and what else is free [spec/10]."""

from collections.abc import Sequence

from holdfast_contracts.problems import ProblemCode, Refusal

Entry = dict[str, object]
"""One entry of `left` or `alternatives`, as it is sent."""

ALTERNATIVE_DAYS = 7
"""Other times are looked for on the wished day and so many days after it."""
MOST_ALTERNATIVES = 5


def sold_out(wanted: int, left: int, of: Sequence[Entry], alternatives: Sequence[Entry]) -> Refusal:
    """Fewer are left than wanted."""
    detail = "Nothing is left." if left <= 0 else f"{left} of {wanted} {'is' if left == 1 else 'are'} left."
    return Refusal(ProblemCode.SOLD_OUT, detail, _what_else(of, alternatives))


def seat_taken(labels: Sequence[str], of: Sequence[Entry], alternatives: Sequence[Entry]) -> Refusal:
    """Somebody else has a seat."""
    verb = "is" if len(labels) == 1 else "are"
    return Refusal(ProblemCode.SEAT_TAKEN, f"{', '.join(labels)} {verb} taken.", _what_else(of, alternatives))


def slot_unavailable(detail: str, of: Sequence[Entry], alternatives: Sequence[Entry]) -> Refusal:
    """The time is taken, closed or off the grid."""
    return Refusal(ProblemCode.SLOT_UNAVAILABLE, detail, _what_else(of, alternatives))


def _what_else(left: Sequence[Entry], alternatives: Sequence[Entry]) -> dict[str, object]:
    return {"left": list(left), "alternatives": list(alternatives[:MOST_ALTERNATIVES])}
