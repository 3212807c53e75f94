"""Makes the services' users on Kafka and gives each exactly the access it needs (docs/adr/0022); for the operator, who alone may do so.

    KAFKA=kafka:9092 KAFKA_USER=operator KAFKA_PASSWORD_FILE=… [KAFKA_CA_FILE=…] python deploy/kafka_access.py users.json

users.json: {"referral": "<its password>", "scheduling": "…", "notifications": "…"}. Safe to repeat; waits for the broker.
"""

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from shared.events.access import AccessNotGranted, give_access
from shared.events.account import PLAIN, SCRAM
from shared.events.topics import SERVICES
from shared.process import logs
from shared.process.loop import Stop, repeat
from shared.process.settings import OnKafka, one_of, read, setting


@dataclass(frozen=True, kw_only=True)
class Settings(OnKafka):
    mechanism: str = setting("KAFKA_MECHANISM", "str", "how the operator logs in", PLAIN, default=SCRAM, validate=one_of(SCRAM, PLAIN))


def main(users: Path) -> None:
    settings, stop = read(Settings), Stop().on_signals()
    passwords = _passwords(users)
    logs.configure("operator", "kafka-access")
    done = []

    def give() -> None:
        give_access(replace(settings.account, mechanism=settings.mechanism), passwords)
        done.append(True)
        stop.tell()

    repeat(give, stop, "kafka-access")
    if not done:
        sys.exit("stopped before it had finished")
    print(f"{', '.join(SERVICES)} can use Kafka at {settings.kafka}")  # noqa: T201 - what the command is for


def _passwords(users: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(users.read_text())
        return {service: found[service] for service in SERVICES}
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"{users}: {error!r}. Expected the password of each service: {dict.fromkeys(SERVICES, '…')}. `make secrets` makes it")


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit(__doc__)
    try:
        main(Path(sys.argv[1]))
    except AccessNotGranted as refusal:
        sys.exit(str(refusal))
