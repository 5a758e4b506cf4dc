"""Where a stack keeps its files, all of it below `.local/` of the checkout."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from holdfast_local.errors import StackError

DEFAULT_STACK = "default"
RESERVED = frozenset({"demo", "kafka-libs"})
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


def checkout() -> Path:
    """The root of the checkout: `HOLDFAST_HOME`, else where this file is installed from."""
    home = os.environ.get("HOLDFAST_HOME")
    return Path(home).resolve() if home else Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class StackPaths:
    """The files of one stack; several stacks share only `kafka_libs`."""

    root: Path
    name: str

    @property
    def base(self) -> Path:
        """The stack's own directory."""
        return self.root / self.name

    @property
    def logs(self) -> Path:
        """One file a process."""
        return self.base / "logs"

    @property
    def kafka(self) -> Path:
        """Kafka's log directories and configuration."""
        return self.base / "kafka"

    @property
    def secrets(self) -> Path:
        """Keys and passwords, made once; readable by its owner only."""
        return self.base / "secrets.json"

    @property
    def lock(self) -> Path:
        """Locked while a supervisor of this stack lives."""
        return self.base / "stack.lock"

    @property
    def processes(self) -> Path:
        """Process ids of what was started, so that what a killed supervisor left behind can be ended."""
        return self.base / "processes.json"

    @property
    def description(self) -> Path:
        """`stack.json`; that of the default stack lies at `.local/stack.json`."""
        return self.root / "stack.json" if self.name == DEFAULT_STACK else self.base / "stack.json"

    @property
    def kafka_libs(self) -> Path:
        """Kafka's jars, fetched once for all stacks."""
        return self.root / "kafka-libs"


def stack_paths(name: str = DEFAULT_STACK, root: Path | None = None) -> StackPaths:
    """Paths of the stack `name`. Raises StackError for a name that is no plain lower-case word."""
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise StackError(
            f"{name!r} cannot be a stack's name.",
            f"Use lower-case letters, digits and dashes, at most 41, and none of {', '.join(sorted(RESERVED))}.",
        )
    return StackPaths(root or checkout() / ".local", name)
