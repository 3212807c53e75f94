"""How this service handles events: a table of subscriptions, and how each fact becomes a command."""

from collections.abc import Callable
from typing import Any, cast

from referral.application import modalities, referrals
from referral.application.modalities import ListModality
from referral.application.referrals import CopyStanding, Standing
from referral.domain.ids import PersonId, ReferralId
from referral.domain.referrals import Stands
from shared.contracts import scheduling
from shared.contracts.parts import EntryState, MembershipState
from shared.errors import Poison
from shared.events.subscriptions import Heard, On, Subscriptions

KNOWN_STANDS = frozenset({"waiting", "offered", "placed", "nothing"})

Standings = (
    scheduling.WaitingStarted
    | scheduling.MembershipOffered
    | scheduling.MembershipTaken
    | scheduling.MembershipChanged
    | scheduling.MembershipPaused
    | scheduling.MembershipResumed
    | scheduling.MembershipInConflict
    | scheduling.MembershipEnding
)
Endings = scheduling.WaitingClosed | scheduling.MembershipEnded


def _list_modality(heard: Heard[scheduling.ModalityListed]) -> ListModality:
    fact = heard.fact
    return ListModality(fact.code, fact.way_in, fact.variants, fact.topics)


def _standing(heard: Heard[Standings]) -> CopyStanding | None:
    fact = heard.fact
    return _of_referral(fact.person, fact.referral, fact.stands, None)


def _ending(heard: Heard[Endings]) -> CopyStanding | None:
    fact = heard.fact
    return _of_referral(fact.person, fact.referral, fact.stands, fact.reason)


def _state(heard: Heard[scheduling.PersonState]) -> CopyStanding | None:
    """The status of each referral named by the person's entries and memberships; those that follow from a booking name none."""
    rows: tuple[EntryState | MembershipState, ...] = (*heard.fact.entries, *heard.fact.memberships)
    stands = {row.referral: row.stands for row in rows if row.referral}
    if not stands:
        return None
    standings = tuple(Standing(ReferralId(referral), _known(stand)) for referral, stand in stands.items())
    return CopyStanding(PersonId(heard.fact.person), standings)


def _of_referral(person: str, referral: str | None, stands: str, reason: str | None) -> CopyStanding | None:
    """None for an event that follows from a booking or is about staff: no referral is concerned."""
    if referral is None:
        return None
    return CopyStanding(PersonId(person), (Standing(ReferralId(referral), _known(stands), reason),))


def _known(stands: str) -> Stands:
    if stands not in KNOWN_STANDS:
        raise Poison(f"a referral stands as {stands!r}, which this release does not know: {', '.join(sorted(KNOWN_STANDS))}")
    return cast("Stands", stands)


def _copies(command: Callable[[Heard[Any]], CopyStanding | None]) -> On[CopyStanding, Any]:
    return On(command, referrals.copy_standing)


SUBSCRIPTIONS: Subscriptions = {
    scheduling.ModalityListed: On(_list_modality, modalities.list_modality),
    scheduling.WaitingStarted: _copies(_standing),
    scheduling.WaitingClosed: _copies(_ending),
    scheduling.MembershipOffered: _copies(_standing),
    scheduling.MembershipTaken: _copies(_standing),
    scheduling.MembershipChanged: _copies(_standing),
    scheduling.MembershipPaused: _copies(_standing),
    scheduling.MembershipResumed: _copies(_standing),
    scheduling.MembershipInConflict: _copies(_standing),
    scheduling.MembershipEnding: _copies(_standing),
    scheduling.MembershipEnded: _copies(_ending),
    scheduling.PersonState: _copies(_state),
}
