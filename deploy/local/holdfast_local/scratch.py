"""A PostgreSQL for a moment: started on a free port, gone afterwards. For checks that need no services."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from holdfast_local import ports
from holdfast_local.engines import Engines
from holdfast_local.keys import load_or_make
from holdfast_local.ownership import Ownership, remove_stack
from holdfast_local.paths import stack_paths
from holdfast_local.progress import Progress
from holdfast_local.pytest_run import PREFIX


@contextmanager
def scratch_postgres() -> Iterator[str]:
    """Give the superuser's URL of a server of its own; its data is removed afterwards. Raises StackError."""
    paths = stack_paths(f"{PREFIX}{secrets.token_hex(3)}")
    ownership = Ownership(paths)
    ownership.take()
    engines = Engines(paths, ports.free(), load_or_make(paths.secrets), Progress(silent=True), os.environ)
    try:
        engines.start_postgres()
        ownership.record(engines.processes())
        yield engines.postgres.url()
    finally:
        engines.stop()
        ownership.release()
        remove_stack(paths)
