"""Prices: the order of rules, rounding once, conditions."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast_inventory.domain.pricing import (
    Circumstances,
    Conditions,
    Range,
    Rule,
    line,
    price,
    rounded,
    started_hours,
)

SATURDAY = Circumstances(datetime(2027, 6, 12, 20, tzinfo=UTC), date(2027, 6, 2), party_size=2, duration_minutes=120)


def rule(effect: str, value: str, **more: object) -> Rule:
    return Rule(more.pop("name", effect), effect, Decimal(value), **more)


def total(*rules: Rule, unit: str = "100.00", quantity: int = 1, now: Circumstances = SATURDAY) -> str:
    return str(price([line("Standard", Decimal(unit), quantity, 2, uuid4())], rules, now, "EUR", 2).total)


def test_percentages_are_added_on_the_base():
    assert total(rule("percent", "15"), rule("percent", "-5")) == "110.00"


def test_replace_comes_first_then_percent_then_fixed_whatever_their_priority():
    assert total(rule("fixed", "3", priority=9), rule("percent", "10", priority=8), rule("replace", "80")) == "91.00"


def test_replace_names_a_price_for_each_unit():
    assert total(rule("replace", "20"), quantity=3) == "60.00"


def test_inside_an_exclusive_group_only_the_highest_priority_applies():
    assert total(rule("percent", "-10", group="x", priority=1), rule("percent", "-50", group="x")) == "90.00"
    assert total(rule("percent", "-10", group="x"), rule("percent", "-50", group="y")) == "40.00"


@pytest.mark.parametrize(
    ("unit", "percents", "amounts", "shown"),
    [
        ("0.10", ["5", "5"], ["0.01", "0.00"], "0.11"),
        ("9.90", ["-5", "-5"], ["-0.49", "-0.50"], "8.91"),
        ("9.99", ["-1", "-1", "-1"], ["-0.10", "-0.10", "-0.10"], "9.69"),
    ],
)
def test_the_sum_of_percentages_is_rounded_once(unit, percents, amounts, shown):
    found = price([line("x", Decimal(unit), 1, 2)], [rule("percent", p) for p in percents], SATURDAY, "EUR", 2)

    assert (str(found.total), [str(each.amount) for each in found.rules]) == (shown, amounts)


def test_no_price_is_below_zero():
    assert total(rule("fixed", "-500")) == "0.00"


@pytest.mark.parametrize(
    ("amount", "decimals", "shown"), [("2.345", 2, "2.35"), ("2.5", 0, "3"), ("1.23456", 3, "1.235")]
)
def test_amounts_are_rounded_half_up_to_the_decimals_of_the_currency(amount, decimals, shown):
    assert str(rounded(Decimal(amount), decimals)) == shown


def test_a_line_is_rounded_once():
    assert str(line("Hour", Decimal("0.335"), 3, 2).total) == "1.01"


@pytest.mark.parametrize(("minutes", "hours"), [(1, 1), (60, 1), (61, 2), (120, 2)])
def test_hours_are_started_hours(minutes, hours):
    assert started_hours(minutes * 60) == hours


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        (Conditions(weekdays=frozenset({5})), True),
        (Conditions(weekdays=frozenset({4})), False),
        (Conditions(dates=(date(2027, 6, 12), date(2027, 6, 12))), True),
        (Conditions(dates=(date(2027, 6, 13), date(2027, 6, 20))), False),
        (Conditions(times=(20 * 60, 22 * 60)), True),
        (Conditions(times=(22 * 60, 20 * 60)), False),
        (Conditions(times=(19 * 60, 2 * 60)), True),
        (Conditions(days_before=Range(10)), True),
        (Conditions(days_before=Range(None, 9)), False),
        (Conditions(party_size=Range(2, 2)), True),
        (Conditions(duration_minutes=Range(121)), False),
        (Conditions(occupancy_percent=Range(50)), False),
        (Conditions(channels=frozenset({"phone"})), False),
        (Conditions(customer_tags=frozenset({"vip"})), False),
    ],
)
def test_conditions(conditions, holds):
    assert conditions.hold(SATURDAY) is holds


@given(st.decimals(0, 10_000, places=2), st.integers(1, 50), st.lists(st.integers(-100, 100), max_size=6))
def test_the_total_is_the_base_and_what_the_rules_say_and_never_negative(unit, quantity, percents):
    found = price([line("x", unit, quantity, 2)], [rule("percent", str(p)) for p in percents], SATURDAY, "EUR", 2)
    assert found.total == max(found.base + sum((each.amount for each in found.rules), Decimal(0)), Decimal(0))
    assert found.total.as_tuple().exponent == -2
