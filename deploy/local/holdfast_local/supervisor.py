"""Watches a running stack: what dies is told with its last words and started again, but not for ever."""

import signal
import time
from collections import defaultdict, deque
from types import FrameType

from holdfast_local.errors import StackError
from holdfast_local.stack import Stack
from holdfast_local.waiting import StopAskedError, hurry, pause, stop_asked

LOOK_EVERY_SECONDS = 0.5
# So many deaths of one part within the window, and it is left dead: something is wrong that no start heals.
MOST_DEATHS = 4
WINDOW_SECONDS = 60.0


class Supervisor:
    """Keeps the parts of one stack alive until the user wants to stop."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._deaths: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=MOST_DEATHS))
        self._given_up: set[str] = set()

    def watch(self) -> None:
        """Return when the user asks to stop."""
        while True:
            try:
                pause(LOOK_EVERY_SECONDS)
                self.look()
            except StopAskedError:
                return

    def look(self) -> None:
        """One round: revive every part that has died since the last."""
        for part, process in self._stack.processes().items():
            if not process.alive and part not in self._given_up:
                self._stack.progress.say(part, f"{process.ending()}. Its last lines:\n{process.last_lines()}")
                self._revive(part)

    def _revive(self, part: str) -> None:
        deaths, now = self._deaths[part], time.monotonic()
        deaths.append(now)
        if len(deaths) == MOST_DEATHS and now - deaths[0] < WINDOW_SECONDS:
            self._given_up.add(part)
            self._stack.progress.say(part, f"died {MOST_DEATHS} times within a minute: it is left as it is.")
            return
        self._stack.progress.say(part, "is started again …")
        try:
            self._stack.start(part)
        except StopAskedError:
            raise
        except StackError as error:
            self._stack.progress.say(part, str(error))


def stop_on_signals() -> None:
    """Ctrl-C and SIGTERM ask every wait to end; a second one kills what takes its time; a third ends this program."""

    def ask(_: int, __: FrameType | None) -> None:
        if hurry.is_set():
            raise KeyboardInterrupt
        (hurry if stop_asked.is_set() else stop_asked).set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
