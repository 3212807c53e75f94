"""`make run` says what to do when something is in its way."""

import builtins
import json
import shutil
import socket
import subprocess
import sys
from collections import namedtuple

import pytest
from click.testing import CliRunner

from embedded import __main__, runner, secrets, waiting
from embedded.commands import main
from embedded.kafka import KafkaNotFetched, jars
from embedded.ports import PortInUse, Ports


@pytest.fixture
def taken():
    """A base of ports of which the SMTP sink's is taken."""
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        yield somebody.getsockname()[1] - 25


def test_a_port_in_use_is_named_with_what_it_is_for_and_another_choice(taken):
    with pytest.raises(PortInUse) as refused:
        Ports(taken).check_free(Ports(taken).all())
    assert f"{taken + 25} (SMTP sink)" in str(refused.value)
    assert "PORT_BASE=" in str(refused.value)


def test_ports_follow_from_their_base(monkeypatch):
    monkeypatch.setenv("PORT_BASE", "18000")
    ports = Ports.from_environment()
    assert [ports.service(name) for name in ("referral", "scheduling", "notifications")] == [18001, 18002, 18003]
    assert len(set(ports.all().values())) == len(ports.all())


def test_without_a_base_in_the_environment_the_tests_have_ports_of_their_own(monkeypatch):
    monkeypatch.delenv("PORT_BASE", raising=False)
    assert Ports.from_environment(48000).service("referral") == 48001
    assert Ports.from_environment().service("referral") == 8001


@pytest.mark.parametrize("base", ["many", "0", "65500", "-1"])
def test_a_base_that_gives_no_ports_is_refused_with_an_example(monkeypatch, base):
    monkeypatch.setenv("PORT_BASE", base)
    with pytest.raises(PortInUse, match="PORT_BASE=18000"):
        Ports.from_environment()


def test_a_full_disk_is_told_with_how_much_is_needed(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil gives it
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage(10, 9, 1_000_000))
    with pytest.raises(runner.DiskFull, match=r"0 MB free; the stack needs 1740\. Make room, or use --data"):
        runner.check_space(tmp_path / "data")
    (tmp_path / "data" / "stores").mkdir()
    with pytest.raises(runner.DiskFull, match=r"0 MB free; the stack needs 500\."):
        runner.check_space(tmp_path / "data")


def test_what_does_not_come_up_is_told_with_the_end_of_its_log(tmp_path):
    log = tmp_path / "kafka.log"
    log.write_text("\n".join(f"line {number}" for number in range(40)) + "\nNo space left on device")
    with pytest.raises(waiting.NotReady) as refused:
        waiting.until_listening(1, "Kafka", log, seconds=0)
    assert "Kafka did not come up" in str(refused.value)
    assert str(refused.value).endswith("No space left on device")
    assert "line 3\n" not in str(refused.value)


def test_jars_that_cannot_be_fetched_are_told_with_what_to_do(monkeypatch):
    import jgo  # noqa: PLC0415 - as the code does

    def no_network(_coordinate):
        raise ConnectionError("refused")

    monkeypatch.setattr(jgo, "build", no_network)
    with pytest.raises(KafkaNotFetched, match="Is Maven Central reachable"):
        jars()


def test_a_module_that_is_missing_is_named_with_the_cure(monkeypatch):
    real = builtins.__import__

    def without_rich(name, *rest):
        if name == "embedded.commands":
            raise ModuleNotFoundError("No module named 'rich'", name="rich")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_rich)
    with pytest.raises(SystemExit, match="module rich is missing: run `make clean`"):
        __main__.main()


def test_stack_json_says_what_scripts_rely_on(tmp_path):
    from embedded.programs import Place  # noqa: PLC0415
    from embedded.stack import Stack  # noqa: PLC0415

    place = Place(tmp_path, Ports(18000))
    stack, _keys = Stack(place), secrets.make(place.secrets, [])
    stack.supervisor.pids = lambda: {"scheduling-consumer": 7}
    told = json.loads(json.dumps(stack.described()))
    assert told["scheduling"] == "http://127.0.0.1:18002"
    assert set(told) == {"referral", "scheduling", "notifications", "kafka", "kafka_users", "smtp", "mail", "keys", "processes"}
    assert told["kafka_users"]["scheduling"] == {"password": place.password("scheduling"), "mechanism": "SCRAM-SHA-512"}
    assert told["kafka_users"]["operator"]["mechanism"] == "PLAIN"
    assert told["processes"] == {"scheduling-consumer": 7}


def test_a_folder_that_holds_a_running_stack_is_not_taken_from_it(tmp_path):
    from embedded.programs import Place  # noqa: PLC0415
    from embedded.stack import AlreadyRunning, Stack, runner_of  # noqa: PLC0415

    script = "import time; print(flush=True); time.sleep(60)"
    running = subprocess.Popen([sys.executable, "-c", script, "embedded"], stdout=subprocess.PIPE)
    try:
        running.stdout.readline()  # before, it may have no command line yet, and would pass for another process
        (tmp_path / "runner.pid").write_text(str(running.pid))
        waiting.until(lambda: runner_of(tmp_path) == running.pid, 10, "a process that has just begun has no command line yet")
        with pytest.raises(AlreadyRunning, match=r"Stop it with Ctrl-C; or start another beside it"):
            Stack(Place(tmp_path, Ports(18000))).start()
    finally:
        running.kill()
        running.communicate()


def test_a_stack_whose_runner_was_killed_may_be_taken_over(tmp_path):
    from embedded.stack import runner_of  # noqa: PLC0415

    gone = subprocess.Popen([sys.executable, "-c", "", "embedded"])
    gone.wait()
    (tmp_path / "runner.pid").write_text(str(gone.pid))
    assert runner_of(tmp_path) == 0


def test_an_operator_s_command_without_a_stack_is_told_how_to_start_one(tmp_path):
    said = CliRunner().invoke(main, ["operate", "--data", str(tmp_path), "scheduling", "parked", "list"])
    assert said.exit_code == 1
    assert f"no stack is running on {tmp_path}: start one with `make run`" in said.output
