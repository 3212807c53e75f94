"""Waits for a condition, with a deadline and a message that explains what to do."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from embedded.ports import is_listening


class NotReady(RuntimeError):
    """A part of the stack did not become ready in time."""


def until(condition: Callable[[], bool], seconds: float, otherwise: str, log: Path | None = None) -> None:
    """Raises NotReady, with `otherwise` and the end of the log at that time, if the condition is not met in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise NotReady(f"{otherwise}\n{tail(log)}" if log else otherwise)
        time.sleep(0.05)


def until_listening(port: int, name: str, log: Path, seconds: float = 40) -> None:
    until(lambda: is_listening(port), seconds, f"{name} did not come up within {seconds:.0f} s.", log)


def until_ready(url: str, name: str, log: Path, seconds: float = 60) -> None:
    until(lambda: _is_well(f"{url}/readyz"), seconds, f"{name} was not ready within {seconds:.0f} s: see {url}/readyz.", log)


def until_workers_are_alive(url: str, name: str, logs: Path, seconds: float = 60) -> None:
    otherwise = f"A worker of {name} was silent for {seconds:.0f} s: {url}/workersz shows which one, and its log in {logs} shows why."
    until(lambda: _is_well(f"{url}/workersz"), seconds, otherwise)


def tail(log: Path, lines: int = 12) -> str:
    """The end of a log, for a message."""
    if not log.exists():
        return f"({log} was not written)"
    return f"The end of {log}:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _is_well(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False
