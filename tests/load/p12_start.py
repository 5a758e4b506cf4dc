"""P12: the start of the whole stack, everything installed, and what each service keeps in memory."""

from __future__ import annotations

import time
from pathlib import Path

from tests.load.figures import Result

from holdfast_local.keys import SERVICES
from holdfast_local.stack import Stack


class StartClock:
    """Takes the time of a stack's start."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.seconds = 0.0

    def ready(self) -> None:
        """The stack is ready and seeded."""
        self.seconds = time.monotonic() - self._began


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process (Linux, proc(5))."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    msg = f"process {pid} has no resident memory"
    raise RuntimeError(msg)


def memory_of(stack: Stack) -> dict[str, float]:
    """Megabytes of each service."""
    found = {service: stack.process(service).pid for service in SERVICES}
    return {service: resident_megabytes(pid) for service, pid in found.items() if pid is not None}


def tell(clock: StartClock, fresh: dict[str, float], worked: dict[str, float]) -> Result:
    """The result: start, memory after it, and after all the work of this run."""
    result = Result("P12", "Start of the whole stack, and memory of each service")
    result.at_most("PostgreSQL, Kafka, migrations, five services, seed", clock.seconds, 20, "s")
    for service, megabytes in fresh.items():
        result.at_most(f"{service}, resident after the start", megabytes, 150, "MB")
    for service, megabytes in worked.items():
        result.at_most(f"{service}, resident after this run", megabytes, 150, "MB")
    return result
