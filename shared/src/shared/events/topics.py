"""The hubs' topics: which service publishes to each family, and which read it. Signatures (ADR 19) and Kafka's ACLs (ADR 22) follow."""

SERVICES = ("referral", "scheduling", "notifications")
FAMILIES = ("referral", "scheduling", "notifications", "contacts")

_OWNERS = {"contacts": "referral"}  # of a topic family that is not named after its service
_HEARD_BY = {
    "referral": ("scheduling",),
    "scheduling": ("referral", "notifications"),
    "notifications": ("referral", "scheduling", "contacts"),
}


def topic(family: str, hub: str) -> str:
    return f"{family}.{hub}"


def owner_of(topic: str) -> str:
    """The only service that publishes to this topic, or to the topics of this family."""
    family = topic.partition(".")[0]
    return _OWNERS.get(family, family)


def owned_by(service: str) -> tuple[str, ...]:
    """The families that this service alone publishes to."""
    return tuple(family for family in FAMILIES if owner_of(family) == service)


def heard_by(service: str) -> tuple[str, ...]:
    """The families of other services that this service reads."""
    return _HEARD_BY[service]
