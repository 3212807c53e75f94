"""Keys that sign the events of tests."""

import hashlib
from dataclasses import replace

from shared.events.arrivals import Arrival
from shared.events.envelope import Record
from shared.events.signing import Signer, publishers
from shared.events.topics import owner_of

SIGNERS = {service: Signer(hashlib.sha256(service.encode()).digest()) for service in ("referral", "scheduling", "notifications")}
PUBLISHERS = publishers({service: [signer.public_key] for service, signer in SIGNERS.items()})


def signed(arrival: Arrival, by: str = "") -> Arrival:
    """The record as a service would have published it, that of its topic unless another is named."""
    bare = tuple((name, value) for name, value in arrival.headers if name not in {"ce_keyid", "ce_signature"})
    signer = SIGNERS[by or owner_of(arrival.topic)]
    return replace(arrival, headers=signer.signed(arrival.topic, Record(arrival.key, arrival.value, bare)).headers)
