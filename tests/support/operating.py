"""An operator's commands, in the environment of a service of a running stack."""

import subprocess
import sys

from embedded import programs
from embedded.stack import Stack


def attempt(stack: Stack, service: str, *command: str) -> "subprocess.CompletedProcess[str]":
    environment = programs.bare_environment() | programs.environment(service, stack.place)
    whole = [sys.executable, "-m", service, *command]
    return subprocess.run(whole, env=environment, capture_output=True, text=True, timeout=60, check=False)


def operate(stack: Stack, service: str, *command: str) -> str:
    """What the command says. It must not fail."""
    done = attempt(stack, service, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
