"""The images and docker-compose.yml, from outside: `make test-compose`, which has built the images before. Needs a Docker
daemon; `make test` leaves it out."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from embedded.deployment import Mailpit
from embedded.doctors import link_in

ROOT = Path(__file__).parents[2]
SERVICES = ("referral", "scheduling", "notifications")
COMPOSE = os.environ.get("COMPOSE", "docker compose").split()
KEYS = ROOT / "deploy" / "secrets" / "api-keys.json"
PORTS = {"referral": 8001, "scheduling": 8002, "notifications": 8003}


def run(*command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)


def compose(*command: str) -> str:
    done = run(*COMPOSE, "--project-name", "circlework-test", *command)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def eventually(look: Any, seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"still {found!r} after {seconds} s"
        time.sleep(0.2)
    return found


@pytest.fixture(scope="session")
def up() -> Iterator[None]:
    assert run("make", "secrets").returncode == 0
    waits = ["--wait"] if COMPOSE == ["docker", "compose"] else []  # 1.29 has no --wait
    compose("up", "-d", *waits, "--scale", "scheduling-consumer=3")
    try:
        eventually(lambda: all(is_well(service, "readyz") and is_well(service, "workersz") for service in SERVICES), 180)
        yield
    finally:
        run(*COMPOSE, "--project-name", "circlework-test", "down", "-v", "--timeout", "10")


def is_well(service: str, path: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{PORTS[service]}/{path}", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def ask(service: str, method: str, path: str, role: str, body: Any = None) -> Any:
    key = json.loads(KEYS.read_text())["london"][role]
    url = f"http://127.0.0.1:{PORTS[service]}{path}"
    answer = httpx.request(method, url, headers={"Authorization": f"Bearer {key}"}, json=body, timeout=30)
    return answer.json() if answer.status_code < 300 else None


def test_an_image_of_an_unknown_service_is_not_built_and_says_which_there_are() -> None:
    done = run("docker", "build", "-f", "deploy/service.Dockerfile", "--build-arg", "SERVICE=billing", ".")
    assert done.returncode != 0
    assert "no service: say --build-arg SERVICE= with one of: notifications referral scheduling" in done.stdout + done.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_one_service_and_runs_it_as_nobody_in_particular(service: str) -> None:
    others = [other for other in SERVICES if other != service]
    look = f"import importlib.util as u, os; print(os.getuid(), u.find_spec('{service}') is not None, *[u.find_spec(o) for o in {others}])"
    inside = run("docker", "run", "--rm", "--read-only", "--entrypoint", "python", f"circlework/{service}:local", "-c", look)
    assert inside.stdout.split() == ["10001", "True", "None", "None"], inside.stderr
    labels = json.loads(run("docker", "inspect", "-f", "{{json .Config.Labels}}", f"circlework/{service}:local").stdout)
    assert labels["org.opencontainers.image.title"] == f"circlework-{service}"


def test_a_process_without_its_settings_ends_and_names_each_with_an_example() -> None:
    done = run("docker", "run", "--rm", "circlework/scheduling:local", "consumer")
    assert done.returncode != 0
    assert "MONGO_URL: " in done.stderr
    assert "for example MONGO_URL=mongodb://" in done.stderr


def test_a_store_without_its_secrets_says_how_to_make_them() -> None:
    described = json.loads(compose("config", "--format", "json")) if COMPOSE == ["docker", "compose"] else None
    if described is None:
        command = (ROOT / "docker-compose.yml").read_text()
        assert "run 'make secrets'" in command
    else:
        command = described["services"]["referral-store"]["command"]
        done = run("docker", "run", "--rm", "--entrypoint", command[0], "mongo:8.0", command[1], command[2].replace("$$", "$"))
        assert done.returncode == 1
        assert "run 'make secrets'" in done.stderr


def test_a_referral_becomes_a_mail_an_answer_and_a_seat(up: None) -> None:
    facilitator = ask("referral", "POST", "/v1/facilitators", "intake", FACILITATOR)["facilitator"]
    group = eventually(lambda: ask("scheduling", "POST", "/v1/groups", "coordinator", GROUP | {"facilitators": [facilitator]}))["group"]
    referred = eventually(lambda: ask("referral", "POST", "/v1/referrals", "intake", REFERRAL))
    assert ask("referral", "POST", f"/v1/referrals/{referred['referral']}/accept", "clinician")
    link = eventually(lambda: next((link_in(mail) for _, mail in Mailpit("http://127.0.0.1:8025").mails() if link_in(mail)), None))
    assert "You said yes" in httpx.post(link, data={"answer": "accept"}, timeout=20).text
    eventually(lambda: ask("referral", "GET", f"/v1/referrals/{referred['referral']}", "intake")["status"] == "placed")
    seats = ask("scheduling", "GET", f"/v1/groups/{group}/seats", "coordinator")["items"]
    assert [(seat["participant"], seat["state"]) for seat in seats] == [(referred["participant"], "taken")]


def inside(container: str, script: str) -> str:
    return compose("exec", "-T", container, "sh", "-c", script)


def test_three_consumers_of_scheduling_are_at_work(up: None) -> None:
    assert len(compose("ps", "-q", "scheduling-consumer").split()) == 3


def test_the_service_is_the_first_process_and_the_root_file_system_cannot_be_written(up: None) -> None:
    assert inside("referral-consumer", "tr '\\0' ' ' < /proc/1/cmdline").split()[1:] == ["-m", "referral", "consumer"]
    assert "Read-only" in inside("referral-consumer", "touch /x 2>&1 || true")


def test_scheduling_has_no_way_to_the_vault(up: None) -> None:
    look = "python -c \"import socket; socket.create_connection(('vault-store', 27017), 3)\" 2>&1 || echo none"
    assert inside("scheduling-consumer", look).strip().endswith("none")
    assert not inside("notifications-sender", look).strip().endswith("none"), "who may, can"
    assert "vault" not in inside("scheduling-consumer", "env; ls /run/secrets")


def test_a_service_s_user_has_its_own_store_and_no_other_rights(up: None) -> None:
    look = (
        "import pymongo, pathlib\n"
        "client = pymongo.MongoClient(pathlib.Path('/run/secrets/vault-url').read_text())\n"
        "print(client['vault']['keys'].count_documents({}) >= 0)\n"
        "try:\n    client['vault']['keys'].insert_one({'x': 1})\n    print('wrote')\n"
        "except pymongo.errors.OperationFailure as error:\n    print('refused')\n"
    )
    assert inside("notifications-sender", f'python -c "{look}"').split() == ["True", "refused"]


@pytest.mark.parametrize(
    ("service", "family", "expected"),
    [("scheduling", "contacts", "refused"), ("scheduling", "referral", "read"), ("notifications", "contacts", "read")],
)
def test_a_service_s_user_of_kafka_reads_what_it_hears_and_nothing_else(up: None, service: str, family: str, expected: str) -> None:
    look = (
        "import os, pathlib\n"
        "from kafka import KafkaConsumer, TopicPartition\n"
        "from kafka.errors import TopicAuthorizationFailedError\n"
        "from shared.events.account import Account\n"
        "password = pathlib.Path(os.environ['KAFKA_PASSWORD_FILE']).read_text()\n"
        "account = Account(os.environ['KAFKA'], os.environ['KAFKA_USER'], password)\n"
        f"at = TopicPartition('{family}.london', 0)\n"
        "try:\n    KafkaConsumer(**account.options).end_offsets([at])\n    print('read')\n"
        "except TopicAuthorizationFailedError:\n    print('refused')\n"
    )
    assert inside(f"{service}-relay", f'python -c "{look}"').split()[-1] == expected


def test_kafka_says_nothing_to_who_does_not_say_who_they_are(up: None) -> None:
    look = "from kafka.admin import KafkaAdminClient; KafkaAdminClient(bootstrap_servers='kafka:9092', bootstrap_timeout_ms=2000)"
    assert "KafkaTimeoutError" in inside("scheduling-relay", f'python -c "{look}" 2>&1 || true')


@pytest.mark.parametrize("service", SERVICES)
def test_told_to_stop_an_api_fails_its_readiness_first_and_ends_within_ten_seconds(up: None, service: str) -> None:
    container = compose("ps", "-q", f"{service}-api").strip()
    stopping = subprocess.Popen(["docker", "kill", "--signal", "TERM", container], stdout=subprocess.DEVNULL)
    stopping.wait()
    eventually(lambda: draining(service), 3)
    eventually(lambda: state(container).startswith("exited"), 12)
    assert state(container) == "exited 0"
    run("docker", "start", container)
    eventually(lambda: is_well(service, "readyz"), 60)


def draining(service: str) -> bool:
    """It still answers, and says that it is not ready because it is stopping."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{PORTS[service]}/readyz", timeout=2)
    except httpx.HTTPError:
        return False
    return answer.status_code == 503 and answer.json()["checks"]["not stopping"] is False


def state(container: str) -> str:
    return run("docker", "inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", container).stdout.strip()


@pytest.mark.parametrize("worker", ["scheduling-timers", "notifications-consumer", "referral-relay", "notifications-sender"])
def test_told_to_stop_a_worker_ends_by_itself_and_well(up: None, worker: str) -> None:
    container = compose("ps", "-q", worker).strip()
    stopped = run("docker", "stop", "--time", "10", container)
    assert stopped.returncode == 0
    assert state(container) == "exited 0", "137 would mean that it was killed"
    run("docker", "start", container)


FACILITATOR = {"staff": "ada"}
GROUP = {"modality": "men-only", "place": "Room 3, Larch House", "first_session": f"{time.gmtime().tm_year + 1}-03-02T18:30"}
REFERRAL = {
    "source": "hub",
    "person": {"name": "Odo Ficta", "email": "odo@post.example", "registration": {"body": "GMC", "number": "0000008"}},
    "facts": {"profession": "doctor", "grade": "gp", "gender": "man"},
    "wishes": {"modalities": ["men-only"]},
    "consent": {"given_at": "2026-11-01T09:00:00+00:00", "to": ["referral", "status_to_referrer"]},
}
