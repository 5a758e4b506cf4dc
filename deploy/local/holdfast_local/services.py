"""The five service processes: one child each, with its settings, its log and its health."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from holdfast_local.environment import Wiring, environment_of
from holdfast_local.errors import StackError
from holdfast_local.ports import HOST
from holdfast_local.process import ManagedProcess
from holdfast_local.progress import Progress
from holdfast_local.waiting import pause

START_SECONDS = 60.0
_SAY_EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class Instance:
    """One running copy of a service: `booking`, or a replica such as `booking-2`."""

    name: str
    service: str
    environment: Mapping[str, str]
    process: ManagedProcess

    @property
    def internal_url(self) -> str:
        """Base URL of its health, metrics and internal HTTP."""
        return f"http://{HOST}:{self.environment['INTERNAL_PORT']}"

    def spawn(self, settings: Mapping[str, str]) -> None:
        """Start the process; `settings` change its environment for this one life."""
        # -X with a name of our own has no effect but to show in `ps` which stack the process belongs to.
        command = [sys.executable, "-X", self.process.mark, "-m", f"holdfast_{self.service}.main"]
        self.process.spawn(command, {**os.environ, **self.environment, **settings})

    def unready(self) -> str | None:
        """Why it is not ready, or `None` when it is. Raises StackError when its process has ended."""
        if not self.process.alive:
            raise StackError(
                f"{self.name} {self.process.ending()} while it started. Its last lines:\n{self.process.last_lines()}",
                f"All of its log is in {self.process.log}.",
            )
        return _why_unready(f"{self.internal_url}/health/ready")


def instance(service: str, wiring: Wiring, logs: Path, mark: str, settings: Mapping[str, str]) -> Instance:
    """The main copy of a service, not yet started."""
    environment = environment_of(service, wiring) | dict(settings)
    return Instance(service, service, environment, ManagedProcess(service, logs / f"{service}.log", mark))


def replica(of: Instance, number: int, ports: Iterable[int], settings: Mapping[str, str]) -> Instance:
    """Another copy with ports of its own: the internal one, and for a gateway also the public one."""
    names = ("INTERNAL_PORT", "HTTP_PORT") if of.service == "gateway" else ("INTERNAL_PORT",)
    own = {name: str(port) for name, port in zip(names, ports, strict=False)}
    name = f"{of.service}-{number}"
    process = ManagedProcess(name, of.process.log.with_name(f"{name}.log"), of.process.mark)
    return Instance(name, of.service, {**of.environment, **own, **settings}, process)


def wait_ready(instances: Iterable[Instance], progress: Progress, patience: float = START_SECONDS) -> None:
    """Return when all are ready. Raises StackError when one ends or is late, with what it last said."""
    began = said = time.monotonic()
    waiting = {one.name: one for one in instances}
    why: dict[str, str] = {}
    while waiting:
        for name, one in list(waiting.items()):
            reason = one.unready()
            if reason is None:
                del waiting[name]
                progress.say(name, f"ready on {one.internal_url}")
            else:
                why[name] = reason
        if time.monotonic() - began > patience:
            raise _late(waiting, why)
        if time.monotonic() - said > _SAY_EVERY_SECONDS:
            said = time.monotonic()
            progress.say("services", f"waiting for {_by_reason({name: why[name] for name in waiting})}")
        pause()


def _by_reason(why: Mapping[str, str]) -> str:
    reasons = dict.fromkeys(why.values())
    return "; ".join(f"{', '.join(name for name in why if why[name] == reason)} ({reason})" for reason in reasons)


def _late(waiting: Mapping[str, Instance], why: Mapping[str, str]) -> StackError:
    told = "\n".join(
        f"  {name}: {why[name]}. Its last lines:\n{one.process.last_lines()}" for name, one in waiting.items()
    )
    return StackError(f"Not ready in time:\n{told}")


def is_ready(internal_url: str) -> bool:
    """Whether a service on that port says that it is ready."""
    return _why_unready(f"{internal_url}/health/ready") is None


def _why_unready(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - always http to our own port
            return None
    except urllib.error.HTTPError as error:
        return _shortened(error.read())
    except (OSError, TimeoutError) as error:
        return "does not answer yet" if isinstance(getattr(error, "reason", error), ConnectionError) else str(error)


def _shortened(body: bytes) -> str:
    try:
        told = json.loads(body)
    except ValueError:
        return body.decode(errors="replace")[:120]
    return ", ".join(f"{name}: {value}" for name, value in told.items())[:200] if isinstance(told, dict) else str(told)
