"""Kafka's jars: fetched once by Maven, checked against the committed hashes, shared by all stacks."""

import fcntl
import hashlib
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

from holdfast_local.errors import EngineMissingError, StackError
from holdfast_local.progress import Progress

VERSION = "4.4.0"
OLDEST_JAVA = 17
_ELSE = "or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that you have."


def resource(name: str) -> Path:
    """A file that is delivered with this package."""
    return Path(str(files("holdfast_local").joinpath("resources", name)))


def java() -> str:
    """The machine's Java. Raises EngineMissingError when there is none or it is too old."""
    program = shutil.which("java")
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False) if program else None
    match = re.search(r'version "(\d+)', told.stderr) if told else None
    if program is None or match is None or int(match.group(1)) < OLDEST_JAVA:
        raise EngineMissingError(
            f"Kafka needs Java {OLDEST_JAVA} or newer, which was not found.",
            f"Install it (Debian, Ubuntu: apt-get install openjdk-{OLDEST_JAVA}-jre-headless maven), {_ELSE}",
        )
    return program


def ensure(cache: Path, progress: Progress) -> Path:
    """The directory with the jars; fetches them if they are not there. Raises EngineMissingError or StackError."""
    target = cache / VERSION
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "fetch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two stacks that start at once fetch once
        if not target.is_dir():
            with progress.step("kafka", f"fetching Apache Kafka {VERSION} (43 MB, once)"):
                _fetch(target)
    return target


def _fetch(target: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise EngineMissingError(
            "Kafka's jars are fetched by Maven, which was not found.", f"Install it (apt-get install maven), {_ELSE}"
        )
    draft = target.with_suffix(".partial")
    shutil.rmtree(draft, ignore_errors=True)
    command = [maven, "-q", "-B", "-C", "-f", str(resource("kafka-pom.xml")), "dependency:copy-dependencies"]
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={draft}"]
    fetched = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    if fetched.returncode:
        raise StackError(f"Maven could not fetch Kafka:\n{fetched.stdout[-2000:]}", f"Check the network, {_ELSE}")
    verify(draft, resource("kafka-jars.sha256").read_text())
    draft.rename(target)


def verify(directory: Path, hashes: str) -> None:
    """Raise StackError unless the directory holds exactly the listed jars with the listed SHA-256."""
    expected = {name: digest for digest, name in map(str.split, hashes.splitlines())}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.glob("*.jar")}
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong:
        raise StackError(
            f"These jars are not the ones that were pinned: {', '.join(wrong)}.",
            "They were not used. Remove them from the local Maven repository and try again.",
        )
