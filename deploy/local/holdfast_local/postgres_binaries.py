"""Finds the PostgreSQL server programs of this machine."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from holdfast_local.errors import EngineMissingError, StackError

OLDEST = 15
_PLACES = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr/pgsql-", "*/bin"),
    ("/opt/homebrew/opt", "postgresql*/bin"),
    ("/usr/local/opt", "postgresql*/bin"),
    ("/usr/local/pgsql", "bin"),
)
_ADVICE = (
    "Install it (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; "
    "macOS: brew install postgresql@17), or set DATABASE_URL to the URL of a superuser of a server that you have."
)


@dataclass(frozen=True, order=True)
class PostgresBinaries:
    """One installed version: its major number and where its programs are."""

    major: int
    directory: Path

    def program(self, name: str) -> Path:
        """The path of one program."""
        return self.directory / name


def _directories() -> Iterator[Path]:
    server = shutil.which("postgres")
    if server:
        yield Path(server).resolve().parent
    config = shutil.which("pg_config")
    if config:
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(told.stdout.strip() or "/nowhere")
    for place, pattern in _PLACES:
        parent = Path(place)
        yield from parent.glob(pattern) if parent.is_dir() else parent.parent.glob(parent.name + pattern)


def _version(directory: Path) -> int | None:
    if not all((directory / name).is_file() for name in ("postgres", "initdb")):
        return None
    told = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"(\d+)[.\w]*", told.stdout)
    return int(match.group(1)) if match else None


def installed() -> list[PostgresBinaries]:
    """All versions on this machine that are new enough, newest first."""
    found = {directory.resolve(): _version(directory) for directory in _directories()}
    return sorted((PostgresBinaries(v, d) for d, v in found.items() if v and v >= OLDEST), reverse=True)


def choose(data: Path) -> PostgresBinaries:
    """The version that made the data directory, else the newest. Raises EngineMissingError or StackError."""
    available = installed()
    if not available:
        raise EngineMissingError(f"No PostgreSQL server ({OLDEST} or newer) was found on this machine.", _ADVICE)
    marker = data / "PG_VERSION"
    if not marker.exists():
        return available[0]
    wanted = int(marker.read_text().strip())
    for binaries in available:
        if binaries.major == wanted:
            return binaries
    raise StackError(
        f"The data in {data} was made by PostgreSQL {wanted}, which is no longer installed.",
        f"Install PostgreSQL {wanted} again, or remove the data: make clean",
    )
