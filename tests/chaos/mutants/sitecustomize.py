# ruff: noqa: PLC0415 - a service imports its own guards only
"""Takes one guard away from the service that is started with this folder on its PYTHONPATH; HOLDFAST_MUTANT names it.

Python imports a module of this name before everything else. Only negative controls start services so: they show that
what a guard prevents is seen when it is not prevented.
"""

import os
from collections.abc import Callable

from holdfast_contracts.enums import ScanResult

MUTANTS: dict[str, Callable[[], None]] = {}


def mutant(change: Callable[[], None]) -> Callable[[], None]:
    """Note a mutant by its name."""
    MUTANTS[change.__name__] = change
    return change


@mutant
def sells_what_is_gone() -> None:
    """Inventory: everything is left, and counters are changed whatever they come to."""
    from holdfast_inventory.domain.session import Session
    from holdfast_inventory.repositories import stock_writing

    Session.has = lambda self, items: True
    for name in ("_COUNT_TIERS", "_COUNT_SESSIONS"):
        setattr(stock_writing, name, getattr(stock_writing, name).partition("\n  AND ")[0])


@mutant
def sees_every_unit_free() -> None:
    """Inventory: no place is in the way of another."""
    from holdfast_inventory.domain.calendar import Calendar

    Calendar.unit_for = lambda self, wish, guests: 0


@mutant
def keeps_what_ended() -> None:
    """Booking: what a booking held is not given back when it ends."""
    from holdfast_booking.domain.booking import Change

    Change.ends_claim = property(lambda self: False)


@mutant
def acknowledges_without_writing() -> None:
    """Booking: callers are told of bookings that are not in the database."""
    from holdfast_booking.domain.ledger import Ledger

    Ledger.begun = property(lambda self: [])
    Ledger.steps = property(lambda self: [])


@mutant
def forgets_what_happened() -> None:
    """Booking: no history is kept."""
    from holdfast_booking.domain.ledger import Ledger

    Ledger.steps = property(lambda self: [])


@mutant
def tells_nobody() -> None:
    """Booking: its events are not published."""
    from holdfast_platform.database.writing import Writes
    from holdfast_platform.outbox import store

    write = store.write

    def without_events(writes: Writes, rows: list[store.OutboxRow]) -> None:
        write(writes, [row for row in rows if row.topic != "booking.events.v1"])

    store.write = without_events


@mutant
def answers_in_other_words() -> None:
    """Booking: a stored answer is not repeated byte for byte."""
    from dataclasses import replace

    from holdfast_platform.inbox import store

    stored = store._answer

    def reworded(row: object) -> object:
        answer = stored(row)
        return answer and replace(answer, body=answer.body + b" ")

    store._answer = reworded


@mutant
def admits_again() -> None:
    """Tickets: who has been admitted is admitted again."""
    from holdfast_tickets.domain.scanning import Verdict
    from holdfast_tickets.usecases import scan_ticket

    evaluate = scan_ticket.evaluate

    def forgiving(*asked: object) -> Verdict:
        verdict = evaluate(*asked)
        return Verdict(ScanResult.VALID) if verdict.result is ScanResult.ALREADY_CHECKED_IN else verdict

    scan_ticket.evaluate = forgiving


if (named := os.environ.get("HOLDFAST_MUTANT")) is not None:
    MUTANTS[named]()
