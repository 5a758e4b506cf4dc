"""Keys of customers, and the limit of active bookings."""

from uuid import uuid4

import pytest

from holdfast_booking.domain.customers import Standing, customer_keys
from holdfast_contracts.problems import ProblemCode, Refusal


def test_a_customer_is_known_by_either_contact() -> None:
    assert customer_keys("Ida@Example.com ", "+49 30 123456") == ("email:ida@example.com", "phone:4930123456")
    assert customer_keys(None, None) == customer_keys("", None) == ()


def test_the_limit_counts_a_booking_once_that_is_known_by_both() -> None:
    standing = Standing()
    keys = customer_keys("ida@example.com", "+4930123456")
    first, second = uuid4(), uuid4()
    standing.knows(keys, first)
    standing.refuse_over(2, keys)
    standing.knows(customer_keys("ida@example.com", None), second)
    with pytest.raises(Refusal) as refused:
        standing.refuse_over(2, keys)
    assert refused.value.code is ProblemCode.TOO_MANY_ACTIVE
    standing.refuse_over(2, customer_keys(None, "+4930123456"))
    standing.forgets(keys, first)
    standing.refuse_over(2, keys)


def test_without_a_contact_nothing_is_refused() -> None:
    standing = Standing()
    standing.knows(("email:a",), uuid4())
    standing.refuse_over(1, ())
