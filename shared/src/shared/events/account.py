"""As whom a client connects to Kafka: every client proves who it is (ADR 22)."""

from dataclasses import dataclass, field
from pathlib import Path

SCRAM, PLAIN = "SCRAM-SHA-512", "PLAIN"


@dataclass(frozen=True, slots=True)
class Account:
    """address: `host:port` of the brokers to connect to first, separated by commas.  certificates: of the authority that the brokers'
    certificates are checked against; None: no TLS.  mechanism: SCRAM (RFC 5802), or PLAIN for the operator of a broker of ours."""

    address: str
    user: str
    password: str = field(repr=False)
    certificates: Path | None = None
    mechanism: str = SCRAM

    @property
    def options(self) -> dict[str, object]:
        """For the constructor of any of kafka-python's clients."""
        return {
            "bootstrap_servers": self.address,
            "security_protocol": "SASL_SSL" if self.certificates else "SASL_PLAINTEXT",
            "ssl_cafile": str(self.certificates) if self.certificates else None,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }
