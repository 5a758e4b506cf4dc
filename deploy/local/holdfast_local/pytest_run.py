"""`make test`: one PostgreSQL and one Kafka on free ports for the whole run, gone afterwards."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Sequence

from holdfast_local import ports
from holdfast_local.engines import Engines
from holdfast_local.keys import load_or_make
from holdfast_local.ownership import Ownership, remove_stack, sweep
from holdfast_local.paths import checkout, stack_paths
from holdfast_local.progress import Progress
from holdfast_local.supervisor import stop_on_signals
from holdfast_local.waiting import stop_asked

PREFIX = "test-"
LOOK_EVERY_SECONDS = 0.2


def run(arguments: Sequence[str]) -> int:
    """Bring the engines up, run pytest with their addresses in its environment, tear them down; pytest's status."""
    paths = stack_paths(f"{PREFIX}{secrets.token_hex(3)}")
    sweep(paths, PREFIX)
    stop_on_signals()
    ownership = Ownership(paths)
    ownership.take()
    engines = Engines(paths, ports.free(), load_or_make(paths.secrets), Progress(), os.environ)
    try:
        _start(engines, ownership)
        return _pytest(arguments, engines)
    finally:
        engines.stop()
        ownership.release()
        remove_stack(paths)


def _start(engines: Engines, ownership: Ownership) -> None:
    try:
        engines.start()
    finally:
        ownership.record(engines.processes())


def _pytest(arguments: Sequence[str], engines: Engines) -> int:
    # The services of e2e tests run on these engines as well; only chaos tests, which kill engines, bring their own.
    addresses = {
        "DATABASE_URL": engines.postgres.url(),
        "KAFKA_BOOTSTRAP_SERVERS": engines.kafka.bootstrap,
    }
    command = [sys.executable, "-m", "pytest", *arguments]
    # In a session of its own, so that one Ctrl-C reaches it once: pytest then ends its tests and tells what was done.
    child = subprocess.Popen(command, env={**os.environ, **addresses}, cwd=checkout(), start_new_session=True)
    while child.poll() is None:
        if stop_asked.wait(LOOK_EVERY_SECONDS):
            child.send_signal(signal.SIGINT)
            return child.wait()
    return child.returncode
