"""Prices [spec/04, Pricing]: base, rules by priority, floor, rounding half up once per line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from uuid import UUID

ZERO = Decimal(0)
HOUR = 3_600


def rounded(amount: Decimal, decimals: int) -> Decimal:
    """Amount with the decimals of its currency (ISO 4217), rounded half up."""
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a price."""

    label: str
    tier_id: UUID | None
    quantity: int
    unit_price: Decimal
    total: Decimal


def line(label: str, unit_price: Decimal, quantity: int, decimals: int, tier_id: UUID | None = None) -> Line:
    """A line, rounded once."""
    return Line(label, tier_id, quantity, rounded(unit_price, decimals), rounded(unit_price * quantity, decimals))


def started_hours(seconds: int) -> int:
    """Hours that have begun within a duration: 61 minutes are two."""
    return -(-seconds // HOUR)


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `least` to `most`, inclusive; None is open."""

    least: int | None = None
    most: int | None = None

    def holds(self, value: int | None) -> bool:
        """Whether the value lies in the range; an unknown value never does."""
        if value is None:
            return False
        return (self.least is None or self.least <= value) and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the conditions of price rules look at; `start` and `today` are local to the content or resource."""

    start: datetime
    today: date
    party_size: int
    duration_minutes: int
    occupancy_percent: int | None = None
    channel: str | None = None
    customer_tags: frozenset[str] = frozenset()

    @property
    def days_before(self) -> int:
        """Local days from today to the start."""
        return (self.start.date() - self.today).days


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a rule applies: all that is given must hold. `times` are minutes of the local day, `[from, to)`."""

    weekdays: frozenset[int] | None = None
    dates: tuple[date, date] | None = None
    times: tuple[int, int] | None = None
    days_before: Range | None = None
    occupancy_percent: Range | None = None
    party_size: Range | None = None
    duration_minutes: Range | None = None
    channels: frozenset[str] | None = None
    customer_tags: frozenset[str] | None = None

    def hold(self, now: Circumstances) -> bool:
        """Whether all of them hold."""
        return self._about_start(now.start) and self._about_numbers(now) and self._about_people(now)

    def _about_start(self, start: datetime) -> bool:
        if self.weekdays is not None and start.weekday() not in self.weekdays:
            return False
        if self.dates is not None and not self.dates[0] <= start.date() <= self.dates[1]:
            return False
        return self.times is None or _within(start.hour * 60 + start.minute, *self.times)

    def _about_numbers(self, now: Circumstances) -> bool:
        pairs = (
            (self.days_before, now.days_before),
            (self.occupancy_percent, now.occupancy_percent),
            (self.party_size, now.party_size),
            (self.duration_minutes, now.duration_minutes),
        )
        return all(wanted is None or wanted.holds(value) for wanted, value in pairs)

    def _about_people(self, now: Circumstances) -> bool:
        if self.channels is not None and now.channel not in self.channels:
            return False
        return self.customer_tags is None or bool(self.customer_tags & now.customer_tags)


def _within(minute: int, start: int, end: int) -> bool:
    """Whether a minute of the day lies in a window that may cross midnight."""
    return start <= minute < end if start < end else minute >= start or minute < end


@dataclass(frozen=True, slots=True)
class Rule:
    """A price rule. `replace` is a new price of each unit, `fixed` an amount, `percent` of the base."""

    name: str
    effect: Literal["replace", "percent", "fixed"]
    value: Decimal
    priority: int = 0
    group: str | None = None
    when: Conditions = Conditions()


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule that applied, and by how much it changed the price."""

    rule: Rule
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """A price with its lines and the rules that applied."""

    base: Decimal
    lines: tuple[Line, ...]
    rules: tuple[Applied, ...]
    total: Decimal
    currency: str


def price(lines: Sequence[Line], rules: Iterable[Rule], now: Circumstances, currency: str, decimals: int) -> Price:
    """Price of some lines: first `replace`, then the sum of percentages on the base, then fixed amounts.

    The amounts of the rules add up to the difference between the base and the price before the floor.
    """
    base = sum((each.total for each in lines), ZERO)
    applied: list[Applied] = []
    told = base
    for rule, exact in _steps(base, sum(each.quantity for each in lines), _fitting(rules, now)):
        shown = rounded(exact, decimals)
        applied.append(Applied(rule, shown - told))
        told = shown
    return Price(base, tuple(lines), tuple(applied), max(told, rounded(ZERO, decimals)), currency)


def _steps(base: Decimal, quantity: int, fitting: Sequence[Rule]) -> Iterator[tuple[Rule, Decimal]]:
    """The exact price after each rule. It is rounded as it stands, so no rounding of a rule adds to another's."""
    worth = exact = base
    replacing = [rule for rule in fitting if rule.effect == "replace"][:1]
    for rule in replacing:
        worth = exact = rule.value * quantity
        yield rule, exact
    for rule in fitting:
        if rule.effect != "replace":
            exact += worth * rule.value / 100 if rule.effect == "percent" else rule.value
            yield rule, exact


def _fitting(rules: Iterable[Rule], now: Circumstances) -> list[Rule]:
    """Rules whose conditions hold, highest priority first; inside an exclusive group only the first."""
    order = {"replace": 0, "percent": 1, "fixed": 2}
    chosen: list[Rule] = []
    groups: set[str] = set()
    for rule in sorted((rule for rule in rules if rule.when.hold(now)), key=lambda rule: -rule.priority):
        if rule.group is None or rule.group not in groups:
            chosen.append(rule)
            groups.update([rule.group] if rule.group else [])
    return sorted(chosen, key=lambda rule: order[rule.effect])
