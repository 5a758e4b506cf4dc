"""Errors of the platform, and which of them are the infrastructure's fault rather than a message's."""

from __future__ import annotations

from typing import Final

import asyncpg


class CountMismatch(Exception):  # noqa: N818 - a race that was lost, not an error: the batch is decided again
    """The database changed another number of rows than was decided: somebody was faster."""


class InfrastructureDown(Exception):  # noqa: N818 - a state, told to the caller
    """The database or the bus does not answer; nothing is wrong with the message."""


class TooSlow(Exception):  # noqa: N818 - a state, told to the caller
    """A statement timed out or a deadlock was broken: a smaller batch may do better."""


class PayloadTooLargeError(ValueError):
    """An event would be larger than the bus takes."""


_INFRASTRUCTURE_CLASSES: Final = ("08", "53", "57", "58")
_INFRASTRUCTURE_CODES: Final = ("25006",)  # read-only transaction: the server is a replica, or full
_SLOW_CODES: Final = ("40001", "40P01", "55P03", "57014", "25P03")


def classify(error: BaseException) -> BaseException:
    """Return InfrastructureDown or TooSlow for what is nobody's fault, else the error itself."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        if state in _SLOW_CODES or state.startswith("40"):
            return TooSlow(str(error))
        if state[:2] in _INFRASTRUCTURE_CLASSES or state in _INFRASTRUCTURE_CODES:
            return InfrastructureDown(str(error))
        return error
    if isinstance(error, OSError | TimeoutError | EOFError) or _connection_lost(error):
        return InfrastructureDown(f"{type(error).__name__}: {error}")
    return error


def _connection_lost(error: BaseException) -> bool:
    if isinstance(error, asyncpg.InternalClientError):
        return True  # the server hung up between two statements, and asyncpg finds its own state amiss
    # InterfaceError is also what asyncpg raises for a wrong argument, which is the message's or our own fault.
    return isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError) and "clos" in str(error)
