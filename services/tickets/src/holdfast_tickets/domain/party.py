"""A whole party at a door: which of its tickets pass, and how many are in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from holdfast_contracts.enums import ScanResult
from holdfast_tickets.domain.admission import Admission
from holdfast_tickets.domain.scanning import Attempt, Verdict, evaluate
from holdfast_tickets.domain.ticket import Ticket


@dataclass(frozen=True, slots=True)
class PartyCount:
    """`admitted 3 of 5`: live tickets that have been used, and all live ones."""

    admitted: int
    total: int


@dataclass(frozen=True, slots=True)
class PartyVerdict:
    """The result for a party; `passing` are the tickets to let through, `shown` is the one the answer shows."""

    verdict: Verdict
    passing: tuple[Ticket, ...]
    shown: Ticket


def count_party(tickets: Iterable[Ticket]) -> PartyCount:
    """Count a booking's tickets. A cancelled one is of no party any more, unless all are."""
    known = list(tickets)
    live = [ticket for ticket in known if ticket.live] or known
    return PartyCount(sum(ticket.passage.entries > 0 for ticket in live), len(live))


def evaluate_party(
    tickets: Sequence[Ticket], admission: Admission, attempt: Attempt, count: int | None = None
) -> PartyVerdict:
    """Let all that may pass, or exactly `count`; never fewer than asked for without saying so.

    Where too few may pass, nobody does, and the result is that of the ticket that came nearest to `valid`.
    """
    verdicts = [(ticket, evaluate(ticket, admission, attempt)) for ticket in _in_order(tickets)]
    passing = [(ticket, verdict) for ticket, verdict in verdicts if verdict.valid]
    wanted = len(passing) if count is None else count
    if passing and wanted <= len(passing):
        chosen = _unforced_first(passing)[:wanted]
        return PartyVerdict(_most_telling(chosen), tuple(ticket for ticket, _ in chosen), chosen[0][0])
    refused = [(ticket, verdict) for ticket, verdict in verdicts if not verdict.valid]
    ticket, verdict = max(refused or passing, key=lambda pair: _distance(pair[1].result))
    result = ScanResult.ALREADY_CHECKED_IN if verdict.valid else verdict.result
    return PartyVerdict(Verdict(result), (), ticket)


def _in_order(tickets: Iterable[Ticket]) -> list[Ticket]:
    return sorted(tickets, key=lambda ticket: ticket.position)


def _unforced_first(passing: list[tuple[Ticket, Verdict]]) -> list[tuple[Ticket, Verdict]]:
    """Prefer tickets that pass by right, so that `force` with a count wastes no place on a used one."""
    return sorted(passing, key=lambda pair: pair[1].overridden is not None)


def _most_telling(chosen: list[tuple[Ticket, Verdict]]) -> Verdict:
    return next((verdict for _, verdict in chosen if verdict.overridden), chosen[0][1])


def _distance(result: ScanResult) -> int:
    """Return how far down the table a result stands; max() keeps the first of equals, the lowest position."""
    return list(ScanResult).index(result)
