"""What is the infrastructure's fault, what is a batch's size, and what is the message's own [interleavings, M3]."""

from __future__ import annotations

import asyncpg
import pytest

from holdfast_platform.errors import InfrastructureDown, TooSlow, classify

DOWN = ["08000", "08003", "08006", "25006", "53000", "53100", "53200", "53300", "57P01", "57P02", "57P03", "58030"]
SLOW = ["40001", "40P01", "55P03", "57014", "25P03"]
OWN = ["P0001", "22021", "22P02", "23505", "23514", "42501", "42P01"]


def postgres_error(state: str) -> asyncpg.PostgresError:
    """The error that asyncpg makes of what the server sends."""
    return asyncpg.PostgresError.new({"C": state, "M": "as the server says it"})


@pytest.mark.parametrize("state", DOWN)
def test_a_server_in_trouble_counts_against_no_message(state):
    assert isinstance(classify(postgres_error(state)), InfrastructureDown)


@pytest.mark.parametrize("state", SLOW)
def test_what_a_smaller_batch_may_heal_is_too_slow(state):
    assert isinstance(classify(postgres_error(state)), TooSlow)


@pytest.mark.parametrize("state", OWN)
def test_what_a_message_did_stays_its_own(state):
    """The control of the two above: not everything is called infrastructure, or no bad message would ever leave."""
    error = postgres_error(state)
    assert error.sqlstate == state
    assert classify(error) is error


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        ConnectionResetError(),
        TimeoutError(),
        EOFError(),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InterfaceError("the underlying connection is closed"),
        asyncpg.InternalClientError("got result for unknown protocol state 3"),
    ],
    ids=repr,
)
def test_a_lost_connection_counts_against_no_message(error):
    assert isinstance(classify(error), InfrastructureDown)


@pytest.mark.parametrize(
    "error", [ValueError("closed"), asyncpg.DataError("invalid input"), asyncpg.InterfaceError("the argument is wrong")]
)
def test_a_wrong_argument_stays_the_message_s_own(error):
    assert classify(error) is error
