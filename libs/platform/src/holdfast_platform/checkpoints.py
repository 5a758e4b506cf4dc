"""Named points in the flow where a test can pause, fail, kill or stop the process.

They cost one comparison when nothing is installed. From the environment (`HOLDFAST_CHECKPOINTS`, only with ENV=test):
`unit.after_commit=kill`, or `unit.after_commit=kill@3` for the third time, comma separated. `stop` in place of `kill`
lets the process sleep (SIGSTOP) with all it holds, once, until somebody sends SIGCONT.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable

Hook = Callable[[], Awaitable[None]]

_hooks: dict[str, Hook] = {}

NAMES = (
    "unit.after_lock",
    "unit.before_commit",
    "unit.after_commit",
    "relay.before_publish",
    "relay.after_publish",
    "offsets.before_commit",
)
"""Where the platform itself can be stopped."""


async def reach(name: str) -> None:
    """Run what a test has installed here; nothing otherwise."""
    if _hooks and (hook := _hooks.get(name)) is not None:
        await hook()


def install(name: str, hook: Hook) -> Callable[[], None]:
    """Install a hook and return the function that takes it away."""
    _hooks[name] = hook

    def remove() -> None:
        if _hooks.get(name) is hook:
            del _hooks[name]

    return remove


def _signal_at(nth: int, which: signal.Signals) -> Hook:
    remaining = nth

    async def hook() -> None:
        nonlocal remaining
        remaining -= 1
        if remaining == 0:
            os.kill(os.getpid(), which)

    return hook


_VERBS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


def install_from_environment(env: str) -> None:
    """Install what `HOLDFAST_CHECKPOINTS` names. Raises ValueError for a word it does not know."""
    text = os.environ.get("HOLDFAST_CHECKPOINTS", "")
    if not text or env != "test":
        return
    for entry in text.split(","):
        name, _, action = entry.strip().partition("=")
        verb, _, nth = action.partition("@")
        if verb not in _VERBS:
            msg = f"HOLDFAST_CHECKPOINTS: {entry!r} is not of the form name=kill, name=stop or name=kill@N"
            raise ValueError(msg)
        install(name, _signal_at(int(nth or 1), _VERBS[verb]))
