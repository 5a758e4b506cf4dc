"""One child process of a stack: started in a session of its own, logged to a file, ended for certain."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from holdfast_local.errors import StackError
from holdfast_local.waiting import POLL_SECONDS, hurry

TAIL_LINES = 12


@dataclass(frozen=True)
class Account:
    """The system user that a process runs as; `None` in its place means the one who started us."""

    name: str
    uid: int
    gid: int

    @classmethod
    def named(cls, name: str) -> "Account | None":
        """The account of that name, if the system has it."""
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            return None
        return cls(name, entry.pw_uid, entry.pw_gid)


def run_as(
    account: Account | None, command: Sequence[object], environment: Mapping[str, str], directory: Path
) -> subprocess.CompletedProcess[str]:
    """Run a short command to its end as that user, and return what it said."""
    return subprocess.run(
        [str(part) for part in command],
        env=dict(environment),
        cwd=directory,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        capture_output=True,
        text=True,
        check=False,
    )


class ManagedProcess:
    """A child that can be started, asked to stop, killed, paused and resumed, again and again.

    It gets a session of its own, so that Ctrl-C at the terminal reaches only the supervisor, which then stops
    the parts in order.
    """

    def __init__(self, name: str, log: Path, mark: str, *, stop_signal: signal.Signals = signal.SIGTERM) -> None:
        """`mark` is a part of its command line that no process of another stack has."""
        self.name = name
        self.mark = mark
        self.log = log
        self._stop_signal = stop_signal
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it lives."""
        return self._child.pid if self._child is not None and self.alive else None

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and self._child.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended: the exit status, or minus the signal's number; `None` while it lives."""
        return None if self._child is None else self._child.poll()

    def spawn(
        self,
        command: Sequence[object],
        environment: Mapping[str, str],
        *,
        account: Account | None = None,
        directory: Path | None = None,
    ) -> None:
        """Start the child. Raises StackError if it already runs."""
        if self.alive:
            raise StackError(f"{self.name} already runs (pid {self.pid}).")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [str(part) for part in command],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=directory,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when the child has ended."""
        if self._child is not None:
            self._child.send_signal(number)

    def ask_to_stop(self) -> None:
        """Send the polite signal and do not wait. A paused child is resumed, or it would never hear it."""
        self.send(self._stop_signal)
        self.send(signal.SIGCONT)

    def stop(self, patience: float = 25.0) -> None:
        """Ask to stop, wait `patience` seconds (or until the user is in a hurry), then kill."""
        self.ask_to_stop()
        deadline = time.monotonic() + patience
        while not self.wait(POLL_SECONDS):
            if hurry.is_set() or time.monotonic() > deadline:
                self.kill()

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.send(signal.SIGKILL)
        self.wait(10.0)

    def wait(self, patience: float) -> bool:
        """Wait for the child to end; says whether it has."""
        if self._child is None:
            return True
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            return False
        return True

    def pause(self) -> None:
        """SIGSTOP the child and its descendants (PostgreSQL answers through children of its own)."""
        self._signal_family(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT the child and its descendants."""
        self._signal_family(signal.SIGCONT)

    def _signal_family(self, number: signal.Signals) -> None:
        if self.pid is None:
            return
        for pid in (self.pid, *descendants(self.pid)):
            with suppress(ProcessLookupError):  # it ended between listing and signalling
                os.kill(pid, number)

    def ending(self) -> str:
        """How it ended, in words."""
        code = self.exit_code
        if code is None:
            return "still runs"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    def last_lines(self, count: int = TAIL_LINES) -> str:
        """The end of its log, for error messages."""
        return tail(self.log, count)


def tail(log: Path, count: int = TAIL_LINES) -> str:
    """The last lines of a log file, indented; a word in their place when there are none."""
    if not log.exists():
        return "    (no log)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 65536))
        lines = file.read().decode(errors="replace").splitlines()[-count:]
    return "\n".join(f"    {line[:400]}" for line in lines) or "    (the log is empty)"


def descendants(pid: int) -> list[int]:
    """Process ids of all children and their children, as far as the system tells (`ps`)."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=False)
    parents = [(int(child), int(parent)) for child, parent in map(str.split, listed.stdout.splitlines())]
    found: list[int] = []
    frontier = {pid}
    while frontier:
        frontier = {child for child, parent in parents if parent in frontier}
        found.extend(frontier)
    return found


def command_line(pid: int) -> str:
    """The command line of any process; empty when there is none of that id."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip()


def exists(pid: int) -> bool:
    """Whether a process of that id lives."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end_foreign(pid: int, number: signal.Signals, patience: float) -> None:
    """End a process that is not our child: a polite signal first, SIGKILL after `patience` seconds."""
    deadline = time.monotonic() + patience
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        os.kill(pid, signal.SIGCONT)
        while exists(pid) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        if exists(pid):
            os.kill(pid, signal.SIGKILL)
