"""One supervisor a stack: a lock while it lives, and an end for what a killed one left behind."""

import fcntl
import json
import shutil
import signal
import time
from collections.abc import Mapping
from typing import IO

from holdfast_local import postgres_place
from holdfast_local.errors import StackError
from holdfast_local.paths import StackPaths, stack_paths
from holdfast_local.process import ManagedProcess, command_line, end_foreign

_PATIENCE = 10.0
_YOUNG_SECONDS = 30.0


class Ownership:
    """The right to run a stack, and the record of its processes."""

    def __init__(self, paths: StackPaths) -> None:
        self._paths = paths
        self._lock: IO[str] | None = None

    def take(self) -> list[str]:
        """Become the only supervisor and end what an earlier one left; returns the names of what was ended.

        Raises StackError while another supervisor of this stack lives.
        """
        self._paths.base.mkdir(parents=True, exist_ok=True)
        lock = self._paths.lock.open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise StackError(
                f"The stack {self._paths.name!r} already runs.",
                "Stop it with Ctrl-C where it runs, or start another: make run PORT=8100 STACK=second",
            ) from None
        self._lock = lock
        return self._end_orphans()

    def record(self, processes: Mapping[str, ManagedProcess]) -> None:
        """Write down the living processes, each with the mark that its command line has."""
        living = {name: {"pid": one.pid, "mark": one.mark} for name, one in processes.items() if one.pid}
        draft = self._paths.processes.with_suffix(".new")
        draft.write_text(json.dumps(living, indent=2))
        draft.replace(self._paths.processes)

    def release(self) -> None:
        """Give the stack up."""
        self._paths.processes.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _end_orphans(self) -> list[str]:
        if not self._paths.processes.exists():
            return []
        ended = []
        # The gateway was recorded last; it stops first.
        for name, entry in reversed(json.loads(self._paths.processes.read_text()).items()):
            # A process id may belong to somebody else by now: only one with our mark is ended.
            if entry["mark"] in command_line(entry["pid"]):
                end_foreign(entry["pid"], signal.SIGINT if name == "postgres" else signal.SIGTERM, _PATIENCE)
                ended.append(name)
        self._paths.processes.unlink()
        return ended


def remove_stack(paths: StackPaths) -> bool:
    """Remove a stack that nobody runs, its leftover processes and its data; says whether it could."""
    ownership = Ownership(paths)
    try:
        ownership.take()
    except StackError:
        return False
    ownership.release()
    shutil.rmtree(postgres_place.choose(paths).directory, ignore_errors=True)  # it may lie elsewhere
    paths.description.unlink(missing_ok=True)
    shutil.rmtree(paths.base, ignore_errors=True)
    return True


def sweep(example: StackPaths, prefix: str) -> None:
    """Remove every stack whose name begins so and whose supervisor is dead (of runs that were killed)."""
    for lock in example.root.glob(f"{prefix}*/stack.lock"):
        # A young one may be about to be locked by a run that starts at this moment.
        if time.time() - lock.stat().st_mtime > _YOUNG_SECONDS:
            remove_stack(stack_paths(lock.parent.name, example.root))
