"""Give a live hold more time."""

from dataclasses import dataclass
from typing import Any

from holdfast_contracts.enums import HoldType
from holdfast_contracts.inventory import ExtendHold
from holdfast_contracts.message import Actor
from holdfast_contracts.problems import ProblemCode, Refusal, invalid, not_found
from holdfast_contracts.values import is_told
from holdfast_inventory.domain.hold import Hold, HoldTimes, check_end, expired
from holdfast_inventory.domain.local_time import seconds, utc
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.services.showing import show_hold
from holdfast_inventory.services.telling import answer, hold_extended
from holdfast_platform.units.messages import Incoming, Outcome


@dataclass(frozen=True, slots=True)
class ExtendHoldUseCase:
    """Extend a hold by the time of its type, or for staff to a given end; at most `longest` from its creation (I8)."""

    times: HoldTimes

    def execute(self, given: Incoming[ExtendHold], stock: Stock) -> Outcome:
        """Answer 200 with the hold. Raises 422, then 404, then VERSION_MISMATCH, then HOLD_EXPIRED [spec/10]."""
        command = given.message
        asked = _asked_end(command, stock.now)
        hold = own_hold(given, stock, command.actor)
        end = self._end(hold, asked, command.actor)
        check_usable(hold, command.if_match, stock.now)
        hold.expires_at = end
        hold.version += 1
        hold.updated_at = stock.now
        stock.put(hold)
        shown = show_hold(hold)
        return Outcome(answer(200, shown, shown.version), [hold_extended(given, shown)])

    def _end(self, hold: Hold, asked: int | None, actor: Actor) -> int:
        if hold.kind == HoldType.STAFF and not actor.staff:
            return hold.expires_at  # how long a staff hold lives is staff's to say [spec/04, Holds]
        longest = self.times.longest
        if asked is not None and hold.kind != HoldType.STAFF and asked > hold.created_at + longest:
            raise invalid(
                "expiresAt", f"must lie within {longest // 60} minutes of the hold's creation", "OUT_OF_RANGE"
            )
        end = self.times.later_end(hold.kind, hold.expires_at, hold.created_at) if asked is None else asked
        if not is_told(utc(end)):
            raise invalid("expiresAt", "would lie beyond the years that can be told", "OUT_OF_RANGE")
        return end


def _asked_end(command: ExtendHold, now: int) -> int | None:
    """The end that staff ask for. Raises 422 for one that has passed."""
    if command.body.expires_at is None:
        return None
    if not command.actor.staff:
        raise invalid("expiresAt", "can be given by staff only", "NOT_ALLOWED")
    end = seconds(command.body.expires_at)
    check_end(end, now)
    return end


def own_hold(given: Incoming[Any], stock: Stock, actor: Actor) -> Hold:
    """A hold that the caller may change: their own, or any for staff. Raises 404, HOLD_EXPIRED for one that is gone."""
    if stock.was_released(given.tenant_id, given.message.hold_id):
        raise not_found("hold")
    hold = stock.hold(given.tenant_id, given.message.hold_id)
    if not actor.staff and not hold.belongs_to(actor.subject):
        raise not_found("hold")
    return hold


def check_usable(hold: Hold, if_match: int | None, now: int) -> None:
    """Raise VERSION_MISMATCH where the caller has seen another version, and then HOLD_EXPIRED."""
    check_version(hold, if_match)
    if not hold.live(now):
        raise expired()


def check_version(hold: Hold, if_match: int | None) -> None:
    """Raise VERSION_MISMATCH where the caller has seen another version."""
    if if_match not in (None, hold.version):
        raise Refusal(ProblemCode.VERSION_MISMATCH, f"The hold has version {hold.version} by now.")
