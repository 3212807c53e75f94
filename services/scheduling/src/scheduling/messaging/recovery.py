"""The events about places that this service published on Kafka, for a restored store that no longer contains them."""

from collections.abc import Iterable

from marshmallow import ValidationError

from scheduling.application.recovery import Recover
from scheduling.domain.ids import GroupId, HubCode, MembershipId, PersonId, ReferralId
from scheduling.domain.memberships import REASONS
from scheduling.domain.recovery import Said
from shared import contracts
from shared.contracts.scheduling import MembershipEnded, MembershipOffered, MembershipTaken
from shared.errors import Poison
from shared.events.envelope import Envelope
from shared.events.sealing import Seals
from shared.process.logs import log

_Fact = MembershipOffered | MembershipTaken | MembershipEnded
_PLACE = contracts.described(MembershipTaken).sealed["place"]


def last_said(events: Iterable[Envelope], seals: Seals) -> list[Recover]:
    """The last published state of each membership; ended ones come first, so that their places are free for the others."""
    found: dict[str, Recover] = {}
    for envelope in events:
        try:
            _add(found, envelope, seals)
        except (ValidationError, Poison) as error:
            log().error("not_recovered", id=envelope.id, subject=envelope.subject, reason=f"{type(error).__name__}: {error}")
    return sorted(found.values(), key=lambda each: each.said.state != "ended")


def _add(found: dict[str, Recover], envelope: Envelope, seals: Seals) -> None:
    if envelope.type not in contracts.EVENTS:
        return
    fact = contracts.load(envelope.type, envelope.subject, envelope.data or {})
    if isinstance(fact, MembershipOffered | MembershipTaken | MembershipEnded):
        found[fact.membership] = _recover(fact, envelope, found.get(fact.membership), seals)


def _recover(fact: _Fact, envelope: Envelope, before: Recover | None, seals: Seals) -> Recover:
    group, deadline = (before.group, before.said.deadline) if before else (None, None)
    if isinstance(fact, MembershipEnded):
        said = Said("ended", envelope.time, deadline, REASONS.get(fact.reason, "withdrawn"))
    else:
        place = seals.open_own(_PLACE, fact.person, fact.place)
        group, deadline = GroupId(place.group), place.deadline or deadline
        said = Said("held" if isinstance(fact, MembershipOffered) else "taken", envelope.time, deadline)
    referral = ReferralId(fact.referral) if fact.referral else None
    return Recover(HubCode(envelope.hub), PersonId(fact.person), MembershipId(fact.membership), said, group, referral)
