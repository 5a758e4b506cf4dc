"""Give a live hold more time."""

from dataclasses import dataclass
from typing import Any

from holdfast_contracts.enums import HoldType
from holdfast_contracts.inventory import ExtendHold
from holdfast_contracts.message import Actor
from holdfast_contracts.problems import ProblemCode, Refusal, invalid, not_found
from holdfast_inventory.domain.hold import Hold, HoldTimes, check_end, expired
from holdfast_inventory.domain.local_time import seconds
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.usecases.showing import show_hold
from holdfast_inventory.usecases.telling import answer, hold_extended
from holdfast_platform.units.messages import Incoming, Outcome


@dataclass(frozen=True, slots=True)
class ExtendHoldUseCase:
    """Extend a hold by the time of its type, or for staff to a given end; at most an hour from its creation (I8)."""

    times: HoldTimes

    def execute(self, given: Incoming[ExtendHold], stock: Stock) -> Outcome:
        """Answer 200 with the hold. Raises 404, HOLD_EXPIRED, VERSION_MISMATCH."""
        command = given.message
        hold = own_hold(given, stock, command.actor)
        check_version(hold, command.if_match)
        hold.expires_at = self._end(hold, command, stock.now)
        hold.version += 1
        hold.updated_at = stock.now
        stock.put(hold)
        shown = show_hold(hold)
        return Outcome(answer(200, shown, shown.version), [hold_extended(given, shown)])

    def _end(self, hold: Hold, command: ExtendHold, now: int) -> int:
        if command.body.expires_at is None:
            return self.times.later_end(hold.kind, hold.expires_at, hold.created_at)
        if not command.actor.staff:
            raise invalid("expiresAt", "can be given by staff only", "NOT_ALLOWED")
        end = seconds(command.body.expires_at)
        check_end(end, now)
        if hold.kind != HoldType.STAFF and end > hold.created_at + self.times.longest:
            minutes = self.times.longest // 60
            raise invalid("expiresAt", f"must lie within {minutes} minutes of the hold's creation", "OUT_OF_RANGE")
        return end


def own_hold(given: Incoming[Any], stock: Stock, actor: Actor) -> Hold:
    """A live hold that the caller may change: their own, or any for staff. Raises 404 and HOLD_EXPIRED."""
    if stock.was_released(given.tenant_id, given.message.hold_id):
        raise not_found("hold")
    hold = stock.hold(given.tenant_id, given.message.hold_id)
    if not actor.staff and not hold.belongs_to(actor.subject):
        raise not_found("hold")
    if not hold.live(stock.now):
        raise expired()
    return hold


def check_version(hold: Hold, if_match: int | None) -> None:
    """Raise VERSION_MISMATCH where the caller has seen another version."""
    if if_match not in (None, hold.version):
        raise Refusal(ProblemCode.VERSION_MISMATCH, f"The hold has version {hold.version} by now.")
