"""Tickets follow their booking: issued, renamed, cancelled, admitted by staff; what is late or twice does nothing."""

from __future__ import annotations

from typing import Any

from holdfast_contracts.booking import BookingCheckedIn, BookingEvent
from holdfast_contracts.enums import CheckInVia
from holdfast_contracts.ids import draw_ticket_code
from holdfast_platform.units.messages import Incoming, Outcome, Outgoing
from holdfast_tickets.domain.admission import ADMITTING, Admission
from holdfast_tickets.domain.issuing import issue, renamed
from holdfast_tickets.domain.roster import Roster
from holdfast_tickets.domain.ticket import Entry
from holdfast_tickets.services.learning import learnt
from holdfast_tickets.services.telling import cancelled, issued


class IssueTicketsUseCase:
    """Give a confirmed booking one ticket per admission, once (I6); later keep the names on them as the booking has."""

    def execute(self, given: Incoming[BookingEvent], roster: Roster) -> Outcome:
        """Decide one event. Each carries the whole state, so any of them issues what an earlier one could not."""
        admission = learnt(given.tenant_id, given.message, roster)
        return Outcome(events=with_tickets(given, admission, roster) if admission else ())


class CancelTicketsUseCase:
    """End the tickets of a booking that is cancelled or expired."""

    def execute(self, given: Incoming[BookingEvent], roster: Roster) -> Outcome:
        """Decide one event."""
        admission = learnt(given.tenant_id, given.message, roster)
        live = [ticket for ticket in roster.party(admission) if ticket.live] if admission else []
        if admission is None or not live:
            return Outcome()
        ended = [ticket.cancel(roster.now) for ticket in live]
        roster.put(ended)
        return Outcome(events=[cancelled(given, admission, ended, roster.now)])


class AdmitPartyUseCase:
    """Admit all live tickets of a booking that staff checked in; one checked in by the door is left as it is."""

    def execute(self, given: Incoming[BookingCheckedIn], roster: Roster) -> Outcome:
        """Decide one event [spec/10, Tickets]."""
        admission = learnt(given.tenant_id, given.message, roster)
        if admission is None:
            return Outcome()
        events = with_tickets(given, admission, roster)
        if given.message.via is CheckInVia.STAFF:
            entry = Entry(given.message.occurred_at)
            waiting = [ticket for ticket in roster.party(admission) if ticket.live and not ticket.passage.entries]
            roster.put([ticket.admit(entry, roster.now, by_staff=True) for ticket in waiting])
        return Outcome(events=events)


class TakeBackCheckInUseCase:
    """Take back the admissions by staff, and only those."""

    def execute(self, given: Incoming[BookingEvent], roster: Roster) -> Outcome:
        """Decide one event [spec/10, Bookings: undo takes back those]."""
        admission = learnt(given.tenant_id, given.message, roster)
        if admission is not None:
            by_staff = [ticket for ticket in roster.party(admission) if ticket.live and ticket.passage.by_staff]
            roster.put([ticket.take_back_staff_entry(roster.now) for ticket in by_staff])
        return Outcome()


def with_tickets(given: Incoming[Any], admission: Admission, roster: Roster) -> list[Outgoing]:
    """Issue the tickets of a booking that has none yet, or bring their names up to date."""
    party = roster.party(admission)
    if party:
        roster.put(renamed(admission, [ticket for ticket in party if ticket.live], roster.now))
        return []
    if admission.status not in ADMITTING:
        return []
    made = issue(admission, roster.key_number(admission.tenant_id), draw_ticket_code, roster.now)
    roster.put(made)
    return [issued(given, admission, made, roster.now)] if made else []
