"""Waiting: for a condition with a deadline, for jobs side by side, for a coroutine from code that is not async."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from holdfast_local.errors import StackError

POLL_SECONDS = 0.05
Result = TypeVar("Result")

stop_asked = threading.Event()
"""Set when the user wants to stop: every wait of this package ends with StopAskedError then."""

hurry = threading.Event()
"""Set when the user asks a second time: whoever waits for a process to end kills it instead."""


class StopAskedError(StackError):
    """The user asked to stop while something was awaited."""


def pause(seconds: float = POLL_SECONDS) -> None:
    """Let time pass. Raises StopAskedError as soon as the user wants to stop."""
    if stop_asked.wait(seconds):
        raise StopAskedError("Stopped on request.")


def until(condition: Callable[[], bool], patience: float, failure: Callable[[], StackError]) -> None:
    """Return as soon as the condition holds; raise what `failure` makes after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise failure()
        pause()


def in_parallel(*jobs: Callable[[], object]) -> None:
    """Run the jobs in threads; wait for all, then raise the first error.

    On Ctrl-C the jobs are told to stop and are waited for, so that none starts a process after the clean-up.
    """
    if not jobs:
        return
    with ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(job) for job in jobs]
        try:
            for future in futures:
                future.exception()
        except KeyboardInterrupt:
            stop_asked.set()
            pool.shutdown()
            stop_asked.clear()
            raise
    for future in futures:
        future.result()


def finished(work: Coroutine[object, object, Result]) -> Result:
    """Run a coroutine to its end in a thread and loop of its own, so that it works under any caller's loop."""
    with ThreadPoolExecutor(1, "holdfast-local") as pool:
        return pool.submit(asyncio.run, work).result()
