"""One line for each step, with the seconds since the start, so that waiting never looks like hanging."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Prints what happens, from any thread; a silent one prints nothing (for tests)."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent
        self._begun = time.monotonic()
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """Seconds since this progress began."""
        return time.monotonic() - self._begun

    def say(self, part: str, text: str) -> None:
        """Print one line about a part of the stack."""
        if self._silent:
            return
        with self._lock:
            sys.stdout.write(f"[{self.seconds:5.1f} s] {part:<10} {text}\n")
            sys.stdout.flush()

    @contextmanager
    def step(self, part: str, text: str) -> Iterator[None]:
        """Say that a step begins, and how long it took when it has ended well."""
        began = time.monotonic()
        self.say(part, f"{text} …")
        yield
        self.say(part, f"{text}: done in {time.monotonic() - began:.1f} s")
