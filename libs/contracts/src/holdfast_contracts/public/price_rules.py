"""Rules of dynamic pricing, as a content has them [spec/04, Pricing]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field
from pydantic.alias_generators import to_camel

from holdfast_contracts.money import SignedDecimal
from holdfast_contracts.public.base import Body
from holdfast_contracts.public.faults import Fault
from holdfast_contracts.values import Label, LocalDate, LocalEndTime, LocalTime, Name


class DateRange(Body):
    """Local dates, inclusive."""

    from_: LocalDate = Field(alias="from")
    to: LocalDate


class TimeWindow(Body):
    """A local time window `[from, to)`."""

    from_: LocalTime = Field(alias="from")
    to: LocalEndTime


class Bounds(Body):
    """A range of numbers, inclusive; a side left out is open."""

    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None


class PriceConditions(Body):
    """When a price rule applies: all of what is given must hold."""

    weekdays: Annotated[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], Field(max_length=7)] | None = (
        None
    )
    dates: DateRange | None = None
    time: TimeWindow | None = None
    days_before: Bounds | None = None
    occupancy_percent: Bounds | None = None
    party_size: Bounds | None = None
    duration_minutes: Bounds | None = None
    channels: Annotated[list[Label], Field(max_length=20)] | None = None
    customer_tags: Annotated[list[Label], Field(max_length=20)] | None = None


class PriceRule(Body):
    """A rule of dynamic pricing [spec/04, Pricing]."""

    name: Name
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    exclusive_group: Label | None = None
    effect: Literal["replace", "percent", "fixed"]
    value: SignedDecimal
    when: PriceConditions = PriceConditions()


def faults_of(rules: Iterable[PriceRule]) -> Iterator[Fault]:
    """Tell of `priceRules` which could never apply, or would make a price of less than nothing."""
    for number, rule in enumerate(rules):
        for fault in _faults(rule):
            yield replace(fault, field=("priceRules", number, *fault.field))


def _faults(rule: PriceRule) -> Iterator[Fault]:
    when = rule.when
    if when.dates is not None and when.dates.to < when.dates.from_:
        yield Fault(("when", "dates", "to"), "OUT_OF_ORDER", "must not be before from")
    for name in ("days_before", "occupancy_percent", "party_size", "duration_minutes"):
        bounds: Bounds | None = getattr(when, name)
        if bounds is not None and bounds.min is not None and bounds.max is not None and bounds.max < bounds.min:
            yield Fault(("when", to_camel(name), "max"), "OUT_OF_ORDER", "must be at least min")
    if rule.effect == "replace" and rule.value < 0:
        yield Fault(("value",), "OUT_OF_RANGE", "must be at least 0 where it replaces the price")
