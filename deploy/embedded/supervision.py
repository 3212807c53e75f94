"""supervisord keeps the programs of a stack running: one that dies is restarted at once."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from embedded.programs import Program, bare_environment

STOP_WITHIN = 9.0  # seconds for everything to stop


class Supervisor:
    """One supervisord, its programs in two groups: `infrastructure` is started with it and stopped last."""

    def __init__(self, folder: Path, logs: Path) -> None:
        self._folder, self._logs = folder, logs
        self._socket, self._config = folder / "supervisor.sock", folder / "supervisord.conf"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, infrastructure: Iterable[Program], services: Iterable[Program]) -> None:
        """Start supervisord and the infrastructure; a stack that was left running in this folder is stopped first."""
        self.stop_leftover()
        self._logs.mkdir(parents=True, exist_ok=True)
        groups = {"infrastructure": list(infrastructure), "services": list(services)}
        self._config.write_text(self._written(groups))
        command = [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(self._config)]
        with (self._logs / "supervisord.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=bare_environment(), start_new_session=True)
        self._wait_until_it_answers()

    def start_services(self) -> None:
        self._server().supervisor.startProcessGroup("services", False)

    def pids(self) -> dict[str, int]:
        """The process ids of the running programs, by name."""
        infos: Any = self._server().supervisor.getAllProcessInfo()
        return {info["name"]: info["pid"] for info in infos if info["pid"]}

    def stop(self) -> None:
        """Stop everything, services first; processes that do not stop in time are killed. None is left behind."""
        process, self._process = self._process, None
        if process is None:
            return
        pids = self._quietly_pids()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            _kill([*pids.values(), process.pid])
            process.wait()
            _until_gone(pids.values())

    def stop_leftover(self) -> None:
        """Stop a stack whose runner was killed: its supervisord still answers on this folder's socket."""
        with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Fault):
            server = self._server()
            leftover = int(str(server.supervisor.getPID()))
            server.supervisor.shutdown()
            deadline = time.monotonic() + STOP_WITHIN
            while is_alive(leftover) and time.monotonic() < deadline:
                time.sleep(0.1)
            _kill([leftover])

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _quietly_pids(self) -> Mapping[str, int]:
        with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Fault):
            return self.pids()
        return {}

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._server().supervisor.getState()
                return
            time.sleep(0.05)
        raise RuntimeError(f"supervisord did not start; the reason is in {self._logs}/supervisord.log")

    def _server(self) -> xmlrpc.client.ServerProxy:
        return xmlrpc.client.ServerProxy("http://supervisor", transport=_UnixTransport(str(self._socket)))

    def _written(self, groups: Mapping[str, list[Program]]) -> str:
        head = f"""[supervisord]
logfile={self._logs}/supervisor.log
pidfile={self._folder}/supervisord.pid
childlogdir={self._logs}
umask=077
[unix_http_server]
file={self._socket}
chmod=0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
        sections = [head]
        for priority, (group, programs) in enumerate(groups.items(), 1):
            names = ",".join(program.name for program in programs)
            if names:
                sections.append(f"[group:{group}]\nprograms={names}\npriority={priority}\n")
            sections += [self._section(program, autostart=group == "infrastructure") for program in programs]
        return "\n".join(sections)

    def _section(self, program: Program, *, autostart: bool) -> str:
        environment = ",".join(f'{name}="{_escaped(value)}"' for name, value in program.environment.items())
        return f"""[program:{program.name}]
command={" ".join(map(_escaped, program.command))}
environment={environment}
autostart={str(autostart).lower()}
autorestart=true
startsecs=0
startretries=1000000
stopwaitsecs=7
stopasgroup=true
killasgroup=true
stdout_logfile={self._logs}/{program.name}.log
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2
redirect_stderr=true
"""


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, _host: Any) -> http.client.HTTPConnection:
        return _UnixConnection(self._path)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


def _escaped(value: str) -> str:
    return value.replace("%", "%%")


def is_alive(pid: int) -> bool:
    """Whether the process exists; one that is dead but not yet reaped does not count."""
    try:
        return not re.search(r"^State:\s+[ZX]", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except (FileNotFoundError, ProcessLookupError):
        return False


def _until_gone(pids: Iterable[int]) -> None:
    deadline = time.monotonic() + 2
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
