"""A process whose clock is wrong, beside a database whose clock is right."""

from __future__ import annotations

import datetime as library
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def clock_off_by(seconds: float) -> Iterator[type[library.datetime]]:
    """Let our modules of this process believe that it is so many seconds later; gives the `datetime` they believe.

    Timers go on as ever: they measure durations, and ask no clock.
    """
    right = time.time

    class Kind(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, library.datetime)

    class Wrong(library.datetime, metaclass=Kind):
        def __new__(cls, *parts: Any, **named: Any) -> library.datetime:  # type: ignore[misc]  # noqa: ANN401
            # What it makes is of the kind that encoders know.
            return library.datetime(*parts, **named)  # noqa: DTZ001 - whoever asks gives the zone

        @classmethod
        def now(cls, tz: library.tzinfo | None = None) -> library.datetime:  # type: ignore[override]
            return library.datetime.fromtimestamp(right() + seconds, tz)

    ours = [module for name, module in list(sys.modules.items()) if name.startswith("holdfast_")]
    with ExitStack() as stack:
        stack.enter_context(patch.object(time, "time", lambda: right() + seconds))
        for module in ours:
            if getattr(module, "datetime", None) is library.datetime:
                stack.enter_context(patch.object(module, "datetime", Wrong))
        yield Wrong
