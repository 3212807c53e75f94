"""What each service may do on Kafka: its users and ACLs, made by the operator (deploy/kafka_access.py), never by a service.

Nobody writes another's topics, and nobody reads what the picture in docs/architecture.md has no arrow for: scheduling cannot read
contacts. Operations and resources: https://kafka.apache.org/documentation/#operations_resources_and_protocols
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kafka.admin import ACL, ACLFilter, ACLOperation, ACLPermissionType, KafkaAdminClient, ResourcePattern, ResourceType
from kafka.admin import ACLResourcePatternType as Pattern
from kafka.admin import ResourcePatternFilter as Filter
from kafka.admin import UserScramCredentialUpsertion as Credential

from shared.events.account import SCRAM, Account
from shared.events.kafka import admin_of
from shared.events.topics import SERVICES, heard_by, owned_by

# To read what it has itself published is what a service needs that was restored from a backup.
_OWN, _HEARD, _GROUP = ("CREATE", "WRITE", "READ", "DESCRIBE"), ("READ", "DESCRIBE"), ("READ", "DESCRIBE")


class AccessNotGranted(RuntimeError):
    """The broker refused to make a user or an ACL; the message gives its reason."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """kind: of the resource.  prefix: of its name.  operation: as Kafka names it."""

    kind: str
    prefix: str
    operation: str

    def to(self, service: str) -> ACL:
        resource = ResourcePattern(ResourceType[self.kind], self.prefix, Pattern.PREFIXED)
        return ACL(_principal(service), "*", ACLOperation[self.operation], ACLPermissionType.ALLOW, resource)


def grants(service: str) -> Iterator[Grant]:
    """All that a service may do: everything else is refused."""
    for families, operations in ((owned_by(service), _OWN), (heard_by(service), _HEARD)):
        yield from (Grant("TOPIC", f"{family}.", operation) for family in families for operation in operations)
    yield from (Grant("GROUP", f"{service}.", operation) for operation in _GROUP)


def give_access(operator: Account, passwords: Mapping[str, str]) -> None:
    """Make the services' users, or change their passwords, and give each exactly its grants; safe to repeat. passwords: by service.

    Raises AccessNotGranted; Retryable while the broker is unavailable.
    """
    with admin_of(operator) as admin:
        _make_users(admin, passwords)
        for service in SERVICES:
            _give(admin, service)


def _make_users(admin: KafkaAdminClient, passwords: Mapping[str, str]) -> None:
    made = admin.alter_user_scram_credentials([Credential(service, SCRAM, passwords[service]) for service in SERVICES])
    if refused := {user: error for user, error in made.items() if error}:
        raise AccessNotGranted(f"users were not made: {refused}")


def _give(admin: KafkaAdminClient, service: str) -> None:
    """The new grants first, so that a service at work does not lose what it keeps."""
    wanted = set(grants(service))
    found, _ = admin.describe_acls(all_of(service))
    given = {grant for each in found if (grant := _grant(each))}
    made = admin.create_acls([grant.to(service) for grant in sorted(wanted - given)])
    if made["failed"]:
        raise AccessNotGranted(f"{service}: {made['failed']}")
    if surplus := [each for each in found if _grant(each) not in wanted]:
        admin.delete_acls(surplus)


def all_of(service: str) -> ACLFilter:
    anything = Filter(ResourceType.ANY, None, Pattern.ANY)
    return ACLFilter(_principal(service), None, ACLOperation.ANY, ACLPermissionType.ANY, anything)


def _grant(acl: ACL) -> Grant | None:
    """The grant that the ACL is; None if it is of another kind than ours, and so superfluous."""
    resource = acl.resource_pattern
    is_ours = (acl.host, acl.permission_type, resource.pattern_type) == ("*", ACLPermissionType.ALLOW, Pattern.PREFIXED)
    return Grant(resource.resource_type.name, resource.resource_name, acl.operation.name) if is_ours else None


def _principal(service: str) -> str:
    return f"User:{service}"
