"""Where a private PostgreSQL keeps its data and socket, and which system user owns both.

PostgreSQL refuses to run as root, so root runs it as the user `postgres`, who must own the data directory and be
able to enter every directory above it.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from holdfast_local.errors import EngineMissingError, StackError
from holdfast_local.paths import StackPaths
from holdfast_local.process import Account, run_as

# struct sockaddr_un holds 104 bytes on macOS and BSD, 108 on Linux, with the closing NUL.
_LONGEST_SOCKET_PATH = 103
_SOCKET_FILE = "/.s.PGSQL.65535"


@dataclass(frozen=True)
class PostgresPlace:
    """A directory for data, a directory for the socket, and their owner (`None`: who started us)."""

    directory: Path
    sockets: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.directory / "data"

    def make(self) -> None:
        """Make the directories, private to their owner."""
        for directory in (self.directory, self.sockets):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self.account is not None:
                os.chown(directory, self.account.uid, self.account.gid)
            self._refuse_foreign(directory)

    def _refuse_foreign(self, directory: Path) -> None:
        owner = self.account.uid if self.account else os.getuid()
        if directory.is_symlink() or directory.stat().st_uid != owner:
            raise StackError(f"{directory} belongs to somebody else.", "Remove it, or use another STACK name.")

    @contextmanager
    def password_file(self, password: str) -> Iterator[Path]:
        """A file with the superuser's first password, readable by the owner only, gone afterwards."""
        handle, name = tempfile.mkstemp(dir=self.directory)
        path = Path(name)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(password)
            if self.account is not None:
                os.chown(path, self.account.uid, self.account.gid)
            yield path
        finally:
            path.unlink(missing_ok=True)


def choose(paths: StackPaths) -> PostgresPlace:
    """Below the stack's directory where the server's user can enter it, else below the system's temporary directory."""
    account = _server_account()
    paths.base.mkdir(parents=True, exist_ok=True)
    directory = paths.base / "postgres"
    if account is not None and not _can_enter(account, paths.base):
        directory = Path("/var/tmp") / f"holdfast-{_short(paths.base)}"  # noqa: S108 - owner checked in `make`
    return PostgresPlace(directory, _sockets(directory), account)


def _server_account() -> Account | None:
    if os.getuid() != 0:
        return None
    account = Account.named("postgres")
    if account is None:
        raise EngineMissingError(
            "PostgreSQL refuses to run as root, and this system has no user `postgres`.",
            "Make one (useradd --system postgres), or start as another user.",
        )
    return account


def _can_enter(account: Account, directory: Path) -> bool:
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", directory]
    tried = run_as(account, command, {"PATH": os.defpath}, Path("/"))
    return tried.returncode == 0


def _sockets(directory: Path) -> Path:
    inside = directory / "socket"
    if len(os.fsencode(inside)) + len(_SOCKET_FILE) <= _LONGEST_SOCKET_PATH:
        return inside
    return Path(tempfile.gettempdir()) / f"holdfast-{_short(directory)}"


def _short(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
