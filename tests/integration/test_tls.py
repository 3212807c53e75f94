"""Kafka with the operator's certificates: a broker of its own, whose clients check who it is."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import pytest

from embedded import kafka, waiting
from embedded.ports import Ports
from shared.events.access import give_access
from shared.events.account import PLAIN, Account
from shared.events.kafka import is_reachable
from shared.events.topics import SERVICES
from support.smtp import certificate

PORTS = Ports(27400)  # apart from those of the stack of the run
PASSWORDS = {service: token_hex(16) for service in SERVICES}


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder, password = tmp_path_factory.mktemp("tls"), token_hex(16)
    _, authority = certificate(folder)
    own = folder / "own.pem"
    own.write_text((folder / "key.pem").read_text() + authority.read_text())
    log = folder / "kafka.log"
    with log.open("w") as out:
        running = subprocess.Popen(kafka.command(folder / "kafka", PORTS, password, kafka.Tls(own, authority)), stdout=out, stderr=out)
    try:
        waiting.until_listening(PORTS.kafka, "Kafka", log)
        yield Account(f"127.0.0.1:{PORTS.kafka}", kafka.OPERATOR, password, authority, PLAIN)
    finally:
        running.kill()
        running.wait()


def test_a_service_with_the_certificates_reaches_the_broker_it_trusts(operator: Account) -> None:
    give_access(operator, PASSWORDS)
    assert is_reachable(Account(operator.address, "scheduling", PASSWORDS["scheduling"], operator.certificates))


def test_without_tls_or_with_other_certificates_nothing_is_said_to_the_broker(operator: Account, tmp_path: Path) -> None:
    _, anothers = certificate(tmp_path)
    assert is_reachable(operator)
    assert not is_reachable(replace(operator, certificates=None))
    assert not is_reachable(replace(operator, certificates=anothers))


def test_the_certificate_must_name_the_broker(operator: Account) -> None:
    assert not is_reachable(replace(operator, address=f"localhost:{PORTS.kafka}"))
