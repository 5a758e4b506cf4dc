"""Waiting: for a condition with a deadline, and for a coroutine from code that is not async."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from holdfast_local.errors import StackError

POLL_SECONDS = 0.05
Result = TypeVar("Result")


def until(condition: Callable[[], bool], patience: float, failure: Callable[[], StackError]) -> None:
    """Return as soon as the condition holds; raise what `failure` makes after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise failure()
        time.sleep(POLL_SECONDS)


def finished(work: Coroutine[object, object, Result]) -> Result:
    """Run a coroutine to its end in a thread and loop of its own, so that it works under any caller's loop."""
    with ThreadPoolExecutor(1, "holdfast-local") as pool:
        return pool.submit(asyncio.run, work).result()
